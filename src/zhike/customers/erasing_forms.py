"""The form that erases somebody: their name is typed, so that nobody erases by a slip."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.customers.rules import clean_line
from zhike.customers.services.erasing import LONGEST_REASON


class EraseForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        max_length=LONGEST_REASON,
        help_text=_(
            "Kept with the certificate, so without the customer's name or number. For example:"
            " asked for it in writing on 11 March."
        ),
    )
    name = forms.CharField(label=_("Customer's name, typed to confirm"), max_length=120)

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = name

    def clean_name(self) -> str:
        typed = clean_line(self.cleaned_data["name"])
        if typed != clean_line(self._name):
            raise forms.ValidationError(
                _("This is not the name on the file. Please type it as it stands above.")
            )
        return typed
