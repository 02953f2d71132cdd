"""The list of requests and its export."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.exporter.pages import export_page
from zhike.privacy.lists import RequestExport, request_listing
from zhike.privacy.permissions import HANDLE, TAKE
from zhike.privacy.selectors import visible_requests


@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, TAKE)
    rows = visible_requests(grants).select_related("customer").defer("due_explanation")
    return request_listing(request.GET.get("tab", "")).respond(
        request,
        rows,
        "privacy/request_list.html",
        grants=grants,
        export_url=reverse("privacy:export") if grants.allows(HANDLE) else "",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    grants = access.require(request.user, HANDLE)
    return export_page(
        request,
        RequestExport(),
        request_listing(request.GET.get("tab", "")),
        grants=grants,
        actor=actor_of_request(request),
        list_url=reverse("privacy:list"),
    )
