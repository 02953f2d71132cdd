"""Indicator systems: list, a new one, its weights, its indexes as page, PDF and workbook."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import access, clock
from zhike.core.access import Grants
from zhike.core.errors import Forbidden, NotFound, RuleError
from zhike.core.printing import pdf_of
from zhike.satisfaction import charts, services
from zhike.satisfaction.choices import WEIGHING_HELP, RunState, Weighing
from zhike.satisfaction.forms import SystemForm, WeightsForm
from zhike.satisfaction.lists import SYSTEMS
from zhike.satisfaction.models import IndexRun, IndicatorSystem
from zhike.satisfaction.outside_report import outside_report
from zhike.satisfaction.permissions import MANAGE, VIEW
from zhike.satisfaction.report import report_of
from zhike.satisfaction.selectors import get_run, get_system, systems_for_list, visible_systems
from zhike.satisfaction.services.outside import end_outside
from zhike.satisfaction.services.runs import is_under_way
from zhike.satisfaction.structure import from_json, items_of
from zhike.satisfaction.workbook import write_report
from zhike.surveys.figures import link_counts
from zhike.surveys.selectors import visible_surveys

# Runs shown on the page of a system, and drawn as a line.
MOST_RUNS = 24
MOST_CHOICES = 300
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def system_list(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    return SYSTEMS.respond(
        request,
        systems_for_list(grants),
        "satisfaction/system_list.html",
        grants=grants,
        counts=lambda: {"all": visible_systems(grants).count()},
        extra={"can_manage": grants.allows(MANAGE)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def system_create(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE)
    surveys = [
        (str(pk), title)
        for pk, title in visible_surveys(grants)
        .filter(current__isnull=False)
        .order_by("-changed_at", "-pk")
        .values_list("pk", "title")[:MOST_CHOICES]
    ]
    if request.method != "POST":
        chosen = request.GET.get("survey", "")
        initial = {"survey": chosen, "title": dict(surveys).get(chosen, "")}
        return _create_page(request, SystemForm(initial=initial, surveys=surveys))
    form = SystemForm(request.POST, surveys=surveys)
    if not form.is_valid():
        return _create_page(request, form, 422)
    try:
        system = services.make_system(
            actor=actor_of_request(request),
            grants=grants,
            survey_id=int(form.cleaned_data["survey"]),
            title=form.cleaned_data["title"],
        )
    except RuleError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _create_page(request, form, error.status)
    return redirect("satisfaction:system", system.pk)


def _create_page(request: HttpRequest, form: SystemForm, status: int = 200) -> HttpResponse:
    return render(request, "satisfaction/system_form.html", {"form": form}, status=status)


@require_safe
def system_page(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    return _system(request, grants, get_system(grants, pk))


def _system(
    request: HttpRequest,
    grants: Grants,
    system: IndicatorSystem,
    *,
    form: WeightsForm | None = None,
    refused: str = "",
    status: int = 200,
    is_inconsistent: bool = False,
) -> HttpResponse:
    dimensions = from_json(system.structure)
    runs = list(system.runs.order_by("-number").defer("result", "structure", "people")[:MOST_RUNS])
    done = [
        run for run in runs[::-1] if run.state == RunState.DONE and not (run.link_id or run.scope)
    ]
    alike = [run for run in done if run.weighing == done[-1].weighing]
    links = link_counts(system.survey)
    context: dict[str, Any] = {
        "system": system,
        "dimensions": dimensions,
        "runs": runs,
        "trend": charts.trend([(f"{run.number}", run.index or 0.0) for run in alike]),
        "is_trend_narrowed": len(alike) < len(done),
        "ways": [
            (value, label, WEIGHING_HELP[Weighing(value)], _way_on(system.pk, value))
            for value, label in Weighing.choices
        ],
        "way_on": _way_on(system.pk, system.weighing) if refused else None,
        "form": form or _weights_form(system),
        "counting": request.POST.getlist("counting") if form else _counting(system),
        "links": [one for one in links if one.is_told] if len(links) > 1 else [],
        "complete": sum(one.complete for one in links),
        "is_waiting": any(is_under_way(run) for run in runs),
        "can_manage": grants.allows(MANAGE),
        "refused": refused,
        "is_inconsistent": is_inconsistent,
        "outside": outside_report(system.pk, done[-1] if done else None),
    }
    return render(request, "satisfaction/system.html", context, status=status)


def _way_on(pk: int, weighing: str) -> tuple[str, str] | None:
    """Address and words of the page a way of weighing needs first."""
    if weighing == Weighing.PLS:
        return reverse("satisfaction:model", args=[pk]), _("Draw the path model")
    if weighing == Weighing.AHP:
        return reverse("satisfaction:pairs", args=[pk]), _("Compare dimensions and items in pairs")
    return None


def _counting(system: IndicatorSystem) -> list[str]:
    return [
        item.part
        for item in items_of(from_json(system.structure))
        if item.part not in system.left_out
    ]


def _weights_form(system: IndicatorSystem, data: Any = None) -> WeightsForm:
    items = items_of(from_json(system.structure))
    initial = {f"w.{item.part}": system.by_hand.get(item.part, 1) for item in items}
    return WeightsForm(data, items=items, initial={"weighing": system.weighing, **initial})


@require_POST
def weights(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE)
    system = get_system(grants, pk)
    form = _weights_form(system, request.POST)
    if not form.is_valid():
        return _system(request, grants, system, form=form, status=422)
    try:
        services.set_weighing(
            actor=actor_of_request(request),
            grants=grants,
            system_id=pk,
            weighing=form.cleaned_data["weighing"],
            by_hand=form.by_hand,
            counting=request.POST.getlist("counting"),
        )
    except RuleError as error:
        return _refuse(request, grants, system, error, form)
    if request.POST.get("then") == "compute":
        return _compute(request, grants, pk)
    messages.success(request, _("Saved. The next index is computed so."))
    return redirect("satisfaction:system", pk)


def _refuse(
    request: HttpRequest,
    grants: Grants,
    system: IndicatorSystem,
    error: RuleError,
    form: WeightsForm | None = None,
    *,
    is_inconsistent: bool = False,
) -> HttpResponse:
    if isinstance(error, Forbidden | NotFound):
        raise error
    return _system(
        request,
        grants,
        system,
        form=form,
        refused=str(error),
        status=error.status,
        is_inconsistent=is_inconsistent,
    )


@require_POST
def outside_end(request: HttpRequest, pk: int, outside: int) -> HttpResponse:
    end_outside(
        actor=actor_of_request(request),
        grants=access.require(request.user, MANAGE),
        system_id=pk,
        outside_id=outside,
    )
    messages.success(request, _("Taken out; the log keeps it."))
    return redirect("satisfaction:system", pk)


@require_POST
def compute(request: HttpRequest, pk: int) -> HttpResponse:
    return _compute(request, access.require(request.user, MANAGE), pk)


def _compute(request: HttpRequest, grants: Grants, pk: int) -> HttpResponse:
    system = get_system(grants, pk)
    link = request.POST.get("link", "")
    try:
        run = services.ask_for_run(
            actor=actor_of_request(request),
            grants=grants,
            system_id=pk,
            link_id=int(link) if link.isascii() and link.isdigit() and len(link) < 12 else None,
            nevertheless="nevertheless" in request.POST,
        )
    except RuleError as error:
        return _refuse(request, grants, system, error, is_inconsistent=error.code == "inconsistent")
    return redirect("satisfaction:run", pk, run.number)


def _run(request: HttpRequest, pk: int, number: int) -> IndexRun:
    system = get_system(access.require(request.user, VIEW), pk)
    run = get_run(system, number)
    run.system = system
    return run


@require_safe
def run_page(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    run = _run(request, pk, number)
    report = report_of(run) if run.state == RunState.DONE else None
    can_manage = access.grants_of(request.user).allows(MANAGE)
    context = {"system": run.system, "run": run, "report": report, "can_manage": can_manage}
    return render(request, "satisfaction/run.html", context)


@require_safe
def run_file(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """?format=pdf or xlsx. It holds figures of groups alone, nobody's answers."""
    run = _run(request, pk, number)
    kind = request.GET.get("format", "")
    if run.state != RunState.DONE or kind not in ("pdf", "xlsx"):
        raise NotFound()
    report = report_of(run)
    name = f"{run.system.title}-{run.number}.{kind}"
    if kind == "xlsx":
        return FileResponse(
            write_report(report), as_attachment=True, filename=name, content_type=XLSX
        )
    context = {"report": report, "run": run, "printed_at": clock.now()}
    html = render_to_string("satisfaction/paper.html", context)
    answer = HttpResponse(pdf_of(html), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer
