"""One visit under lock, with its case: whoever comes second reads what the first one wrote."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any

from zhike.care.choices import State
from zhike.care.errors import already_recorded, called_off, not_closed, visit_not_found
from zhike.care.models import FollowUp, FollowUpAttempt
from zhike.care.permissions import FOLLOW_UP
from zhike.care.selectors import METRIC, visible_follow_ups
from zhike.core.access import Grants
from zhike.core.work import Actor, Work
from zhike.desk.choices import EventKind
from zhike.desk.models import CaseEvent
from zhike.desk.services.handling import Handling, handling

# Audit rows cannot be blanked: ids and states, never words somebody said.
AUDITED = (
    "state", "result", "assigned_id", "due_at", "next_try_at", "attempts", "call_off",
    "new_case_id", "unit_id",
)  # fmt: skip


def facts_of(visit: FollowUp) -> dict[str, Any]:
    return {name: getattr(visit, name) for name in AUDITED}


def columns_of(visit: FollowUp) -> dict[str, Any]:
    return {field.attname: getattr(visit, field.attname) for field in visit._meta.concrete_fields}


@dataclass
class Visiting:
    """What a service holds while it acts on a visit."""

    act: Handling
    visit: FollowUp

    def line(self, key: str, *, text: str = "", submit_key: str = "", **data: Any) -> CaseEvent:
        """A line of the case's record; `key` is that of its words in `case_page.py`."""
        visit = self.visit
        named = {"line": f"care.{key}", "visit": visit.pk, "round": visit.round}
        return self.act.append(
            EventKind.FURTHER, text=text, data=named | data, submit_key=submit_key
        )

    def tried(self, *, reached: bool, note: str) -> None:
        """One more call, told in the list of the visit's attempts."""
        now = self.act.work.now
        FollowUpAttempt.objects.create(
            follow_up=self.visit,
            at=now,
            by_id=self.act.actor.id,
            by_name=self.act.actor.name[:80],
            reached=reached,
            note=note,
        )
        self.visit.attempts += 1
        self.visit.last_attempt_at = now


def keep(work: Work, action: str, visit: FollowUp, before: FollowUp | None) -> None:
    """Save a visit with its counter and its audit row; `before` is None for a new one."""
    was = facts_of(before) if before is not None else {}
    visit.save()
    if before is None or before.counted_as() != visit.counted_as():
        if before is not None:
            work.count(METRIC, -1, **before.counted_as())
        work.count(METRIC, 1, **visit.counted_as())
    changed = {name: value for name, value in facts_of(visit).items() if was.get(name) != value}
    work.audit(
        f"care.follow_up.{action}",
        visit,
        before={name: was.get(name) for name in changed} if before is not None else None,
        after=changed,
    )


@contextmanager
def visiting(
    action: str, *, actor: Actor, grants: Grants, follow_up_id: int, needs: str = FOLLOW_UP
) -> Iterator[Visiting]:
    """Load, authorise and lock case and visit. One that is done or called off is refused with a sentence."""
    grants.require(needs)
    rows = visible_follow_ups(grants).filter(pk=follow_up_id)
    case_id = rows.values_list("case_id", flat=True).first()
    if case_id is None:
        raise visit_not_found()
    with handling(
        f"follow_up_{action}", actor=actor, grants=grants, case_id=case_id, needs=needs
    ) as act:
        visit = FollowUp.objects.select_for_update().get(pk=follow_up_id)
        if visit.state == State.DONE:
            raise already_recorded(visit)
        if visit.state == State.CALLED_OFF:
            raise called_off(visit)
        if not act.case.is_ended:
            raise not_closed()
        before = copy(visit)
        yield Visiting(act, visit)
        if act.events or columns_of(visit) != columns_of(before):
            keep(act.work, action, visit, before)
