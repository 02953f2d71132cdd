"""Results that are kept until a questionnaire is closed: whoever reads asks here first. ADR 36.

Shown as they come, results tell each answer to whoever looks before and after it.
"""

from dataclasses import dataclass

from django.db.models import Count, F, Q

from zhike.methods.scores import wilson
from zhike.surveys.choices import ResponseState, SurveyState
from zhike.surveys.errors import results_being_counted, results_kept
from zhike.surveys.models import Invitation, Response, Survey
from zhike.surveys.selectors import numbers_of


@dataclass(frozen=True, slots=True)
class Came:
    """All that may be known meanwhile: how many were written to, how many of these answered, how many in all."""

    sent: int
    answered: int
    complete: int
    share: float | None
    low: float
    high: float


def came(survey: Survey) -> Came:
    counted = Invitation.objects.filter(sending__survey=survey).aggregate(
        sent=Count("pk", filter=Q(sent_at__isnull=False)),
        answered=Count("pk", filter=Q(sent_at__isnull=False, answered_at__isnull=False)),
    )
    sent, answered = counted["sent"], counted["answered"]
    low, high = wilson(answered, sent) if sent else (0.0, 0.0)
    share = answered / sent if sent else None
    return Came(sent, answered, numbers_of(survey).complete, share, low, high)


def refuse_kept(survey: Survey) -> None:
    """Before anything of what was answered is read: figures, single answers, files, groups."""
    if survey.kept_since is None:
        return
    if survey.is_kept:
        raise results_kept(numbers_of(survey).complete, is_open=survey.state == SurveyState.OPEN)
    # The last ones are counted one after the other: who looks twice meanwhile would tell them.
    if Response.objects.filter(survey=survey, counted_revision__lt=F("revision")).exists():
        raise results_being_counted()


def keeps_contacts(survey: Survey) -> bool:
    """Who wished to be reached is seen once no further answer comes, told results or not."""
    return survey.is_kept and survey.state == SurveyState.OPEN


CONTACTS_KEPT = Q(
    survey__kept_since__isnull=False,
    survey__readable_at__isnull=True,
    survey__state=SurveyState.OPEN,
)


def complete_of(survey: Survey) -> int:
    """By the answers themselves: what is not counted yet is among them."""
    return Response.objects.filter(survey=survey, state=ResponseState.COMPLETE).count()
