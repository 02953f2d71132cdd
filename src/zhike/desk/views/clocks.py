"""All due times of a case, each with its account."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from zhike.core import access, clock
from zhike.core.calendar.why import explain
from zhike.core.models import DuePurpose
from zhike.desk.permissions import VIEW
from zhike.desk.selectors.page import case_for_page
from zhike.desk.services.clocks import all_explained
from zhike.desk.views.case_data import pause_reason


@require_safe
def case_clocks(request: HttpRequest, number: str) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    case = case_for_page(grants, number)
    if case.number != number:
        return redirect("desk:clocks", case.number)
    rules = reverse("web:due-plans")
    clocks = [
        {
            "label": DuePurpose(due.purpose).label,
            "due": due,
            "account": explain(due, clock.zone(), clock.now(), rules_url=rules),
        }
        for due in all_explained(case)
    ]
    context = {"case": case, "clocks": clocks, "paused": pause_reason(case)}
    return render(request, "desk/clocks.html", context)
