"""What fields of a file are called on the screen."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.customers.choices import (
    Channel,
    CompanyType,
    CustomerKind,
    IncomeBand,
    NeedKind,
    Sex,
    Stage,
    Tier,
)
from zhike.customers.models import CustomFieldDefinition

FIELDS: Mapping[str, Any] = {
    "name": _("Name"),
    "kind": _("Person or organisation"),
    "unit": _("Unit"),
    "salutation": _("Form of address"),
    "organisation": _("Organisation"),
    "organisation_role": _("Role there"),
    "region": pgettext_lazy("place", "Region"),
    "sex": _("Sex"),
    "birthday": _("Birthday"),
    "household_size": _("People in the household"),
    "household_note": _("About the household"),
    "household": _("Household"),
    "occupation": _("Occupation"),
    "income_band": _("Household income"),
    "company_type": _("Kind of company"),
    "remark": _("Remark"),
    "tier": _("Tier"),
    "stage": _("Stage"),
    "manager": _("Account manager"),
    "referrer": _("Brought by"),
    "external_id": _("Number in another system"),
    "tags": _("Tags"),
    "preference": _("Taste or habit"),
    "caution": _("To mind before getting in touch"),
    "address": _("Address"),
    "contact": _("Phone or account"),
    "people": _("People to talk to"),
    "habits": _("Tastes and habits"),
    "created": _("File opened"),
    "merged": _("Merged with"),
    "unmerged": _("Merge taken apart"),
}
VALUES: Mapping[str, Mapping[str, Any]] = {
    "kind": dict(CustomerKind.choices),
    "sex": dict(Sex.choices),
    "income_band": dict(IncomeBand.choices),
    "company_type": dict(CompanyType.choices),
    "tier": dict(Tier.choices),
    "stage": dict(Stage.choices),
}


def field_label(field: str, own: Mapping[str, str]) -> Any:
    """`own` maps the codes of the company's own fields to their names."""
    head, _dot, rest = field.partition(".")
    if not rest:
        return FIELDS.get(head, head)
    match head:
        case "custom":
            return own.get(rest, rest)
        case "identity":
            return dict(Channel.choices).get(rest, rest)
        case "primary":
            return _("Main number")
        case "need":
            return dict(NeedKind.choices).get(rest, rest)
    return field


def shown_value(field: str, value: str) -> Any:
    return VALUES.get(field, {}).get(value, value)


def missing_labels(keys: Iterable[str], definitions: Sequence[CustomFieldDefinition]) -> list[Any]:
    return [field_label(key, own_labels(definitions)) for key in keys]


def own_labels(definitions: Sequence[CustomFieldDefinition]) -> dict[str, str]:
    return {definition.code: definition.label for definition in definitions}
