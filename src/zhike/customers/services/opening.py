"""Opening a file for writing: right, reach and lock in one call."""

from collections.abc import Iterable

from zhike.core.access import Grants
from zhike.customers.errors import customer_missing
from zhike.customers.models import Customer
from zhike.customers.permissions import EDIT
from zhike.customers.selectors import file_now_at, visible_customers


def open_file(grants: Grants, customer_id: int, permission: str = EDIT) -> Customer:
    """The file, locked until the unit of work ends. Call it inside one."""
    grants.require(permission)
    rows = visible_customers(grants).select_for_update()
    customer = rows.filter(pk=customer_id).first()
    if customer is None:
        raise customer_missing()
    return customer


def open_files(
    grants: Grants, customer_ids: Iterable[int], permission: str = EDIT
) -> dict[int, Customer]:
    """Several files, locked in the order of their ids so that two units cannot wait for each other."""
    grants.require(permission)
    wanted = sorted(set(customer_ids))
    rows = visible_customers(grants).select_for_update().filter(pk__in=wanted).order_by("pk")
    found = {customer.pk: customer for customer in rows}
    if len(found) != len(wanted):
        raise customer_missing()
    return found


def hold_file(customer_id: int) -> Customer | None:
    """The file as it stands, or the one it was merged into; None when it is gone.

    For whoever writes something new about a person: a merge or an erasure that begins now waits until this unit
    of work ends, and finds what it wrote. Without this it would pass by a row that is not committed yet.
    """
    in_use = Customer.objects.filter(merged_into__isnull=True, voided_at__isnull=True)
    wanted: int | None = customer_id
    while wanted is not None:
        # Other rows may go on to point to it while it is held.
        held = in_use.select_for_update(no_key=True).filter(pk=wanted).first()
        if held is not None:
            return held
        wanted = file_now_at(wanted)
    return None
