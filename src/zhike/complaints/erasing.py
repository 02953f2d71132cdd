"""What complaints hold about a person: words and papers go; steps, verdicts, causes and amounts stay."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zhike.complaints.choices import REMEDY_OPEN, ApprovalState
from zhike.complaints.models import (
    Approval,
    ArchivePaper,
    Complaint,
    Notice,
    Remedy,
    StepRecord,
)
from zhike.complaints.rules import Field
from zhike.complaints.services.notice_handling import notice_url
from zhike.core.erasing import (
    ADDRESSES,
    ERASED,
    HOLDS,
    PLACES,
    Addresses,
    Hold,
    Person,
    Place,
    Reason,
)
from zhike.core.files import remove_files, used_elsewhere
from zhike.core.search import bigrams, fold
from zhike.core.work import Work
from zhike.desk.erasing import cases_of, of_cases

# Of the evidence: what is chosen from a list. Ticks and numbers are no text anyway.
CHOSEN = frozenset({Field.TOLD, Field.SEVERITY, Field.VERDICT, Field.CONSENT})


def _complaints(person: Person) -> "QuerySet[Complaint]":
    return Complaint.objects.filter(case_id__in=cases_of(person).values("pk"))


def _of_complaints(model: Any) -> Any:
    def rows(person: Person) -> "QuerySet[Any]":
        found: QuerySet[Any] = model.objects.filter(
            complaint_id__in=_complaints(person).values("pk")
        )
        return found

    return rows


def _unsettled(person: Person) -> list[Reason]:
    """A remedy promised, a decision asked for, an answer owed by a department, a paper being made."""
    cases = cases_of(person).values("pk")
    found = []
    if Remedy.objects.filter(case_id__in=cases, state__in=REMEDY_OPEN).exists():
        found.append(
            Reason("remedy_unsettled", _now("A remedy is not settled; carry it out or end it."))
        )
    if Approval.objects.filter(case_id__in=cases, state=ApprovalState.OPEN).exists():
        found.append(Reason("approval_open", _now("An approval is still waiting for a decision.")))
    if Notice.objects.filter(case_id__in=cases, answered_at=None, state="sent").exists():
        found.append(Reason("notice_open", _now("A department still owes an answer to a notice.")))
    unprinted = _complaints(person).filter(archived_at__isnull=False)
    if unprinted.exclude(papers__round=F("round")).exists():
        found.append(
            Reason("paper_made", _now("The paper of a complaint is being made; wait a moment."))
        )
    return found


def _blank_steps(rows: Sequence[StepRecord], person: Person, work: Work) -> None:
    for row in rows:
        row.evidence = kept_evidence(row.evidence)
        row.skip_reason = ERASED if row.skip_reason else ""
    StepRecord.objects.bulk_update(rows, ["evidence", "skip_reason"])


def kept_evidence(evidence: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if name in CHOSEN or not isinstance(value, str) else ERASED
        for name, value in evidence.items()
    }


def _blank_complaints(rows: Sequence[Complaint], person: Person, work: Work) -> None:
    for row in rows:
        row.wish = row.learned = ""
        row.way_out_why = ERASED if row.way_out_why else ""
    Complaint.objects.bulk_update(rows, ["wish", "learned", "way_out_why"])


def _blank_notices(rows: Sequence[Notice], person: Person, work: Work) -> None:
    for row in rows:
        row.text = ERASED
        row.cause_text = ERASED if row.cause_text else ""
        row.action = ERASED if row.action else ""
        row.check_note = row.close_reason = ""
        row.submit_key = None
        row.folded = fold(row.number)
        row.bigrams = bigrams(row.folded)
    Notice.objects.bulk_update(
        rows,
        [
            *("text", "cause_text", "action", "check_note", "close_reason", "submit_key"),
            *("folded", "bigrams"),
        ],
    )


def _blank_remedies(rows: Sequence[Remedy], person: Person, work: Work) -> None:
    for row in rows:
        row.text = ERASED
        row.proof = ERASED if row.proof else ""
        row.end_reason = ""
    Remedy.objects.bulk_update(rows, ["text", "proof", "end_reason"])


def _blank_approvals(rows: Sequence[Approval], person: Person, work: Work) -> None:
    Approval.objects.filter(pk__in=[row.pk for row in rows]).update(why=ERASED, note="")


def _blank_papers(rows: Sequence[ArchivePaper], person: Person, work: Work) -> None:
    files = {row.file_id for row in rows}
    mine = {"complaints.ArchivePaper": [row.pk for row in rows]}
    remove_files(files - used_elsewhere(files, mine), work)


def _urls(person: Person) -> list[str]:
    cases = cases_of(person).values("pk")
    notices = Notice.objects.filter(case_id__in=cases).values_list("number", flat=True)
    approvals = Approval.objects.filter(case_id__in=cases).values_list("pk", flat=True)
    return [
        *(notice_url(number) for number in notices),
        *(reverse("approvals:decide", args=[pk]) for pk in approvals),
    ]


def register() -> None:
    HOLDS.fill(Hold("complaints.unsettled", _unsettled))
    ADDRESSES.fill(Addresses("complaints", _urls))
    for place in (
        Place(
            "complaints.complaints", _("Their complaints"), _complaints, _blank_complaints,
            _("step, verdict, severity, cause, way out"),
        ),
        Place(
            "complaints.steps", _("The evidence of the six steps"), _of_complaints(StepRecord),
            _blank_steps, _("which step, by whom, when, and what was chosen"),
        ),
        Place(
            "complaints.papers", _("Papers of archived complaints"), _of_complaints(ArchivePaper),
            _blank_papers, _("that there was one, and when"),
        ),
        Place(
            "complaints.notices", _("Notices to departments"), of_cases(Notice), _blank_notices,
            _("department, person, cause, due times, how long the answer took"),
        ),
        Place(
            "complaints.remedies", _("Remedies"), of_cases(Remedy), _blank_remedies,
            _("kind, amount, state and days"),
        ),
        Place(
            "complaints.approvals", _("Approvals"), of_cases(Approval), _blank_approvals,
            _("who asked, who decided, amounts"),
        ),
    ):  # fmt: skip
        PLACES.fill(place)
