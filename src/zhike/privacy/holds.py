"""What is held now, for whoever is about to delete something."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from zhike.core.erasing import HOLDS, Hold, Person, Reason
from zhike.privacy.models import LegalHold


def held_customers() -> "QuerySet[LegalHold, int | None]":
    rows = LegalHold.objects.filter(ended_at__isnull=True, customer__isnull=False)
    return rows.values_list("customer_id", flat=True)


def held_case_numbers() -> "QuerySet[LegalHold, str]":
    rows = LegalHold.objects.filter(ended_at__isnull=True).exclude(case_number="")
    return rows.values_list("case_number", flat=True)


def _reasons(person: Person) -> list[Reason]:
    held = LegalHold.objects.filter(ended_at__isnull=True, customer_id__in=person.file_ids)
    if not held.exists():
        return []
    return [Reason("legal_hold", _("This customer is under a legal hold."))]


def register() -> None:
    HOLDS.fill(Hold("privacy.legal_hold", _reasons))
