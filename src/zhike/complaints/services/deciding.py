"""Decisions to take are counted beside the menu and told to who may take them; taken ones to who asked."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.urls import reverse

from zhike.complaints.choices import ApprovalKind, ApprovalState
from zhike.complaints.models import Approval
from zhike.complaints.money import written
from zhike.complaints.selectors.limits import deciders
from zhike.core.errors import RuleError
from zhike.core.notify import notify
from zhike.core.work import Work
from zhike.desk.services.handling import Handling

T = TypeVar("T")
# Of a large house only so many bells ring; the list of approvals shows it to everybody.
MOST_TOLD = 20


# Open ones by unit of the case, for the menu.
METRIC = "complaints.approval"


def where_it_is(find: Callable[[], int], act: Callable[[int], T]) -> T:
    """Act on the case a decision or remedy belongs to, also when it goes into another one just now.

    `find` tells the case, `act` locks it. When that case was merged in between, it is done where the row went.
    """
    case_id = find()
    try:
        return act(case_id)
    except RuleError:
        moved_to = find()
        if moved_to == case_id:
            raise
        return act(moved_to)


def count_open(unit: Work, unit_id: int, delta: int) -> None:
    if delta:
        unit.count(METRIC, delta, unit_id=unit_id, state=ApprovalState.OPEN.value)


def _values(act: Handling, approval: Approval) -> dict[str, Any]:
    remedy = approval.remedy
    return {
        "name": act.actor.name,
        "number": act.case.number,
        "title": act.case.title[:60],
        "amount": written(remedy.amount_cents) if remedy is not None else "",
        "why": approval.why[:80],
    }


def put_before_deciders(act: Handling, approval: Approval) -> None:
    """Count a new one, and tell everybody who reaches this case and may decide on it, but not who asks."""
    count_open(act.work, act.case.unit_id, +1)
    people = deciders(act.case, approval.sum_cents or 0, leaving_out=(approval.asked_by_id,))
    for user in people[:MOST_TOLD]:
        notify(
            act.work,
            user_id=user.pk,
            kind=f"complaints.{approval.kind}_asked",
            values=_values(act, approval),
            url=reverse("approvals:decide", args=[approval.pk]),
        )


def tell_asker(act: Handling, approval: Approval) -> None:
    if approval.asked_by_id is None or approval.asked_by_id == act.actor.id:
        return
    kind = ApprovalKind(approval.kind)
    notify(
        act.work,
        user_id=approval.asked_by_id,
        kind=f"complaints.{kind.value}_{approval.state}",
        values=_values(act, approval) | {"note": approval.note},
        url=reverse("desk:case", args=[act.case.number]),
    )
