"""What of closed complaints ends after a while: words and papers; steps, verdicts, causes, amounts stay."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.complaints.choices import REMEDY_OPEN, ApprovalState, NoticeState
from zhike.complaints.erasing import CHOSEN
from zhike.complaints.models import (
    Approval,
    ArchivePaper,
    Complaint,
    Notice,
    Remedy,
    StepRecord,
)
from zhike.core.erasing import ERASED
from zhike.core.files import remove_files, used_elsewhere
from zhike.core.retention import CLASSES, ENDED, DataClass
from zhike.core.search import bigrams, fold
from zhike.core.work import Work
from zhike.desk.models import Attachment
from zhike.desk.retaining import THREE_YEARS, of_ended_cases

GONE = ("", ENDED, ERASED)
# Marks evidence whose words have ended, whatever was among it.
MARK = "ended"


def _gone(text: str) -> str:
    """Where there were words, the note that they ended; erased ones keep theirs."""
    return text if text in GONE else ENDED


def _complaints(cutoff: datetime) -> "QuerySet[Complaint]":
    rows = Complaint.objects.filter(of_ended_cases(cutoff))
    return rows.exclude(wish__in=GONE, learned__in=GONE, way_out_why__in=GONE)


def _end_complaints(rows: Sequence[Complaint], work: Work) -> None:
    for row in rows:
        row.wish, row.learned = _gone(row.wish), _gone(row.learned)
        row.way_out_why = _gone(row.way_out_why)
    Complaint.objects.bulk_update(rows, ["wish", "learned", "way_out_why"])


def _steps(cutoff: datetime) -> "QuerySet[StepRecord]":
    over = of_ended_cases(cutoff, "complaint__case__")
    return StepRecord.objects.filter(over).exclude(evidence__has_key=MARK)


def _end_steps(rows: Sequence[StepRecord], work: Work) -> None:
    for row in rows:
        row.evidence = {
            name: value if name in CHOSEN or not isinstance(value, str) else _gone(value)
            for name, value in row.evidence.items()
        } | {MARK: True}
        row.skip_reason = _gone(row.skip_reason)
    StepRecord.objects.bulk_update(rows, ["evidence", "skip_reason"])


def _notices(cutoff: datetime) -> "QuerySet[Notice]":
    rows = Notice.objects.filter(of_ended_cases(cutoff)).exclude(state=NoticeState.SENT)
    return rows.exclude(text__in=GONE)


def _end_notices(rows: Sequence[Notice], work: Work) -> None:
    for row in rows:
        row.text, row.cause_text = _gone(row.text), _gone(row.cause_text)
        row.action, row.check_note = _gone(row.action), _gone(row.check_note)
        row.close_reason = _gone(row.close_reason)
        row.folded = fold(row.number)
        row.bigrams = bigrams(row.folded)
    Notice.objects.bulk_update(
        rows,
        [*("text", "cause_text", "action", "check_note", "close_reason"), "folded", "bigrams"],
    )


def _remedies(cutoff: datetime) -> "QuerySet[Remedy]":
    rows = Remedy.objects.filter(of_ended_cases(cutoff)).exclude(state__in=REMEDY_OPEN)
    return rows.exclude(text__in=GONE)


def _end_remedies(rows: Sequence[Remedy], work: Work) -> None:
    for row in rows:
        row.text, row.proof = _gone(row.text), _gone(row.proof)
        row.end_reason = _gone(row.end_reason)
    Remedy.objects.bulk_update(rows, ["text", "proof", "end_reason"])


def _approvals(cutoff: datetime) -> "QuerySet[Approval]":
    rows = Approval.objects.filter(of_ended_cases(cutoff)).exclude(state=ApprovalState.OPEN)
    return rows.exclude(why__in=GONE, note__in=GONE)


def _end_approvals(rows: Sequence[Approval], work: Work) -> None:
    for row in rows:
        row.why, row.note = _gone(row.why), _gone(row.note)
    Approval.objects.bulk_update(rows, ["why", "note"])


def _papers(cutoff: datetime) -> "QuerySet[ArchivePaper]":
    """Not those whose very bytes still stand on a case as a file somebody put there: they end with it."""
    shared = Attachment.objects.filter(file=OuterRef("file")).exclude(name__in=(ENDED, ERASED))
    rows = ArchivePaper.objects.filter(of_ended_cases(cutoff, "complaint__case__"))
    return rows.filter(archived_at__lt=cutoff, file__removed_at__isnull=True).exclude(
        Exists(shared)
    )


def _end_papers(rows: Sequence[ArchivePaper], work: Work) -> None:
    files = {row.file_id for row in rows}
    mine = {"complaints.ArchivePaper": [row.pk for row in rows]}
    remove_files(files - used_elsewhere(files, mine), work)


def register() -> None:
    source = _("E-commerce law, article 31: what concerns a transaction, at least three years.")
    for kind in (
        DataClass(
            "complaints.wishes", _("What was wished and learned in complaints"),
            _("The words go; verdict, severity, cause and way out stay."),
            5 * 365, THREE_YEARS, source, _complaints, _end_complaints, order=11,
        ),
        DataClass(
            "complaints.steps", _("The evidence of the six steps"),
            _("The words go; which step, by whom, when and what was chosen stay."),
            5 * 365, THREE_YEARS, source, _steps, _end_steps, order=12,
        ),
        DataClass(
            "complaints.notices", _("Notices to departments and their answers"),
            _("The words go; department, person, cause, due times and how long the answer took stay."),
            5 * 365, THREE_YEARS, source, _notices, _end_notices, order=13,
        ),
        DataClass(
            "complaints.remedies", _("Remedies"),
            _("The words and the proof go; kind, amount, state and days stay."),
            5 * 365, THREE_YEARS, source, _remedies, _end_remedies, order=14,
        ),
        DataClass(
            "complaints.approvals", _("Approvals"),
            _("The words go; who asked, who decided and the amounts stay."),
            5 * 365, THREE_YEARS, source, _approvals, _end_approvals, order=15,
        ),
        DataClass(
            "complaints.papers", _("Papers of archived complaints"),
            _("The paper goes; when it was made and its digest stay, by which a copy elsewhere is known."),
            10 * 365, THREE_YEARS, source, _papers, _end_papers, order=21,
        ),
    ):  # fmt: skip
        CLASSES.fill(kind)
