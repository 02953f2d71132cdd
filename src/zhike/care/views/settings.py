"""Settings: which closed cases make a visit, and what is said and asked in one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.grants import actor_of_request
from zhike.care import services
from zhike.care.forms import ScriptForm
from zhike.care.models import Script, ScriptVersion
from zhike.care.permissions import MANAGE_SETTINGS
from zhike.care.selectors import reach_rule, scripts_of, switched_on
from zhike.care.services.settings import MOST_QUESTIONS
from zhike.core import access
from zhike.core.errors import NotFound, RuleError
from zhike.desk.models import CaseType
from zhike.desk.selectors.types import case_types

# Empty ones below those that are asked.
SPARE_ROWS = 3


@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            services.set_rules(
                actor=actor_of_request(request), grants=grants, on=request.POST.getlist("on")
            )
        except RuleError as error:
            refusal, status = str(error), error.status
        else:
            messages.success(request, _("From now on these cases make a follow-up visit."))
            return redirect("care:settings")
    scripts = {
        row.type_id or "": row.current
        for row in Script.objects.select_related("current").prefetch_related("current__questions")
        if row.current is not None
    }
    on = switched_on()
    attempts, days = reach_rule()
    context = {
        "refusal": refusal,
        "default": scripts.get(""),
        "kinds": [
            {"kind": kind, "is_on": kind.code in on, "script": scripts.get(kind.code)}
            for kind in case_types()
        ],
        "attempts": attempts,
        "days": days,
    }
    return render(request, "care/settings.html", context, status=status)


def _kind(type_code: str) -> CaseType | None:
    if not type_code:
        return None
    found = next((kind for kind in case_types() if kind.code == type_code), None)
    if found is None:
        raise NotFound()
    return found


def _present(kind: CaseType | None) -> ScriptVersion | None:
    found = scripts_of(kind.code if kind else "").select_related("current").first()
    return found.current if found is not None else None


def _initial(kind: CaseType | None) -> dict[str, Any]:
    """The present words of this type; of one without a script, those for all to begin with."""
    own = _present(kind)
    script = scripts_of(kind.code if kind else "").first()
    numbers = [v.number for v in script.versions.all()] if script is not None else []
    shown = own or _present(None)
    initial: dict[str, Any] = {"version": max(numbers, default=0)}
    if shown is not None:
        initial["opening"] = shown.opening
        for place, question in enumerate(shown.questions.all(), 1):
            initial |= {f"text{place}": question.text, f"kind{place}": question.kind}
    return initial


@require_http_methods(["GET", "HEAD", "POST"])
def script(request: HttpRequest, type_code: str = "") -> HttpResponse:
    """What is said and asked after a case of this type; without one, after all others."""
    grants = access.require(request.user, MANAGE_SETTINGS)
    kind = _kind(type_code)
    initial = _initial(kind)
    asked = sum(name.startswith("text") for name in initial)
    rows = MOST_QUESTIONS if request.method == "POST" else min(MOST_QUESTIONS, asked + SPARE_ROWS)
    form = ScriptForm(request.POST or None, rows=rows, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.save_script(
                    actor=actor_of_request(request),
                    grants=grants,
                    type_code=type_code,
                    opening=form.cleaned_data["opening"],
                    questions=[services.Asked(*pair) for pair in form.questions()],
                    expected_version=form.cleaned_data["version"],
                    kept=form.kept,
                )
            except RuleError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = error.status
            else:
                messages.success(
                    request, _("New visits ask this. Old answers keep their questions.")
                )
                return redirect("care:settings")
    context = {
        "form": form.for_display(),
        "kind": kind,
        "has_own": kind is not None and _present(kind) is not None,
        "url": reverse("care:script", args=[type_code])
        if type_code
        else reverse("care:script-default"),
    }
    return render(request, "care/script.html", context, status=status)


@require_POST
def script_drop(request: HttpRequest, type_code: str) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    _kind(type_code)
    try:
        services.drop_script(actor=actor_of_request(request), grants=grants, type_code=type_code)
    except RuleError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("This type now uses the script for all."))
    return redirect("care:settings")
