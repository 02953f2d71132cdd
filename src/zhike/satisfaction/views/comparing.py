"""Side by side: the page that asks whose answers are meant and what is compared, and begins the index."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Forbidden, NotFound, RuleError
from zhike.satisfaction import services
from zhike.satisfaction.forms import ScopeForm
from zhike.satisfaction.models import IndicatorSystem
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.selectors import get_system


@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE)
    system = get_system(grants, pk)
    if request.method != "POST":
        return _page(request, system, _form(grants, system, None))
    form = _form(grants, system, request.POST)
    if not form.is_valid():
        return _page(request, system, form, 422)
    try:
        run = services.ask_for_run(
            actor=actor_of_request(request),
            grants=grants,
            system_id=pk,
            nevertheless="nevertheless" in request.POST,
            scope=form.scope,
        )
    except RuleError as error:
        if isinstance(error, Forbidden | NotFound):
            raise
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _page(
            request, system, form, error.status, is_inconsistent=error.code == "inconsistent"
        )
    return redirect("satisfaction:run", pk, run.number)


def _form(grants: Grants, system: IndicatorSystem, data: object) -> ScopeForm:
    return ScopeForm(data, grants=grants, survey=system.survey, language=get_language() or "")


def _page(
    request: HttpRequest,
    system: IndicatorSystem,
    form: ScopeForm,
    status: int = 200,
    *,
    is_inconsistent: bool = False,
) -> HttpResponse:
    context = {"system": system, "form": form, "is_inconsistent": is_inconsistent}
    return render(request, "satisfaction/compare.html", context, status=status)
