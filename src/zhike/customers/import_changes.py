"""What an imported row changes on a file that exists, and how that is taken back."""

from collections.abc import Mapping
from typing import Any

from zhike.core.importer import Change, Context, Row
from zhike.core.sealing import SealBroken, blind, unseal
from zhike.customers import rules, services
from zhike.customers.choices import Channel
from zhike.customers.import_consents import say_consents, take_back_consents
from zhike.customers.import_fields import WAYS, consents_in, file_fields
from zhike.customers.models import Address, Customer, Identity
from zhike.customers.services.identities import NewIdentity


class Difference:
    """What a row would change on a file that exists."""

    def __init__(
        self,
        row: Row,
        customer: Customer,
        ways: set[tuple[str, str]],
        address: str | None,
        said: Mapping[str, bool],
    ) -> None:
        self.customer = customer
        self.fields = {
            field: value
            for field, value in file_fields(row).items()
            if field != "custom" and getattr(customer, field) != value
        }
        custom = file_fields(row).get("custom", {})
        self.custom = {
            code: value
            for code, value in custom.items()
            if not _same(customer.custom.get(code), value)
        }
        self.ways = [
            NewIdentity(channel, row.values[code])
            for code, channel in WAYS
            if row.values.get(code)
            and (channel.value, _blind(channel, row.values[code])) not in ways
        ]
        present = set(filter(None, customer.tags_text.split()))
        self.tags = [
            tag for tag in row.values.get("tags", []) if tag.replace(" ", "") not in present
        ]
        text = row.values.get("address", "")
        self.said = said
        self.consents = {c: v for c, v in consents_in(row).items() if said.get(c) != v}
        self.address = text if text and rules.clean_line(text) != _opened(address) else ""

    @property
    def is_any(self) -> bool:
        return any((self.fields, self.custom, self.ways, self.tags, self.address, self.consents))

    def write(self, row: Row, context: Context) -> None:
        customer = self.customer
        acting: dict[str, Any] = {"actor": context.actor, "grants": context.grants}
        row.object_id, row.person_key_id = customer.pk, customer.key_id
        row.before = {field: getattr(customer, field) for field in self.fields}
        if self.custom:
            row.before["custom"] = {code: customer.custom.get(code) for code in self.custom}
        if self.fields or self.custom:
            changes = self.fields | ({"custom": self.custom} if self.custom else {})
            changed = services.update_customer(**acting, customer_id=customer.pk, **changes)
            row.after = {field: getattr(changed, field) for field in self.fields}
            if self.custom:
                row.after["custom"] = {code: changed.custom.get(code) for code in self.custom}
        added = [
            services.add_identity(
                **acting, customer_id=customer.pk, channel=way.channel, value=way.value
            ).pk
            for way in self.ways
        ]
        if added:
            row.after["identities"] = added
        if self.tags:
            before = customer.tags_text.split()
            services.set_tags(**acting, customer_id=customer.pk, names=[*before, *self.tags])
            row.after["tags"] = self.tags
        if self.address:
            row.after["address"] = services.add_address(
                **acting, customer_id=customer.pk, text=self.address
            ).pk
        if self.consents:
            row.before["consents"] = {code: self.said.get(code) for code in self.consents}
            row.after["consents"] = self.consents
            say_consents(context, customer.pk, self.consents)


def _same(kept: Any, new: Any) -> bool:
    return str(kept) == (new.isoformat() if hasattr(new, "isoformat") else str(new))


def _blind(channel: Channel, value: str) -> str:
    if channel is Channel.EMAIL:
        return blind("email", value.lower())
    return blind("phone" if channel is Channel.PHONE else "id", value)


def _opened(sealed: str | None) -> str:
    try:
        return unseal(sealed or "")
    except SealBroken:
        return ""


def put_back(change: Change, context: Context) -> bool:
    """Undo one update field by field; False when some field no longer stands as the import left it."""
    acting: dict[str, Any] = {"actor": context.actor, "grants": context.grants}
    pk, after = change.object_id, dict(change.after)
    customer = Customer.objects.get(pk=pk)
    said = dict(change.before.get("consents", {}))
    whole = take_back_consents(context, pk, said, after.get("consents", {}))
    back: dict[str, Any] = {}
    for field, value in change.before.items():
        if field == "consents":
            continue
        if field == "custom":
            own = {
                code: old
                for code, old in value.items()
                if customer.custom.get(code) == after["custom"].get(code)
            }
            whole = whole and len(own) == len(value)
            if own:
                back["custom"] = own
        elif getattr(customer, field) == after.get(field):
            back[field] = value
        elif getattr(customer, field) != value:
            whole = False
    if back:
        services.update_customer(**acting, customer_id=pk, **back)
    _void_added(acting, pk, after)
    return whole


def _void_added(acting: dict[str, Any], pk: int, after: Mapping[str, Any]) -> None:
    for identity_id in after.get("identities", []):
        if Identity.objects.filter(pk=identity_id, voided_at__isnull=True).exists():
            services.void_identity(**acting, customer_id=pk, identity_id=identity_id)
    if after.get("tags"):
        present = Customer.objects.get(pk=pk).tags_text.split()
        left = [tag for tag in present if tag not in after["tags"]]
        if left != present:
            services.set_tags(**acting, customer_id=pk, names=left)
    address = after.get("address")
    if address and Address.objects.filter(pk=address, voided_at__isnull=True).exists():
        services.void_address(**acting, customer_id=pk, address_id=address)
