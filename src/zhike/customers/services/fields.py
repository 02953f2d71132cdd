"""Cleaning what somebody entered on a file, field by field."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

from django.db.models import Model
from django.utils.translation import gettext as _

from zhike.accounts.models import Unit, User
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.customers import rules
from zhike.customers.choices import CompanyType, CustomerKind, IncomeBand, Sex, Tier
from zhike.customers.errors import too_long
from zhike.customers.masks import is_writable, personal_codes, refuse_closed
from zhike.customers.models import Customer, CustomFieldDefinition, Region
from zhike.customers.selectors import visible_customers
from zhike.customers.services.custom_fields import clean_custom


class DetailFields(TypedDict, total=False):
    """What a file may say beside the name; None or "" empties a field."""

    kind: str
    unit_id: int
    salutation: str
    organisation_id: int | None
    organisation_role: str
    region_id: int | None
    sex: str
    birth_year: int | None
    birth_month: int | None
    birth_day: int | None
    household_size: int | None
    household_note: str
    occupation: str
    income_band: str
    company_type: str
    remark: str
    tier: str
    manager_id: int | None
    referrer_id: int | None
    external_id: str
    custom: Mapping[str, Any]


class FileFields(DetailFields, total=False):
    """Every field somebody with the right to edit may fill in."""

    name: str


LINES = {
    "name": 120,
    "salutation": 40,
    "organisation_role": 60,
    "household_note": 200,
    "occupation": 60,
    "external_id": 80,
}
REMARK_LIMIT = 2000
CHOICES: dict[str, Sequence[str]] = {
    "kind": CustomerKind.values,
    "sex": ["", *Sex.values],
    "income_band": ["", *IncomeBand.values],
    "company_type": ["", *CompanyType.values],
    "tier": Tier.values,
}
BIRTHDAY = ("birth_year", "birth_month", "birth_day")
# Of these, the ones that name another file.
POINTS_TO_FILES = ("organisation_id", "referrer_id")
NAMED_ROWS = ("organisation_id", "region_id", "manager_id", "referrer_id", "unit_id")


def clean_fields(
    fields: Mapping[str, Any],
    *,
    grants: Grants,
    customer: Customer,
    definitions: Sequence[CustomFieldDefinition],
    today_year: int,
) -> dict[str, Any]:
    """Columns of `Customer` with their new values. `customer` is the file as it is (unsaved when new)."""
    unknown = set(fields) - set(FileFields.__annotations__)
    if unknown:
        raise RuleError(
            "field_unknown",
            _("There is no field “%(code)s” on this file.") % {"code": min(unknown)},
            field=min(unknown),
        )
    refuse_closed(grants, fields, personal_codes(definitions), is_new=customer._state.adding)
    cleaned: dict[str, Any] = {}
    for field, value in fields.items():
        if field in LINES:
            cleaned[field] = _line(field, value)
        elif field == "remark":
            cleaned[field] = _remark(value)
        elif field in CHOICES:
            if value not in CHOICES[field]:
                raise RuleError("choice_unknown", _("Please take one of the list."), field=field)
            cleaned[field] = value
        elif field == "household_size":
            cleaned[field] = _household(value)
    if "name" in cleaned and not cleaned["name"]:
        raise RuleError("name_missing", _("Please enter the customer's name."), field="name")
    cleaned |= _birthday(fields, customer, today_year)
    cleaned |= _rows(fields, grants, customer)
    if "custom" in fields:
        given = clean_custom(fields["custom"] or {}, definitions)
        merged = {**customer.custom, **given}
        cleaned["custom"] = {code: value for code, value in merged.items() if value is not None}
    _check_kind(cleaned, customer)
    return cleaned


def check_required(
    customer: Customer, definitions: Sequence[CustomFieldDefinition], grants: Grants
) -> None:
    """Asked by the form; an import or a call may leave a file incomplete, which its percentage then shows.

    What is closed to the editor is asked of others.
    """
    personal, is_new = personal_codes(definitions), customer._state.adding
    for definition in definitions:
        if not is_writable(grants, f"custom.{definition.code}", personal, is_new=is_new):
            continue
        if definition.required and customer.custom.get(definition.code) in (None, ""):
            raise RuleError(
                "field_required",
                _("Please fill in “%(label)s”.") % {"label": definition.label},
                field=f"custom.{definition.code}",
            )


def _line(field: str, value: Any) -> str:
    text = rules.clean_line(value or "")
    if len(text) > LINES[field]:
        raise too_long(field, LINES[field])
    return text


def _remark(value: Any) -> str:
    text = rules.clean_text(value or "")
    if len(text) > REMARK_LIMIT:
        raise too_long("remark", REMARK_LIMIT)
    return text


def _household(value: Any) -> int | None:
    if value is None:
        return None
    if not 1 <= int(value) <= 99:
        raise RuleError(
            "household_size", _("A household has between 1 and 99 people."), field="household_size"
        )
    return int(value)


def _birthday(fields: Mapping[str, Any], customer: Customer, today_year: int) -> dict[str, Any]:
    if not any(part in fields for part in BIRTHDAY):
        return {}
    year, month, day = (fields.get(part, getattr(customer, part)) for part in BIRTHDAY)
    if not rules.is_birthday(year, month, day):
        raise RuleError("birthday", _("There is no such day in the calendar."), field="birth_day")
    if year is not None and not 1900 <= year <= today_year:
        raise RuleError("birth_year", _("Please check the year of birth."), field="birth_year")
    return dict(zip(BIRTHDAY, (year, month, day), strict=True))


def _rows(fields: Mapping[str, Any], grants: Grants, customer: Customer) -> dict[str, Any]:
    """Rows pointed to must exist and be within reach; a foreign one is told apart from a missing one by nobody."""
    finders: dict[str, Callable[[int], Model | None]] = {
        "organisation_id": lambda pk: (
            visible_customers(grants).filter(pk=pk, kind=CustomerKind.ORGANISATION).first()
        ),
        "referrer_id": lambda pk: visible_customers(grants).filter(pk=pk).first(),
        "region_id": lambda pk: Region.objects.filter(pk=pk, is_active=True).first(),
        "manager_id": lambda pk: User.objects.filter(pk=pk, is_active=True).first(),
        "unit_id": lambda pk: (
            Unit.objects.filter(pk=pk, is_active=True).first() if grants.reaches_unit(pk) else None
        ),
    }
    found: dict[str, Any] = {}
    for field in NAMED_ROWS:
        if field not in fields:
            continue
        pk = fields[field]
        if pk == getattr(customer, field):
            # What stands there already needs no second look; its row may have been retired since.
            found[field] = pk
            continue
        row = finders[field](pk) if pk is not None else None
        if (pk is not None and row is None) or (pk is None and field == "unit_id"):
            raise RuleError("choice_unknown", _("Please take one of the list."), field=field)
        if field in POINTS_TO_FILES and pk is not None and pk == customer.pk:
            raise RuleError("points_to_itself", _("A file cannot point to itself."), field=field)
        found[field] = pk
        if field == "organisation_id":
            found["organisation_name"] = row.name if isinstance(row, Customer) else ""
        if field == "region_id":
            found["region_name"] = row.full_name if isinstance(row, Region) else ""
    return found


def _check_kind(cleaned: Mapping[str, Any], customer: Customer) -> None:
    kind = cleaned.get("kind", customer.kind)
    organisation_id = cleaned.get("organisation_id", customer.organisation_id)
    if kind == CustomerKind.ORGANISATION and organisation_id is not None:
        raise RuleError(
            "organisation_in_organisation",
            _("Only a person belongs to an organisation."),
            field="organisation_id",
        )
    if (
        not customer._state.adding
        and kind != customer.kind
        and Customer.objects.filter(organisation=customer).exists()
    ):
        raise RuleError(
            "organisation_has_people",
            _("This organisation has people on file, so it stays an organisation."),
            field="kind",
        )


def as_text(field: str, customer: Customer) -> str:
    """A field as it stands in the change history: codes stay codes, rows are named."""
    match field:
        case "organisation_id":
            return customer.organisation_name
        case "region_id":
            return customer.region_name
        case "manager_id":
            return customer.manager.name if customer.manager else ""
        case "referrer_id":
            return customer.referrer.name if customer.referrer else ""
        case "unit_id":
            return customer.unit.name
    value = getattr(customer, field)
    return "" if value is None else str(value)


def birthday_text(customer: Customer) -> str:
    if customer.birth_month is None or customer.birth_day is None:
        return str(customer.birth_year or "")
    day = f"{customer.birth_month:02}-{customer.birth_day:02}"
    return f"{customer.birth_year}-{day}" if customer.birth_year else day
