"""Opening a file for writing: right, reach and lock in one call."""

from collections.abc import Iterable

from zhike.core.access import Grants
from zhike.customers.errors import customer_missing
from zhike.customers.models import Customer
from zhike.customers.permissions import EDIT
from zhike.customers.selectors import visible_customers


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
