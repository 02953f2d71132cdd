"""Settled days: the list, one day with what changed since, settling one by hand."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.errors import Forbidden, NotFound, RuleError
from zhike.insight import services
from zhike.insight.figures import BY_KEY, FIGURES
from zhike.insight.permissions import MANAGE, VIEW
from zhike.insight.selectors import days as reading
from zhike.insight.views.asking import Asked, asked_of, day_of, parsed_day


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    access.require(request.user, VIEW)
    return redirect("insight:weekly")


@require_safe
def day_list(request: HttpRequest) -> HttpResponse:
    return _list(request, asked_of(request))


def _list(request: HttpRequest, asked: Asked, refused: str = "", status: int = 200) -> HttpResponse:
    before = parsed_day(request.GET.get("before", ""))
    lines, has_more = reading.day_lines(asked.unit, before)
    context = {
        "asked": asked,
        "lines": lines,
        "figures": [BY_KEY[key] for key in reading.LISTED],
        "older": lines[-1].settlement.day if has_more else None,
        "newer": before is not None,
        "can_settle": asked.grants.allows(MANAGE),
        "refused": refused,
    }
    return render(request, "insight/days.html", context, status=status)


@require_safe
def day_page(request: HttpRequest, day: str) -> HttpResponse:
    asked = asked_of(request)
    page = reading.day_page(asked.grants, asked.unit, day_of(day))
    return render(request, "insight/day.html", {"asked": asked, "page": page, "figures": FIGURES})


@require_POST
def settle(request: HttpRequest) -> HttpResponse:
    """Settle a day that was missed; one that is not over, or settled already, is refused."""
    asked = asked_of(request)
    day = parsed_day(request.POST.get("day", ""))
    if day is None:
        return _list(request, asked, _("Please give the day as 2026-11-22."), 422)
    try:
        services.settle_day(actor=actor_of_request(request), grants=asked.grants, day=day)
    except (Forbidden, NotFound):
        raise
    except RuleError as error:
        return _list(request, asked, str(error), error.status)
    messages.success(request, _("%(day)s is settled.") % {"day": day})
    return redirect(f"{reverse('insight:days')}?{asked.query}")
