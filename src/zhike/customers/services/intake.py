"""Finding or opening a file while the customer is on the phone."""

from dataclasses import dataclass
from typing import Unpack

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import Conflict
from zhike.customers.errors import customer_missing
from zhike.customers.masks import refuse_hidden_ways
from zhike.customers.models import Customer
from zhike.customers.permissions import EDIT
from zhike.customers.selectors import live_identity, visible_customers
from zhike.customers.services.fields import DetailFields
from zhike.customers.services.files import create_customer
from zhike.customers.services.identities import NewIdentity, normalise
from zhike.customers.services.opening import hold_file

TRIES = 3


@dataclass(frozen=True)
class Found:
    """Across units only this much is shown of somebody else's customer."""

    customer_id: int
    name: str
    masked: str
    unit_id: int
    is_new: bool
    # Whether the asking person may open the file.
    is_in_reach: bool


def find_or_make(
    *,
    actor: work.Actor,
    grants: Grants,
    channel: str,
    value: str,
    name: str = "",
    **fields: Unpack[DetailFields],
) -> Found:
    """The customer of this number or account, whichever unit keeps the file; else a new file.

    A nameless caller's file is named by the masked number until somebody asks.
    """
    grants.require(EDIT)
    refuse_hidden_ways(grants, [channel])
    normal = normalise(NewIdentity(channel, value))
    found = _found(grants, channel, value)
    if found is not None:
        return found
    try:
        customer = create_customer(
            actor=actor,
            grants=grants,
            name=name.strip() or normal.mask.text,
            identities=[NewIdentity(channel, value, is_primary=True)],
            **fields,
        )
    except Conflict as conflict:
        # Two people took the same caller in at once: the second gets the first one's file.
        winner = _found(grants, channel, value) if conflict.code == "identity_taken" else None
        if winner is None:
            raise
        return winner
    return Found(customer.pk, customer.name, normal.mask.text, customer.unit_id, True, True)


def find_and_hold(
    *,
    actor: work.Actor,
    grants: Grants,
    channel: str,
    value: str,
    name: str = "",
    **fields: Unpack[DetailFields],
) -> Customer:
    """As above, and nobody merges or erases the file until the unit of work ends that writes about them."""
    for _try in range(TRIES):
        found = find_or_make(
            actor=actor, grants=grants, channel=channel, value=value, name=name, **fields
        )
        held = hold_file(found.customer_id)
        if held is not None:
            return held
        # Erased before it could be held: nobody has this number now, and a file is made.
    raise customer_missing()


def _found(grants: Grants, channel: str, value: str) -> Found | None:
    identity = live_identity(channel, value)
    if identity is None:
        return None
    customer = identity.customer
    return Found(
        customer.pk,
        customer.name,
        identity.masked,
        customer.unit_id,
        False,
        visible_customers(grants).filter(pk=customer.pk).exists(),
    )
