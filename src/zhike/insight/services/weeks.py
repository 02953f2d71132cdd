"""Finalising a week, and what its meeting decides to do."""

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError
from django.utils.translation import gettext as _

from zhike.accounts.models import Unit
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.desk.phrases import Place
from zhike.desk.services.words import NOT_KEPT, Kept, check_words
from zhike.insight import errors
from zhike.insight.figures import FIGURES, VERSION
from zhike.insight.models import Subscription, WeekFigure, WeekMeasure, WeekReport
from zhike.insight.periods import Week
from zhike.insight.permissions import FINALISE, VIEW
from zhike.insight.selectors.reach import chosen_unit
from zhike.insight.selectors.spans import tally_over
from zhike.insight.selectors.weekly import finalised, week_content
from zhike.insight.services.settling import frozen_values

WEEKLY = "weekly"
MOST_MEASURES = 10


def _unit(grants: Grants, unit_id: int) -> Unit:
    grants.require(VIEW)
    grants.require(FINALISE)
    return chosen_unit(grants, unit_id)


def finalise_week(*, actor: work.Actor, grants: Grants, unit_id: int, week: Week) -> WeekReport:
    """Keep the week as its page shows it now, with the ids of the rows behind its figures."""
    unit = _unit(grants, unit_id)
    if not week.is_over:
        raise errors.week_not_over()
    if finalised(unit, week) is not None:
        raise errors.already_finalised()
    content = week_content(unit, week, grants.stamp)
    if content["unsettled"]:
        raise errors.week_not_settled(content["unsettled"])
    tallies = {figure.key: tally_over(figure, unit, week.period) for figure in FIGURES}
    try:
        with work.unit(actor) as doing:
            report = WeekReport.objects.create(
                monday=week.monday,
                unit=unit,
                finalised_at=doing.now,
                finalised_by_id=actor.id,
                finalised_by_name=actor.name[:80],
                version=VERSION,
                content=content,
            )
            WeekFigure.objects.bulk_create(
                WeekFigure(
                    report=report,
                    key=key,
                    **frozen_values(tally, week.code, unit.pk, key),
                )
                for key, tally in tallies.items()
                if not tally.is_nought
            )
            doing.audit("insight.week.finalise", report, after={"week": week.code})
    except IntegrityError as twice:
        raise errors.already_finalised() from twice
    return report


@dataclass(frozen=True)
class NewMeasure:
    what: str
    who: str
    due: date
    submit_key: str | None = None


def add_measure(
    *,
    actor: work.Actor,
    grants: Grants,
    unit_id: int,
    week: Week,
    new: NewMeasure,
    kept: Kept = NOT_KEPT,
) -> WeekMeasure:
    """Note what is to be done after this week: what, who, by when."""
    unit = _unit(grants, unit_id)
    what, who = new.what.strip(), new.who.strip()
    if not what:
        raise RuleError("measure_empty", _("Please say what is to be done."), field="what")
    if len(what) > 200:
        raise RuleError("measure_too_long", _("At most 200 characters."), field="what")
    if not who or len(who) > 60:
        raise RuleError("measure_nobody", _("Please say who does it."), field="who")
    if new.due < week.monday:
        raise RuleError("measure_too_early", _("The day lies before the week."), field="due")
    if new.due.year > 2999 or (new.due - week.monday).days > 366:
        raise RuleError("measure_too_late", _("The day lies more than a year ahead."), field="due")
    words = check_words(what, Place.NOTE, actor=actor, grants=grants, kept=kept)
    with work.unit(actor, reason=words.get("why_kept", "")) as doing:
        rows = WeekMeasure.objects.filter(unit=unit, monday=week.monday)
        known = rows.filter(submit_key=new.submit_key).first() if new.submit_key else None
        if known is not None:
            return known
        if rows.count() >= MOST_MEASURES:
            raise RuleError(
                "measures_too_many",
                _("A week takes %(most)s measures at most. Fewer are carried out sooner.")
                % {"most": MOST_MEASURES},
                field="what",
            )
        measure = WeekMeasure.objects.create(
            unit=unit,
            monday=week.monday,
            what=what,
            who=who,
            due=new.due,
            added_at=doing.now,
            added_by_name=actor.name[:80],
            submit_key=new.submit_key or None,
        )
        doing.audit(
            "insight.measure.add", measure, after={"what": what, "who": who, "due": new.due}
        )
    return measure


def answer_measure(
    *,
    actor: work.Actor,
    grants: Grants,
    measure_id: int,
    is_done: bool,
    note: str = "",
    kept: Kept = NOT_KEPT,
) -> WeekMeasure:
    """Say once whether it was carried out; not carried out needs a word why."""
    grants.require(VIEW)
    grants.require(FINALISE)
    note = note.strip()
    if not is_done and not note:
        raise RuleError("measure_why", _("Please say why it was not carried out."), field="note")
    if len(note) > 200:
        raise RuleError("measure_note_too_long", _("At most 200 characters."), field="note")
    words = check_words(note, Place.NOTE, actor=actor, grants=grants, kept=kept)
    with work.unit(actor, reason=words.get("why_kept", "")) as doing:
        measure = WeekMeasure.objects.select_for_update().filter(pk=measure_id).first()
        if measure is None:
            raise NotFound()
        try:
            chosen_unit(grants, measure.unit_id)
        except NotFound as hidden:
            raise NotFound() from hidden
        if measure.is_done is not None:
            raise Conflict(
                "measure_answered",
                _("%(name)s has said already whether this was carried out.")
                % {"name": measure.answered_by_name},
            )
        measure.is_done, measure.note = is_done, note
        measure.answered_at, measure.answered_by_name = doing.now, actor.name[:80]
        measure.save()
        doing.audit("insight.measure.answer", measure, after={"done": is_done, "note": note})
    return measure


def subscribe(*, actor: work.Actor, grants: Grants, is_on: bool) -> None:
    """Whether the weekly summary comes to the caller by e-mail."""
    grants.require(VIEW)
    if grants.user_id is None:
        raise NotFound()
    with work.unit(actor) as doing:
        Subscription.objects.update_or_create(
            user_id=grants.user_id, report=WEEKLY, defaults={"is_on": is_on}
        )
        doing.audit("insight.subscription", None, after={"report": WEEKLY, "on": is_on})


def measures_of(unit: Unit, *weeks: Week) -> list[WeekMeasure]:
    mondays = [week.monday for week in weeks]
    return list(WeekMeasure.objects.filter(unit=unit, monday__in=mondays).order_by("pk"))
