"""Keeping rules that ask after an event: making one, pausing it, letting it run again."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from zhike.accounts.models import Unit
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.calendar.plan_services import check_length
from zhike.core.errors import RuleError
from zhike.core.work import Actor
from zhike.customers.models import ConsentPurpose
from zhike.desk.choices import Channel
from zhike.desk.models import CaseType
from zhike.satisfaction import errors
from zhike.satisfaction.choices import After, Bad, Loop
from zhike.satisfaction.models import AskRule
from zhike.satisfaction.rule_selectors import visible_rules
from zhike.satisfaction.rules import SEEDS
from zhike.surveys.choices import QuestionKind, SendingState
from zhike.surveys.definition import Definition, Question
from zhike.surveys.models import Survey
from zhike.surveys.services import standing
from zhike.surveys.services.answers import definition_of
from zhike.surveys.services.drafts import own_key, submitted
from zhike.surveys.services.sendings import (
    LONGEST_NAME,
    Message,
    check_message,
    may_ask,
    may_send,
)
from zhike.surveys.slots import TEXT_READERS

LONGEST_DELAY_HOURS = 720
SCORED = (QuestionKind.SCALE, QuestionKind.NPS, QuestionKind.CES)


@dataclass(frozen=True)
class When:
    """After what, about which cases, how much later, and how many of them."""

    after: str
    case_types: Collection[str] = ()
    channels: Collection[str] = ()
    unit_id: int | None = None
    delay_hours: int = 2
    share_percent: int = 100


@dataclass(frozen=True)
class Low:
    """Which answer is low, and what it sets going."""

    loop: str = Loop.NOTHING
    question: str = ""
    bad: str = ""
    limit: int | None = None
    options: Collection[str] = ()
    opens_type: str = ""
    opens_in: int | None = None
    asks_again: bool = False
    # Within what it is to be seen to, in a unit plans are counted in; empty: by the plans.
    due_amount: int | None = None
    due_unit: str = ""


@dataclass(frozen=True)
class NewRule:
    name: str
    purpose: str
    when: When
    message: Message
    is_named: bool = False
    low: Low = field(default_factory=Low)
    submit_key: str = ""


def asked_questions(definition: Definition) -> list[Question]:
    """Those whose answer can be low."""
    kinds = (*SCORED, QuestionKind.SINGLE)
    return [one for one in definition.questions() if one.kind in kinds]


def make_rule(
    *, actor: Actor, grants: Grants, survey_id: int, new: NewRule, why_kept: str = ""
) -> AskRule:
    """Everything is checked before anything is written. The same `submit_key` of a person is the same rule."""
    is_mailed = new.when.after != After.CALLED
    survey = (may_send if is_mailed else may_ask)(grants, survey_id)
    if survey.kept_since is not None:
        raise errors.answers_are_kept()
    known = submitted(AskRule.objects.filter(survey=survey), actor, new.submit_key)
    if known is not None:
        return known
    name = " ".join(new.name.split())
    if not name or len(name) > LONGEST_NAME:
        raise RuleError("name", _("Please give it a name of at most 80 characters."), field="name")
    purpose = ConsentPurpose.objects.filter(code=new.purpose, is_active=True).first()
    if purpose is None:
        raise RuleError("purpose_unknown", _("There is no such purpose."), field="purpose")
    if is_mailed:
        check_message(new.message)
    else:
        new = _in_the_call(new)
    if new.when.after == After.DELIVERY:
        _refuse_what_cases_have(new)
    when = _checked_when(grants, survey, new.when)
    low = _checked_low(grants, survey, new)
    kept: dict[str, Any] = {}
    for reader in TEXT_READERS:
        texts = {"subject": new.message.subject, "text": new.message.text}
        kept |= reader.look_through(actor, grants, texts, why_kept)
    with work.unit(actor, reason=kept.get("why_kept", "")) as unit:
        # Of two at once, the second waits here and finds the first.
        now = Survey.objects.select_for_update().only("kept_since").get(pk=survey.pk)
        if now.kept_since is not None:
            raise errors.answers_are_kept()
        known = submitted(AskRule.objects.filter(survey=survey), actor, new.submit_key)
        if known is not None:
            return known
        checked = replace(new, name=name, when=when, low=low)
        rule = write_rule(unit, survey, checked, purpose)
        unit.audit("satisfaction.rule.make", rule, after=_told(rule))
    return rule


def _in_the_call(new: NewRule) -> NewRule:
    """Whoever calls hears the answers, so they are named; there is no mail to write or to send a second time."""
    if not new.is_named:
        raise RuleError(
            "call_not_named",
            _("Whoever calls hears the answers, so such a questionnaire must be named."),
            field="is_named",
        )
    if new.low.asks_again:
        raise RuleError(
            "call_asks_again",
            _("Asking once more goes by mail, which this rule does not write."),
            field="asks_again",
        )
    when = replace(new.when, delay_hours=0, share_percent=100)
    return replace(new, when=when, message=Message("", ""))


def _refuse_what_cases_have(new: NewRule) -> None:
    if new.when.case_types or new.when.channels:
        raise errors.delivery_without_cases("case_types" if new.when.case_types else "channels")
    if new.low.loop == Loop.VISIT:
        raise errors.delivery_without_visit()


def write_rule(unit: work.Work, survey: Survey, new: NewRule, purpose: ConsentPurpose) -> AskRule:
    """The rule and its sending, of what has been checked."""
    when, low = new.when, new.low
    sending = standing.open_standing(
        unit, survey, name=new.name, purpose=purpose, message=new.message, is_named=new.is_named
    )
    return AskRule.objects.create(
        name=new.name,
        survey=survey,
        unit_id=survey.unit_id,
        sending=sending,
        after=when.after,
        case_types=sorted(set(when.case_types)),
        channels=sorted(set(when.channels)),
        of_unit_id=when.unit_id,
        delay_hours=when.delay_hours,
        share_percent=when.share_percent,
        seed=secrets.randbelow(SEEDS),
        loop=low.loop,
        question=low.question,
        bad=low.bad,
        limit=low.limit,
        options=sorted(set(low.options)),
        opens_type=low.opens_type,
        opens_in_id=low.opens_in,
        asks_again=low.asks_again,
        due_amount=low.due_amount,
        due_unit=low.due_unit,
        made_at=unit.now,
        made_by_name=unit.actor.name[:80],
        submit_key=own_key(unit.actor, new.submit_key),
    )


def _told(rule: AskRule) -> dict[str, Any]:
    sending = rule.sending
    return {
        "name": rule.name,
        "survey": rule.survey.title,
        "purpose": sending.purpose.label,
        "after": rule.after,
        "types": rule.case_types,
        "channels": rule.channels,
        "of_unit_id": rule.of_unit_id,
        "delay_hours": rule.delay_hours,
        "share_percent": rule.share_percent,
        "is_named": sending.is_named,
        "subject": sending.subject,
        "text": sending.text,
        "loop": rule.loop,
        "question": rule.question,
        "bad": rule.bad,
        "limit": rule.limit,
        "options": rule.options,
        "opens_type": rule.opens_type,
        "opens_in_id": rule.opens_in_id,
        "asks_again": rule.asks_again,
        "due_amount": rule.due_amount,
        "due_unit": rule.due_unit,
    }


def _checked_when(grants: Grants, survey: Survey, when: When) -> When:
    if when.after not in After.values:
        raise RuleError("after_unknown", _("Please choose one of these."), field="after")
    _known_types(when.case_types, "case_types")
    if set(when.channels) - set(Channel.values):
        raise RuleError("channel_unknown", _("There is no such channel."), field="channels")
    if not 0 <= when.delay_hours <= LONGEST_DELAY_HOURS:
        raise RuleError(
            "delay_range", _("Please give 0 to 720 hours, which are 30 days."), field="delay_hours"
        )
    if not 1 <= when.share_percent <= 100:
        raise RuleError("share_range", _("Please give 1 to 100 percent."), field="share_percent")
    unit_id = when.unit_id
    if unit_id is None and grants.unit_ids is not None:
        # Who does not reach the whole company asks about the cases of their own questionnaire's unit.
        unit_id = survey.unit_id
    _known_unit(grants, unit_id, "of_unit")
    return When(
        when.after, when.case_types, when.channels, unit_id, when.delay_hours, when.share_percent
    )


def _known_types(codes: Collection[str], field_: str) -> None:
    known = CaseType.objects.filter(code__in=codes, is_active=True)
    if set(codes) - set(known.values_list("code", flat=True)):
        raise RuleError("type_unknown", _("There is no such type of case."), field=field_)


def _known_unit(grants: Grants, unit_id: int | None, field_: str) -> None:
    if unit_id is None:
        return
    rows = Unit.objects.filter(pk=unit_id, is_active=True)
    if not grants.reaches_unit(unit_id) or not rows.exists():
        raise RuleError("unit_unknown", _("There is no such unit."), field=field_)


def _checked_low(grants: Grants, survey: Survey, new: NewRule) -> Low:
    low = new.low
    if low.loop not in Loop.values:
        raise RuleError("loop_unknown", _("Please choose one of these."), field="loop")
    if low.loop == Loop.NOTHING:
        if low.due_amount is not None or low.due_unit:
            raise errors.due_of_nothing()
        return Low()
    if not new.is_named:
        raise errors.not_named()
    definition = definition_of(survey.current_id or 0, survey.pk)
    asked = {one.key: one for one in asked_questions(definition)}
    question = asked.get(low.question)
    if question is None:
        raise errors.question_unknown()
    if not low.opens_type:
        raise RuleError(
            "type_missing",
            _("Please choose the type of the case that is opened."),
            field="opens_type",
        )
    _known_types([low.opens_type], "opens_type")
    _known_unit(grants, low.opens_in, "opens_in")
    _check_due(low)
    bad, limit, options = _checked_limit(question, low)
    return replace(low, question=question.key, bad=bad, limit=limit, options=options)


def _check_due(low: Low) -> None:
    if low.due_amount is None:
        if low.due_unit:
            raise errors.due_incomplete()
        return
    check_length(low.due_amount, low.due_unit, field="due_amount", unit_field="due_unit")


def _checked_limit(question: Question, low: Low) -> tuple[str, int | None, Sequence[str]]:
    """A choice is low by being chosen, a figure by its side of the limit."""
    if question.kind == QuestionKind.SINGLE:
        chosen = set(low.options)
        if not chosen or chosen - {one.key for one in question.options}:
            raise RuleError(
                "options_missing", _("Please tick the choices that count as low."), field="options"
            )
        return Bad.CHOSEN, None, sorted(chosen)
    if low.bad not in (Bad.AT_MOST, Bad.AT_LEAST):
        raise RuleError(
            "bad_missing", _("Please say whether low or high figures count as low."), field="bad"
        )
    scale = question.scale
    if low.limit is None or low.limit not in scale:
        raise RuleError(
            "limit_range",
            _("Please give a limit from %(least)s to %(most)s, as the question is asked.")
            % {"least": scale[0], "most": scale[-1]},
            field="limit",
        )
    return low.bad, low.limit, ()


def pause_rule(*, actor: Actor, grants: Grants, rule_id: int) -> AskRule:
    """Nobody is asked by it any more, nor is what waits still sent. Answers are taken."""
    return _run(actor, grants, rule_id, runs=False)


def resume_rule(*, actor: Actor, grants: Grants, rule_id: int) -> AskRule:
    """From now on; what happened in the pause is not asked about."""
    return _run(actor, grants, rule_id, runs=True)


def _run(actor: Actor, grants: Grants, rule_id: int, *, runs: bool) -> AskRule:
    with work.unit(actor) as unit:
        rows = visible_rules(grants).select_related("sending", "survey")
        rule = (
            rows.select_for_update(of=("self", "sending"), no_key=True).filter(pk=rule_id).first()
        )
        if rule is None:
            raise errors.rule_not_found()
        is_running = rule.sending.state == SendingState.RUNNING
        if is_running != runs:
            (standing.resume if runs else standing.pause)(unit, rule.sending)
            verb = "resume" if runs else "pause"
            unit.audit(f"satisfaction.rule.{verb}", rule, after={"name": rule.name})
    return rule
