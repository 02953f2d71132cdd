"""A questionnaire read out in a follow-up call: whoever calls fills in what the customer says.

No mail leaves. What was answered is counted, shown at the case and seen to as any named answer under its rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.care.models import FollowUp
from zhike.care.permissions import FOLLOW_UP
from zhike.care.selectors import get_follow_up
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import Conflict
from zhike.core.work import Actor
from zhike.customers.contact_policy import SENTENCES, Verdict, may_contact
from zhike.desk.models import Case
from zhike.satisfaction import errors
from zhike.satisfaction.choices import After
from zhike.satisfaction.models import Ask, AskRule
from zhike.satisfaction.rules import draw_of
from zhike.satisfaction.services.asking import FACTS, is_about
from zhike.surveys.choices import InvitationState, SendingState, SurveyState
from zhike.surveys.models import Invitation
from zhike.surveys.services.standing import invite_in_person

# One that mails after the visit may be read out in it instead: then no mail follows.
READ_OUT = (After.CALLED, After.VISITED)
# A no to being asked holds in a call as in a mail; how often and when were looked up before the call.
SAID_NO = (Verdict.WITHDRAWN, Verdict.NO_CONSENT, Verdict.RENEWAL, Verdict.NO_PURPOSE)


@dataclass(frozen=True)
class Offer:
    """A rule whose questionnaire may be read out in this visit, and what became of it so far."""

    rule: AskRule
    ask: Ask | None

    @property
    def is_answered(self) -> bool:
        invitation = self.ask.invitation if self.ask is not None else None
        return invitation is not None and invitation.state == InvitationState.ANSWERED


def offers_for(visit: FollowUp) -> Sequence[Offer]:
    """One statement where no rule asks in calls."""
    rules = list(
        AskRule.objects.filter(
            after__in=READ_OUT,
            sending__is_named=True,
            sending__state=SendingState.RUNNING,
            survey__state=SurveyState.OPEN,
        )
        .select_related("of_unit", "survey", "sending__purpose")
        .defer("survey__draft")
        .order_by("pk")
    )
    if not rules:
        return ()
    case = Case.objects.values(*FACTS).get(pk=visit.case_id)
    asks = {
        ask.rule_id: ask
        for ask in Ask.objects.filter(case_id=visit.case_id, first=None).select_related(
            "invitation"
        )
    }
    return [Offer(rule, asks.get(rule.pk)) for rule in rules if is_about(rule, case)]


def ask_in_call(*, actor: Actor, grants: Grants, visit_id: int, rule_id: int) -> Invitation:
    """Pressed twice, it is one asking; its questionnaire is opened where it was left."""
    grants.require(FOLLOW_UP)
    visit = get_follow_up(grants, visit_id)
    if not visit.is_due:
        raise Conflict("visit_over", _("This visit is over, so nothing is asked in it any more."))
    offer = next((one for one in offers_for(visit) if one.rule.pk == rule_id), None)
    if offer is None:
        raise errors.rule_not_found()
    rule = offer.rule
    decision = may_contact(visit.customer_id, rule.sending.purpose.code, "phone")
    if decision.verdict in SAID_NO:
        raise Conflict("said_no", str(SENTENCES[decision.verdict]))
    with work.unit(actor) as unit:
        # The case first, as whoever closes it does: of two at once, the second finds the asking.
        Case.objects.select_for_update(no_key=True).only("pk").get(pk=visit.case_id)
        ask, _made = Ask.objects.get_or_create(
            rule=rule,
            case_id=visit.case_id,
            first=None,
            defaults={
                "made_at": unit.now,
                "draw": draw_of(rule.seed, visit.case_id),
                "is_drawn": True,
            },
        )
        invitation = invite_in_person(
            unit, rule.sending_id, occasion=f"ask:{ask.pk}", customer_id=visit.customer_id
        )
        ask.invitation, ask.is_drawn = invitation, True
        ask.asked_by_name = ask.asked_by_name or actor.name[:80]
        ask.save(update_fields=["invitation", "is_drawn", "asked_by_name"])
        unit.audit(
            "satisfaction.ask.in_call",
            visit.case,
            after={"name": rule.name, "survey": rule.survey.title},
            unit_id=visit.unit_id,
        )
    return invitation
