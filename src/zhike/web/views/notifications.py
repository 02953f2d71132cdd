from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.models import Notification
from zhike.core.shell import NOTICES
from zhike.web.services import notifications as services

SHOWN = 50


@dataclass(frozen=True)
class Line:
    note: Notification
    text: Any
    icon: str


def _line(note: Notification) -> Line:
    notice = NOTICES.get(note.kind)
    if notice is None:
        return Line(note, note.kind, "bell")
    try:
        text = str(notice.text) % note.values
    except (KeyError, TypeError, ValueError):
        # A sentence whose wording has changed since must not hide the news itself.
        text = str(notice.text)
    return Line(note, text, notice.icon)


def notifications(request: HttpRequest) -> HttpResponse:
    grants = access.grants_of(request.user)
    mine = Notification.objects.filter(user_id=grants.user_id or 0)
    lines = [_line(note) for note in mine.order_by("-pk")[:SHOWN]]
    # Older ones than are shown may be unread too: the same figure as under the bell.
    unread = mine.filter(read_at=None).count()
    return render(request, "web/notifications.html", {"lines": lines, "unread": unread})


@require_POST
def notification_open(request: HttpRequest, pk: int) -> HttpResponse:
    url = services.open_notification(
        actor=actor_of_request(request), grants=access.grants_of(request.user), pk=pk
    )
    return redirect(url or "web:notifications")


@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    services.mark_all_read(actor=actor_of_request(request), grants=access.grants_of(request.user))
    return redirect("web:notifications")
