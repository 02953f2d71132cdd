"""How long the words of feedback are kept."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.core.erasing import ERASED
from zhike.core.retention import CLASSES, ENDED, DataClass
from zhike.core.work import Work
from zhike.desk.erasing import held_cases
from zhike.listening.models import Feedback
from zhike.privacy.holds import held_customers


def _words(cutoff: datetime) -> "QuerySet[Feedback]":
    rows = Feedback.objects.filter(said_on__lt=cutoff.date()).exclude(text__in=(ENDED, ERASED))
    held = Feedback.objects.filter(case_id__in=held_cases().values("pk")).values("pk")
    by_held = Feedback.objects.filter(customer_id__in=held_customers()).values("pk")
    return rows.exclude(pk__in=held).exclude(pk__in=by_held)


def _end(rows: Sequence[Feedback], work: Work) -> None:
    Feedback.objects.filter(pk__in=[row.pk for row in rows]).update(
        text=ENDED, folded="", bigrams="", external_id=""
    )


def register() -> None:
    CLASSES.fill(
        DataClass(
            "listening.words",
            _("Words of feedback"),
            _("The words go; rating, day and source stay."),
            3 * 365,
            30,
            "",
            _words,
            _end,
            order=30,
        )
    )
