"""The form of a role: what it may, room by room, and how far it reaches."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.accounts.models.roles import Scope
from zhike.core.access import PERMISSIONS, SEALED_FIELDS

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


class RoleForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60, required=False)
    default_scope = forms.ChoiceField(label=_("Sees"), choices=Scope.choices)
    permissions = forms.MultipleChoiceField(
        label=_("May"), required=False, widget=forms.CheckboxSelectMultiple
    )

    masked_fields = forms.MultipleChoiceField(
        label=_("Always masked"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Never shown in full to who holds this role, whatever they may look at otherwise. "
            "Without a tick a look in full is noted in the log."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        permissions = self.fields["permissions"]
        assert isinstance(permissions, forms.MultipleChoiceField)
        permissions.choices = [(p.code, p.label) for p in PERMISSIONS]
        masked = self.fields["masked_fields"]
        assert isinstance(masked, forms.MultipleChoiceField)
        masked.choices = [(one.code, one.label) for one in SEALED_FIELDS]

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
