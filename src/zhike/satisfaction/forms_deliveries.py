"""A delivery written down by hand."""

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.accounts.selectors import reachable_units
from zhike.core.access import Grants
from zhike.satisfaction.services.deliveries import (
    LONGEST_CUSTOMER,
    LONGEST_REFERENCE,
    LONGEST_WHAT,
    NewDelivery,
)


class DeliveryForm(forms.Form):
    reference = forms.CharField(
        label=_("Number of the delivery"),
        max_length=LONGEST_REFERENCE,
        help_text=_("Of the order or the shipment. Told twice, it is asked about once."),
    )
    customer = forms.CharField(
        label=_("Customer's phone or number"),
        max_length=LONGEST_CUSTOMER,
        help_text=_("A full phone number, or the number of the customer in your other system."),
    )
    delivered_at = forms.DateTimeField(
        label=pgettext_lazy("delivery", "Delivered"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    unit_id = forms.ChoiceField(label=_("Unit"))
    what = forms.CharField(
        label=pgettext_lazy("delivery", "What was delivered"),
        max_length=LONGEST_WHAT,
        required=False,
    )
    submit_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, grants: Grants, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit_id"]
        assert isinstance(unit, forms.ChoiceField)
        unit.choices = [(str(one.pk), one.name) for one in reachable_units(grants)]
        unit.initial = str(grants.unit_id or "")
        self.fields["submit_key"].initial = secrets.token_hex(16)

    @property
    def new(self) -> NewDelivery:
        data = self.cleaned_data
        return NewDelivery(
            reference=data["reference"],
            delivered_at=data["delivered_at"],
            customer=data["customer"],
            unit_id=int(data["unit_id"]),
            what=data["what"],
            submit_key=data["submit_key"],
        )
