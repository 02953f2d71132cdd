"""What the file itself gives to a person's copy; the rooms above add what they hold."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.core.exporter import ExportColumn
from zhike.core.sealing import SealBroken, unseal
from zhike.customers.models import (
    Address,
    Consent,
    Customer,
    CustomFieldDefinition,
    Identity,
    Need,
    Preference,
)
from zhike.customers.normal import shown_identity
from zhike.customers.services.fields import birthday_text
from zhike.privacy.slots import PARTS, PersonalPart

Rows = Iterable[Mapping[str, Any]]
FIELD = (
    ExportColumn("field", _("Field"), width=22),
    ExportColumn("value", _("What we hold"), width=60),
)


def fill() -> None:
    for key, label, columns, rows, order in (
        ("file", _("File"), FIELD, _file, 10),
        (
            "ways",
            _("Numbers and accounts"),
            _columns("kind", "value", "label", "added", "until"),
            _ways,
            11,
        ),
        ("addresses", _("Addresses"), _columns("value", "label", "added", "until"), _addresses, 12),
        (
            "habits",
            _("Tastes and habits"),
            _columns("topic", "value", "source", "added", "until"),
            _habits,
            13,
        ),
        ("needs", _("Needs"), _columns("kind", "value", "added", "outcome"), _needs, 14),
        (
            "consents",
            _("Consents"),
            _columns("purpose", "said", "version", "how", "added", "text"),
            _consents,
            15,
        ),
    ):
        PARTS.fill(PersonalPart(key, label, columns, rows, order))


LABELS: dict[str, Any] = {
    "kind": _("Kind"),
    "value": _("What we hold"),
    "label": _("Label"),
    "topic": _("Topic"),
    "source": _("Source"),
    "added": _("Since"),
    "until": pgettext_lazy("personal data", "Out of use since"),
    "outcome": _("Outcome"),
    "purpose": _("For what"),
    "said": _("What was said"),
    "version": _("Version of the notice"),
    "how": _("How"),
    "text": _("What was told"),
}
WIDE = frozenset({"value", "text", "outcome"})


def _columns(*keys: str) -> tuple[ExportColumn, ...]:
    return tuple(ExportColumn(key, LABELS[key], width=50 if key in WIDE else 18) for key in keys)


def _file(ids: Sequence[int]) -> Rows:
    own = dict(CustomFieldDefinition.objects.values_list("code", "label"))
    rows = Customer.objects.filter(pk__in=ids).select_related("manager", "unit", "organisation")
    for customer in rows.order_by("pk"):
        said = {
            str(_("Name")): customer.name,
            str(_("Form of address")): customer.salutation,
            str(_("Person or organisation")): customer.get_kind_display(),
            str(_("Organisation")): customer.organisation_name,
            str(_("Role there")): customer.organisation_role,
            str(pgettext_lazy("place", "Region")): customer.region_name,
            str(_("Sex")): customer.get_sex_display(),
            str(_("Birthday")): birthday_text(customer),
            str(_("People in the household")): customer.household_size,
            str(_("About the household")): customer.household_note,
            str(_("Occupation")): customer.occupation,
            str(_("Income")): customer.get_income_band_display(),
            str(_("Type of company")): customer.get_company_type_display(),
            str(_("Remark")): customer.remark,
            str(_("Tier")): customer.get_tier_display(),
            str(_("Stage")): customer.get_stage_display(),
            str(_("Account manager")): customer.manager.name if customer.manager else "",
            str(_("Unit")): customer.unit.name,
            str(_("Tags")): customer.tags_text,
            str(_("Segments")): _segments(customer),
            str(_("Number in another system")): customer.external_id,
            str(_("On file since")): customer.created_at,
            **{own.get(code, code): value for code, value in customer.custom.items()},
        }
        for field, value in said.items():
            if value not in (None, ""):
                yield {"field": field, "value": value}


def _segments(customer: Customer) -> str:
    names = customer.memberships.order_by("segment__name").values_list("segment__name", flat=True)
    return "、".join(names)


def _plain(sealed: str) -> str:
    try:
        return unseal(sealed)
    except SealBroken:
        return ""


def _ways(ids: Sequence[int]) -> Rows:
    for row in Identity.objects.filter(customer_id__in=ids).order_by("pk"):
        yield {
            "kind": row.get_channel_display(),
            "value": shown_identity(row.channel, _plain(row.value_sealed)),
            "label": row.label,
            "added": row.added_at,
            "until": row.voided_at,
        }


def _addresses(ids: Sequence[int]) -> Rows:
    rows = Address.objects.filter(customer_id__in=ids).select_related("region")
    for row in rows.order_by("pk"):
        place = row.region.full_name if row.region else ""
        yield {
            "value": f"{place} {_plain(row.text_sealed)}".strip(),
            "label": row.label,
            "added": row.added_at,
            "until": row.voided_at,
        }


def _habits(ids: Sequence[int]) -> Rows:
    for row in Preference.objects.filter(customer_id__in=ids).order_by("pk"):
        yield {
            "topic": row.topic,
            "value": row.value,
            "source": row.source,
            "added": row.at,
            "until": row.voided_at,
        }


def _needs(ids: Sequence[int]) -> Rows:
    for row in Need.objects.filter(customer_id__in=ids).order_by("pk"):
        yield {
            "kind": row.get_kind_display(),
            "value": row.text,
            "added": row.at,
            "outcome": row.outcome,
        }


def _consents(ids: Sequence[int]) -> Rows:
    rows = Consent.objects.filter(customer_id__in=ids).select_related("purpose", "notice")
    for row in rows.order_by("at", "pk"):
        yield {
            "purpose": row.purpose.label,
            "said": str(_("Yes") if row.is_given else _("No")),
            "version": row.notice.version if row.notice else "",
            "how": row.get_channel_display(),
            "added": row.at,
            "text": row.notice.text if row.notice else "",
        }
