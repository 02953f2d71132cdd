"""Forms of signing in: its rules, codes, and what belongs to them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import Role


class RulesForm(forms.Form):
    most_failures = forms.IntegerField(
        label=_("Failures until a staff number is locked"), min_value=3, max_value=20
    )
    address_failures = forms.IntegerField(
        label=_("Failures until a network address is locked"),
        min_value=10,
        max_value=5000,
        help_text=_("Counted over all staff numbers. A whole office often shares one address."),
    )
    lock_minutes = forms.IntegerField(label=_("Locked for minutes"), min_value=1, max_value=1440)
    least_length = forms.IntegerField(
        label=_("Shortest password"),
        min_value=8,
        max_value=64,
        help_text=_("Characters. Holds from the next time somebody chooses one."),
    )
    idle_minutes = forms.IntegerField(
        label=_("Signed out after idle minutes"), min_value=5, max_value=720
    )
    session_hours = forms.IntegerField(
        label=_("Signed out after hours at most"), min_value=1, max_value=168
    )
    second_factor_roles = forms.TypedMultipleChoiceField(
        label=_("Second step required for"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Holds from their next sign-in; they set it up then."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = self.fields["second_factor_roles"]
        assert isinstance(roles, forms.TypedMultipleChoiceField)
        roles.choices = [(role.pk, role.label) for role in Role.objects.order_by("pk")]


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("One-time or recovery code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )
