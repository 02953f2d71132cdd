"""Legal holds: what is kept although its time is over, until somebody ends the hold."""

from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants, NotFound
from zhike.core.errors import Conflict, RuleError
from zhike.core.retention.services import MANAGE
from zhike.customers import rules
from zhike.customers.models import Customer
from zhike.privacy.models import LegalHold

LONGEST_REASON = 300


def place_hold(
    *,
    actor: work.Actor,
    grants: Grants,
    reason: str,
    customer_id: int | None = None,
    case_number: str = "",
) -> LegalHold:
    """Keep everything of a customer, or of one case. Retention leaves it alone, and nobody erases the customer.

    Whoever may place holds may place them anywhere: with the three duties apart they see neither files nor cases.
    """
    grants.require(MANAGE)
    reason = rules.clean_line(reason)
    case_number = case_number.strip().upper()
    if len(reason) < 2 or len(reason) > LONGEST_REASON:
        raise RuleError(
            "hold_reason", _("Please say why, in at most 300 characters."), field="reason"
        )
    if (customer_id is None) == (not case_number):
        raise RuleError(
            "hold_what", _("Please name either a customer or a case."), field="case_number"
        )
    if case_number and not (case_number.isascii() and case_number.isalnum()):
        raise NotFound(_("There is no such case."))
    in_use = Customer.objects.filter(merged_into__isnull=True, voided_at__isnull=True)
    if customer_id is not None and not in_use.filter(pk=customer_id).exists():
        raise NotFound(_("There is no such customer."))
    with work.unit(actor, reason) as unit:
        standing = LegalHold.objects.filter(ended_at__isnull=True)
        if customer_id is not None:
            standing = standing.filter(customer_id=customer_id)
        else:
            standing = standing.filter(case_number=case_number)
        if standing.exists():
            raise Conflict("hold_already", _("It is held already."))
        hold = LegalHold.objects.create(
            customer_id=customer_id,
            case_number=case_number,
            reason=reason,
            made_at=unit.now,
            made_by_name=actor.name,
        )
        unit.audit("privacy.hold.place", hold, after=_told(hold))
    return hold


def end_hold(*, actor: work.Actor, grants: Grants, hold_id: int) -> LegalHold:
    grants.require(MANAGE)
    with work.unit(actor) as unit:
        rows = LegalHold.objects.select_for_update().filter(pk=hold_id, ended_at__isnull=True)
        hold = rows.first()
        if hold is None:
            raise NotFound(_("This hold has ended already, or never was."))
        hold.ended_at, hold.ended_by_name = unit.now, actor.name
        hold.save(update_fields=["ended_at", "ended_by_name"])
        unit.audit("privacy.hold.end", hold, after=_told(hold))
    return hold


def _told(hold: LegalHold) -> dict[str, object]:
    return {"customer": hold.customer_id, "case": hold.case_number}
