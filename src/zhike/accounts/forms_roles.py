"""The form of a role: what it may, room by room, and how far it reaches."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.accounts.models.roles import Scope
from zhike.core.access import PERMISSIONS, PERSONAL_FIELDS, Level

# The rooms in the order of the side menu, as people call them; a group without a name here comes last.
GROUPS = {
    "cases": _("Cases"),
    "complaints": pgettext_lazy("room", "Complaints, notices and remedies"),
    "customers": _("Customers"),
    "listening": _("Customers' words"),
    "care": _("Follow-up visits"),
    "reports": _("Reports"),
    "house": pgettext_lazy("room", "The house: people, settings, log"),
}


LEVELS: Mapping[str, Any] = {
    Level.OPEN: pgettext_lazy("level", "In full"),
    Level.LOOK: pgettext_lazy("level", "Masked; in full on a look that is noted"),
    Level.MASKED: pgettext_lazy("level", "Always masked"),
    Level.HIDDEN: pgettext_lazy("level", "Hidden"),
}
LEVEL = "level_"


class LevelField(forms.ChoiceField):
    """A level is always chosen: one that was not sent is the usual one."""

    def clean(self, value: Any) -> str:
        return str(super().clean(value or self.initial))


class RoleForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60, required=False)
    default_scope = forms.ChoiceField(label=_("Sees"), choices=Scope.choices)
    permissions = forms.MultipleChoiceField(
        label=_("May"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        permissions = self.fields["permissions"]
        assert isinstance(permissions, forms.MultipleChoiceField)
        permissions.choices = [(p.code, p.label) for p in PERMISSIONS]
        for one in PERSONAL_FIELDS:
            self.fields[f"{LEVEL}{one.code}"] = LevelField(
                label=one.label,
                choices=[(str(level), LEVELS[level]) for level in one.levels],
                initial=str(one.usual),
            )

    def level_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(LEVEL)]

    def role_fields(self) -> dict[str, Any]:
        """As `save_role` takes them."""
        data = dict(self.cleaned_data)
        chosen = {n.removeprefix(LEVEL): data.pop(n) for n in list(data) if n.startswith(LEVEL)}
        return {**data, "levels": {code: level for code, level in chosen.items() if level}}

    def groups(self) -> list[tuple[Any, list[tuple[str, Any, bool]]]]:
        """(room, [(code, label, ticked)])."""
        ticked = set(self["permissions"].value() or ())
        known = [*GROUPS, *sorted({p.group for p in PERMISSIONS} - GROUPS.keys())]
        return [
            (
                GROUPS.get(group, group),
                [(p.code, p.label, p.code in ticked) for p in PERMISSIONS if p.group == group],
            )
            for group in known
        ]
