"""Who is told of a decision to take, and of one that was taken."""

from typing import Any

from django.urls import reverse

from zhike.complaints.choices import ApprovalKind
from zhike.complaints.models import Approval
from zhike.complaints.money import written
from zhike.complaints.selectors.limits import deciders
from zhike.core.notify import notify
from zhike.desk.services.handling import Handling

# Of a large house only so many bells ring; the list of approvals shows it to everybody.
MOST_TOLD = 20


def _values(act: Handling, approval: Approval) -> dict[str, Any]:
    remedy = approval.remedy
    return {
        "name": act.actor.name,
        "number": act.case.number,
        "title": act.case.title[:60],
        "amount": written(remedy.amount_cents) if remedy is not None else "",
        "why": approval.why[:80],
    }


def tell_deciders(act: Handling, approval: Approval) -> None:
    """Everybody who reaches this case and may decide on it, but not who asks."""
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
