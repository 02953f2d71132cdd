"""Messages on their way to customers: what waits, what went out, and what somebody must decide."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.core.listing import Choice, Column, DateRange, Listing, Sort, Tab, capped_count
from zhike.core.models import OutboxMessage, OutboxState
from zhike.core.outbox import CARRIERS, may_decide
from zhike.core.outbox.deciding import choices_for, moved_on
from zhike.core.outbox.rights import MANAGE
from zhike.core.outbox.rules import TO_DECIDE
from zhike.core.outbox.selectors import lines_of, message_for, visible_messages
from zhike.web.outbox_form import DecisionForm
from zhike.web.services import outbox as services

TONES = {
    OutboxState.WAITING: ("mute", "clock"),
    OutboxState.SENDING: ("info", "refresh"),
    OutboxState.SENT: ("ok", "check"),
    OutboxState.DELIVERED: ("ok", "checks"),
    OutboxState.FAILED: ("danger", "alert-circle"),
    OutboxState.UNKNOWN: ("warn", "help-circle"),
    OutboxState.VOID: ("mute", "ban"),
}
RESULTS = {
    "sent": pgettext_lazy("try", "Taken"),
    "refused": pgettext_lazy("try", "Refused"),
    "later": pgettext_lazy("try", "Not now"),
    "away": pgettext_lazy("try", "Receiver not reached"),
    "uncertain": pgettext_lazy("try", "No answer"),
    "lost": pgettext_lazy("try", "Interrupted"),
}
ON_THE_WAY = (OutboxState.WAITING, OutboxState.SENDING)
GONE = (OutboxState.SENT, OutboxState.DELIVERED)


def _channels(grants: Grants) -> list[tuple[str, Any]]:
    return [(carrier.kind, carrier.label) for carrier in CARRIERS]


OUTBOX = Listing(
    "outbox",
    columns=(
        Column("text", pgettext_lazy("outbox", "Message"), always=True),
        Column("subject", pgettext_lazy("outbox", "About")),
        Column("channel", gettext_lazy("Channel")),
        Column("state", gettext_lazy("State")),
        Column("tries", gettext_lazy("Tries"), number=True),
        Column("made", gettext_lazy("Written"), sort="made", number=True),
    ),
    tabs=(
        Tab(
            "decide", gettext_lazy("To decide"), lambda rows: rows.filter(state__in=list(TO_DECIDE))
        ),
        Tab("waiting", gettext_lazy("On the way"), lambda rows: rows.filter(state__in=ON_THE_WAY)),
        Tab("sent", pgettext_lazy("outbox", "Sent"), lambda rows: rows.filter(state__in=GONE)),
        Tab("all", gettext_lazy("All")),
    ),
    filters=(
        Choice("channel", gettext_lazy("Channel"), _channels, field="kind"),
        DateRange("made", gettext_lazy("Written"), field="made_at"),
    ),
    sorts=(Sort("made", "pk"),),
    default_sort="-made",
)


def label_of(kind: str) -> Any:
    carrier = CARRIERS.get(kind)
    return carrier.label if carrier else kind


@require_safe
def outbox_list(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE)
    rows = visible_messages(grants)
    page = OUTBOX.page(
        request,
        rows,
        grants=grants,
        counts=lambda: {
            "decide": capped_count(rows.filter(state__in=list(TO_DECIDE))),
            "waiting": capped_count(rows.filter(state__in=ON_THE_WAY)),
        },
    )
    return render(
        request,
        "web/outbox.html",
        {
            "list": page,
            "lines": lines_of(list(page.rows), grants),
            "has_channel": bool(len(CARRIERS)),
            "label_of": label_of,
            "tones": TONES,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def outbox_message(request: HttpRequest, pk: int) -> HttpResponse:
    """For who manages the outbox, and for whoever works on what the message is about."""
    grants = access.grants_of(request.user)
    row = message_for(grants, pk)
    if request.method == "POST":
        return _decided(request, grants, row)
    can_decide = bool(choices_for(row)) and may_decide(grants, row)
    return _show(request, grants, row, DecisionForm(row) if can_decide else None)


def _decided(request: HttpRequest, grants: Grants, row: OutboxMessage) -> HttpResponse:
    if not may_decide(grants, row):
        raise Forbidden(MANAGE)
    form = DecisionForm(row, request.POST)
    if not choices_for(row):
        messages.warning(request, str(moved_on()))
        return redirect("web:outbox-message", row.pk)
    if not form.is_valid():
        return _show(request, grants, row, form, status=422)
    try:
        services.decide_message(
            actor=actor_of_request(request),
            grants=grants,
            pk=row.pk,
            decision=request.POST.get("decision", ""),
            reason=request.POST.get("reason", ""),
            kept=form.kept,
        )
    except Conflict as error:
        messages.warning(request, str(error))
        return redirect("web:outbox-message", row.pk)
    except (Forbidden, NotFound):
        raise
    except RuleError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _show(request, grants, row, form, status=error.status)
    messages.success(request, _("Noted."))
    line = lines_of([row], grants).get(row.pk)
    return redirect(line.url if line else reverse("web:outbox"))


def _show(
    request: HttpRequest,
    grants: Grants,
    row: OutboxMessage,
    form: DecisionForm | None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "message": row,
        "label": OutboxState(row.state).label,
        "tone": TONES[OutboxState(row.state)],
        "channel": label_of(row.kind),
        "line": lines_of([row], grants).get(row.pk),
        "tries": [(one, RESULTS.get(one.result, "")) for one in row.tries.order_by("-pk")[:50]],
        "form": form,
        "manages": grants.allows(MANAGE),
    }
    return render(request, "web/outbox_message.html", context, status=status)
