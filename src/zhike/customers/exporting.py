"""Customers as a file. The core writes it; this says what stands in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.core.access import Grants
from zhike.core.exporter import ExportColumn, ExportKind
from zhike.core.sealing import SealBroken, unseal
from zhike.core.search import masked_numbers
from zhike.customers.choices import Channel
from zhike.customers.import_consents import consents_of
from zhike.customers.import_fields import CONSENT
from zhike.customers.masks import is_shown, personal_codes, shown
from zhike.customers.models import ConsentPurpose, Customer, CustomFieldDefinition, Identity
from zhike.customers.normal import shown_identity
from zhike.customers.permissions import EXPORT, PHONE, REVEAL, TEXT, may_reveal
from zhike.customers.selectors import visible_customers
from zhike.customers.services.fields import birthday_text


class CustomerExport(ExportKind):
    """Phones are masked unless somebody with the right asked to see them; the core writes down that they did."""

    key: ClassVar[str] = "customers"
    label: ClassVar[Any] = _("Customers")
    permission: ClassVar[str] = EXPORT
    reveal_permission: ClassVar[str] = REVEAL
    columns: ClassVar[tuple[ExportColumn, ...]] = (
        ExportColumn("external_id", _("Number in another system")),
        ExportColumn("kind", _("Person or organisation"), width=10),
        ExportColumn("name", _("Name"), width=20),
        ExportColumn("salutation", _("Form of address")),
        ExportColumn("phone", _("Phone"), width=18),
        ExportColumn("organisation", _("Organisation"), width=24),
        ExportColumn("organisation_role", _("Role there")),
        ExportColumn("region", pgettext_lazy("place", "Region"), width=24),
        ExportColumn("birthday", _("Birthday"), width=12),
        ExportColumn("occupation", _("Occupation")),
        ExportColumn("tier", _("Tier"), width=10),
        ExportColumn("stage", _("Stage"), width=10),
        ExportColumn("manager", _("Account manager"), width=12),
        ExportColumn("unit", _("Unit")),
        ExportColumn("tags", _("Tags"), width=20),
        ExportColumn("completeness", _("File complete (%)"), "number", 10),
        ExportColumn("last_contact", _("Last contact"), "moment", 18),
        ExportColumn("created", _("On file since"), "moment", 18),
        ExportColumn("remark", _("Remark"), width=40),
    )

    def all_columns(self, grants: Grants) -> tuple[ExportColumn, ...]:
        own = list(CustomFieldDefinition.objects.filter(is_active=True))
        personal = personal_codes(own)
        columns = (
            *self.columns,
            *(ExportColumn(f"custom.{row.code}", row.label, width=18) for row in own),
        )
        return (
            *(one for one in columns if is_shown(grants, _FIELDS.get(one.key, one.key), personal)),
            *(
                ExportColumn(f"{CONSENT}{row.code}", f"{_('Consent')}：{row.label}", width=14)
                for row in ConsentPurpose.objects.filter(is_active=True)
            ),
        )

    def rows(self, grants: Grants) -> "QuerySet[Any]":
        return (
            visible_customers(grants).select_related("manager", "unit").defer("folded", "bigrams")
        )

    def records(
        self, batch: Sequence[Any], grants: Grants, reveal: bool
    ) -> Sequence[Mapping[str, Any]]:
        phones = full_phones(batch) if reveal and may_reveal(grants, PHONE) else {}
        reader = _Reader(
            grants,
            reveal,
            reveal and may_reveal(grants, TEXT),
            personal_codes(CustomFieldDefinition.objects.all()),
        )
        said = consents_of([customer.pk for customer in batch])
        return [
            {**_record(customer, phones, reader), **_said(said.get(customer.pk, {}))}
            for customer in batch
        ]


def _said(consents: Mapping[str, bool]) -> dict[str, str]:
    """Yes and no in the words the import reads."""
    return {
        f"{CONSENT}{code}": _t("Yes") if is_given else _t("No")
        for code, is_given in consents.items()
    }


@dataclass(frozen=True)
class _Reader:
    """Who exports, whether in full, whether texts may keep their numbers, and which own fields are personal."""

    grants: Grants
    in_full: bool
    reads_numbers: bool
    personal: frozenset[str]

    def shown(self, field: str, value: Any) -> Any:
        return shown(self.grants, field, value, self.personal, full=self.in_full)

    def spoken(self, value: Any) -> Any:
        is_plain = self.reads_numbers or not isinstance(value, str)
        return value if is_plain else masked_numbers(value)


# A column that bears another name than the field of the file.
_FIELDS = {"phone": "identity.phone"}


def _record(customer: Customer, phones: Mapping[int, str], reader: _Reader) -> Mapping[str, Any]:
    own = {
        field: reader.spoken(reader.shown(field, value))
        for field, value in ((f"custom.{code}", one) for code, one in customer.custom.items())
    }
    phone = phones.get(customer.pk, customer.phone_mask)
    return {
        **own,
        "external_id": customer.external_id,
        "kind": customer.get_kind_display(),
        "name": customer.name,
        "salutation": customer.salutation,
        "phone": reader.shown("identity.phone", phone),
        "organisation": customer.organisation_name,
        "organisation_role": customer.organisation_role,
        "region": customer.region_name,
        "birthday": reader.shown("birthday", birthday_text(customer)),
        "occupation": reader.shown("occupation", customer.occupation),
        "tier": customer.get_tier_display(),
        "stage": customer.get_stage_display(),
        "manager": customer.manager.name if customer.manager else "",
        "unit": customer.unit.name,
        "tags": customer.tags_text,
        "completeness": customer.completeness,
        "last_contact": customer.last_contact_at,
        "created": customer.created_at,
        "remark": reader.spoken(customer.remark),
    }


def full_phones(batch: Sequence[Customer]) -> dict[int, str]:
    """The main numbers of these files, unsealed; an erased person keeps the mask."""
    held = Identity.objects.filter(
        customer__in=batch, channel=Channel.PHONE, is_primary=True, voided_at__isnull=True
    )
    found: dict[int, str] = {}
    for row in held:
        try:
            found[row.customer_id] = shown_identity(Channel.PHONE, unseal(row.value_sealed))
        except SealBroken:
            continue
    return found
