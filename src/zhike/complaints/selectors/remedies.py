"""Remedies and approvals within reach: those of the cases somebody may see."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet, Sum

from zhike.complaints.choices import REMEDY_OPEN, RemedyState
from zhike.complaints.models import Approval, Remedy
from zhike.complaints.selectors.scope import beside_case, not_voided
from zhike.core.access import Grants
from zhike.core.errors import NotFound
from zhike.desk.models import Case
from zhike.desk.permissions import VIEW

MOST_OF_ONE_CASE = 50
# Lists count no further than this: beyond it a number says no more than "many".
MOST_COUNTED = 1000
_CASE = (
    "case__number", "case__title", "case__state", "case__customer_name", "case__customer_tier",
    "case__unit_id", "case__owner_id",
)  # fmt: skip


def visible_remedies(grants: Grants) -> QuerySet[Remedy]:
    if not grants.allows(VIEW):
        return Remedy.objects.none()
    return Remedy.objects.filter(beside_case(grants), not_voided())


def visible_approvals(grants: Grants) -> QuerySet[Approval]:
    if not grants.allows(VIEW):
        return Approval.objects.none()
    return Approval.objects.filter(beside_case(grants), not_voided())


def remedies_for_list(grants: Grants) -> QuerySet[Remedy]:
    own = [field.name for field in Remedy._meta.concrete_fields if field.name != "submit_key"]
    rows = visible_remedies(grants).select_related("case", "case__unit")
    return rows.only(*own, *_CASE, "case__unit__name")


def approvals_for_list(grants: Grants) -> QuerySet[Approval]:
    own = [field.name for field in Approval._meta.concrete_fields]
    remedy = ("remedy__kind", "remedy__state", "remedy__text", "remedy__amount_cents")
    rows = visible_approvals(grants).select_related("case", "case__unit", "remedy")
    return rows.only(*own, *remedy, *_CASE, "case__unit__name")


def remedy_of(grants: Grants, pk: int) -> Remedy:
    found = visible_remedies(grants).select_related("case").filter(pk=pk).first()
    if found is None:
        raise NotFound()
    return found


def approval_of(grants: Grants, pk: int) -> Approval:
    found = visible_approvals(grants).select_related("case", "remedy").filter(pk=pk).first()
    if found is None:
        raise NotFound()
    return found


def remedies_of(case: Case) -> list[Remedy]:
    """Of one case, newest first, each with its approval and its proof."""
    rows = Remedy.objects.filter(case=case).select_related("approval", "proof_file")
    return list(rows.order_by("-pk")[:MOST_OF_ONE_CASE])


def approvals_without_remedy(case: Case) -> list[Approval]:
    rows = Approval.objects.filter(case=case, remedy__isnull=True)
    return list(rows.order_by("-pk")[:MOST_OF_ONE_CASE])


@dataclass(frozen=True)
class Totals:
    """Of a stretch of the ledger: what was spent, and what may still be."""

    carried_out: int
    cost: int
    promised: int
    asked: int


def totals_of(rows: "QuerySet[Remedy]", since: datetime | None = None) -> Totals:
    """One statement. `cost` is what carried-out remedies did cost; the others have not cost anything yet.

    With `since`, of those carried out from then on: the ledger of all years is not walked through for every look.
    """
    done = Q(state=RemedyState.CARRIED_OUT)
    if since is not None:
        rows = rows.filter(Q(state__in=REMEDY_OPEN) | Q(carried_out_at__gte=since))
    found = rows.order_by().aggregate(
        carried_out=Count("pk", filter=done),
        cost=Sum(F("cost_cents"), filter=done),
        promised=Sum("amount_cents", filter=Q(state=RemedyState.APPROVED)),
        asked=Sum("amount_cents", filter=Q(state=RemedyState.FOR_APPROVAL)),
    )
    return Totals(**{name: value or 0 for name, value in found.items()})
