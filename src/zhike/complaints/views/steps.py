"""Steps, skips and ways out: small forms about one complaint."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.accounts.grants import actor_of_request
from zhike.complaints import services
from zhike.complaints.choices import STEP_LABELS, STEP_TIPS
from zhike.complaints.forms import ReasonForm, SkipForm, StepsForm, WayOutForm
from zhike.complaints.models import Complaint, StepRecord
from zhike.complaints.permissions import APPROVE
from zhike.complaints.rules import BEFORE_CLOSING, IN_ONE_CALL, Field, Step
from zhike.complaints.selectors.scope import load_complaint
from zhike.core import access
from zhike.core.errors import NotFound, RuleError
from zhike.desk.permissions import WORK
from zhike.desk.selectors.spoken import first_words
from zhike.desk.views.parts import FormPage, show_form, show_refusal


def _known_step(number: int) -> Step:
    if number not in tuple(BEFORE_CLOSING):
        raise NotFound()
    return Step(number)


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, number: str, step: int) -> HttpResponse:
    """One step: record it, or correct what stands."""
    chosen = _known_step(step)
    page = {
        "title": _("Step %(step)s: %(label)s") % {"step": step, "label": STEP_LABELS[chosen]},
        "button": _("Finish this step"),
        "sentence": STEP_TIPS[chosen],
    }
    return _steps(request, number, [chosen], reverse("complaints:step", args=[number, step]), page)


@require_http_methods(["GET", "HEAD", "POST"])
def first_call(request: HttpRequest, number: str) -> HttpResponse:
    """The first three in one save, as they happen in one conversation."""
    page = {
        "title": _("Steps 1 to 3 in one go"),
        "button": _("Finish steps 1 to 3"),
        "sentence": _("For a conversation in which all three happened. All are kept, or none."),
    }
    here = reverse("complaints:first-call", args=[number])
    return _steps(request, number, list(IN_ONE_CALL), here, page)


def _steps(
    request: HttpRequest, number: str, steps: list[Step], url: str, words: dict[str, Any]
) -> HttpResponse:
    grants = access.require(request.user, WORK)
    complaint = load_complaint(grants, number)
    page = FormPage(url=url, **words)
    if request.method != "POST":
        before = _standing(complaint, steps)
        given = {"seen": complaint.case.seq, "round": complaint.round}
        form = StepsForm(steps=steps, before=before, initial=given)
        return show_form(request, complaint.case, page, form)
    form = StepsForm(request.POST, steps=steps)
    if not form.is_valid():
        return show_form(request, complaint.case, page, form, status=422)
    try:
        services.record_steps(
            actor=actor_of_request(request),
            grants=grants,
            case_id=complaint.pk,
            given=form.given(),
            expected_seq=form.cleaned_data["seen"],
            expected_round=form.cleaned_data["round"],
            kept=form.kept,
        )
    except RuleError as error:
        return show_refusal(request, complaint.case, page, form, error)
    messages.success(request, _("Recorded."))
    return redirect("desk:case", complaint.case.number)


def _standing(complaint: Complaint, steps: list[Step]) -> dict[str, Any]:
    """What is recorded already, to be corrected; what the case knows, to begin with."""
    rows = StepRecord.objects.filter(complaint=complaint, round=complaint.round, step__in=steps)
    known: dict[str, Any] = {}
    if Step.LISTEN in steps:
        known[Field.WISH] = complaint.wish
        if complaint.round == 1:
            known[Field.WORDS] = first_words(complaint.case)
    for row in rows:
        known |= row.evidence
    return known


@require_http_methods(["GET", "HEAD", "POST"])
def skip(request: HttpRequest, number: str, step: int) -> HttpResponse:
    grants = access.require(request.user, APPROVE)
    chosen = _known_step(step)
    complaint = load_complaint(grants, number)
    page = FormPage(
        title=_("Let step %(step)s go by") % {"step": step},
        button=_("Let it go by"),
        sentence=STEP_LABELS[chosen],
        url=reverse("complaints:skip", args=[number, step]),
        danger=True,
    )
    form = SkipForm(request.POST or None)
    if request.method != "POST":
        return show_form(request, complaint.case, page, form)
    if not form.is_valid():
        return show_form(request, complaint.case, page, form, status=422)
    try:
        services.skip_step(
            actor=actor_of_request(request),
            grants=grants,
            case_id=complaint.pk,
            step=chosen,
            reason=form.cleaned_data["reason"],
            kept=form.kept,
        )
    except RuleError as error:
        return show_refusal(request, complaint.case, page, form, error)
    return redirect("desk:case", complaint.case.number)


@require_http_methods(["GET", "HEAD", "POST"])
def way_out(request: HttpRequest, number: str) -> HttpResponse:
    """End the steps here, for a named reason; or go back to them."""
    grants = access.require(request.user, WORK)
    complaint = load_complaint(grants, number)
    undo = bool(complaint.way_out)
    page = FormPage(
        title=_("Go back to the steps") if undo else _("End it otherwise"),
        button=_("Go back to the steps") if undo else _("End the steps here"),
        sentence=_("It would end as “%(way)s”.") % {"way": complaint.get_way_out_display()}
        if undo
        else _(
            "When the steps cannot be gone to their end. The case is closed as usual afterwards."
        ),
        url=reverse("complaints:way-out", args=[number]),
        danger=not undo,
    )
    form: ReasonForm | WayOutForm = (
        ReasonForm(request.POST or None) if undo else WayOutForm(request.POST or None)
    )
    if request.method != "POST":
        return show_form(request, complaint.case, page, form)
    if not form.is_valid():
        return show_form(request, complaint.case, page, form, status=422)
    who = {"actor": actor_of_request(request), "grants": grants, "case_id": complaint.pk}
    try:
        if undo:
            services.undo_way_out(**who, reason=form.cleaned_data["reason"], kept=form.kept)
        else:
            given = {name: form.cleaned_data[name] for name in ("way", "why", "told")}
            done = services.take_way_out(**who, **given, kept=form.kept)
            if not done.way_out:
                messages.success(request, _("A supervisor has been asked."))
    except RuleError as error:
        return show_refusal(request, complaint.case, page, form, error)
    return redirect("desk:case", complaint.case.number)
