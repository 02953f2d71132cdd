"""May this visit be made now? Asked before the number is shown, and told with what is allowed instead.

The visit after a complaint belongs to handling it: step six confirms the outcome with whoever complained. So it is
service and no marketing, and no cap holds it back. Any other visit asks how content somebody is: a survey, which
counts against the cap and can be refused. Both keep out of the quiet hours, and a customer's own no goes first.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from zhike.care.models import FollowUp
from zhike.core import clock
from zhike.core.errors import Conflict, RuleError
from zhike.core.work import Work
from zhike.customers.contact_policy import (
    SENTENCES,
    Decision,
    Verdict,
    contact_rules,
    may_contact,
)
from zhike.customers.contact_rules import Rules, quiet_until_of
from zhike.customers.models import ConsentPurpose
from zhike.customers.services.consents import note_outreach
from zhike.desk.case_types import COMPLAINT

SERVICE, SURVEY = "service", "survey"
CHANNEL = "phone"
WHAT_FOR: dict[str, Any] = {
    SERVICE: _("The visit belongs to handling the complaint, so no consent is asked for."),
    SURVEY: _("The visit is a survey: the customer may refuse it, and is not asked too often."),
}
INSTEAD: dict[Verdict, Any] = {
    Verdict.WITHDRAWN: _(
        "Please do not call. A supervisor can call the visit off with this reason."
    ),
    Verdict.TOO_OFTEN: _("Please call after the time given, or note when the customer calls us."),
    Verdict.QUIET: _("Please call after the time given."),
}


@dataclass(frozen=True)
class Contact:
    """Whether to call for this visit now, why not, and from when on."""

    purpose: str
    decision: Decision

    @property
    def allowed(self) -> bool:
        return self.decision.allowed

    @property
    def sentence(self) -> Any:
        return SENTENCES[self.decision.verdict]

    @property
    def what_for(self) -> Any:
        return WHAT_FOR[self.purpose]

    @property
    def instead(self) -> Any:
        return INSTEAD.get(self.decision.verdict, "")


def purpose_of(visit: FollowUp) -> str:
    return SERVICE if visit.type_code == COMPLAINT else SURVEY


def contact_of(visit: FollowUp) -> Contact:
    purpose = purpose_of(visit)
    return Contact(purpose, may_contact(visit.customer_id, purpose, CHANNEL))


def refuse_unwanted(visit: FollowUp, next_try_at: datetime | None) -> None:
    """No call to who said no, and none planned into the hours at which we leave customers in peace."""
    decision = may_contact(visit.customer_id, purpose_of(visit), CHANNEL)
    if decision.verdict is Verdict.WITHDRAWN:
        raise Conflict(
            "contact_refused",
            SENTENCES[Verdict.WITHDRAWN],
            extra={"verdict": decision.verdict.value, "until": None},
        )
    if next_try_at is None:
        return
    row = contact_rules()
    hours = Rules(row.quiet_from, row.quiet_until, row.cap_count, row.cap_days)
    if quiet_until_of(hours, next_try_at, clock.zone()) is not None:
        raise RuleError("next_try_quiet", SENTENCES[Verdict.QUIET], field="next_try_at")


def note_contact(work: Work, visit: FollowUp) -> None:
    """Somebody was reached: counted, so that the next survey waits. A purpose the house gave up counts nothing."""
    purpose = purpose_of(visit)
    if ConsentPurpose.objects.filter(code=purpose).exists():
        note_outreach(work, visit.customer_id, purpose, CHANNEL, f"care.followup:{visit.pk}")
