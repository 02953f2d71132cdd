"""The page that draws the paths of a system."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.errors import Forbidden, NotFound, RuleError
from zhike.satisfaction import services
from zhike.satisfaction.models import IndicatorSystem
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.selectors import get_system
from zhike.satisfaction.services.modelling import ready_model
from zhike.satisfaction.structure import from_json, without


@require_http_methods(["GET", "HEAD", "POST"])
def model_page(request: HttpRequest, pk: int) -> HttpResponse:
    """POST with `ready` takes the model that comes with the questionnaire."""
    grants = access.require(request.user, MANAGE)
    system = get_system(grants, pk)
    dimensions = without(from_json(system.structure), system.left_out)
    ready = ready_model(dimensions, system.survey.origin)
    if request.method != "POST":
        return _page(request, system, system.path_model or {}, ready)
    model = ready if "ready" in request.POST and ready else _drawn(request)
    try:
        services.set_path_model(
            actor=actor_of_request(request),
            grants=grants,
            system_id=pk,
            paths=[(start, end) for start, end in model["paths"]],
            target=model["target"],
        )
    except RuleError as error:
        if isinstance(error, Forbidden | NotFound):
            raise
        return _page(request, system, model, ready, refused=str(error), status=error.status)
    messages.success(
        request, _("Saved. Choose the path model among the weights to compute with it.")
    )
    return redirect("satisfaction:model", pk)


def _drawn(request: HttpRequest) -> dict[str, Any]:
    paths = [one.split("|", 1) for one in request.POST.getlist("path") if "|" in one]
    return {"paths": paths, "target": request.POST.get("target", "")}


def _page(
    request: HttpRequest,
    system: IndicatorSystem,
    model: dict[str, Any],
    ready: dict[str, Any] | None,
    *,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    dimensions = without(from_json(system.structure), system.left_out)
    context = {
        "system": system,
        "dimensions": dimensions,
        "drawn": {"|".join(path) for path in model.get("paths", [])},
        "target": model.get("target", ""),
        "has_ready": ready is not None,
        "refused": refused,
    }
    return render(request, "satisfaction/model.html", context, status=status)
