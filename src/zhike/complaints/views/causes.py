"""Settings: the tree of causes."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.grants import actor_of_request
from zhike.complaints.notice_forms import CauseNameForm
from zhike.complaints.selectors.causes import CauseNode, cause_tree
from zhike.complaints.services import causes as service
from zhike.core import access
from zhike.core.errors import NotFound, RuleError


def _options(nodes: list[CauseNode]) -> list[tuple[str, Any]]:
    return [(str(one.cause.pk), "\u3000" * one.depth + str(one.cause.label)) for one in nodes]


@require_http_methods(["GET", "HEAD", "POST"])
def tree(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, service.MANAGE_SETTINGS)
    nodes = cause_tree()
    form = CauseNameForm(request.POST or None, causes=_options(nodes))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = service.add_cause(
                    actor=actor_of_request(request),
                    grants=grants,
                    name=form.cleaned_data["name"],
                    parent_id=form.cleaned_data["parent"],
                )
            except RuleError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = error.status
            else:
                words = _("“%(name)s” can be chosen from now on.")
                messages.success(request, words % {"name": made.label})
                return redirect("notices:causes")
    context = {"nodes": nodes, "form": form, "options": _options(nodes)}
    return render(request, "complaints/notices/causes.html", context, status=status)


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, move, or take out of the lists; notices and complaints keep their cause either way."""
    grants = access.require(request.user, service.MANAGE_SETTINGS)
    who: dict[str, Any] = {"actor": actor_of_request(request), "grants": grants, "cause_id": pk}
    try:
        match request.POST.get("do", ""):
            case "rename":
                row = service.rename_cause(**who, name=request.POST.get("name", ""))
            case "move":
                row = service.move_cause(**who, parent_id=_id(request.POST.get("parent", "")))
            case "on" | "off" as wish:
                row = service.offer_cause(**who, offered=wish == "on")
            case _:
                raise NotFound()
    except NotFound:
        raise
    except RuleError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("“%(name)s” is changed.") % {"name": row.label})
    return redirect("notices:causes")


def _id(text: str) -> int | None:
    """An id from a select; what is none is nobody's, and refused as unknown."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
