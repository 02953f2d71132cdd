"""The single answers behind a figure of an index: without name, time or link, in an order drawn by chance."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from zhike.core import access
from zhike.satisfaction.behind import behind
from zhike.satisfaction.permissions import VIEW
from zhike.satisfaction.selectors import get_run, get_system
from zhike.surveys import single_answers
from zhike.surveys.figures import results_of
from zhike.surveys.permissions import FILES
from zhike.surveys.selectors import get_survey


@require_safe
def run_answers(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """?group=, ?rival= say whose, ?part= which item stands out. Whoever may see the questionnaire sees them."""
    grants = access.require(request.user, VIEW)
    system = get_system(grants, pk)
    survey = get_survey(grants, system.survey_id)
    run = get_run(system, number)
    run.system = system
    asked = {name: request.GET.get(name, "") for name in ("group", "rival", "part")}
    figure, found = behind(run, **asked), None
    language = get_language() or ""
    if figure.is_listed:
        found = single_answers.page_among(
            survey,
            results_of(survey, language),
            figure.ids,
            parts=figure.parts,
            after=request.GET.get("after", ""),
            language=language,
        )
    context = {
        "system": system,
        "survey": survey,
        "run": run,
        "figure": figure,
        "found": found,
        "may_open": grants.allows(FILES),
    }
    return render(request, "satisfaction/run_answers.html", context)
