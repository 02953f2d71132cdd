from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.models import PersonKey
from zhike.core.sealing import seal
from zhike.customers import rules
from zhike.customers.errors import missing, too_long
from zhike.customers.masks import closed
from zhike.customers.models import Address, Customer, Region
from zhike.customers.permissions import ADDRESS, EDIT, is_hidden
from zhike.customers.services.copies import refresh_copies
from zhike.customers.services.opening import open_file
from zhike.customers.services.recording import Change, record_changes

LIMIT = 200


@dataclass(frozen=True)
class NewAddress:
    text: str
    label: str = ""
    region_id: int | None = None


def address_row(
    customer: Customer, key: PersonKey | int, new: NewAddress, unit: work.Work
) -> Address:
    text = rules.clean_line(new.text)
    if not text:
        raise RuleError("address_missing", _("Please enter the address."), field="address")
    if len(text) > LIMIT:
        raise too_long("address", LIMIT)
    if len(new.label) > 30:
        raise too_long("label", 30)
    if new.region_id is not None and not Region.objects.filter(pk=new.region_id).exists():
        raise RuleError("choice_unknown", _("Please take one of the list."), field="region")
    return Address(
        customer=customer,
        region_id=new.region_id if new.region_id is not None else customer.region_id,
        text_sealed=seal(key, text),
        label=rules.clean_line(new.label),
        is_primary=True,
        added_at=unit.now,
        added_by_name=unit.actor.name,
    )


def add_address(
    *,
    actor: work.Actor,
    grants: Grants,
    customer_id: int,
    text: str,
    label: str = "",
    region_id: int | None = None,
    is_primary: bool = True,
) -> Address:
    grants.require(EDIT)
    if is_hidden(grants, ADDRESS):
        raise closed(ADDRESS, "text")
    with work.unit(actor) as unit:
        customer = open_file(grants, customer_id)
        row = address_row(customer, customer.key_id, NewAddress(text, label, region_id), unit)
        present = Address.objects.filter(customer=customer, voided_at__isnull=True)
        row.is_primary = is_primary or not present.exists()
        if row.is_primary:
            present.update(is_primary=False)
        row.save()
        customer.version += 1
        refresh_copies(customer)
        customer.save()
        change = Change("address", "", row.text_sealed, is_sealed=True)
        record_changes(unit, customer, "customers.address.add", [change])
    return row


def void_address(
    *, actor: work.Actor, grants: Grants, customer_id: int, address_id: int, reason: str = ""
) -> None:
    grants.require(EDIT)
    with work.unit(actor, reason) as unit:
        customer = open_file(grants, customer_id)
        row = Address.objects.filter(
            pk=address_id, customer=customer, voided_at__isnull=True
        ).first()
        if row is None or is_hidden(grants, ADDRESS):
            raise missing("address_missing", _("This address is no longer on the file."))
        row.voided_at = unit.now
        row.is_primary = False
        row.save(update_fields=["voided_at", "is_primary"])
        customer.version += 1
        refresh_copies(customer)
        customer.save()
        change = Change("address", row.text_sealed, "", is_sealed=True)
        record_changes(unit, customer, "customers.address.void", [change])
