"""One act on several chosen files: all of them, or none."""

from collections.abc import Sequence

from zhike.core import work
from zhike.core.access import Grants
from zhike.customers.models import CustomerTag
from zhike.customers.permissions import EDIT
from zhike.customers.services.files import update_customer
from zhike.customers.services.opening import open_files
from zhike.customers.services.tagging import set_tags


def give_to_manager(
    *, actor: work.Actor, grants: Grants, customer_ids: Sequence[int], manager_id: int | None
) -> int:
    """Name one account manager for all of these. Returns how many files changed."""
    grants.require(EDIT)
    with work.unit(actor):
        files = open_files(grants, customer_ids)
        changed = [pk for pk, customer in files.items() if customer.manager_id != manager_id]
        for pk in changed:
            update_customer(actor=actor, grants=grants, customer_id=pk, manager_id=manager_id)
    return len(changed)


def add_tags(
    *, actor: work.Actor, grants: Grants, customer_ids: Sequence[int], names: Sequence[str]
) -> int:
    """Put these tags on all of these files, beside those they carry. Returns how many files."""
    grants.require(EDIT)
    with work.unit(actor):
        files = open_files(grants, customer_ids)
        carried: dict[int, list[str]] = {pk: [] for pk in files}
        links = CustomerTag.objects.filter(customer_id__in=carried)
        for pk, name in links.values_list("customer_id", "tag__name"):
            carried[pk].append(name)
        for pk, own in carried.items():
            set_tags(actor=actor, grants=grants, customer_id=pk, names=[*own, *names])
    return len(files)
