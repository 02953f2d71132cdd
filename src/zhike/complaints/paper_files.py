"""A kept paper, handed out; the page and the interface answer alike."""

from django.http import FileResponse
from django.utils.translation import gettext as _

from zhike.complaints.models import Complaint
from zhike.complaints.selectors.paper import papers_of
from zhike.core.errors import NotFound
from zhike.core.files import open_file


def paper_file(complaint: Complaint, round_number: int | None = None) -> FileResponse:
    """The paper of a round; without one, of the last round that has any."""
    rows = papers_of(complaint)
    kept = (rows if round_number is None else rows.filter(round=round_number)).first()
    if kept is None:
        raise NotFound(
            _("The paper is made when the complaint is archived; it is ready a moment later.")
        )
    number = complaint.case.number
    return FileResponse(
        open_file(kept.file),
        as_attachment=True,
        filename=f"{number}-{kept.round}.pdf" if kept.round > 1 else f"{number}.pdf",
        content_type="application/pdf",
    )
