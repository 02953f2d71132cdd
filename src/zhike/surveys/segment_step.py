"""From the page of a segment to a sending of a questionnaire to its people."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhike.core.access import Grants
from zhike.customers.models import Segment
from zhike.customers.permissions import VIEW as VIEW_CUSTOMERS
from zhike.customers.slots import SEGMENT_STEPS, SegmentStep
from zhike.surveys.choices import SurveyState
from zhike.surveys.permissions import MANAGE
from zhike.surveys.selectors import visible_surveys

# Those changed last; further ones are reached from the questionnaire.
MOST = 8


def sendings(grants: Grants, segment: Segment) -> Sequence[tuple[str, str]]:
    """The form of a new sending, with the segment chosen, for each questionnaire that takes answers."""
    if not (grants.allows(MANAGE) and grants.allows(VIEW_CUSTOMERS)):
        return []
    rows = visible_surveys(grants).filter(state=SurveyState.OPEN).order_by("-changed_at", "-pk")
    return [
        (f"{reverse('sendings:new', args=[pk])}?segment={segment.pk}", title)
        for pk, title in rows.values_list("pk", "title")[:MOST]
    ]


def register() -> None:
    SEGMENT_STEPS.fill(SegmentStep("sending", _("Send a questionnaire"), "send", sendings))
