"""The list of complaints, the findings of one, and the rule for those nobody can reach."""

from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.complaints import services
from zhike.complaints.forms import CauseForm, WayOutRuleForm
from zhike.complaints.lists import COMPLAINTS, counts_by_tab
from zhike.complaints.selectors.causes import offered_causes
from zhike.complaints.selectors.scope import load_complaint, visible_complaints
from zhike.complaints.services.ways_out import MANAGE_SETTINGS, way_out_rule
from zhike.core import access
from zhike.core.errors import RuleError
from zhike.core.exporter import KINDS as EXPORT_KINDS
from zhike.core.exporter.pages import export_page
from zhike.desk.permissions import CREATE, EXPORT, VIEW, WORK
from zhike.desk.views.parts import FormPage, show_form, show_refusal


@require_safe
def complaint_list(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    rows = visible_complaints(grants).annotate(queue_at=F("case__queue_at"))
    rows = rows.select_related("case", "cause")
    return COMPLAINTS.respond(
        request,
        rows,
        "complaints/complaint_list.html",
        grants=grants,
        counts=lambda: counts_by_tab(grants),
        export_url=reverse("complaints:export") if grants.allows(EXPORT) else "",
        extra={
            "create_url": f"{reverse('desk:case-create')}?type=complaint"
            if grants.allows(CREATE)
            else "",
        },
    )


@require_http_methods(["GET", "POST"])
def export(request: HttpRequest) -> Any:
    grants = access.require(request.user, EXPORT)
    kind = EXPORT_KINDS.get("complaints")
    assert kind is not None
    return export_page(
        request,
        kind,
        COMPLAINTS,
        grants=grants,
        actor=actor_of_request(request),
        list_url=reverse("complaints:list"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def cause(request: HttpRequest, number: str) -> HttpResponse:
    """Why it happened, as far as it is known."""
    grants = access.require(request.user, WORK)
    complaint = load_complaint(grants, number)
    page = FormPage(
        title=_("Cause of the complaint"),
        button=_("Keep the cause"),
        sentence=_("As far as it is known; a department's answer may say it better."),
        url=reverse("complaints:cause", args=[number]),
    )
    causes = offered_causes()
    initial = {"cause": complaint.cause_id}
    form = CauseForm(request.POST or None, causes=causes, initial=initial)
    if request.method != "POST":
        return show_form(request, complaint.case, page, form)
    if not form.is_valid():
        return show_form(request, complaint.case, page, form, status=422)
    try:
        services.set_cause(
            actor=actor_of_request(request),
            grants=grants,
            case_id=complaint.pk,
            cause_id=form.cleaned_data["cause"],
        )
    except RuleError as error:
        return show_refusal(request, complaint.case, page, form, error)
    return redirect("desk:case", complaint.case.number)


@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest) -> HttpResponse:
    """How often, over how many days, a customer is tried before they count as unreachable."""
    grants = access.require(request.user, MANAGE_SETTINGS)
    row = way_out_rule()
    form = WayOutRuleForm(
        request.POST or None, initial={"attempts": row.attempts, "days": row.days}
    )
    status = 200
    if request.method == "POST":
        if form.is_valid():
            services.set_way_out_rule(
                actor=actor_of_request(request), grants=grants, **form.cleaned_data
            )
            messages.success(request, _("Kept."))
            return redirect("complaints:rule")
        status = 422
    return render(request, "complaints/rule.html", {"form": form}, status=status)
