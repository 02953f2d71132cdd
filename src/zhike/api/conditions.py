"""A condition no route knows is refused.

Ninja drops what stands behind the question mark and belongs to no parameter, whatever the schema forbids: `untl`
for `until` would be answered with everything, and the program that asked would believe it.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja.errors import ValidationError

Run = Callable[..., HttpResponse]


def refuse_unknown(run: Run) -> Run:
    """For `NinjaAPI.add_decorator(…, mode="view")`, which hands over the bound `run` of each operation."""
    operation: Any = run.__self__  # type: ignore[attr-defined]  # bound, as said above
    known = {
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    }

    @wraps(run)
    def checked(request: HttpRequest, **values: Any) -> HttpResponse:
        unknown = [name for name in request.GET if name not in known]
        if unknown:
            found = [{"type": "extra_forbidden", "loc": ("query", name)} for name in unknown]
            refused: HttpResponse = operation.api.on_exception(request, ValidationError(found))
            return refused
        return run(request, **values)

    return checked
