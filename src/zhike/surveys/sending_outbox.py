"""What invitations are to the outbox: where they stand, who decides about them, and their own addresses."""

from collections.abc import Collection, Mapping

from django.urls import reverse

from zhike.core.access import Grants
from zhike.core.outbox import SUBJECTS, Subject, SubjectLine
from zhike.customers.permissions import VIEW as VIEW_CUSTOMERS
from zhike.surveys.invited import complete
from zhike.surveys.models import Invitation
from zhike.surveys.permissions import MANAGE
from zhike.surveys.selectors import visible_surveys
from zhike.surveys.services.inviting import SUBJECT


def _visible(ids: Collection[int], grants: Grants) -> Mapping[int, SubjectLine]:
    if not grants.allows(MANAGE) or not grants.allows(VIEW_CUSTOMERS):
        return {}
    rows = Invitation.objects.filter(pk__in=ids, sending__survey__in=visible_surveys(grants))
    found = rows.values_list("pk", "sending_id", "sending__link__name")
    return {
        pk: SubjectLine(name, reverse("sendings:sending", args=[sending]))
        for pk, sending, name in found
    }


def _may_decide(invitation_id: int, grants: Grants) -> bool:
    return invitation_id in _visible([invitation_id], grants)


def register() -> None:
    SUBJECTS.fill(Subject(SUBJECT, _visible, _may_decide, complete=complete))
