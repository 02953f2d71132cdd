"""The present list of cases as a file."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.exporter.pages import export_page
from zhike.desk.case_export import CaseExport
from zhike.desk.permissions import EXPORT
from zhike.desk.views.queue_list import listing_of


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    grants = access.require(request.user, EXPORT)
    return export_page(
        request,
        CaseExport(),
        listing_of(request),
        grants=grants,
        actor=actor_of_request(request),
        list_url=reverse("desk:queue"),
    )
