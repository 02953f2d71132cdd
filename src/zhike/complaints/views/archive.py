"""The archived complaint: as a page to read, as the file that was kept."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.complaints import services
from zhike.complaints.forms import ReasonForm
from zhike.complaints.paper_files import paper_file
from zhike.complaints.permissions import APPROVE
from zhike.complaints.selectors.paper import paper_of, papers_of
from zhike.complaints.selectors.scope import load_complaint
from zhike.core import access
from zhike.core.errors import RuleError
from zhike.desk.permissions import VIEW
from zhike.desk.views.conversation import entries_of
from zhike.desk.views.parts import FormPage, show_form, show_refusal


@require_safe
def archive(request: HttpRequest, number: str) -> HttpResponse:
    """The paper as a page: readable from the first step on, kept as a file once the complaint is archived."""
    grants = access.require(request.user, VIEW)
    complaint = load_complaint(grants, number)
    paper = paper_of(complaint)
    papers = list(papers_of(complaint))
    context = {
        "paper": paper,
        "case": complaint.case,
        "complaint": complaint,
        "entries": entries_of(paper.events, customer_name=complaint.case.customer_name),
        "papers": papers,
        "stored": next((one for one in papers if one.round == complaint.round), None),
    }
    return render(request, "complaints/archive.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def archive_unconfirmed(request: HttpRequest, number: str) -> HttpResponse:
    """Archive it without the customer's word; a supervisor says why."""
    grants = access.require(request.user, APPROVE)
    complaint = load_complaint(grants, number)
    page = FormPage(
        title=_("Archive without a visit"),
        button=_("Archive the complaint"),
        sentence=_("%(why)s. The paper says so; it never counts as content.")
        % {"why": complaint.get_unconfirmed_display()}
        if complaint.is_to_archive
        else "",
        url=reverse("complaints:archive-unconfirmed", args=[number]),
        danger=True,
    )
    form = ReasonForm(request.POST or None)
    if request.method != "POST":
        return show_form(request, complaint.case, page, form)
    if not form.is_valid():
        return show_form(request, complaint.case, page, form, status=422)
    try:
        services.archive_unconfirmed(
            actor=actor_of_request(request),
            grants=grants,
            case_id=complaint.pk,
            reason=form.cleaned_data["reason"],
            kept=form.kept,
        )
    except RuleError as error:
        return show_refusal(request, complaint.case, page, form, error)
    messages.success(request, _("Archived without the customer's word."))
    return redirect("desk:case", complaint.case.number)


@require_safe
def archive_pdf(
    request: HttpRequest, number: str, round_number: int | None = None
) -> HttpResponseBase:
    """The kept paper of a round; without one, of the last round that has any."""
    grants = access.require(request.user, VIEW)
    return paper_file(load_complaint(grants, number), round_number)
