"""Which complaints somebody may see: those whose case they may see."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from zhike.complaints.models import Complaint
from zhike.core.access import Grants
from zhike.core.errors import NotFound
from zhike.desk.case_types import COMPLAINT
from zhike.desk.models import Case
from zhike.desk.permissions import VIEW
from zhike.desk.selectors.scope import case_scope, load_case

# Of the case, what neither a list nor a page of complaints shows; a row says why its clock pauses.
NOT_LISTED = tuple(f"case__{name}" for name in ("folded", "bigrams", "clocks", "close_reason"))


def beside_case(grants: Grants) -> Q:
    """The condition on rows that stand beside a case, and keep its unit, for who may see the case."""
    if grants.unit_ids is None or grants.own_only:
        return case_scope(grants, "case__")
    return Q(case_unit_id__in=grants.unit_ids)


def not_voided() -> Any:
    """Cases of undone imports are few and have an index; joining every case would cost more than the rows."""
    return ~Exists(Case.objects.filter(pk=OuterRef("case_id"), voided_at__isnull=False))


def visible_complaints(grants: Grants) -> QuerySet[Complaint]:
    if not grants.allows(VIEW):
        return Complaint.objects.none()
    return (
        Complaint.objects.filter(
            case_scope(grants, "case__"),
            case__voided_at__isnull=True,
            case__merged_into__isnull=True,
            case__type__code=COMPLAINT,
        )
        .select_related("case")
        .defer(*NOT_LISTED)
    )


def load_complaint(grants: Grants, number: str) -> Complaint:
    """The complaint of this case number; a case that is none, or out of reach, is not found."""
    grants.require(VIEW)
    case = load_case(grants, number)
    found = Complaint.objects.filter(pk=case.pk).select_related("cause").first()
    if found is None:
        raise NotFound()
    found.case = case
    return found
