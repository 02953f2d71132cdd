"""Publishing a draft, opening and closing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.surveys import services
from zhike.surveys.choices import SurveyState
from zhike.surveys.definition import problems
from zhike.surveys.forms import MoveForm
from zhike.surveys.outline import outline
from zhike.surveys.permissions import MANAGE
from zhike.surveys.selectors import get_survey
from zhike.surveys.views.posted import whole_number

LONGEST_WHY = 300


@require_http_methods(["GET", "HEAD", "POST"])
def publish_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft once more as it will be asked; the button makes it a version."""
    grants = access.require(request.user, MANAGE)
    survey = get_survey(grants, pk)
    refusal: RuleError | None = None
    if request.method == "POST":
        before = survey.current_id
        try:
            version = services.publish(
                actor=actor_of_request(request),
                grants=grants,
                survey_id=pk,
                expected_seq=whole_number(request.POST, "seq"),
                why_kept=request.POST.get("why_kept", "")[:LONGEST_WHY],
            )
        except RuleError as error:
            if error.status not in (409, 422):
                raise
            refusal = error
            survey = get_survey(grants, pk)
        else:
            told = _("Version %(number)s is what is asked from now on.") % {
                "number": version.number
            }
            if version.pk == before:
                told = _("Nothing has changed since version %(number)s.") % {
                    "number": version.number
                }
            messages.success(request, told)
            return redirect("surveys:detail", pk)
    context = {
        "survey": survey,
        "outline": outline(survey.draft),
        "lacking": problems(survey.draft),
        "is_same": survey.current is not None and survey.current.definition == survey.draft,
        "refusal": refusal,
        "why_kept": request.POST.get("why_kept", "")[:LONGEST_WHY],
    }
    status = refusal.status if refusal is not None else 200
    return render(request, "surveys/publish.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def survey_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks once more; only of what was never published."""
    grants = access.require(request.user, MANAGE)
    survey = get_survey(grants, pk)
    if survey.current_id is not None:
        raise NotFound()
    if request.method == "POST":
        services.remove_draft(actor=actor_of_request(request), grants=grants, survey_id=pk)
        messages.success(request, _("“%(title)s” has been removed.") % {"title": survey.title})
        return redirect("surveys:list")
    return render(request, "surveys/remove.html", {"survey": survey})


@require_http_methods(["GET", "HEAD", "POST"])
def survey_move(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE)
    survey = get_survey(grants, pk)
    form = MoveForm(request.POST or None, grants=grants, initial={"unit": str(survey.unit_id)})
    if request.method == "POST" and form.is_valid():
        moved = services.move_survey(
            actor=actor_of_request(request),
            grants=grants,
            survey_id=pk,
            unit_id=int(form.cleaned_data["unit"]),
        )
        messages.success(request, _("It belongs to %(unit)s now.") % {"unit": moved.unit.name})
        return redirect("surveys:detail", pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "surveys/move.html", {"survey": survey, "form": form}, status=status)


@require_POST
def state_change(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE)
    wanted = SurveyState.OPEN if request.POST.get("state") == "open" else SurveyState.CLOSED
    try:
        services.change_state(
            actor=actor_of_request(request), grants=grants, survey_id=pk, state=wanted
        )
    except RuleError as error:
        if isinstance(error, Conflict) or error.status == 422:
            messages.warning(request, str(error))
            return redirect("surveys:detail", pk)
        raise
    if wanted == SurveyState.OPEN:
        messages.success(request, _("Answers are taken again."))
    else:
        messages.success(request, _("No further answers are taken. What was answered stays."))
    return redirect("surveys:detail", pk)
