"""The register of exports: which file left, with whom, what for; and the file once more for who took it."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import access, clock
from zhike.core.errors import Conflict
from zhike.core.exporter import register
from zhike.core.exporter.pages import answer
from zhike.core.listing import Choice, Column, DateRange, Keyword, Listing, Sort
from zhike.core.models import ExportPurpose, ExportState


def _by_word(rows: Any, text: str) -> Any:
    return rows.filter(
        Q(number__iexact=text)
        | Q(actor_name__icontains=text)
        | Q(reason__icontains=text)
        | Q(digest=text.lower())
    )


EXPORTS = Listing(
    "exports",
    columns=(
        Column("number", _("Export number"), always=True),
        Column("at", _("When"), sort="at"),
        Column("kind", _("Contents")),
        Column("who", _("Who")),
        Column("purpose", _("Purpose")),
        Column("reason", _("Why")),
        Column("rows", _("Rows"), number=True),
        Column("revealed", _("Numbers")),
        Column("state", _("State")),
    ),
    filters=(
        Keyword("q", _("Number, person, reason or digest"), _by_word),
        DateRange("at", _("When"), field="made_at"),
        Choice("purpose", _("Purpose"), ExportPurpose.choices, field="purpose", multiple=True),
        Choice("state", _("State"), ExportState.choices, field="state", more=True),
        Choice(
            "numbers",
            _("Numbers"),
            [
                ("True", pgettext_lazy("numbers", "Complete")),
                ("False", pgettext_lazy("numbers", "Masked")),
            ],
            field="revealed",
            more=True,
        ),
    ),
    sorts=(Sort("at", "made_at"),),
    default_sort="-at",
)


@require_safe
def exports(request: HttpRequest) -> HttpResponse:
    """One's own for everybody, those of one's units with the right."""
    grants = access.grants_of(request.user)
    return EXPORTS.respond(
        request,
        register.visible_exports(grants),
        "web/exports/list.html",
        grants=grants,
        extra={"labels": register.labels(), "sees_all": grants.allows(register.VIEW_ALL)},
    )


@require_safe
def export(request: HttpRequest, number: str) -> HttpResponse:
    grants = access.grants_of(request.user)
    run = register.get_export(grants, number)
    is_kept = run.state == ExportState.READY and run.expires_at > clock.now()
    return render(
        request,
        "web/exports/export.html",
        {
            "run": run,
            "label": register.labels().get(run.kind, run.kind),
            "is_kept": is_kept,
            "is_mine": run.actor_id is not None and run.actor_id == grants.user_id,
        },
    )


@require_POST
def export_fetch(request: HttpRequest, number: str) -> HttpResponseBase:
    grants = access.grants_of(request.user)
    try:
        run, chunks = register.fetch_again(
            actor=actor_of_request(request), grants=grants, number=number
        )
    except Conflict as refusal:
        messages.error(request, str(refusal))
        return redirect("web:export", number)
    return answer(register.file_name(run), chunks, run)
