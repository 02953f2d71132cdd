"""Whose case it is, while somebody is on the phone or has filled in a form.

The file found is held: call these inside the unit of work that writes about the customer.
"""

from dataclasses import dataclass

from zhike.core.access import Grants
from zhike.core.work import Actor
from zhike.customers.errors import customer_missing
from zhike.customers.masks import refuse_hidden_ways
from zhike.customers.models import Customer
from zhike.customers.selectors import customer_by_identity, file_now_at, visible_customers
from zhike.customers.services.intake import find_and_hold
from zhike.customers.services.opening import hold_file


@dataclass(frozen=True)
class Caller:
    """Somebody as they give themselves: a full number (or account) and perhaps a name."""

    value: str
    name: str = ""
    channel: str = "phone"


def find_or_make(*, actor: Actor, grants: Grants, caller: Caller, unit_id: int) -> Customer | None:
    """The customer of this number, whichever unit keeps the file; else a new file in `unit_id`."""
    if not caller.value.strip():
        return None
    return find_and_hold(
        actor=actor,
        grants=grants,
        channel=caller.channel,
        value=caller.value,
        name=caller.name,
        unit_id=unit_id,
    )


def reachable_customer(grants: Grants, customer_id: int, caller: Caller | None) -> Customer:
    """A customer of one's own reach, or one whose full number the caller gave. Merged files are followed."""
    mine = visible_customers(grants).select_for_update(of=("self",), no_key=True)
    customer = mine.filter(pk=customer_id).first()
    if customer is not None:
        return customer
    now_at = file_now_at(customer_id)
    if now_at is not None and now_at != customer_id:
        customer = mine.filter(pk=now_at).first()
    if customer is None and now_at is not None and caller is not None:
        refuse_hidden_ways(grants, [caller.channel])
        known = customer_by_identity(caller.channel, caller.value)
        customer = hold_file(now_at) if known is not None and known.pk == now_at else None
    if customer is None:
        raise customer_missing()
    return customer
