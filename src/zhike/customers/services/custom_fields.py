"""Fields the company adds to its customer file."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from zhike.accounts.permissions import MANAGE_SETTINGS
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.customers import rules
from zhike.customers.choices import CustomerKind, FieldKind
from zhike.customers.errors import missing, too_long
from zhike.customers.models import Customer, CustomFieldDefinition, CustomFieldValue

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
TEXT_LIMIT = 200
MOST_FIELDS = 100
MOST_CHOICES = 60


def define_custom_field(
    *,
    actor: work.Actor,
    grants: Grants,
    code: str,
    label: str,
    kind: str,
    choices: Sequence[str] = (),
    applies_to: str = "",
    help_text: str = "",
    required: bool = False,
    filterable: bool = False,
    is_personal: bool = False,
    position: int = 0,
    definition_id: int | None = None,
) -> CustomFieldDefinition:
    """Add a field, or change one when `definition_id` is given; code and kind of a field never change."""
    grants.require(MANAGE_SETTINGS)
    label = rules.clean_line(label)
    listed = list(dict.fromkeys(filter(None, (rules.clean_line(choice) for choice in choices))))
    _check_definition(code, label, kind, applies_to, help_text, listed)
    with work.unit(actor) as unit:
        if definition_id is None:
            row = _new_definition(code, kind)
        else:
            found = CustomFieldDefinition.objects.filter(pk=definition_id).first()
            if found is None:
                raise missing("field_missing", _("There is no such field."))
            row = found
            if (row.code, row.kind) != (code, kind):
                raise RuleError(
                    "field_fixed",
                    _("Name in the interface and kind of a field stay; make a new one instead."),
                    field="kind",
                )
        before = _facts(row)
        was_filterable = row.filterable
        row.label, row.choices, row.applies_to = label, listed, applies_to
        row.help, row.required, row.filterable = help_text, required, filterable
        row.position, row.is_active, row.is_personal = position, True, is_personal
        row.save()
        unit.audit(
            "customers.field.define",
            row,
            before=before,
            after={"code": code, **_facts(row)},
        )
        if filterable and not was_filterable and definition_id is not None:
            from zhike.customers.tasks import index_field_values

            unit.enqueue(index_field_values, definition_id=row.pk)
    return row


def _facts(row: CustomFieldDefinition) -> dict[str, Any]:
    names = ("label", "choices", "filterable", "is_personal")
    return {name: getattr(row, name) for name in names}


def _new_definition(code: str, kind: str) -> CustomFieldDefinition:
    if CustomFieldDefinition.objects.filter(code=code).exists():
        raise RuleError(
            "field_code_taken", _("There is a field of this code already."), field="code"
        )
    if CustomFieldDefinition.objects.count() >= MOST_FIELDS:
        # A file with hundreds of fields is read by nobody.
        raise RuleError(
            "too_many_fields",
            _("A customer file has at most %(count)s fields of your own.") % {"count": MOST_FIELDS},
        )
    return CustomFieldDefinition(code=code, kind=kind)


def _check_definition(
    code: str, label: str, kind: str, applies_to: str, help_text: str, choices: list[str]
) -> None:
    if not CODE.fullmatch(code):
        raise RuleError(
            "field_code_bad",
            _("The code starts with a small letter; then letters, digits and _ only."),
            field="code",
        )
    if not label:
        raise RuleError("field_label_missing", _("Please give the field a name."), field="label")
    for name, text, limit in (("label", label, 40), ("help_text", help_text, 120)):
        if len(text) > limit:
            raise too_long(name, limit)
    if kind not in FieldKind.values or applies_to not in ("", *CustomerKind.values):
        raise RuleError("field_kind_unknown", _("There is no such kind of field."), field="kind")
    if kind == FieldKind.CHOICE and not 2 <= len(choices) <= MOST_CHOICES:
        raise RuleError(
            "field_choices",
            _("Please list between 2 and %(count)s choices.") % {"count": MOST_CHOICES},
            field="choices",
        )
    if any(len(choice) > 60 for choice in choices):
        raise too_long("choices", 60)


def retire_custom_field(*, actor: work.Actor, grants: Grants, definition_id: int) -> None:
    """Take a field off the form. What was filled in stays on the files."""
    grants.require(MANAGE_SETTINGS)
    with work.unit(actor) as unit:
        row = CustomFieldDefinition.objects.filter(pk=definition_id, is_active=True).first()
        if row is None:
            raise missing("field_missing", _("There is no such field."))
        row.is_active = False
        row.save(update_fields=["is_active"])
        unit.audit("customers.field.retire", row, after={"code": row.code})


def definitions_for(kind: str) -> list[CustomFieldDefinition]:
    rows = CustomFieldDefinition.objects.filter(is_active=True, applies_to__in=("", kind))
    return list(rows)


def clean_custom(
    values: Mapping[str, Any], definitions: Sequence[CustomFieldDefinition]
) -> dict[str, Any]:
    """Values as they are stored: text, number (as text), ISO day, choice, true or false; None empties."""
    known = {definition.code: definition for definition in definitions}
    cleaned: dict[str, Any] = {}
    for code, value in values.items():
        definition = known.get(code)
        if definition is None:
            raise RuleError(
                "field_unknown",
                _("There is no field “%(code)s” on this file.") % {"code": code},
                field=f"custom.{code}",
            )
        cleaned[code] = _clean_value(definition, value)
    return cleaned


def _bad(definition: CustomFieldDefinition, sentence: str) -> RuleError:
    return RuleError("field_value_bad", sentence, field=f"custom.{definition.code}")


def _clean_value(definition: CustomFieldDefinition, value: Any) -> Any:
    if value is None or value == "":
        return None
    match definition.kind:
        case FieldKind.TEXT:
            text = rules.clean_line(str(value))
            if len(text) > TEXT_LIMIT:
                raise too_long(f"custom.{definition.code}", TEXT_LIMIT)
            return text or None
        case FieldKind.NUMBER:
            return _clean_number(definition, value)
        case FieldKind.DATE:
            try:
                return (
                    value if isinstance(value, date) else date.fromisoformat(str(value))
                ).isoformat()
            except ValueError as error:
                raise _bad(definition, _("Please write the day like 2026-11-24.")) from error
        case FieldKind.CHOICE:
            if value not in definition.choices:
                raise _bad(definition, _("Please take one of the list."))
            return value
    if isinstance(value, bool):
        return value
    raise _bad(definition, _("Please say yes or no."))


def _clean_number(definition: CustomFieldDefinition, value: Any) -> str:
    try:
        number = Decimal(str(value).replace(",", ""))
        if number.is_finite() and abs(number) < Decimal("1e14"):
            # As text: JSON numbers would lose digits on one of the databases.
            rounded = number.quantize(Decimal("0.0001")).normalize()
            return f"{rounded:f}"
    except InvalidOperation:
        pass
    raise _bad(definition, _("Please enter a number."))


def field_value(customer: Customer, definition: CustomFieldDefinition) -> CustomFieldValue | None:
    """The unsaved index row of one filterable value."""
    value = customer.custom.get(definition.code)
    if value in (None, ""):
        return None
    row = CustomFieldValue(customer=customer, definition=definition)
    match definition.kind:
        case FieldKind.NUMBER:
            row.number = Decimal(value)
        case FieldKind.DATE:
            row.day = date.fromisoformat(value)
        case FieldKind.BOOL:
            row.text = "1" if value else "0"
        case _:
            row.text = value
    return row


def index_custom(customer: Customer, definitions: Sequence[CustomFieldDefinition]) -> None:
    """Rewrite the index rows of one file from its `custom`."""
    filterable = [definition for definition in definitions if definition.filterable]
    if not filterable:
        return
    CustomFieldValue.objects.filter(customer=customer, definition__in=filterable).delete()
    rows = [row for row in (field_value(customer, d) for d in filterable) if row is not None]
    CustomFieldValue.objects.bulk_create(rows)
