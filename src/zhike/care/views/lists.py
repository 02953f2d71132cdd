"""The list of follow-up visits, with the rate above it."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.care.exporting import FollowUpExport
from zhike.care.figures import Figures, figures
from zhike.care.lists import listing_for
from zhike.care.permissions import MANAGE_SETTINGS
from zhike.care.rules import Share
from zhike.care.selectors import for_list, tab_counts
from zhike.core import access, clock
from zhike.core.exporter.pages import export_page
from zhike.customers.permissions import TEXT, may_reveal
from zhike.desk.permissions import EXPORT, VIEW
from zhike.desk.selectors.types import case_types

# Whole days that are over: what is due today may still be made.
WINDOW_DAYS = 30


@dataclass(frozen=True)
class Tile:
    label: str
    icon: str
    value: str
    caption: str
    url: str
    is_over: bool = False


@require_safe
def follow_up_list(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    counted = {} if "view_counts" in request.GET else tab_counts(grants)
    return listing_for(grants, request.GET).respond(
        request,
        for_list(grants),
        "care/follow_up_list.html",
        grants=grants,
        counts=lambda: counted,
        export_url=reverse("care:export") if grants.allows(EXPORT) else "",
        extra={
            "tiles": _tiles(figures(grants, *window()), counted) if counted else [],
            "type_labels": {kind.code: kind.label for kind in case_types(grants.stamp)},
            "settings_url": reverse("care:settings") if grants.allows(MANAGE_SETTINGS) else "",
            "reveal": may_reveal(grants, TEXT),
        },
    )


def window() -> tuple[datetime, datetime]:
    end = datetime.combine(clock.today(), time(), tzinfo=clock.zone())
    return end - timedelta(days=WINDOW_DAYS), end


def _share(share: Share) -> str:
    return f"{share.percent}%" if share.percent is not None else "–"


def _tiles(found: Figures, counted: dict[str, int]) -> list[Tile]:
    last = clock.local(found.end - timedelta(days=1)).date()
    days = f"{clock.local(found.start).date().isoformat()}..{last.isoformat()}"

    def rows(**asked: Any) -> str:
        query = urlencode({"tab": "all", "due": days, **asked}, doseq=True)
        return f"{reverse('care:list')}?{query}"

    reached = {"a": found.reached, "b": found.owed}
    content = {"a": found.content, "b": found.reached}
    answered = ["content", "partly", "not_content"]
    return [
        Tile(
            _("Overdue"),
            "alert-triangle",
            f"{counted['overdue']:,}",
            _("of all still to be made"),
            f"{reverse('care:list')}?tab=overdue",
            is_over=counted["overdue"] > 0,
        ),
        Tile(
            _("Follow-up rate"),
            "phone-calling",
            _share(found.rate),
            _("%(a)s reached of %(b)s due, 30 days") % reached,
            rows(state=["due", "done"]),
        ),
        Tile(
            _("Content"),
            "mood-smile",
            _share(found.content_share),
            _("%(a)s of %(b)s reached") % content,
            rows(result=answered),
        ),
        Tile(
            _("Not content"),
            "mood-sad",
            f"{found.not_content:,}",
            _("and %(n)s partly") % {"n": found.partly},
            rows(result="not_content"),
        ),
        Tile(
            _("Not reachable"),
            "phone-off",
            f"{found.unreachable:,}",
            _("%(n)s calls in all") % {"n": found.attempts},
            rows(result="unreachable"),
        ),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    grants = access.require(request.user, EXPORT)
    return export_page(
        request,
        FollowUpExport(),
        listing_for(grants, request.GET),
        grants=grants,
        actor=actor_of_request(request),
        list_url=reverse("care:list"),
    )
