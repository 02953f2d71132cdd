"""Forms about consents and contact."""

from collections.abc import Iterable
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.customers.models import ConsentChannel, ConsentPurpose

SAID = [("1", _("Yes, agreed")), ("0", _("No, withdrawn"))]


class ConsentForm(forms.Form):
    purpose = forms.ChoiceField(label=_("For what"))
    said = forms.ChoiceField(label=_("What they said"), choices=SAID)
    channel = forms.ChoiceField(
        label=_("How it was said"),
        choices=[pair for pair in ConsentChannel.choices if pair[0] != ConsentChannel.IMPORT],
    )
    at = forms.DateTimeField(
        label=_("When"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Empty: now."),
    )
    proof = forms.CharField(
        label=_("Where the proof is"),
        max_length=200,
        required=False,
        help_text=_("A case number, a recording, the sheet in the folder."),
    )

    def __init__(self, *args: Any, purposes: Iterable[ConsentPurpose], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["purpose"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(row.code, row.label) for row in purposes]


class PurposeForm(forms.Form):
    label = forms.CharField(label=_("Name"), max_length=40)
    code = forms.SlugField(
        label=pgettext_lazy("purpose", "Code"),
        max_length=30,
        help_text=_("For imports and the interface: letters, digits, - and _. It stays for good."),
    )
    note = forms.CharField(label=_("What it covers"), max_length=200, required=False)
    needs_consent = forms.BooleanField(label=_("Only with the customer's consent"), required=False)
    is_sensitive = forms.BooleanField(
        label=_("Sensitive information: a consent of its own, with proof"), required=False
    )
    is_capped = forms.BooleanField(
        label=_("Counts toward how often a customer may be contacted"), required=False
    )
    is_active = forms.BooleanField(label=_("In use"), required=False)
    position = forms.IntegerField(
        label=_("Place in the order"), min_value=0, max_value=999, initial=0
    )


class NoticeForm(forms.Form):
    text = forms.CharField(
        label=_("What customers are told"),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    needs_renewal = forms.BooleanField(
        label=_("Purpose or way has changed: earlier consents no longer count"), required=False
    )


class ContactRulesForm(forms.Form):
    quiet_from = forms.TimeField(
        label=_("Quiet from"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("The same time twice: no quiet hours."),
    )
    cap_count = forms.IntegerField(
        label=_("At most so many contacts"), min_value=0, max_value=100, help_text=_("0: no limit.")
    )
    cap_days = forms.IntegerField(label=_("within so many days"), min_value=1, max_value=366)
    looks_unusual_from = forms.IntegerField(
        label=_("Looks by one person in a day that are told to the administrators"),
        min_value=0,
        max_value=10_000,
        help_text=_("0: never."),
    )

    def values(self) -> dict[str, int]:
        """As the service takes them: times in minutes of the day."""
        return {
            name: _minutes(value) if isinstance(value, time) else value
            for name, value in self.cleaned_data.items()
        }


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def clock_time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
