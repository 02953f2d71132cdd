"""When results can be read: as answers come, or once the questionnaire is closed; and closing it then."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Conflict, NotFound
from zhike.surveys import services
from zhike.surveys.choices import SurveyState
from zhike.surveys.kept import came
from zhike.surveys.models import Response
from zhike.surveys.permissions import MANAGE
from zhike.surveys.selectors import get_survey


@require_http_methods(["GET", "HEAD", "POST"])
def closing_page(request: HttpRequest, pk: int) -> HttpResponse:
    """`do` is keep or show, before somebody has answered; or close, which asks here first."""
    grants = access.require(request.user, MANAGE)
    survey = get_survey(grants, pk)
    sentence, status = "", 200
    if request.method == "POST":
        try:
            return _done(request, grants, pk)
        except Conflict as refusal:
            sentence, status = str(refusal), refusal.status
    context = {
        "survey": survey,
        "sentence": sentence,
        "came": came(survey),
        "is_answered": Response.objects.filter(survey=survey).exists(),
        "is_open": survey.state == SurveyState.OPEN,
    }
    return render(request, "surveys/closing.html", context, status=status)


def _done(request: HttpRequest, grants: Grants, pk: int) -> HttpResponse:
    actor, wanted = actor_of_request(request), request.POST.get("do", "")
    if wanted == "close":
        survey = services.change_state(
            actor=actor, grants=grants, survey_id=pk, state=SurveyState.CLOSED
        )
        if survey.readable_at is not None:
            messages.success(request, _("It is closed for good, and its results can be read."))
        else:
            messages.success(request, _("No further answers are taken. What was answered stays."))
        return redirect("survey_results:results" if survey.current_id else "surveys:detail", pk)
    if wanted not in ("keep", "show"):
        raise NotFound()
    services.keep_results(actor=actor, grants=grants, survey_id=pk, kept=wanted == "keep")
    if wanted == "keep":
        messages.success(request, _("Results can be read only after closing from now on."))
    else:
        messages.success(request, _("Results are shown as answers come."))
    return redirect("surveys:detail", pk)
