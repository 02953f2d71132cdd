"""The parts of the page of a visit as its template wants them."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhike.accounts.selectors import colleagues
from zhike.care.choices import COMPLAINT_EFFECTS, EFFECTS, QuestionKind, Result
from zhike.care.contacting import contact_of
from zhike.care.models import FollowUp, ScriptVersion
from zhike.care.selectors import (
    best_times,
    former_notice,
    reach_rule,
    script_for,
    tries_in_vain,
    tries_of,
    visits_of,
)
from zhike.care.services.owing import is_by_own_time
from zhike.care.templating import LOOKS
from zhike.complaints.models import Complaint, StepRecord
from zhike.complaints.models.complaints import TO_ARCHIVE
from zhike.complaints.permissions import APPROVE
from zhike.complaints.rules import Step
from zhike.core import clock
from zhike.core.access import Grants
from zhike.core.calendar import Due
from zhike.core.calendar.why import WhyDue, explain
from zhike.core.errors import NotFound
from zhike.customers.cards import CustomerCard, customer_card
from zhike.customers.permissions import TEXT, may_reveal
from zhike.customers.permissions import VIEW as VIEW_CUSTOMERS
from zhike.desk.case_types import COMPLAINT

_EVIDENCE = (
    (Step.FACTS, "facts"),
    (Step.SOLUTION, "solution"),
    (Step.AGREE, "customer_says"),
    (Step.AGREE, "agreed"),
)


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    icon: str
    tone: str
    effect: str
    is_chosen: bool
    is_open: bool = True


@dataclass(frozen=True)
class Answered:
    question: str
    answer: str


@dataclass(frozen=True)
class Matter:
    """What it was about, and what was agreed."""

    wish: str = ""
    facts: str = ""
    solution: str = ""
    customer_says: str = ""
    agreed: str = ""


def shown(visit: FollowUp, grants: Grants) -> dict[str, Any]:
    card = _card(visit, grants)
    version = visit.script if visit.script is not None else script_for(visit.type_code)
    now = clock.now()
    return {
        "visit": visit,
        "case": visit.case,
        "card": card,
        "contact": contact_of(visit) if visit.is_due else None,
        "can_reveal": may_reveal(grants, TEXT),
        "best_times": best_times(visit.customer_id) if card is not None else [],
        "matter": _matter(visit),
        "opening": _opening(version, visit, grants, card),
        "tries": tries_of(visit),
        "answered": _answered(visit),
        "others": [one for one in visits_of(visit.case) if one.pk != visit.pk],
        "why": _why(visit),
        "is_overdue": visit.is_overdue(now),
        "to_archive": _to_archive(visit),
        "archive_url": reverse("complaints:archive-unconfirmed", args=[visit.case.number])
        if grants.allows(APPROVE)
        else "",
        "look": LOOKS[Result(visit.result)] if visit.result else ("", ""),
        "heading": _("Follow-up visit: %(name)s") % {"name": visit.customer_name},
    }


def _card(visit: FollowUp, grants: Grants) -> CustomerCard | None:
    """None for a file the reader may not open: then the name must do."""
    if not grants.allows(VIEW_CUSTOMERS):
        return None
    try:
        return customer_card(grants, visit.customer_id)
    except NotFound:
        return None


def _to_archive(visit: FollowUp) -> bool:
    """Whether its complaint now stands unconfirmed, for a supervisor to archive."""
    if visit.type_code != COMPLAINT or visit.is_due or visit.is_reached:
        return False
    return Complaint.objects.filter(TO_ARCHIVE, pk=visit.case_id, round=visit.round).exists()


def _why(visit: FollowUp) -> WhyDue | None:
    if not visit.due_explanation:
        return None
    due = Due.from_json(visit.due_explanation)
    rules_url = "" if is_by_own_time(visit, due) else reverse("web:due-plans")
    return explain(due, clock.zone(), clock.now(), rules_url=rules_url)


def _matter(visit: FollowUp) -> Matter:
    if visit.type_code != COMPLAINT:
        return Matter()
    rows = StepRecord.objects.filter(complaint_id=visit.case_id, round=visit.round)
    evidence = {row.step: row.evidence for row in rows}
    found = {name: evidence.get(step, {}).get(name) or "" for step, name in _EVIDENCE}
    return Matter(wish=evidence.get(Step.LISTEN, {}).get("wish") or "", **found)


def _opening(
    version: ScriptVersion | None, visit: FollowUp, grants: Grants, card: CustomerCard | None
) -> str:
    """Plain replacement: what somebody typed into a script is no programme."""
    if version is None:
        return ""
    called = (card.customer.salutation if card is not None else "") or visit.customer_name
    text = version.opening
    for place, words in (
        ("{name}", grants.name),
        ("{customer}", called),
        ("{matter}", visit.case.title),
    ):
        text = text.replace(place, words)
    return text


def _answered(visit: FollowUp) -> list[Answered]:
    if visit.script is None:
        return []
    found = []
    for question in visit.script.questions.all():
        value = visit.answers.get(str(question.pk))
        if value is None:
            continue
        if question.kind == QuestionKind.YES_NO:
            value = pgettext("answer", "Yes") if value else pgettext("answer", "No")
        elif question.kind == QuestionKind.SCORE:
            value = _("%(n)s of 5") % {"n": value}
        found.append(Answered(question.text, str(value)))
    return found


def result_choices(visit: FollowUp, chosen: str) -> list[Choice]:
    effects = COMPLAINT_EFFECTS if visit.type_code == COMPLAINT else EFFECTS
    tries, (attempts, days) = tries_in_vain(visit), reach_rule()
    found = []
    for value in Result:
        icon, tone = LOOKS[value]
        effect, is_open = str(effects[value.value]), True
        if value is Result.UNREACHABLE and not tries.suffice(attempts, days):
            is_open = False
            effect = _(
                "Only after %(needed)s calls over %(over)s days; so far %(count)s over %(days)s."
            ) % {
                "needed": attempts,
                "over": days,
                "count": tries.count,
                "days": tries.days,
            }
        found.append(Choice(value, str(value.label), icon, tone, effect, value == chosen, is_open))
    return found


def former_person(visit: FollowUp, grants: Grants) -> str:
    notice = former_notice(visit.case_id)
    if notice is None or notice.person_id == grants.user_id:
        return ""
    return str(notice.person_id)


def colleague_options(grants: Grants, visit: FollowUp) -> list[tuple[str, str]]:
    return [
        (str(person.pk), f"{person.name} · {person.unit.name}")
        for person in colleagues(grants)
        if person.pk != visit.assigned_id
    ]


def what_followed(visit: FollowUp) -> str:
    """What recording it has done, in one sentence."""
    is_complaint = visit.type_code == COMPLAINT
    match visit.result:
        case Result.CONTENT if is_complaint:
            return _("The customer is content; the complaint is archived.")
        case Result.PARTLY:
            return _("A second visit is due in 3 working days.")
        case Result.NOT_CONTENT if is_complaint:
            return _("The complaint has begun its next round, and the notice is on its way.")
        case Result.UNREACHABLE if is_complaint:
            return _(
                "The visit is recorded; a supervisor decides whether the complaint is archived."
            )
        case Result.NOT_CONTENT if visit.new_case is not None:
            return _("Complaint %(number)s is opened for it.") % {"number": visit.new_case.number}
        case _:
            return _("The visit is recorded.")
