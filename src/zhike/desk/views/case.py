"""The case page, its news and its files."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhike.accounts.grants import actor_of_request
from zhike.accounts.selectors import colleagues
from zhike.core import access, clock
from zhike.core.access import Grants
from zhike.core.errors import NotFound
from zhike.core.files.sending import send_stored
from zhike.desk.models import Attachment, Case
from zhike.desk.permissions import VIEW, WORK
from zhike.desk.rules import CaseState
from zhike.desk.selectors.page import (
    attachment_of,
    case_for_page,
    drafts_of,
    due_changes,
    neighbours_of,
    record_of,
)
from zhike.desk.selectors.scope import visible_events
from zhike.desk.services.reading import mark_read
from zhike.desk.slots import PANELS
from zhike.desk.views import case_data
from zhike.desk.views.conversation import entries_of, file_view, sendings_of

MOST_PEOPLE = 8


@require_safe
def case_page(request: HttpRequest, number: str) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    case = case_for_page(grants, number)
    if case.number != number:
        if number.upper() != case.number and not number.isdigit():
            words = _("%(number)s was merged into %(into)s; everything said there stands here.")
            messages.info(request, words % {"number": number, "into": case.number})
        return redirect("desk:case", case.number)
    if case.unread_count and case.owner_id == grants.user_id:
        mark_read(actor=actor_of_request(request), grants=grants, case_id=case.pk)
    kind = request.GET.get("write", "reply")
    kind = kind if kind in case_data.WRITES else "reply"
    draft = drafts_of(grants.user_id, case).get(kind == "note") if kind != "call" else None
    editor = case_data.editor_for(case, kind, draft)
    return render_case(request, grants, case, editor)


def render_case(
    request: HttpRequest,
    grants: Grants,
    case: Case,
    editor: case_data.Editor,
    *,
    held: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    before = _number(request.GET.get("before"))
    record = record_of(case, before=before)
    entries = entries_of(
        _chosen(record.events, request.GET.get("show")),
        record.files,
        sendings=sendings_of(case, record.events),
        customer_name=case.customer_name,
    )
    here = reverse("desk:case", args=[case.number])
    can_work = (
        grants.allows(WORK) and case.case_state is not CaseState.MERGED and case.erased_at is None
    )
    context = {
        **_moving_parts(request, grants, case),
        "entries": entries,
        "nothing_said": _("Nothing here yet."),
        "earlier_url": f"{here}?before={record.before}" if record.before else "",
        "files": [file_view(file) for file in record.files][::-1],
        "related": case_data.related_of(case, neighbours_of(grants, case), can_work),
        "has_panels": any(not panel.top for panel in PANELS),
        "panel_styles": sorted({panel.styles for panel in PANELS if panel.styles}),
        "can_work": can_work,
        "editor": editor,
        "held": held,
    }
    return render(request, "desk/case.html", context, status=status)


def _moving_parts(request: HttpRequest, grants: Grants, case: Case) -> dict[str, Any]:
    """What changes while the page is open; also sent along with news."""
    return {
        "case": case,
        "head": case_data.head_of(case),
        "due": case_data.due_view(case, clock.now(), due_changes(case)),
        "actions": case_data.actions_for(case, grants),
        "shows": case_data.shows_for(request, case),
        "top_panels": _panels(case, grants, top=True),
    }


def _chosen(events: list[Any], show: str | None) -> list[Any]:
    if show == "talk":
        return [event for event in events if event.kind in case_data.TALK_KINDS]
    if show == "internal":
        return [event for event in events if event.kind not in case_data.TALK_KINDS]
    return events


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else None


def _panels(case: Case, grants: Grants, *, top: bool) -> list[dict[str, Any]]:
    shown = []
    for panel in sorted(PANELS, key=lambda p: (p.order, p.key)):
        if panel.top is not top or (panel.permission and not grants.allows(panel.permission)):
            continue
        context = panel.context(case, grants)
        if context is not None:
            shown.append({"template": panel.template, "context": context})
    return shown


@require_safe
def case_panels(request: HttpRequest, number: str) -> HttpResponse:
    """The cards below the facts, which other rooms hang there."""
    grants = access.require(request.user, VIEW)
    case = case_for_page(grants, number)
    context = {"case": case, "panels": _panels(case, grants, top=False)}
    return render(request, "desk/_panels.html", context)


@require_safe
def case_events(request: HttpRequest, number: str) -> HttpResponse:
    """What came after `since`: the lines, and the parts of the page they change."""
    grants = access.require(request.user, VIEW)
    case = case_for_page(grants, number)
    since = _number(request.GET.get("since")) or 0
    if since >= case.seq:
        return HttpResponse(status=204)
    record = record_of(case, since=since)
    context = {
        **_moving_parts(request, grants, case),
        "entries": entries_of(
            record.events,
            record.files,
            sendings=sendings_of(case, record.events),
            customer_name=case.customer_name,
            after_day=clock.local(clock.now()).date(),
        ),
    }
    return render(request, "desk/events.html", context)


@require_safe
def delivery(request: HttpRequest, number: str, event_id: int) -> HttpResponse:
    """How far a channel has come with one reply, fetched again with each piece of news of it."""
    grants = access.require(request.user, VIEW)
    case = case_for_page(grants, number)
    sending = sendings_of(case, visible_events(grants).filter(case=case, pk=event_id)).get(event_id)
    if sending is None:
        raise NotFound()
    return render(request, "desk/_sending.html", {"sending": sending})


@require_safe
def people(request: HttpRequest, number: str) -> JsonResponse:
    """Colleagues whose name holds what was typed after @."""
    grants = access.require(request.user, WORK)
    case_for_page(grants, number)
    asked = request.GET.get("q", "").strip()[:20].lower()
    found = [
        {"id": one.pk, "name": one.name, "unit": one.unit.name}
        for one in colleagues(grants)
        if asked in one.name.lower() and one.pk != grants.user_id
    ]
    return JsonResponse({"people": found[:MOST_PEOPLE]})


def send_file(attachment: Attachment) -> HttpResponseBase:
    return send_stored(attachment.file, name=attachment.name, content_type=attachment.content_type)


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    grants = access.require(request.user, VIEW)
    return send_file(attachment_of(grants, pk))
