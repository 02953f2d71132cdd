"""Self-assessments: which there are, and what one came to in a year, as page and as paper."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from zhike.core import access, clock
from zhike.core.errors import Conflict, NotFound
from zhike.core.printing import pdf_of
from zhike.satisfaction.assessments import (
    ORIGINS,
    Assessment,
    assessment_of,
    get_assessment,
    rounds_before,
    rounds_beside,
    visible_assessments,
)
from zhike.satisfaction.permissions import MANAGE, VIEW
from zhike.surveys.library import ready
from zhike.surveys.models import Survey

MOST = 100


@require_safe
def assessment_list(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    context = {
        "rows": visible_assessments(grants).order_by("-changed_at", "-pk")[:MOST],
        "ready": [ready(code) for code in ORIGINS],
        "can_manage": grants.allows(MANAGE),
    }
    return render(request, "satisfaction/assessment_list.html", context)


def _asked_for(request: HttpRequest, survey: Survey) -> Assessment:
    asked = request.GET.get("year", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) == 4):
        raise NotFound()
    rounds = rounds_before(access.grants_of(request.user), survey)
    found = assessment_of(survey, get_language() or "", int(asked) if asked else None, rounds)
    if found is None:
        raise NotFound()
    return found


@require_safe
def assessment_page(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    survey = get_assessment(grants, pk)
    found, kept = None, ""
    try:
        found = _asked_for(request, survey)
    except Conflict as refusal:
        kept = str(refusal)
    context = {
        "survey": survey,
        "found": found,
        "kept": kept,
        "rounds": rounds_beside(grants, survey),
        "system": survey.systems.order_by("-pk").first(),
        "can_manage": grants.allows(MANAGE),
    }
    return render(request, "satisfaction/assessment.html", context)


@require_safe
def assessment_paper(request: HttpRequest, pk: int) -> HttpResponse:
    survey = get_assessment(access.require(request.user, VIEW), pk)
    found = _asked_for(request, survey)
    if found.year is None:
        raise NotFound()
    context = {"survey": survey, "found": found, "printed_at": clock.now()}
    html = render_to_string("satisfaction/assessment_paper.html", context)
    answer = HttpResponse(pdf_of(html), content_type="application/pdf")
    name = quote(f"{survey.title}-{found.year}.pdf")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer
