"""What a questionnaire came to, and the single answers behind each figure: without name, time or link."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.exporter.pages import export_rows
from zhike.core.files.sending import send_stored
from zhike.surveys import single_answers
from zhike.surveys.exporting import AnswersExport
from zhike.surveys.figures import FEWEST, TOP, Results, results_by_link
from zhike.surveys.kept import came, keeps_contacts, refuse_kept
from zhike.surveys.models import Survey
from zhike.surveys.permissions import CONTACTS, EXPORT, FILES, MANAGE, VIEW
from zhike.surveys.selectors import get_survey
from zhike.surveys.sent_files import ENDINGS
from zhike.surveys.services.files import file_for
from zhike.surveys.slots import NEXT_STEPS


def _survey(request: HttpRequest, pk: int) -> Survey:
    survey = get_survey(access.require(request.user, VIEW), pk)
    if survey.current_id is None:
        raise NotFound()
    return survey


def _results(request: HttpRequest, survey: Survey) -> tuple[Results, int | None]:
    asked = request.GET.get("link", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 12):
        raise NotFound()
    link_id = int(asked) if asked else None
    return results_by_link(survey, get_language() or "", link_id), link_id


@require_safe
def results_page(request: HttpRequest, pk: int) -> HttpResponse:
    survey = _survey(request, pk)
    grants = access.grants_of(request.user)
    try:
        results, link_id = _results(request, survey)
    except Conflict as refusal:
        return _kept(request, survey, grants, str(refusal))
    context: dict[str, Any] = {
        "steps": _steps(survey, grants) if results.is_told else [],
        "survey": survey,
        "results": results,
        "link_id": link_id,
        "fewest": FEWEST,
        "tops": TOP,
        "may_export": results.is_told and grants.allows(EXPORT),
        "may_contact": grants.allows(CONTACTS),
        "hidden_links": sum(1 for one in results.links if not one.is_told and one.complete),
    }
    return render(request, "surveys/results.html", context)


def _kept(request: HttpRequest, survey: Survey, grants: Grants, sentence: str) -> HttpResponse:
    """Only how many were asked and have answered."""
    context = {
        "survey": survey,
        "sentence": sentence,
        "came": came(survey),
        "can_manage": grants.allows(MANAGE),
        "may_contact": grants.allows(CONTACTS) and not keeps_contacts(survey),
    }
    return render(request, "surveys/results_kept.html", context)


def _steps(survey: Survey, grants: Grants) -> list[tuple[str, str, str]]:
    """Icon, address and words of what may come of these answers."""
    offered = ((one.icon, one.step(survey, grants)) for one in NEXT_STEPS)
    return [(icon, *step) for icon, step in offered if step is not None]


@require_safe
def answers_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Those who gave this answer, or who wrote something; in an order that says nothing of when."""
    survey = _survey(request, pk)
    results, link_id = _results(request, survey)
    if not results.is_told:
        raise NotFound()
    found = single_answers.page_of(
        survey,
        results,
        part=request.GET.get("part", ""),
        value=request.GET.get("value", ""),
        link_id=link_id,
        after=request.GET.get("after", ""),
        language=get_language() or "",
    )
    may_open = access.grants_of(request.user).allows(FILES)
    context = {"survey": survey, "found": found, "link_id": link_id, "may_open": may_open}
    return render(request, "surveys/answers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def answers_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """GET asks what for; POST sends the file."""
    grants = access.require(request.user, EXPORT)
    survey = _survey(request, pk)
    list_url = reverse("survey_results:results", args=[pk])
    try:
        kind = AnswersExport(survey, get_language() or "")
    except RuleError as refusal:
        messages.info(request, str(refusal))
        return redirect(list_url)
    return export_rows(
        request, kind, kind.rows(grants), grants=grants, actor=actor_of_request(request),
        list_url=list_url,
    )  # fmt: skip


@require_safe
def answer_file(request: HttpRequest, pk: int, token: str) -> HttpResponseBase:
    grants = access.require(request.user, FILES)
    survey = _survey(request, pk)
    refuse_kept(survey)
    row, number = file_for(grants, survey, token, get_language() or "")
    name = f"{number}.{ENDINGS.get(row.content_type, 'bin')}"
    return send_stored(row.file, name=name, content_type=row.content_type)
