"""Which notices somebody may see, what they may do with one, and to whom one can be sent.

A department seldom sees the case itself. So a notice has a scope of its own: the person it is addressed to, the
units they answer for, who sent it, and everybody who may see the case.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from zhike.accounts.grants import people_with
from zhike.accounts.models import Unit, User
from zhike.complaints.choices import NoticeState
from zhike.complaints.models import Notice, StepRecord
from zhike.complaints.permissions import ANSWER, MANAGE_NOTICES
from zhike.complaints.rules import Step
from zhike.complaints.selectors.scope import beside_case, not_voided
from zhike.core import clock
from zhike.core.access import Forbidden, Grants
from zhike.core.errors import NotFound
from zhike.core.listing.counting import Count, capped_count
from zhike.core.models import CountRow
from zhike.desk.choices import EventKind
from zhike.desk.models import CaseEvent
from zhike.desk.permissions import ASSIGN, VIEW
from zhike.desk.selectors.scope import may_see

# Beside the menu entry and on the tabs: what is owed, by unit and person.
METRIC = "complaints.notice"
HEAVY = ("folded", "bigrams", "due_explanation")
# Of the case, what neither a list nor the page of a notice shows.
CASE_HEAVY = tuple(
    f"case__{name}" for name in ("folded", "bigrams", "clocks", "pauses", "close_reason")
)
MOST_LINES = 100
# Lists count no further than this: beyond it a number says no more than "many".
MOST_COUNTED = 1000
ANSWERED_STATES = (NoticeState.ANSWERED, NoticeState.HELD, NoticeState.FAILED)


def may_read(grants: Grants) -> bool:
    return grants.allows(ANSWER) or grants.allows(MANAGE_NOTICES) or grants.allows(VIEW)


def require_reader(grants: Grants) -> None:
    if not may_read(grants):
        raise Forbidden(ANSWER)


def notice_scope(grants: Grants) -> Q:
    """The condition on notices this person may see."""
    answers = grants.allows(ANSWER) or grants.allows(MANAGE_NOTICES)
    if grants.unit_ids is None:
        return Q()
    seen = Q(pk__in=[])
    if grants.user_id is not None:
        seen |= Q(person_id=grants.user_id) | Q(sent_by_id=grants.user_id)
    if answers and not grants.own_only:
        seen |= Q(unit_id__in=grants.unit_ids)
    if grants.allows(VIEW):
        seen |= beside_case(grants)
    return seen


def visible_notices(grants: Grants) -> QuerySet[Notice]:
    if not may_read(grants):
        return Notice.objects.none()
    return Notice.objects.filter(notice_scope(grants), not_voided())


def listed_notices(grants: Grants) -> QuerySet[Notice]:
    """Rows of lists and files, each with `sees_case`: whether this reader may see its case."""
    rows = visible_notices(grants).select_related("case", "unit", "cause")
    return rows.annotate(sees_case=_sees_case(grants)).defer(*HEAVY, *CASE_HEAVY)


def _sees_case(grants: Grants) -> Any:
    if not grants.allows(VIEW) or grants.unit_ids is None:
        return Value(grants.allows(VIEW), output_field=BooleanField())
    return Case(
        When(beside_case(grants), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )


def load_notice(grants: Grants, number: str) -> Notice:
    """The notice of this number; one out of reach does not exist."""
    require_reader(grants)
    text = number.strip().upper()[:20]
    found = None
    if "\x00" not in text:
        rows = visible_notices(grants).select_related("case", "case__customer", "unit", "cause")
        found = rows.defer("folded", "bigrams", *CASE_HEAVY).filter(number=text).first()
    if found is None:
        raise NotFound(_("There is no such notice, or it is not yours to see."))
    return found


# What somebody may do with one they see


def may_answer(grants: Grants, notice: Notice) -> bool:
    """The person addressed, or somebody who answers for that department; not who asked."""
    if not grants.allows(ANSWER) or grants.user_id is None:
        return False
    if notice.person_id == grants.user_id:
        return True
    if notice.sent_by_id == grants.user_id or grants.own_only:
        return False
    return grants.reaches_unit(notice.unit_id)


def may_steer(grants: Grants, notice: Notice) -> bool:
    """Remind, give back, withdraw: the side that asked."""
    if grants.user_id is None:
        return False
    if grants.user_id in (notice.sent_by_id, notice.case.owner_id):
        return True
    return grants.allows(MANAGE_NOTICES) and may_see(grants, notice.case)


def may_check(grants: Grants, notice: Notice) -> bool:
    """Whether the measure holds is said by the case's owner or who keeps notices, never by who promised it."""
    if grants.user_id is None or grants.user_id == notice.answered_by_id:
        return False
    return grants.allows(MANAGE_NOTICES) or grants.user_id == notice.case.owner_id


def may_say(grants: Grants, owner_id: int | None) -> bool:
    """As `Handling.require_say`: whether this person decides over a case."""
    return owner_id in (None, grants.user_id) or grants.allows(ASSIGN)


# To whom


def people_to_ask(leaving_out: int | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """Whoever may answer notices, in groups by unit."""
    groups: dict[str, list[tuple[str, str]]] = {}
    people = [user for user, _grants in people_with(ANSWER) if user.pk != leaving_out]
    units = dict(Unit.objects.filter(is_active=True).values_list("pk", "name"))
    for user in people:
        if user.unit_id in units:
            title = f" · {user.title}" if user.title else ""
            groups.setdefault(units[user.unit_id], []).append((str(user.pk), user.name + title))
    return sorted(groups.items())


def superiors_of(notice: Notice) -> list[User]:
    """Who is told when an answer stays away: those who keep notices for that department.

    The nearest come first: keepers whose reach is limited, then answering people of the units above, and those who
    reach everything only when there is nobody else; the person addressed is never among them.
    """
    keepers = [
        (user, grants)
        for user, grants in people_with(MANAGE_NOTICES)
        if user.pk != notice.person_id and grants.reaches_unit(notice.unit_id)
    ]
    near = [user for user, grants in keepers if grants.unit_ids is not None and not grants.own_only]
    return near or _people_above(notice) or [user for user, _grants in keepers]


def _people_above(notice: Notice) -> list[User]:
    path = Unit.objects.values_list("path", flat=True).get(pk=notice.unit_id)
    above = [int(part) for part in path.strip("/").split("/") if part][:-1]
    answering = [user for user, _grants in people_with(ANSWER) if user.pk != notice.person_id]
    for unit_id in reversed(above):
        found = [user for user in answering if user.unit_id == unit_id]
        if found:
            return found
    return []


# What a list counts


def department_units(grants: Grants) -> frozenset[int]:
    """The units somebody answers for; of people who reach everything, their own."""
    own = frozenset() if grants.unit_id is None else frozenset({grants.unit_id})
    if grants.unit_ids is None or grants.own_only:
        return own
    return grants.unit_ids


def is_overdue(now: datetime) -> Q:
    return Q(state=NoticeState.SENT, answered_at__isnull=True, due_at__lte=now)


def is_to_check() -> Q:
    return Q(state=NoticeState.ANSWERED, check_due__lte=clock.today())


def answer_condition(kind: str) -> Q:
    """The conditions behind the figures, so that each figure leads to its own rows."""
    answered = Q(state__in=ANSWERED_STATES, answered_at__isnull=False)
    match kind:
        case "in_time":
            return answered & Q(answered_at__lte=F("due_at"))
        case "late":
            return answered & Q(answered_at__gt=F("due_at"))
        case "overdue":
            return is_overdue(clock.now())
        case "judged":
            return answered | is_overdue(clock.now())
    return answered


def tab_counts(grants: Grants) -> dict[str, int | Count]:
    """What is owed, from the counter; overdue and to be checked, from their small indexes."""
    units = department_units(grants)
    cells = CountRow.objects.filter(metric=METRIC, state=NoticeState.SENT).filter(
        Q(owner_id=grants.user_id) | Q(unit_id__in=units)
    )
    mine = department = 0
    for unit_id, owner_id, n in cells.values_list("unit_id", "owner_id", "n"):
        mine += n if owner_id == grants.user_id else 0
        department += n if unit_id in units else 0
    rows = visible_notices(grants)
    return {
        "mine": max(0, mine),
        "department": max(0, department),
        "overdue": capped_count(rows.filter(is_overdue(clock.now())), MOST_COUNTED),
        "check": capped_count(rows.filter(is_to_check()), MOST_COUNTED),
    }


# What the page of one shows


def history_of(notice: Notice) -> list[CaseEvent]:
    """The lines of the case's record that are about this notice, oldest first."""
    cases = Q(case_id=notice.case_id) | Q(case__merged_into_id=notice.case_id)
    lines = CaseEvent.objects.filter(cases, kind=EventKind.FURTHER, data__notice=notice.pk)
    return list(lines.defer("folded", "bigrams").order_by("at", "pk")[:MOST_LINES])


def facts_of(notice: Notice) -> dict[str, Any]:
    """What step 3 collected last, for readers who do not see the case."""
    rows = StepRecord.objects.filter(complaint_id=notice.case_id, step=Step.FACTS)
    found = rows.order_by("-round").values_list("evidence", flat=True).first() or {}
    return {key: found[key] for key in ("facts", "where", "product") if found.get(key)}


def notices_of_case(case_id: int) -> list[Notice]:
    """All of a case, newest first."""
    rows = Notice.objects.filter(case_id=case_id).select_related("unit", "cause")
    return list(rows.defer(*HEAVY).order_by("-pk"))


@dataclass(frozen=True)
class Rights:
    """What this reader may do with this notice now."""

    answer: bool = False
    remind: bool = False
    withdraw: bool = False
    give_back: bool = False
    check: bool = False
    send_again: bool = False

    @property
    def any_small(self) -> bool:
        return self.remind or self.withdraw or self.give_back


def rights_on(grants: Grants, notice: Notice) -> Rights:
    is_sent = notice.state == NoticeState.SENT
    is_answered = notice.state == NoticeState.ANSWERED
    steers = may_steer(grants, notice)
    return Rights(
        answer=is_sent and may_answer(grants, notice),
        remind=is_sent and steers,
        withdraw=is_sent and steers,
        give_back=is_answered and steers,
        check=is_answered and may_check(grants, notice),
        send_again=notice.state == NoticeState.FAILED
        and grants.allows("cases.work")
        and may_see(grants, notice.case)
        and may_say(grants, notice.case.owner_id),
    )
