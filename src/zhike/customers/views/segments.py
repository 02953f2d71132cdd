"""Segments: the list beside the loyalty matrix, one of them, its form, its motives."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Conflict, RuleError
from zhike.core.listing import PERIODS, capped_count
from zhike.customers.choices import Stage, Tier
from zhike.customers.forms_segments import (
    Conditions,
    MatrixForm,
    MotivesForm,
    SegmentForm,
    TakeMotivesForm,
)
from zhike.customers.listing import tab_counts
from zhike.customers.models import Segment
from zhike.customers.permissions import SEGMENTS, VIEW
from zhike.customers.segments import (
    by_priority,
    get_segment,
    known_segments,
    make_up,
    matrix_of,
    member_counts,
    priorities,
    segments_of,
    trend_of,
    words_of,
)
from zhike.customers.selectors import get_customer, visible_customers
from zhike.customers.services import segments as services
from zhike.customers.slots import SEGMENT_STEPS, SegmentStep

NAMES = ("name", "standing", "loyalty", "priority", "about", "needs", "strategy")


def _rows(grants: Grants) -> list[Segment]:
    known = [one.pk for one in known_segments(grants)]
    return by_priority(list(Segment.objects.filter(pk__in=known).select_related("unit")))


@require_safe
def segment_list(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    rows = _rows(grants)
    context = {
        "rows": rows,
        "matrix": matrix_of(rows),
        "members": member_counts(grants, rows),
        "words": words_of(grants, rows),
        "can_manage": grants.allows(SEGMENTS),
        "can_set_matrix": grants.allows(SEGMENTS) and grants.unit_ids is None,
    }
    return render(request, "customers/segments/list.html", context)


@require_safe
def segment_page(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    segment = get_segment(grants, pk)
    by_priority([segment])
    return render(request, "customers/segments/page.html", _told(grants, segment))


def _told(grants: Grants, segment: Segment) -> dict[str, Any]:
    members = member_counts(grants, [segment])[segment.pk]
    whole = tab_counts(grants)["all"]
    tiers, stages = make_up(grants, segment)
    parts = [
        (label, field, [(value, names.get(value, value), n) for value, n in found.most_common()])
        for label, field, names, found in (
            (_("By tier"), "tier", dict(Tier.choices), tiers),
            (_("By stage"), "stage", dict(Stage.choices), stages),
        )
        if found
    ]
    return {
        "segment": segment,
        "members": members,
        "whole": whole,
        "share": 100 * members / whole if whole else None,
        "chips": words_of(grants, [segment])[segment.pk],
        "parts": parts,
        "trend": trend_of(segment) if grants.unit_ids is None else None,
        "steps": _steps(grants, segment) if segment.is_active else [],
        "can_manage": grants.allows(SEGMENTS)
        and segment.is_active
        and not grants.own_only
        and grants.reaches_unit(segment.unit_id),
    }


def _steps(grants: Grants, segment: Segment) -> list[tuple[SegmentStep, Any]]:
    offered = [(step, step.choices(grants, segment)) for step in SEGMENT_STEPS]
    return [(step, choices) for step, choices in offered if choices]


@require_http_methods(["GET", "HEAD", "POST"])
def segment_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new one, out of what the list of customers shows, or a change; “count” looks first."""
    grants = access.require(request.user, SEGMENTS)
    grants.require(VIEW)
    segment = get_segment(grants, pk) if pk is not None else None
    if request.method != "POST":
        asked = QueryDict(segment.filter) if segment is not None else request.GET
        initial = {name: getattr(segment, name) for name in NAMES} if segment is not None else {}
        unit = segment.unit_id if segment is not None else grants.unit_id
        form = SegmentForm(initial={**initial, "unit": unit}, grants=grants)
        words_left = bool(request.GET.get("q") or request.GET.get("segment"))
        return _form_page(request, grants, form, asked, segment, words_left=words_left)
    form = SegmentForm(request.POST, grants=grants)
    if request.POST.get("go") == "count":
        return _form_page(request, grants, form, request.POST, segment)
    if form.is_valid():
        try:
            row = services.save_segment(
                actor=actor_of_request(request),
                grants=grants,
                fields=form.told(Conditions(request.POST, grants).text),
                segment_id=pk,
                version=_version(request),
            )
        except RuleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = error.status
            return _form_page(request, grants, form, request.POST, segment, status=status)
        messages.success(request, _("The segment is saved. Its members are being counted."))
        return redirect("customers:segment", row.pk)
    return _form_page(request, grants, form, request.POST, segment, status=422)


def _version(request: HttpRequest) -> int | None:
    """What the editor has seen; an address without it is a new one's."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _form_page(
    request: HttpRequest,
    grants: Grants,
    form: SegmentForm,
    asked: QueryDict,
    segment: Segment | None,
    *,
    words_left: bool = False,
    status: int = 200,
) -> HttpResponse:
    conditions = Conditions(asked, grants)
    context = {
        "form": form,
        "segment": segment,
        "version": request.POST.get("version") or (segment.version if segment else ""),
        "bounds": Conditions(QueryDict(conditions.text), grants).bounds,
        "found": _found(grants, conditions, asked.get("unit", "")),
        "words_left": words_left,
        "periods": PERIODS,
    }
    return render(request, "customers/segments/form.html", context, status=status)


def _found(grants: Grants, conditions: Conditions, unit: str) -> Any:
    """How many of the reader's files meet them; None while no condition is chosen."""
    bounds = Conditions(QueryDict(conditions.text), grants).bounds
    if not any(bound.is_set for bound in bounds):
        return None
    rows = visible_customers(grants)
    if unit.isascii() and unit.isdigit() and len(unit) < 19:
        rows = rows.filter(unit__path__contains=f"/{unit}/")
    for bound in bounds:
        rows = bound.narrow(rows)
    return capped_count(rows.order_by().distinct())


@require_safe
def segment_count(request: HttpRequest) -> HttpResponse:
    """The line beside the conditions, while they are being chosen."""
    grants = access.require(request.user, SEGMENTS)
    grants.require(VIEW)
    conditions = Conditions(request.GET, grants)
    found = _found(grants, conditions, request.GET.get("unit", ""))
    return render(request, "customers/segments/_found.html", {"found": found})


@require_POST
def segment_retire(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, SEGMENTS)
    try:
        services.retire_segment(actor=actor_of_request(request), grants=grants, segment_id=pk)
    except Conflict as error:
        messages.warning(request, str(error))
        return redirect("customers:segment", pk)
    messages.success(request, _("The segment is out of use. What it said stays readable."))
    return redirect("customers:segments")


@require_http_methods(["GET", "HEAD", "POST"])
def segment_motives(request: HttpRequest, pk: int) -> HttpResponse:
    """Typed with their weights, or taken from what people answered."""
    grants = access.require(request.user, SEGMENTS)
    grants.require(VIEW)
    segment = get_segment(grants, pk)
    is_taking = "taken" in request.POST
    typed = MotivesForm(
        request.POST if request.method == "POST" and not is_taking else None,
        initial={"lines": _lines(segment)},
    )
    taking = TakeMotivesForm(request.POST if is_taking else None, grants=grants)
    form: MotivesForm | TakeMotivesForm = taking if is_taking else typed
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _save_motives(request, grants, pk, form)
            except RuleError as error:
                name = "taken" if is_taking else "lines"
                form.add_error(name if error.status == 422 else None, str(error))
                status = error.status
            else:
                messages.success(request, _("The motives are saved."))
                return redirect("customers:segment", pk)
    context = {"segment": segment, "typed": typed, "taking": taking}
    return render(request, "customers/segments/motives.html", context, status=status)


def _save_motives(
    request: HttpRequest, grants: Grants, pk: int, form: MotivesForm | TakeMotivesForm
) -> None:
    actor, version = actor_of_request(request), _version(request)
    if isinstance(form, MotivesForm):
        services.set_motives(
            actor=actor,
            grants=grants,
            segment_id=pk,
            motives=form.cleaned_data["lines"],
            version=version,
        )
        return
    source, _colon, choice = form.cleaned_data["taken"].partition(":")
    services.take_motives(
        actor=actor, grants=grants, segment_id=pk, source=source, choice=choice, version=version
    )


def _lines(segment: Segment) -> str:
    return "\n".join(f"{one['text']} {one['weight']:.1f}" for one in segment.motives)


@require_http_methods(["GET", "HEAD", "POST"])
def loyalty_matrix(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, SEGMENTS)
    initial = {f"{standing}.{loyalty}": p for (standing, loyalty), p in priorities().items()}
    form = MatrixForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            services.save_matrix(actor=actor_of_request(request), grants=grants, wanted=form.told())
            messages.success(request, _("The loyalty matrix is saved."))
            return redirect("customers:segments")
    return render(request, "customers/segments/matrix.html", {"form": form}, status=status)


@require_safe
def segments_of_customer(request: HttpRequest, pk: int) -> HttpResponse:
    """Which segments a customer is in, and how they are to be treated: fetched after the page."""
    grants = access.require(request.user, VIEW)
    customer = get_customer(grants, pk)
    context = {"rows": segments_of(grants, customer.pk), "customer": customer}
    if request.headers.get("HX-Request") != "true":
        return redirect(f"{reverse('customers:file', args=[pk])}?tab=segments")
    return render(request, "customers/segments/_of_customer.html", context)
