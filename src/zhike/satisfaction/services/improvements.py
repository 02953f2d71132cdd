"""From the list of what is most worth improving to something somebody does by a day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from zhike.accounts.models import User
from zhike.accounts.selectors import colleagues
from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.notify import notify
from zhike.core.work import Actor
from zhike.desk.phrases import Place
from zhike.desk.services.handling import scoped_key
from zhike.desk.services.words import NOT_KEPT, Kept, check_words
from zhike.satisfaction import errors
from zhike.satisfaction.choices import ImprovementState, RunState
from zhike.satisfaction.models import Improvement, IndexRun, IndicatorSystem
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.selectors import get_run, get_system, visible_improvements

LONGEST = 200
MOST_OPEN = 50
FURTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Plan:
    """What, who and by when; `submit_key` makes a form sent twice one."""

    what: str
    responsible_id: int
    due: date
    submit_key: str = ""


def plan_improvement(
    *,
    actor: Actor,
    grants: Grants,
    system_id: int,
    number: int,
    part: str,
    plan: Plan,
    kept: Kept = NOT_KEPT,
) -> Improvement:
    """About an item of a computed index, with its figures as they stand there."""
    grants.require(MANAGE)
    system = get_system(grants, system_id)
    run = get_run(system, number)
    item = _item(run, part)
    what, responsible = _text(plan.what, "what"), _responsible(grants, plan.responsible_id)
    _check_due(plan.due)
    words = check_words(what, Place.NOTE, actor=actor, grants=grants, kept=kept)
    key = scoped_key(actor, plan.submit_key)
    with work.unit(actor, reason=words.get("why_kept", "")) as unit:
        # Of two at once, the second waits here and finds what the first made.
        IndicatorSystem.objects.select_for_update(no_key=True).only("pk").get(pk=system.pk)
        known = Improvement.objects.filter(submit_key=key).first() if key else None
        if known is not None:
            return known
        if _open(system.pk) >= MOST_OPEN:
            raise errors.improvements_many(MOST_OPEN)
        row = Improvement.objects.create(
            system=system,
            unit_id=system.unit_id,
            part=part,
            item_title=item["title"][:300],
            run_number=run.number,
            index_then=item["index"],
            gain_then=item["weight"] * (100 - item["index"]),
            what=what,
            responsible=responsible,
            responsible_name=responsible.name[:80],
            due=plan.due,
            made_at=unit.now,
            made_by_name=actor.name[:80],
            submit_key=key or None,
        )
        unit.audit(
            "satisfaction.improve",
            row,
            after={"item": row.item_title, "what": what, **_told(row)},
        )
        _tell(unit, row, actor)
    return row


def change_improvement(
    *,
    actor: Actor,
    grants: Grants,
    improvement_id: int,
    plan: Plan,
    kept: Kept = NOT_KEPT,
) -> Improvement:
    """While it is open: other words, another person, another day."""
    grants.require(MANAGE)
    what, responsible = _text(plan.what, "what"), _responsible(grants, plan.responsible_id)
    words = check_words(what, Place.NOTE, actor=actor, grants=grants, kept=kept)
    with work.unit(actor, reason=words.get("why_kept", "")) as unit:
        row = _locked(grants, improvement_id)
        if row.due != plan.due:
            _check_due(plan.due)
        before, was = {"what": row.what, **_told(row)}, row.responsible_id
        row.what, row.due = what, plan.due
        row.responsible, row.responsible_name = responsible, responsible.name[:80]
        after = {"what": row.what, **_told(row)}
        if after != before:
            row.save(update_fields=["what", "due", "responsible", "responsible_name"])
            unit.audit("satisfaction.improvement_change", row, before=before, after=after)
            if row.responsible_id != was:
                _tell(unit, row, actor)
    return row


def end_improvement(
    *,
    actor: Actor,
    grants: Grants,
    improvement_id: int,
    is_done: bool,
    result: str,
    kept: Kept = NOT_KEPT,
) -> Improvement:
    """By whoever is responsible, or manages indexes: done with what came of it, or dropped and why."""
    result = _text(result, "result")
    words = check_words(result, Place.NOTE, actor=actor, grants=grants, kept=kept)
    with work.unit(actor, reason=words.get("why_kept", "")) as unit:
        row = _locked(grants, improvement_id)
        if row.responsible_id != grants.user_id:
            grants.require(MANAGE)
        row.state = ImprovementState.DONE if is_done else ImprovementState.DROPPED
        row.result, row.ended_at, row.ended_by_name = result, unit.now, actor.name[:80]
        row.save(update_fields=["state", "result", "ended_at", "ended_by_name"])
        unit.audit(
            "satisfaction.improvement_end", row, after={"state": row.state, "result": result}
        )
    return row


def _locked(grants: Grants, pk: int) -> Improvement:
    row = visible_improvements(grants).select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise errors.improvement_not_found()
    if row.state != ImprovementState.OPEN:
        raise errors.improvement_ended()
    return row


def _open(system_id: int) -> int:
    rows = Improvement.objects.filter(system_id=system_id, state=ImprovementState.OPEN)
    return rows.count()


def _item(run: IndexRun, part: str) -> dict[str, Any]:
    if run.state != RunState.DONE or run.result is None:
        raise errors.system_not_found()
    for item in run.result["items"]:
        if item["part"] == part and item["weight"] is not None:
            found: dict[str, Any] = item
            return found
    raise errors.system_not_found()


def _text(text: str, field: str) -> str:
    text = " ".join(text.replace("\x00", "").split())
    if not text:
        raise RuleError(
            f"{field}_missing",
            _("Please say what is to be done.")
            if field == "what"
            else _("Please say what came of it, or why it is dropped."),
            field=field,
        )
    if len(text) > LONGEST:
        raise RuleError("text_too_long", _("At most 200 characters."), field=field)
    return text


def _responsible(grants: Grants, user_id: int) -> User:
    found = next((one for one in colleagues(grants) if one.pk == user_id), None)
    if found is None:
        raise RuleError(
            "responsible_wrong", _("Please choose one of your colleagues."), field="responsible"
        )
    return found


def _check_due(due: date) -> None:
    today = clock.today()
    if due < today or due - today > FURTHEST:
        raise RuleError(
            "due_wrong", _("Please choose a day within a year from today."), field="due"
        )


def _told(row: Improvement) -> dict[str, str]:
    return {"responsible": row.responsible_name, "due": row.due.isoformat()}


def _tell(unit: work.Work, row: Improvement, actor: Actor) -> None:
    if row.responsible_id == actor.id:
        return
    notify(
        unit,
        user_id=row.responsible_id,
        kind="satisfaction.improvement",
        values={"name": actor.name, "item": row.item_title, "due": row.due.isoformat()},
        url=f"/satisfaction/improvements/{row.pk}/",
    )
