"""How much of a file's values somebody is shown, and what they may write of them.

What is hidden from a role it neither reads, nor finds by, nor writes. What it sees in part it does not overwrite.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from zhike.core.access import PERSONAL_FIELDS, Grants, Level
from zhike.core.errors import RuleError
from zhike.customers import rules
from zhike.customers.choices import Channel
from zhike.customers.models import Customer, CustomFieldDefinition
from zhike.customers.permissions import (
    ADDRESS,
    BIRTHDAY,
    CUSTOM,
    HOUSEHOLD,
    INCOME,
    OCCUPATION,
    PHONE,
    SEX,
    field_of,
    is_hidden,
    is_open,
    may_reveal,
)

C = TypeVar("C", bound=Customer)
# Columns, groups of a merge, fields of the history and of an import: which kind of value each holds.
_KINDS: Mapping[str, str] = {
    "address": ADDRESS,
    "birthday": BIRTHDAY,
    "birth_year": BIRTHDAY,
    "birth_month": BIRTHDAY,
    "birth_day": BIRTHDAY,
    "sex": SEX,
    "occupation": OCCUPATION,
    "income_band": INCOME,
    "household": HOUSEHOLD,
    "household_size": HOUSEHOLD,
    "household_note": HOUSEHOLD,
}
_WAYS = ("identity", "primary")
_CLEAR = frozenset({BIRTHDAY, SEX, OCCUPATION, INCOME, HOUSEHOLD, CUSTOM})


def personal_codes(definitions: Iterable[CustomFieldDefinition]) -> frozenset[str]:
    """The company's own fields that are marked as personal."""
    return frozenset(row.code for row in definitions if row.is_personal)


def kind_of(field: str, personal: Collection[str] = ()) -> str:
    """The code of `PERSONAL_FIELDS` a field belongs to; "" for what every reader of the file is shown."""
    head, _dot, rest = field.partition(".")
    if rest and head in _WAYS:
        return field_of(rest)
    if head == "custom":
        return CUSTOM if rest in personal else ""
    return _KINDS.get(head, "")


def is_shown(grants: Grants, field: str, personal: Collection[str] = ()) -> bool:
    kind = kind_of(field, personal)
    return not kind or not is_hidden(grants, kind)


def shown(
    grants: Grants, field: str, value: Any, personal: Collection[str] = (), *, full: bool = False
) -> Any:
    """The value, a part of it, or nothing. `full`: the look has been noted, as in an export that asked for it.

    Numbers and addresses come here masked already.
    """
    kind = kind_of(field, personal)
    if not kind or value in (None, ""):
        return value
    if is_hidden(grants, kind):
        return ""
    if kind not in _CLEAR or is_open(grants, kind) or (full and may_reveal(grants, kind)):
        return value
    return part_of(kind, value)


def part_of(kind: str, value: Any) -> str:
    text = str(value)
    if kind == BIRTHDAY:
        return rules.mask_birthday(text)
    return rules.mask_word(text) if kind in (OCCUPATION, CUSTOM) else rules.NOTHING


def may_look(grants: Grants, kind: str) -> bool:
    """Whether a part is shown and the whole may be looked at."""
    return grants.level(kind) is Level.LOOK and may_reveal(grants, kind)


def shown_phones(grants: Grants, rows: Iterable[C]) -> list[C]:
    """Files as they are drawn, never saved: without the number where it is hidden."""
    drawn = list(rows)
    if is_hidden(grants, PHONE):
        for row in drawn:
            row.phone_mask = ""
    return drawn


def is_writable(grants: Grants, field: str, personal: Collection[str], *, is_new: bool) -> bool:
    """Nobody writes what is hidden from them, and nobody overwrites what they see only a part of."""
    kind = kind_of(field, personal)
    if not kind:
        return True
    return not is_hidden(grants, kind) if is_new or kind not in _CLEAR else is_open(grants, kind)


def refuse_closed(
    grants: Grants, fields: Mapping[str, Any], personal: Collection[str], *, is_new: bool
) -> None:
    """Whatever the value is: a refusal that depended on it would tell it."""
    given = [name for name in fields if name != "custom"]
    given += [f"custom.{code}" for code in fields.get("custom") or ()]
    for name in given:
        if not is_writable(grants, name, personal, is_new=is_new):
            raise closed(kind_of(name, personal), name)


def refuse_hidden_ways(grants: Grants, channels: Iterable[str]) -> None:
    for channel in channels:
        # A channel nobody knows is told as such later.
        if channel in Channel.values and is_hidden(grants, field_of(channel)):
            raise closed(field_of(channel), channel)


def closed(kind: str, field: str) -> RuleError:
    known = PERSONAL_FIELDS.get(kind)
    return RuleError(
        "field_closed",
        _("“%(field)s” is closed to your role, so it can neither be searched by nor changed.")
        % {"field": known.label if known else kind},
        field=field,
    )


def writable_definitions(
    grants: Grants, definitions: Sequence[CustomFieldDefinition], *, is_new: bool
) -> list[CustomFieldDefinition]:
    personal = personal_codes(definitions)
    return [
        row
        for row in definitions
        if is_writable(grants, f"custom.{row.code}", personal, is_new=is_new)
    ]
