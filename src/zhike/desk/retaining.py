"""What of closed cases ends after a while: the words of their record, and their files."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.core.erasing import ERASED
from zhike.core.files import remove_files, used_elsewhere
from zhike.core.retention import CLASSES, ENDED, DataClass
from zhike.core.work import Work
from zhike.desk.erasing import held_cases, kept_data
from zhike.desk.models import Attachment, Case, CaseEvent, LegalClock
from zhike.privacy.holds import held_customers

# What the e-commerce law wants of transactions; a complaint is the proof of one.
THREE_YEARS = 3 * 365


def of_ended_cases(cutoff: datetime, case: str = "case__") -> Q:
    """Of a case closed so long ago that no hold keeps; `case` is the way to it."""
    held = Q(**{f"{case}customer_id__in": held_customers()}) | Q(
        **{f"{case}pk__in": held_cases().values("pk")}
    )
    return Q(**{f"{case}closed_at__lt": cutoff}) & ~held


def _words(cutoff: datetime) -> "QuerySet[CaseEvent]":
    return CaseEvent.objects.filter(of_ended_cases(cutoff)).exclude(text="")


def _end_words(rows: Sequence[CaseEvent], work: Work) -> None:
    for event in rows:
        event.data = kept_data(event.data, event.kind) | {"ended": True}
        event.text = event.folded = event.bigrams = ""
    CaseEvent.objects.bulk_update(rows, ["data", "text", "folded", "bigrams"])
    # What of it stood on the case itself.
    cases = Case.objects.filter(pk__in={row.case_id for row in rows})
    cases.update(last_text="", close_reason="")
    LegalClock.objects.filter(case__in=cases).update(reference="", reason="")


def _files(cutoff: datetime) -> "QuerySet[Attachment]":
    return Attachment.objects.filter(of_ended_cases(cutoff)).exclude(name__in=(ENDED, ERASED))


def _end_files(rows: Sequence[Attachment], work: Work) -> None:
    """The bytes go, unless another row points to the same ones."""
    ids = [row.pk for row in rows]
    files = {row.file_id for row in rows}
    remove_files(files - used_elsewhere(files, {"desk.Attachment": ids}), work)
    Attachment.objects.filter(pk__in=ids).update(name=ENDED)


def register() -> None:
    source = _("E-commerce law, article 31: what concerns a transaction, at least three years.")
    for kind in (
        DataClass(
            "desk.words", _("What was said and written in closed cases"),
            _("The words of the record go; who did what and when, subject, kind, times and outcome stay."),
            5 * 365, THREE_YEARS, source, _words, _end_words, order=10,
        ),
        DataClass(
            "desk.files", _("Files of closed cases"),
            _("Name and bytes go; that there was one, its size and type stay."),
            THREE_YEARS, THREE_YEARS, source, _files, _end_files, order=20,
        ),
    ):  # fmt: skip
        CLASSES.fill(kind)
