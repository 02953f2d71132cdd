"""A named answer is seen to, once: a low one opens a case or owes a call-back, and is measured again afterwards.

A job does it after the answer was counted, under a lock of the asking: killed, it has done all or nothing; of two
workers the second finds it done.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.care.services.call_backs import owe_call_back
from zhike.core import work
from zhike.core.access import everything
from zhike.core.calendar import Unit
from zhike.core.calendar.own_time import OwnTime
from zhike.core.work import Work
from zhike.customers.services.opening import hold_file
from zhike.customers.services.timeline import add_timeline_entry
from zhike.desk import services as desk
from zhike.desk.choices import Channel, EventKind, LinkKind
from zhike.desk.models import Case, CaseType
from zhike.desk.rules import excerpt
from zhike.desk.services.handling import handling
from zhike.desk.services.texts import LONGEST_TITLE
from zhike.desk.services.words import SETTLED
from zhike.satisfaction.choices import Loop
from zhike.satisfaction.models import Ask, AskRule, Delivery
from zhike.satisfaction.rules import is_low
from zhike.satisfaction.services.asking import invite
from zhike.surveys.choices import ResponseState, SendingState
from zhike.surveys.models import Response
from zhike.surveys.services.answers import definition_of
from zhike.surveys.single_answers import said_in

ACTOR = work.Actor.system("satisfaction")
TIMELINE_KIND = "satisfaction.answer"
LONGEST_WORDS = 4000


def judge(ask_id: int) -> None:
    with work.unit(ACTOR) as unit:
        # Other rows may go on to point to it while it is held.
        rows = Ask.objects.select_related(
            "rule__survey", "case", "delivery", "first", "opened", "visit"
        )
        ask = rows.select_for_update(of=("self",), no_key=True).get(pk=ask_id)
        response = Response.objects.filter(
            invitation__ask=ask, state=ResponseState.COMPLETE
        ).first()
        if response is None or response.revision <= ask.judged_revision:
            return
        if not _hold_person(ask):
            return
        is_changed = ask.judged_revision > 0
        ask.judged_revision = response.revision
        if not is_changed:
            _note_on_timeline(unit, ask)
        _act(unit, ask, response, is_changed=is_changed)
        ask.save(update_fields=["judged_revision", "opened", "visit"])


def _hold_person(ask: Ask) -> bool:
    """False where their file is gone. An erasure that begins now waits, and finds what is written here."""
    about = ask.delivery or ask.case
    if about is None or about.customer_id is None:
        return True
    return hold_file(about.customer_id) is not None


def _act(unit: Work, ask: Ask, response: Response, *, is_changed: bool) -> None:
    words = words_of(response)
    if ask.first is not None:
        _line(ask.first.opened_id or ask.case_id, "changed" if is_changed else "again", words)
    elif ask.opened_id is not None or ask.visit_id is not None:
        # Better or worse, it is noted and nothing is undone: somebody is seeing to it.
        _line(ask.opened_id or ask.case_id, "changed", words)
    elif ask.rule.loop != Loop.NOTHING and _is_low(ask, response.answers):
        _begin(unit, ask, words)


def _is_low(ask: Ask, answers: Mapping[str, Any]) -> bool:
    rule = ask.rule
    value = answers.get(rule.question)
    return is_low(value, bad=rule.bad, limit=rule.limit, options=rule.options)


def words_of(response: Response) -> str:
    """What was asked and answered, a line each, as it stands in the record."""
    definition = definition_of(response.version_id, response.survey_id)
    said = said_in(definition, response.answers, get_language() or "")
    told = (
        _("“%(question)s” %(answer)s") % {"question": one.question, "answer": one.answer}
        for one in said
    )
    return "\n".join(told)[:LONGEST_WORDS]


def _begin(unit: Work, ask: Ask, words: str) -> None:
    if ask.delivery is not None:
        ask.opened = _open(ask, ask.delivery, words)
        return
    case = _stands(ask.case)
    if case is None or case.customer_id is None:
        return
    if ask.rule.loop == Loop.VISIT:
        with handling(
            "low_score", actor=ACTOR, grants=everything("satisfaction"), case_id=case.pk
        ) as act:
            ask.visit = owe_call_back(case.pk, words, unit, within=_own_time(ask.rule))
            if ask.visit is not None:
                _append(act, "call_back", words, due=ask.visit.due_at.isoformat())
                return
    # A call-back belongs to a case that is closed and not yet filed away; else a new case sees to it.
    ask.opened = _open(ask, case, words)
    desk.link_cases(
        actor=ACTOR,
        grants=everything("satisfaction"),
        case_id=ask.opened.pk,
        other=case.number,
        kind=LinkKind.FOLLOWS,
    )
    _line(case.pk, "low", words, number=ask.opened.number)


def _stands(case: Case | None) -> Case | None:
    """The case, or the one it went into; none when its import was undone or its customer erased."""
    while case is not None and case.merged_into_id is not None:
        case = Case.objects.get(pk=case.merged_into_id)
    return None if case is None or case.voided_at or case.erased_at else case


def _open(ask: Ask, about: Case | Delivery, words: str) -> Case:
    rule = ask.rule
    title = about.title if isinstance(about, Case) else delivery_title(about)
    new = desk.NewCase(
        type_code=_type_for(rule.opens_type, about),
        channel=Channel.WEB,
        title=excerpt(_("Low score: %(title)s") % {"title": title}, LONGEST_TITLE),
        text=words or _("A low score without words"),
        unit_id=rule.opens_in_id or about.unit_id,
        customer_id=about.customer_id,
        keep=False,
        submit_key=f"ask:{ask.pk}",
        own_time=_own_time(rule),
    )
    grants = everything("satisfaction")
    return desk.open_case(actor=ACTOR, grants=grants, new=new, kept=SETTLED).case


def delivery_title(delivery: Delivery) -> str:
    return " ".join(filter(None, (_("Delivery %s") % delivery.reference, delivery.what)))


def _own_time(rule: AskRule) -> OwnTime | None:
    if rule.due_amount is None:
        return None
    named = _("“%(name)s” after a low score") % {"name": rule.name}
    return OwnTime(rule.due_amount, Unit(rule.due_unit), named)


def _type_for(wanted: str, about: Case | Delivery) -> str:
    """A type that was put out of use since the rule was made gives way; the case is opened all the same."""
    active = list(CaseType.objects.filter(is_active=True).values_list("code", flat=True))
    wishes = (wanted, about.type_id) if isinstance(about, Case) else (wanted,)
    return next((code for code in wishes if code in active), active[0])


def _line(case_id: int | None, key: str, words: str, **data: Any) -> None:
    case = _stands(Case.objects.filter(pk=case_id or 0).first())
    if case is None:
        return
    with handling(
        "low_score", actor=ACTOR, grants=everything("satisfaction"), case_id=case.pk
    ) as act:
        _append(act, key, words, **data)


def _append(act: Any, key: str, words: str, **data: Any) -> None:
    act.append(EventKind.FURTHER, text=words, data={"line": f"satisfaction.{key}"} | data)


def _note_on_timeline(unit: Work, ask: Ask) -> None:
    delivery = ask.delivery
    about = _stands(ask.case) if delivery is None else delivery
    if about is None or about.customer_id is None:
        return
    add_timeline_entry(
        unit,
        customer_id=about.customer_id,
        kind=TIMELINE_KIND,
        room="satisfaction",
        obj=about,
        title=ask.rule.survey.title,
        unit_id=about.unit_id,
    )


def ask_again(unit: Work, first: Ask, customer_id: int | None) -> None:
    """What the low answer set going is done: the same questionnaire once more, whatever the share."""
    rule = first.rule
    if not rule.asks_again or rule.sending.state != SendingState.RUNNING or customer_id is None:
        return
    ask, _made = Ask.objects.get_or_create(
        first=first,
        defaults={
            "rule": rule,
            "case_id": first.case_id,
            "delivery_id": first.delivery_id,
            "made_at": unit.now,
            "draw": first.draw,
            "is_drawn": True,
        },
    )
    invite(ask, rule, customer_id, unit)


__all__ = ["ACTOR", "TIMELINE_KIND", "ask_again", "judge", "words_of"]
