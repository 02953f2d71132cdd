"""The archived complaint as one printable file, made once for each round and kept under its digest."""

from collections.abc import Iterable

from django.template.loader import render_to_string
from django.utils import translation

from zhike.complaints.models import ArchivePaper, Complaint, StepRecord
from zhike.complaints.rules import Step
from zhike.complaints.selectors.paper import Paper, paper_of
from zhike.core import clock, work
from zhike.core.access import everything
from zhike.core.files.store import store_file
from zhike.core.printing import pdf_of
from zhike.desk.services.handling import handling
from zhike.desk.views.conversation import entries_of

ACTOR = work.Actor.system("complaints")
# The paper is for the company's archive: one language, whoever reads it.
LANGUAGE = "zh-hans"


class _Bytes:
    def __init__(self, content: bytes) -> None:
        self.content = content

    def chunks(self) -> Iterable[bytes]:
        return [self.content]


def paper_html(paper: Paper) -> str:
    context = {
        "paper": paper,
        "case": paper.case,
        "complaint": paper.complaint,
        "entries": entries_of(paper.events, customer_name=paper.case.customer_name),
        "printed_at": clock.now(),
    }
    return render_to_string("complaints/archive_paper.html", context)


def make_archive(case_id: int, round_number: int | None = None) -> None:
    """Render the paper of an archived round and keep it; done before, it stays as it was.

    Rendering takes seconds: outside the lock. A round that begins before or meanwhile takes nothing from the one
    before: its paper then ends where that round was archived. Without `round_number`: the last one.
    """
    complaint = Complaint.objects.filter(pk=case_id).select_related("case", "cause").first()
    if complaint is None:
        return
    number = round_number or complaint.round
    last = StepRecord.objects.filter(complaint=complaint, round=number, step=Step.FOLLOW_UP).first()
    if last is None or complaint.papers.filter(round=number).exists():
        return
    with translation.override(LANGUAGE):
        stored = store_file(_Bytes(pdf_of(paper_html(paper_of(complaint, last)))))
    with handling(
        "archive_paper", actor=ACTOR, grants=everything("complaints"), case_id=case_id
    ) as act:
        _row, kept = ArchivePaper.objects.get_or_create(
            complaint=complaint,
            round=number,
            defaults={"file": stored, "archived_at": last.done_at, "made_at": act.work.now},
        )
        if kept:
            act.work.audit(
                "complaints.archive_paper",
                act.case,
                after={"digest": stored.digest, "round": number},
            )
