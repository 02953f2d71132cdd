"""How long the old values of a customer file are kept. Here it is known what is held."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.core.erasing import ERASED
from zhike.core.retention import CLASSES, ENDED, DataClass
from zhike.core.work import Work
from zhike.customers.models import ChangeRow
from zhike.privacy.holds import held_customers

GONE = ("", ENDED, ERASED)
VALUES = ("before", "after", "reason")


def _history(cutoff: datetime) -> "QuerySet[ChangeRow]":
    rows = ChangeRow.objects.filter(at__lt=cutoff).exclude(
        Q(**{f"{name}__in": GONE for name in VALUES})
    )
    # Erasing finds a person by the names they once had; those go with the file, not before.
    return rows.exclude(field="name").exclude(customer_id__in=held_customers())


def _end_history(rows: Sequence[ChangeRow], work: Work) -> None:
    for row in rows:
        for name in VALUES:
            if getattr(row, name) not in GONE:
                setattr(row, name, ENDED)
        # A sealed value is gone with its text.
        row.is_sealed = False
    ChangeRow.objects.bulk_update(rows, [*VALUES, "is_sealed"])


def register() -> None:
    CLASSES.fill(
        DataClass(
            "customers.history",
            _("Old values in the history of customer files"),
            _(
                "Values and reasons go; which field was changed, by whom and when stays, and so do earlier names:"
                " an erasure searches by them."
            ),
            3 * 365,
            365,
            _("So long a mistake can be traced and put right."),
            _history,
            _end_history,
            order=32,
        )
    )
