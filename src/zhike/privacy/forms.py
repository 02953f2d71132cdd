"""Forms of requests about personal data."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.customers.models import ConsentChannel, ConsentPurpose
from zhike.privacy.choices import IdentityCheck, Kind, Refusal

LONGEST = 2000


class TakeInForm(forms.Form):
    kind = forms.ChoiceField(label=_("What the person asks"), choices=Kind.choices)
    channel = forms.ChoiceField(
        label=_("How it was asked"),
        choices=[
            pair
            for pair in ConsentChannel.choices
            if pair[0] not in (ConsentChannel.IMPORT, ConsentChannel.REQUEST)
        ],
    )
    asked_at = forms.DateTimeField(
        label=_("When it was asked"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Empty: now. The time to answer runs from here."),
    )
    wish = forms.CharField(
        label=_("In their words"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class IdentityForm(forms.Form):
    how = forms.ChoiceField(label=_("How we know who asks"), choices=IdentityCheck.choices)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST,
        help_text=_("Keep no copy of a document and no number of one."),
    )


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("What the person was told"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RefuseForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=Refusal.choices)
    answer = forms.CharField(
        label=_("What the person was told"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The reason, and that they may complain to the authority or go to court."),
    )


class WithdrawForm(forms.Form):
    purposes = forms.MultipleChoiceField(
        label=_("Consents that are withdrawn"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, purposes: Iterable[ConsentPurpose], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["purposes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(row.code, row.label) for row in purposes]


class TakeBackForm(forms.Form):
    note = forms.CharField(label=_("Note"), required=False, max_length=LONGEST)
