"""What of follow-up visits ends after a while: what was said; results, marks, days and who called stay."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.care.choices import State
from zhike.care.models import FollowUp, FollowUpAttempt
from zhike.core.erasing import ERASED
from zhike.core.retention import CLASSES, ENDED, DataClass
from zhike.core.work import Work
from zhike.desk.retaining import THREE_YEARS, of_ended_cases

GONE = ("", ENDED, ERASED)
LINES = ("words", "missing", "best_time", "to_check", "call_off_reason")


def _over(cutoff: datetime, path: str = "") -> Q:
    """Visits that are over, of a case that is: one reopened meanwhile is not."""
    ended = Q(**{f"{path}ended_at__lt": cutoff}) & ~Q(**{f"{path}state": State.DUE})
    return ended & of_ended_cases(cutoff, f"{path}case__")


def _visits(cutoff: datetime) -> "QuerySet[FollowUp]":
    silent = Q(answers={}, **{f"{name}__in": GONE for name in LINES})
    return FollowUp.objects.filter(_over(cutoff)).exclude(silent | Q(words__in=(ENDED, ERASED)))


def _end_visits(rows: Sequence[FollowUp], work: Work) -> None:
    for visit in rows:
        for name in LINES:
            if getattr(visit, name) not in GONE:
                setattr(visit, name, ENDED)
        # Yes, no and marks from one to five stay for the figures.
        visit.answers = {
            key: ENDED if isinstance(value, str) and value not in GONE else value
            for key, value in visit.answers.items()
        }
        # Says of the whole visit that it has ended.
        visit.words = ENDED
    FollowUp.objects.bulk_update(rows, [*LINES, "answers"])


def _tries(cutoff: datetime) -> "QuerySet[FollowUpAttempt]":
    rows = FollowUpAttempt.objects.filter(_over(cutoff, "follow_up__"))
    return rows.exclude(note__in=GONE)


def _end_tries(rows: Sequence[FollowUpAttempt], work: Work) -> None:
    FollowUpAttempt.objects.filter(pk__in=[row.pk for row in rows]).update(note=ENDED)


def register() -> None:
    source = _("E-commerce law, article 31: what concerns a transaction, at least three years.")
    for kind in (
        DataClass(
            "care.visits", _("What was said on follow-up visits"),
            _("The words go; result, marks, days and who called stay."),
            5 * 365, THREE_YEARS, source, _visits, _end_visits, order=16,
        ),
        DataClass(
            "care.tries", _("Notes of calls made for visits"),
            _("The note goes; when it was, and whether somebody was reached, stay."),
            5 * 365, THREE_YEARS, source, _tries, _end_tries, order=17,
        ),
    ):  # fmt: skip
        CLASSES.fill(kind)
