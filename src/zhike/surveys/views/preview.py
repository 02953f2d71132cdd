"""The draft as customers would see it, page by page, branches and faults included; nothing is kept."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.core import access
from zhike.surveys import flow
from zhike.surveys.answering import take
from zhike.surveys.definition import Definition, DefinitionError, read
from zhike.surveys.drawing import draw
from zhike.surveys.models import Survey
from zhike.surveys.permissions import VIEW
from zhike.surveys.selectors import get_survey

# One order for all who look: whoever writes it compares the page with the list of questions.
SEED = "preview"
SALT = "surveys.preview"
# A page after the last: the thanks.
OVER = -1


@require_http_methods(["GET", "HEAD", "POST"])
def preview_page(request: HttpRequest, pk: int) -> HttpResponse:
    survey = get_survey(access.require(request.user, VIEW), pk)
    try:
        definition = read(survey.draft)
    except DefinitionError as error:
        context = {"survey": survey, "problems": error.problems}
        return render(request, "surveys/preview_not_yet.html", context, status=422)
    asked_for = request.POST.get("lang") or request.GET.get("lang") or ""
    language = asked_for if asked_for in definition.languages else definition.languages[0]
    # Said to whoever writes it, in their own language; the page itself speaks the questionnaire's.
    told = {"note": _("Preview: nothing is kept"), "back": _("Back to the questionnaire")}
    with translation.override(language):
        answers = _carried(request, survey)
        number = 0
        problems: dict[str, str] = {}
        if request.method == "POST" and answers is not None:
            number, answers, problems = _next(request, definition, answers)
        posted = {name: request.POST.getlist(name) for name in request.POST} if problems else None
        return _page(
            request, survey, definition, language, number, answers or {}, posted, problems, told
        )


def _carried(request: HttpRequest, survey: Survey) -> dict[str, Any] | None:
    """What was answered on earlier pages of this very draft; None begins anew."""
    try:
        carried: dict[str, Any] = signing.loads(request.POST.get("carried", ""), salt=SALT)
    except signing.BadSignature:
        return None
    return carried["answers"] if carried.get("draft") == [survey.pk, survey.draft_seq] else None


def _next(
    request: HttpRequest, definition: Definition, answers: Mapping[str, Any]
) -> tuple[int, dict[str, Any], dict[str, str]]:
    """The page to show, the answers so far, and what was wrong with those sent in."""
    coming = list(flow.pages(definition, answers))
    sent = request.POST.get("page", "")
    number = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 0
    if number not in coming:
        return 0, {}, {}
    back = request.POST.get("go") == "back"
    asked = flow.asked(definition.sections[number], answers, SEED)
    posted = {name: request.POST.getlist(name) for name in request.POST}
    # Looked at as they would be, and kept nowhere.
    uploads = {name: request.FILES.getlist(name) for name in request.FILES}
    taken = take(asked, posted, may_stop=back, before=answers, uploads=uploads)
    if taken.problems and not back:
        return number, dict(answers), dict(taken.problems)
    keys = {one.key for one in asked}
    kept = {key: one for key, one in answers.items() if key.removesuffix(".words") not in keys}
    now = flow.on_the_way(definition, {**kept, **taken.answers})
    follows = (
        flow.page_before(definition, now, number)
        if back
        else flow.next_page(definition, now, number)
    )
    return (OVER if follows is None else follows), now, {}


def _page(
    request: HttpRequest,
    survey: Survey,
    definition: Definition,
    language: str,
    number: int,
    answers: Mapping[str, Any],
    posted: Any,
    problems: Mapping[str, str],
    told: Mapping[str, str],
) -> HttpResponse:
    page = draw(
        definition,
        max(0, number),
        answers,
        language=language,
        seed=SEED,
        posted=posted,
        problems=problems,
    )
    names = dict(settings.LANGUAGES)
    context = {
        "survey": survey,
        "told": told,
        "page": page,
        "is_over": number == OVER,
        "thanks": flow.said(definition, definition.thanks, answers, language),
        "carried": signing.dumps(
            {"draft": [survey.pk, survey.draft_seq], "answers": dict(answers)}, salt=SALT
        ),
        "language": language,
        "languages": [(code, names[code]) for code in definition.languages],
        "large_type": request.GET.get("large") == "1",
    }
    status = 422 if problems else 200
    return render(request, "surveys/preview.html", context, status=status)
