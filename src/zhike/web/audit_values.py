"""What changed, as people say it: fields and people by name, codes by label, moments in local time."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _

from zhike.accounts.forms_roles import LEVELS
from zhike.accounts.models import Unit, User
from zhike.core import clock
from zhike.core.access import PERSONAL_FIELDS
from zhike.customers.labels import field_label
from zhike.web.audit_fields import FIELDS
from zhike.web.templating.components import money

NOTHING = "—"
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
_PEOPLE = frozenset({"owner_id", "person_id", "assigned_id", "asked_by", "user", "caller_id"})
_UNITS = frozenset({"unit_id", "unit", "units", "parent"})


@dataclass(frozen=True)
class Change:
    field: str
    before: str
    after: str


class Values:
    """One row's values. Names of people and units are read once, when the first is asked for."""

    def __init__(self, object_type: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        self.object_type, self.before, self.after = object_type, before, after

    def changes(self) -> list[Change]:
        return [
            Change(
                str(FIELDS.get(name, name)),
                self._said(name, self.before.get(name, "")),
                self._said(name, self.after.get(name, "")),
            )
            for name in dict.fromkeys([*self.before, *self.after])
        ]

    def _said(self, name: str, value: Any) -> str:
        if value is None or value in ("", [], {}):
            return NOTHING
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if name == "levels" and isinstance(value, dict):
            return _(", ").join(_level_said(code, level) for code, level in value.items())
        if isinstance(value, list):
            return _(", ").join(self._said(name, one) for one in value)
        if isinstance(value, int):
            return self._number(name, value)
        return self._text(name, str(value))

    def _number(self, name: str, value: int) -> str:
        if name.endswith("_cents"):
            return money(value)
        if name in _PEOPLE:
            return self._people.get(value, str(value))
        if name in _UNITS:
            return self._units.get(value, str(value))
        return str(value)

    def _text(self, name: str, value: str) -> str:
        if _MOMENT.match(value):
            return f"{clock.local(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
        if _DAY.match(value):
            return date.fromisoformat(value).isoformat()
        if name == "field":
            return str(field_label(value, {}))
        return str(self._labels(name).get(value, value))

    def _labels(self, name: str) -> dict[Any, Any]:
        """The labels of a column of choices; empty for any other."""
        try:
            field = apps.get_model(self.object_type)._meta.get_field(name)
        except (LookupError, ValueError, FieldDoesNotExist):
            return {}
        return dict(getattr(field, "flatchoices", None) or [])

    @cached_property
    def _people(self) -> dict[int, str]:
        return dict(User.objects.values_list("pk", "name"))

    @cached_property
    def _units(self) -> dict[int, str]:
        return dict(Unit.objects.values_list("pk", "name"))


def _level_said(code: str, level: str) -> str:
    field = PERSONAL_FIELDS.get(code)
    return f"{field.label if field else code}{_(':')}{LEVELS.get(level, level)}"
