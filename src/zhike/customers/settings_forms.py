"""Forms of the settings of the customer file."""

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.customers.choices import CustomerKind, FieldKind, RegionLevel


class FieldForm(forms.Form):
    label = forms.CharField(label=_("Name of the field"), max_length=40)
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_(
            "For imports and the interface: small letters, digits and _. It stays for good."
        ),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=FieldKind.choices)
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, only for “one of a list”."),
    )
    applies_to = forms.ChoiceField(
        label=_("Stands on the files of"),
        required=False,
        choices=[("", _("People and organisations")), *CustomerKind.choices],
    )
    help_text = forms.CharField(label=_("Help below the field"), max_length=120, required=False)
    position = forms.IntegerField(
        label=_("Place in the order"), min_value=0, max_value=999, initial=0, required=False
    )
    required = forms.BooleanField(label=_("Must be filled in"), required=False)
    filterable = forms.BooleanField(label=_("The list can be filtered by it"), required=False)
    is_personal = forms.BooleanField(
        label=_("Personal: roles may see it masked or not at all"), required=False
    )


class RegionForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    level = forms.ChoiceField(
        label=_("Level"), choices=RegionLevel.choices, initial=RegionLevel.CITY
    )


class TagForm(forms.Form):
    name = forms.CharField(label=_("Tag"), max_length=20)
