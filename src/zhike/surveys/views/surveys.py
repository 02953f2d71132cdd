"""The list of questionnaires, one of them, the library, and making a new one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.accounts.grants import actor_of_request
from zhike.accounts.selectors import reachable_units
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import NotFound, RuleError
from zhike.customers.permissions import VIEW as VIEW_CUSTOMERS
from zhike.surveys import services
from zhike.surveys.choices import SurveyState
from zhike.surveys.definition import Draft, problems
from zhike.surveys.drafting import blank, in_languages
from zhike.surveys.forms import MakeForm
from zhike.surveys.library import Ready, ready, ready_ones
from zhike.surveys.lists import SURVEYS
from zhike.surveys.models import Survey
from zhike.surveys.outline import outline
from zhike.surveys.permissions import MANAGE, VIEW
from zhike.surveys.selectors import (
    counts_by_state,
    get_survey,
    numbers_of,
    surveys_for_list,
    versions_of,
    visible_surveys,
)
from zhike.surveys.views.links import handed_out


@require_GET
def survey_list(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, VIEW)

    def counts() -> dict[str, int]:
        known = counts_by_state(grants)
        return {"all": sum(known.values())} | {state: known.get(state, 0) for state in SurveyState}

    return SURVEYS.respond(
        request,
        surveys_for_list(grants),
        "surveys/survey_list.html",
        grants=grants,
        counts=counts,
        extra={"can_manage": grants.allows(MANAGE)},
    )


@require_GET
def survey_detail(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    survey = get_survey(grants, pk)
    current = survey.current
    shown = current.definition if current is not None else survey.draft
    lacking = problems(survey.draft) if current is None else []
    numbers = numbers_of(survey)
    can_manage = grants.allows(MANAGE)
    can_send = current is not None and can_manage and grants.allows(VIEW_CUSTOMERS)
    context = {
        "survey": survey,
        "outline": outline(shown),
        "versions": versions_of(survey).defer("definition"),
        "numbers": numbers,
        "main": _main_step(survey, bool(lacking), numbers.begun > 0, can_manage, can_send),
        "earlier": visible_surveys(grants).filter(pk=survey.earlier_id).first()
        if survey.earlier_id
        else None,
        "is_changed": current is not None and current.definition != survey.draft,
        "lacking": len(lacking),
        "units": reachable_units(grants) if current is not None else [],
        "links": handed_out(request, survey) if current is not None else [],
        "can_manage": can_manage,
        "can_send": can_send,
    }
    return render(request, "surveys/survey_detail.html", context)


def _main_step(
    survey: Survey, is_lacking: bool, is_answered: bool, can_manage: bool, can_send: bool
) -> str:
    """The one button that stands out: a draft is finished, then published, then sent, then read."""
    if survey.state == SurveyState.DRAFT:
        return ("edit" if is_lacking else "publish") if can_manage else ""
    if is_answered or survey.state == SurveyState.CLOSED:
        return "results"
    return "send" if can_send else ""


@require_GET
def survey_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What was asked in one version."""
    survey = get_survey(access.require(request.user, VIEW), pk)
    version = survey.versions.filter(number=min(number, 2**31 - 1)).first()
    if version is None:
        raise NotFound()
    context = {"survey": survey, "version": version, "outline": outline(version.definition)}
    return render(request, "surveys/survey_version.html", context)


@require_GET
def library_page(request: HttpRequest) -> HttpResponse:
    access.require(request.user, MANAGE)
    return render(request, "surveys/library.html", {"ready": ready_ones()})


@require_http_methods(["GET", "HEAD", "POST"])
def library_item(request: HttpRequest, code: str) -> HttpResponse:
    """Its questions to look through, and the form that takes it over."""
    grants = access.require(request.user, MANAGE)
    one = ready(code)
    form = _make_form(request, grants, one)
    if request.method == "POST" and form.is_valid():
        made = _make(request, grants, form, one)
        if made is not None:
            return made
    context = {"one": one, "form": form, "outline": outline(one.document)}
    return render(request, "surveys/library_item.html", context, status=_status(request))


@require_http_methods(["GET", "HEAD", "POST"])
def survey_create(request: HttpRequest) -> HttpResponse:
    """An empty one."""
    grants = access.require(request.user, MANAGE)
    form = _make_form(request, grants, None)
    if request.method == "POST" and form.is_valid():
        made = _make(request, grants, form, None)
        if made is not None:
            return made
    return render(request, "surveys/survey_form.html", {"form": form}, status=_status(request))


def _make_form(request: HttpRequest, grants: Grants, one: Ready | None) -> MakeForm:
    own = get_language() or ""
    languages = one.languages if one is not None else []
    spoken = own if not languages or own in languages else languages[0]
    initial = {"languages": [spoken], "title": one.title if one is not None else ""}
    return MakeForm(request.POST or None, grants=grants, languages=languages, initial=initial)


def _make(
    request: HttpRequest, grants: Grants, form: MakeForm, one: Ready | None
) -> HttpResponse | None:
    """To the builder of what was made; None when it was refused, which the form then says."""
    data = form.cleaned_data
    languages: list[str] = data["languages"]
    document: Draft = blank(languages, data["title"])
    if one is not None:
        document = in_languages(one.document, languages)
        document["title"] = {**document["title"], languages[0]: data["title"]}
    try:
        survey = services.make_survey(
            actor=actor_of_request(request),
            grants=grants,
            document=document,
            unit_id=int(data["unit"]),
            origin=one.code if one is not None else "",
        )
    except RuleError as error:
        if error.status != 422:
            raise
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None
    messages.success(request, _("The questionnaire is kept as a draft. Nobody is asked yet."))
    return redirect("surveys:builder", survey.pk)


@require_POST
def survey_copy(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE)
    made = services.copy_survey(actor=actor_of_request(request), grants=grants, survey_id=pk)
    messages.success(request, _("This is the copy. Links and answers stay with the first one."))
    return redirect("surveys:builder", made.pk)


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200


def detail_url(pk: int) -> str:
    return reverse("surveys:detail", args=[pk])


Context = dict[str, Any]
