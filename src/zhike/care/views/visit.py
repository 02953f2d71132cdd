"""One visit: who, what was the matter, what to say and ask, and what came of it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.care import services
from zhike.care.forms import AssignForm, AttemptForm, BestTimeForm, CallOffForm, ResultForm
from zhike.care.models import FollowUp
from zhike.care.permissions import FOLLOW_UP
from zhike.care.selectors import get_follow_up, script_for, version_for
from zhike.care.slots import VISIT_PANELS
from zhike.care.views import visit_data
from zhike.complaints.permissions import APPROVE
from zhike.complaints.selectors.notices import people_to_ask
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Conflict, RuleError
from zhike.desk.case_types import COMPLAINT
from zhike.desk.forms import one_time_key
from zhike.desk.permissions import VIEW


@dataclass
class Refused:
    """A form that was sent and refused, and why, to be shown again in its place."""

    name: str
    form: forms.Form
    status: int = 422
    # Of what no form can mend: somebody else was first.
    sentence: str = ""


@require_safe
def visit_page(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    return _page(request, grants, get_follow_up(grants, pk))


def _page(
    request: HttpRequest, grants: Grants, visit: FollowUp, refused: Refused | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        **visit_data.shown(visit, grants),
        "refusal": refused.sentence if refused else "",
        "visit_panels": _panels(grants, visit),
    }
    if visit.is_due and grants.allows(FOLLOW_UP):
        sent = {refused.name: refused.form} if refused else {}
        context |= _forms(grants, visit, sent)
    return render(request, "care/visit.html", context, status=refused.status if refused else 200)


def _panels(grants: Grants, visit: FollowUp) -> list[dict[str, Any]]:
    drawn = sorted(VISIT_PANELS, key=lambda panel: panel.order)
    told = [(panel, panel.context(visit, grants)) for panel in drawn]
    return [{"panel": panel, **context} for panel, context in told if context is not None]


def _forms(grants: Grants, visit: FollowUp, sent: dict[str, forms.Form]) -> dict[str, Any]:
    result_form = sent.get("result") or _result_form(grants, visit)
    assert isinstance(result_form, ResultForm)
    says = visit.assigned_id in (None, grants.user_id) or grants.allows("cases.assign")
    people = visit_data.colleague_options(grants, visit)
    return {
        "can_record": True,
        "result_form": result_form.for_display(needs_person=visit.type_code == COMPLAINT),
        "choices": visit_data.result_choices(visit, str(result_form["result"].value() or "")),
        "attempt_form": sent.get("attempt") or AttemptForm(initial={"once": one_time_key()}),
        "best_time_form": sent.get("best_time")
        or BestTimeForm(initial={"best_time": visit.best_time}),
        "assign_form": (sent.get("assign") or AssignForm(people=people)) if says else None,
        "call_off_form": (sent.get("call_off") or CallOffForm())
        if grants.allows(APPROVE)
        else None,
        "is_mine": visit.assigned_id == grants.user_id,
    }


def _result_form(grants: Grants, visit: FollowUp, data: Any = None) -> ResultForm:
    version = script_for(visit.type_code)
    if data is not None and str(data.get("script", "")).isdigit():
        # The questions the page was drawn with, should somebody have changed the script meanwhile.
        version = version_for(visit.type_code, int(data["script"][:18])) or version
    return ResultForm(
        data,
        version=version,
        people=people_to_ask(grants.user_id),
        initial={
            "script": version.pk if version else None,
            "person": visit_data.former_person(visit, grants),
        },
    )


@require_POST
def result(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, FOLLOW_UP)
    visit = get_follow_up(grants, pk)
    form = _result_form(grants, visit, request.POST)
    if not form.is_valid():
        return _page(request, grants, visit, Refused("result", form))
    data = form.cleaned_data
    outcome = services.Outcome(
        result=data["result"],
        words=data["words"],
        missing=data["missing"],
        answers={} if data["result"] == "unreachable" else form.answers(),
        script_id=data["script"],
        person_id=int(data["person"]) if data["person"] else None,
        notice=data["notice"],
    )
    try:
        done = services.record_result(
            actor=actor_of_request(request),
            grants=grants,
            follow_up_id=pk,
            outcome=outcome,
            kept=form.kept,
        )
    except RuleError as error:
        return _refuse(request, grants, pk, "result", form, error)
    messages.success(request, visit_data.what_followed(done))
    return redirect("care:visit", pk)


@require_POST
def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, FOLLOW_UP)
    visit = get_follow_up(grants, pk)
    form = AttemptForm(request.POST)
    if not form.is_valid():
        return _page(request, grants, visit, Refused("attempt", form))
    try:
        services.record_attempt(
            actor=actor_of_request(request),
            grants=grants,
            follow_up_id=pk,
            note=form.cleaned_data["note"],
            next_try_at=form.cleaned_data["next_try_at"],
            submit_key=form.cleaned_data["once"],
            kept=form.kept,
        )
    except RuleError as error:
        return _refuse(request, grants, pk, "attempt", form, error)
    messages.success(request, _("The call is noted. The visit stays to be made."))
    return redirect("care:visit", pk)


@require_POST
def best_time(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, FOLLOW_UP)
    visit = get_follow_up(grants, pk)
    form = BestTimeForm(request.POST)
    if not form.is_valid():
        return _page(request, grants, visit, Refused("best_time", form))
    try:
        services.set_best_time(
            actor=actor_of_request(request),
            grants=grants,
            follow_up_id=pk,
            text=form.cleaned_data["best_time"],
        )
    except RuleError as error:
        return _refuse(request, grants, pk, "best_time", form, error)
    messages.success(request, _("The best time is kept."))
    return redirect("care:visit", pk)


@require_POST
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, FOLLOW_UP)
    visit = get_follow_up(grants, pk)
    people = visit_data.colleague_options(grants, visit)
    form = AssignForm(request.POST, people=people)
    if not form.is_valid():
        return _page(request, grants, visit, Refused("assign", form))
    try:
        changed = services.reassign(
            actor=actor_of_request(request),
            grants=grants,
            follow_up_id=pk,
            user_id=form.cleaned_data["person"],
        )
    except RuleError as error:
        return _refuse(request, grants, pk, "assign", form, error)
    messages.success(request, _("%(name)s makes this visit.") % {"name": changed.assigned_name})
    return redirect("care:visit", pk)


@require_POST
def call_off(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, APPROVE)
    visit = get_follow_up(grants, pk)
    form = CallOffForm(request.POST)
    if not form.is_valid():
        return _page(request, grants, visit, Refused("call_off", form))
    try:
        services.call_off(
            actor=actor_of_request(request),
            grants=grants,
            follow_up_id=pk,
            reason=form.cleaned_data["reason"],
            kept=form.kept,
        )
    except RuleError as error:
        return _refuse(request, grants, pk, "call_off", form, error)
    messages.success(request, _("The visit is called off."))
    return redirect("care:visit", pk)


def _refuse(
    request: HttpRequest, grants: Grants, pk: int, name: str, form: forms.Form, error: RuleError
) -> HttpResponse:
    """What was typed again, with the sentence at its field; a form that came too late is not offered again."""
    if error.status in (403, 404):
        raise error
    sentence = str(error)
    known = error.field if error.field in form.fields else None
    if not isinstance(error, Conflict):
        form.add_error(known, sentence)
        sentence = ""
    # Read anew: somebody else may have recorded it.
    visit = get_follow_up(grants, pk)
    return _page(request, grants, visit, Refused(name, form, error.status, sentence))
