from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.accounts.models import Role, Unit, User
from zhike.accounts.models.roles import Scope
from zhike.accounts.models.units import UnitKind
from zhike.accounts.password_rules import LongEnough
from zhike.accounts.selectors import unit_tree


class SignInForm(forms.Form):
    staff_number = forms.CharField(
        label=_("Staff number"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


def say_password_rule(field: forms.Field) -> None:
    field.help_text = LongEnough().get_help_text()


class SetupForm(forms.Form):
    company = forms.CharField(label=_("Company name"), max_length=80)
    name = forms.CharField(label=_("Your name"), max_length=60)
    staff_number = forms.CharField(
        label=_("Your staff number"),
        max_length=30,
        help_text=_("You sign in with it. Letters and digits, for example 1001."),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_password_rule(self.fields["password"])


class PasswordForm(forms.Form):
    old = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_password_rule(self.fields["new"])


def unit_choices(empty: Any = None) -> list[tuple[str, Any]]:
    """Units in tree order, children set in by full-width blanks."""
    choices = [("", empty)] if empty is not None else []
    return choices + [
        (str(node.unit.pk), "　" * node.depth + node.unit.name) for node in unit_tree(True)
    ]


class PersonForm(forms.Form):
    """One person: what is kept, where they belong, which roles they hold."""

    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=60)
    staff_number = forms.CharField(label=_("Staff number"), max_length=30)
    unit = forms.ChoiceField(label=_("Unit"))
    title = forms.CharField(label=_("Title"), max_length=60, required=False)
    extension = forms.CharField(label=_("Extension"), max_length=20, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), widget=forms.CheckboxSelectMultiple, required=True
    )

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        roles = self.fields["roles"]
        assert isinstance(unit, forms.ChoiceField)
        assert isinstance(roles, forms.MultipleChoiceField)
        unit.choices = unit_choices()
        self.known_roles = list(Role.objects.order_by("pk"))
        roles.choices = [(str(role.pk), role.label) for role in self.known_roles]
        for role in self.known_roles:
            self.fields[f"scope-{role.pk}"] = forms.ChoiceField(
                required=False, choices=[("", role.get_default_scope_display()), *Scope.choices]
            )
            self.fields[f"unit-{role.pk}"] = forms.ChoiceField(
                required=False, choices=unit_choices(empty=_("Own unit"))
            )
        if person is None:
            self.fields["password"] = forms.CharField(
                label=_("First password"),
                strip=False,
                max_length=200,
                help_text=_("They choose their own when they first sign in."),
                widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            )
        else:
            self.fields["is_active"] = forms.BooleanField(
                label=_("May sign in"), required=False, initial=True
            )

    def role_rows(self) -> list[dict[str, Any]]:
        """One line for each role: a tick, how far it reaches, from which unit."""
        ticked = {str(pk) for pk in self["roles"].value() or ()}
        return [
            {
                "role": role,
                "ticked": str(role.pk) in ticked,
                "scope": self[f"scope-{role.pk}"],
                "unit": self[f"unit-{role.pk}"],
            }
            for role in self.known_roles
        ]

    def units_chosen(self) -> set[int]:
        names = [f"unit-{pk}" for pk in self.cleaned_data["roles"]]
        return {int(self.cleaned_data[name]) for name in names if self.cleaned_data[name]}


class UnitForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), choices=UnitKind.choices)
    parent = forms.ChoiceField(label=_("Belongs to"), required=False)

    def __init__(self, *args: Any, unit: Unit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.fields["parent"]
        assert isinstance(parent, forms.ChoiceField)
        parent.choices = unit_choices(empty="—")
        if unit is not None:
            self.fields["is_active"] = forms.BooleanField(
                label=_("In use"), required=False, initial=True
            )


class TokenForm(forms.Form):
    label = forms.CharField(
        label=_("What it is for"), max_length=80, help_text=_("For example: ERP, every night.")
    )
    write = forms.BooleanField(label=_("May also write"), required=False)
    days = forms.IntegerField(label=_("Valid for days"), min_value=1, max_value=3650, initial=365)
