"""What waits for a decision, and deciding it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.complaints.choices import ApprovalState
from zhike.complaints.forms_remedies import DecideForm, EndForm
from zhike.complaints.models import Approval
from zhike.complaints.permissions import APPROVE
from zhike.complaints.remedy_lists import approvals_listing
from zhike.complaints.remedy_page import APPROVAL_LOOKS, STATE_LOOKS
from zhike.complaints.selectors.limits import allowance
from zhike.complaints.selectors.remedies import (
    MOST_COUNTED,
    approval_of,
    approvals_for_list,
    remedies_of,
)
from zhike.complaints.services import approvals
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import NotFound, RuleError
from zhike.core.listing import capped_count
from zhike.desk.permissions import VIEW, WORK
from zhike.desk.selectors.page import case_for_page
from zhike.desk.views.parts import FormPage, is_part, show_form, show_refusal

BACK_TO_LIST = "list"


@require_safe
def approval_list(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, APPROVE)
    listing = approvals_listing(request)
    rows = approvals_for_list(grants)

    def counts() -> dict[str, Any]:
        """What waits; what is decided is an archive."""
        open_tab = listing.tabs[0]
        assert open_tab.narrow is not None
        return {open_tab.key: capped_count(open_tab.narrow(rows), MOST_COUNTED)}

    return listing.respond(
        request,
        rows,
        "complaints/remedies/approvals.html",
        grants=grants,
        counts=counts,
        extra={
            "my_id": grants.user_id,
            "looks": {state.value: look for state, look in APPROVAL_LOOKS.items()},
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, APPROVE)
    approval = approval_of(grants, pk)
    if request.method != "POST":
        return _decision_page(request, grants, approval, DecideForm())
    form = DecideForm(request.POST)
    if not form.is_valid():
        return _decision_page(request, grants, approval, form, status=422)
    is_granted = form.cleaned_data["decision"] == "grant"
    try:
        approvals.decide(
            actor=actor_of_request(request),
            grants=grants,
            approval_id=pk,
            grant=is_granted,
            note=form.cleaned_data["note"],
            kept=form.kept,
        )
    except NotFound:
        raise
    except RuleError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        # As it stands now: somebody else may have decided meanwhile.
        return _decision_page(request, grants, approval_of(grants, pk), form, status=error.status)
    messages.success(
        request,
        _("Approved; who asked is told.") if is_granted else _("Refused; who asked is told."),
    )
    if request.POST.get("back") == BACK_TO_LIST:
        return redirect("approvals:list")
    return redirect("desk:case", approval.case.number)


def _decision_page(
    request: HttpRequest,
    grants: Grants,
    approval: Approval,
    form: DecideForm,
    status: int = 200,
) -> HttpResponse:
    case = case_for_page(grants, approval.case_id)
    back = request.POST.get("back") or ("case" if is_part(request) else BACK_TO_LIST)
    context = {
        "approval": approval,
        "case": case,
        "form": form,
        "mine": allowance(case.pk, grants.user_id),
        "remedies": remedies_of(case),
        "is_open": approval.state == ApprovalState.OPEN,
        "is_own": approval.asked_by_id is not None and approval.asked_by_id == grants.user_id,
        "look": APPROVAL_LOOKS[ApprovalState(approval.state)],
        "looks": {state.value: look for state, look in STATE_LOOKS.items()},
        "back": back if back == BACK_TO_LIST else "case",
    }
    name = "_decide.html" if is_part(request) else "decide.html"
    return render(request, f"complaints/remedies/{name}", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, WORK)
    grants.require(VIEW)
    approval = approval_of(grants, pk)
    page = FormPage(
        title=_("Take the request back"),
        button=_("Take it back"),
        url=reverse("approvals:withdraw", args=[pk]),
        sentence=approval.remedy.text if approval.remedy is not None else approval.why,
        danger=True,
    )
    case = approval.case
    if request.method != "POST":
        return show_form(request, case, page, EndForm())
    form = EndForm(request.POST)
    if not form.is_valid():
        return show_form(request, case, page, form, status=422)
    try:
        approvals.withdraw_request(
            actor=actor_of_request(request),
            grants=grants,
            approval_id=pk,
            reason=form.cleaned_data["reason"],
            kept=form.kept,
        )
    except RuleError as error:
        return show_refusal(request, case, page, form, error)
    messages.success(request, _("The request is taken back."))
    return redirect("desk:case", case.number)
