"""The archived complaint: as a page to read, as the file that was kept."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhike.complaints.selectors.paper import paper_of
from zhike.complaints.selectors.scope import load_complaint
from zhike.core import access
from zhike.core.errors import NotFound
from zhike.core.files.store import file_path
from zhike.desk.permissions import VIEW
from zhike.desk.views.conversation import entries_of


@require_safe
def archive(request: HttpRequest, number: str) -> HttpResponse:
    """The paper as a page: readable from the first step on, kept as a file once the complaint is archived."""
    grants = access.require(request.user, VIEW)
    complaint = load_complaint(grants, number)
    paper = paper_of(complaint)
    context = {
        "paper": paper,
        "case": complaint.case,
        "complaint": complaint,
        "entries": entries_of(paper.events, customer_name=complaint.case.customer_name),
        "stored": complaint.archive,
    }
    return render(request, "complaints/archive.html", context)


@require_safe
def archive_pdf(request: HttpRequest, number: str) -> HttpResponseBase:
    grants = access.require(request.user, VIEW)
    complaint = load_complaint(grants, number)
    if complaint.archive is None:
        raise NotFound(
            _("The paper is made when the complaint is archived; it is ready a moment later.")
        )
    return FileResponse(
        file_path(complaint.archive.digest).open("rb"),
        as_attachment=True,
        filename=f"{complaint.case.number}.pdf",
        content_type="application/pdf",
    )
