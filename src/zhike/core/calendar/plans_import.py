"""A file of plans beside those there are, and taken over in one unit of work: all of it or nothing."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.calendar.dates_diff import Change
from zhike.core.calendar.dates_import import Applied
from zhike.core.calendar.plan_services import (
    PlanTerms,
    checked,
    moves_due_times,
    save_plan,
    terms_of,
    words_of,
)
from zhike.core.calendar.plans_file import key_of
from zhike.core.calendar.recounts import PlanScope, begin_recount
from zhike.core.calendar.services import MANAGE
from zhike.core.errors import Conflict
from zhike.core.models import DuePlan


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One plan as it is (`before`, None when it is new) and as it would be (`after`)."""

    change: Change
    after: PlanTerms
    before: PlanTerms | None = None
    plan_id: int | None = None

    @property
    def moves(self) -> bool:
        return self.before is None or moves_due_times(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`digest` stands for the plans compared with: others would make another comparison."""

    changes: tuple[PlanChange, ...]
    digest: str


def compare_plans(plans: Sequence[PlanTerms]) -> Comparison:
    return _compare(plans, list(DuePlan.objects.order_by("pk")))


def _compare(plans: Sequence[PlanTerms], rows: Sequence[DuePlan]) -> Comparison:
    known = {key_of(terms_of(row)): row for row in rows}
    changes: list[PlanChange] = []
    for terms in plans:
        row = known.pop(key_of(terms), None)
        if row is None:
            changes.append(PlanChange(Change.ADDED, terms))
            continue
        before = terms_of(row)
        change = Change.SAME if before == terms else Change.CHANGED
        changes.append(PlanChange(change, terms, before, row.pk))
    for row in known.values():
        terms = terms_of(row)
        changes.append(PlanChange(Change.KEPT, terms, terms, row.pk))
    facts = repr([(row.pk, terms_of(row)) for row in rows])
    return Comparison(tuple(changes), hashlib.sha256(facts.encode()).hexdigest()[:32])


def apply_plans(
    *,
    actor: work.Actor,
    grants: Grants,
    file_name: str,
    plans: Sequence[PlanTerms],
    digest: str,
    remove: Collection[int] = (),
) -> Applied:
    """`digest` is that of the comparison somebody saw; `remove` ids of plans the file does not name."""
    grants.require(MANAGE)
    plans = [checked(terms) for terms in plans]
    with work.unit(actor) as unit:
        rows = list(DuePlan.objects.select_for_update().order_by("pk"))
        found = _compare(plans, rows)
        if found.digest != digest:
            raise Conflict(
                "due_plans_changed",
                _("Somebody has changed plans meanwhile. Please send the file once more."),
            )
        by_id = {row.pk: row for row in rows}
        added = _of(found, Change.ADDED)
        changed = _of(found, Change.CHANGED)
        gone = [one for one in _of(found, Change.KEPT) if one.plan_id in remove]
        for one in (*added, *changed):
            _write(unit, one, by_id)
        for one in gone:
            row = by_id[one.plan_id or 0]
            unit.audit("core.due_plan.remove", row, before=words_of(one.after))
            row.delete()
        counts = {"added": len(added), "changed": len(changed), "removed": len(gone)}
        unit.audit("core.due_plan.import", None, after={"file": file_name[:200], **counts})
        _recount(unit, file_name, [*added, *(one for one in changed if one.moves), *gone])
    return Applied(**counts)


def _of(found: Comparison, change: Change) -> list[PlanChange]:
    return [one for one in found.changes if one.change is change]


def _write(unit: work.Work, one: PlanChange, by_id: dict[int, DuePlan]) -> None:
    values: dict[str, Any] = asdict(one.after)
    if one.before is None or one.plan_id is None:
        row = DuePlan(**values)
        save_plan(row, one.after)
        unit.audit("core.due_plan.add", row, after=words_of(one.after))
        return
    row = by_id[one.plan_id]
    old, new = work.changes(asdict(one.before), values)
    for name, value in values.items():
        setattr(row, name, value)
    save_plan(row, one.after)
    unit.audit("core.due_plan.change", row, before=old, after=new)


def _recount(unit: work.Work, file_name: str, moving: Iterable[PlanChange]) -> None:
    """Begun once for the whole file."""
    moving = list(moving)
    scopes: dict[PlanScope, None] = dict.fromkeys(one.after.scope for one in moving)
    purposes = {one.after.purpose for one in moving}
    if scopes:
        purpose = purposes.pop() if len(purposes) == 1 else ""
        begin_recount(unit, file_name[:60], purpose, tuple(scopes))
