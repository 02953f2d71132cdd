"""Deliveries as other programs, files and people tell them: each once, and withdrawn while nobody was written to.

What is told is asked about in the same unit of work. A room that knows orders would hand its event to `record`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhike.accounts.models import Unit
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import Conflict, RuleError
from zhike.core.work import Actor, Work
from zhike.customers.errors import customer_missing
from zhike.customers.masks import refuse_hidden_ways
from zhike.customers.models import Customer
from zhike.customers.permissions import VIEW as VIEW_CUSTOMERS
from zhike.customers.selectors import (
    customers_by_external_id,
    customers_by_phone,
    file_now_at,
    visible_customers,
)
from zhike.desk.services.handling import scoped_key
from zhike.satisfaction import errors
from zhike.satisfaction.choices import LeftOut
from zhike.satisfaction.delivery_selectors import visible_deliveries
from zhike.satisfaction.models import Ask, AskRule, Delivery
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.services.asking import ask_about_delivery, call_off_asks, running_rules
from zhike.surveys.choices import InvitationState
from zhike.surveys.models import Invitation

LONGEST_REFERENCE, LONGEST_SOURCE, LONGEST_WHAT = 80, 40, 200
LONGEST_CUSTOMER = 80
# Nobody is glad to be asked about what came months ago.
RECENT = timedelta(days=30)
# The clock of another program may go before ours.
AHEAD = timedelta(minutes=15)


@dataclass(frozen=True)
class NewDelivery:
    """What was delivered to whom. The customer is given by id, or by `customer`: a phone number, or the number
    they have in another system."""

    reference: str
    delivered_at: datetime
    customer_id: int | None = None
    customer: str = ""
    unit_id: int | None = None
    what: str = ""
    source: str = ""
    submit_key: str = ""
    import_run_id: int | None = None


@dataclass(frozen=True)
class Told:
    delivery: Delivery
    # False when it had been told before.
    is_new: bool


def may_tell(grants: Grants) -> None:
    """Who keeps the rules tells what they ask about."""
    grants.require(MANAGE)
    grants.require(VIEW_CUSTOMERS)


def tell_delivery(*, actor: Actor, grants: Grants, new: NewDelivery) -> Told:
    """Told twice by its number, or by the same form, it is one delivery."""
    may_tell(grants)
    reference, source, what = _texts(new)
    delivery = Delivery(
        source=source,
        reference=reference,
        customer_id=_customer_of(grants, new),
        unit_id=_unit_of(grants, new.unit_id),
        what=what,
        delivered_at=new.delivered_at,
        submit_key=scoped_key(actor, new.submit_key),
    )
    with work.unit(actor) as unit:
        return record(unit, grants, delivery, running_rules())


def _texts(new: NewDelivery) -> tuple[str, str, str]:
    reference, source, what = (
        " ".join(text.split()) for text in (new.reference, new.source, new.what)
    )
    if not reference:
        raise RuleError(
            "reference_missing",
            _("Please give the number of the delivery, so that it is asked about only once."),
            field="reference",
        )
    for name, text, most in (
        ("reference", reference, LONGEST_REFERENCE),
        ("source", source, LONGEST_SOURCE),
        ("what", what, LONGEST_WHAT),
    ):
        if len(text) > most:
            raise RuleError(
                "text_too_long", _("At most %(most)s characters.") % {"most": most}, field=name
            )
    # Years at either end overflow when they are turned into UTC, and nobody means them.
    if not 1900 <= new.delivered_at.year <= 2999:
        raise RuleError(
            "delivered_at_unknown", _("Please check the year of this day."), field="delivered_at"
        )
    return reference, source, what


def _customer_of(grants: Grants, new: NewDelivery) -> int:
    if new.customer_id is not None:
        mine = visible_customers(grants)
        found = mine.filter(pk__in=(new.customer_id, file_now_at(new.customer_id) or 0)).first()
        if found is None:
            raise customer_missing()
        return found.pk
    text = new.customer.strip()
    if not text:
        raise RuleError(
            "customer_missing", _("Please say whom it was delivered to."), field="customer"
        )
    found_id = customers_meant(grants, [text]).get(text)
    if found_id is None:
        raise RuleError(
            "customer_unknown",
            _("No customer has this number. Please make their file first."),
            field="customer",
        )
    return found_id


def customers_meant(grants: Grants, texts: Sequence[str]) -> dict[str, int]:
    """By a full phone number whichever unit keeps the file, as for a case; by a number elsewhere within reach."""
    wanted = set(texts)
    by_phone = customers_by_phone(wanted)
    if by_phone:
        refuse_hidden_ways(grants, ["phone"])
    by_number = customers_by_external_id(wanted - set(by_phone))
    mine = visible_customers(grants).filter(pk__in=by_number.values())
    seen = set(mine.values_list("pk", flat=True))
    return by_phone | {text: pk for text, pk in by_number.items() if pk in seen}


def _unit_of(grants: Grants, wanted: int | None) -> int:
    unit_id = (wanted if wanted is not None else grants.unit_id) or 0
    rows = Unit.objects.filter(pk=unit_id, is_active=True)
    if not grants.reaches_unit(unit_id) or not rows.exists():
        raise RuleError("unit_unknown", _("There is no such unit."), field="unit_id")
    return unit_id


def record(unit: Work, grants: Grants, delivery: Delivery, running: Sequence[AskRule]) -> Told:
    """Within the unit of work of whoever tells; `delivery` is not saved yet, and its texts are checked."""
    known = _known(grants, delivery)
    if known is not None:
        return Told(known, is_new=False)
    # Who is erased or merged away at this moment is waited for.
    files = Customer.objects.select_for_update(no_key=True).only("merged_into", "voided_at", "key")
    customer = files.get(pk=delivery.customer_id)
    if not customer.in_use:
        raise customer_missing()
    delivery.told_at, delivery.told_by_name = unit.now, unit.actor.name[:80]
    delivery.left_out = left_out(delivery.delivered_at, unit.now)
    try:
        with transaction.atomic():
            delivery.save(force_insert=True)
    except IntegrityError:
        known = _known(grants, delivery)
        if known is None:
            raise
        return Told(known, is_new=False)
    if not delivery.left_out:
        ask_about_delivery(delivery, running, unit)
    unit.audit(
        "satisfaction.delivery.tell",
        delivery,
        after={"reference": delivery.reference, "source": delivery.source},
        unit_id=delivery.unit_id,
        subject=customer.key_id,
    )
    return Told(delivery, is_new=True)


def left_out(delivered_at: datetime, now: datetime) -> str:
    if delivered_at > now + AHEAD:
        return LeftOut.FUTURE
    return LeftOut.OLD if delivered_at < now - RECENT else ""


def _known(grants: Grants, told: Delivery) -> Delivery | None:
    """What was told before by the same form or number. A customer is never changed by telling again."""
    if told.submit_key:
        sent = Delivery.objects.filter(submit_key=told.submit_key).first()
        if sent is not None and grants.reaches_unit(sent.unit_id):
            return sent
    rows = Delivery.objects.filter(source=told.source, reference=told.reference)
    known = rows.filter(withdrawn_at__isnull=True).first()
    if known is not None and not (grants.reaches_unit(known.unit_id) and is_same(known, told)):
        raise Conflict(
            "told_otherwise",
            _(
                "A delivery of this number was told before, with another customer, unit or time. If that "
                "was wrong, please withdraw it first."
            ),
            field="reference",
        )
    return known


def is_same(known: Delivery, told: Delivery) -> bool:
    names = ("customer_id", "unit_id", "delivered_at")
    return all(getattr(known, name) == getattr(told, name) for name in names)


def withdraw_delivery(*, actor: Actor, grants: Grants, delivery_id: int) -> Delivery:
    """It was told wrongly: what waits is called off. Once a mail has left it stays, for somebody was asked."""
    may_tell(grants)
    with work.unit(actor) as unit:
        # The file first, as whoever invites or erases does.
        asked = visible_deliveries(grants).filter(pk=delivery_id).values("customer_id")
        list(Customer.objects.filter(pk__in=asked).select_for_update(no_key=True).only("pk"))
        rows = visible_deliveries(grants).select_for_update(of=("self",), no_key=True)
        delivery = rows.filter(pk=delivery_id).first()
        if delivery is None:
            raise errors.delivery_not_found()
        if delivery.withdrawn_at is None:
            take_back(unit, delivery)
    return delivery


def take_back(unit: Work, delivery: Delivery) -> None:
    """Of a delivery that is held; raises when a mail about it has left."""
    asks = Ask.objects.filter(delivery=delivery, invitation__isnull=False)
    ids = list(asks.values_list("invitation_id", flat=True))
    call_off_asks(unit, ids)
    if Invitation.objects.filter(pk__in=ids).exclude(state=InvitationState.REFUSED).exists():
        raise errors.delivery_asked_about()
    delivery.withdrawn_at, delivery.withdrawn_by_name = unit.now, unit.actor.name[:80]
    delivery.save(update_fields=["withdrawn_at", "withdrawn_by_name"])
    unit.audit(
        "satisfaction.delivery.withdraw",
        delivery,
        before={"reference": delivery.reference, "source": delivery.source},
        unit_id=delivery.unit_id,
        subject=delivery.customer.key_id,
    )
