"""What people type on the pages of remedies and approvals."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.complaints.choices import RemedyKind
from zhike.complaints.money import AmountUnreadable, cents_of, typed
from zhike.desk.file_field import SeveralFilesField
from zhike.desk.forms import one_time_key
from zhike.desk.phrases import Place
from zhike.desk.words_form import WordsForm


class YuanField(forms.CharField):
    """An amount in yuan as people write it; whole cents for the program."""

    widget = forms.TextInput(
        attrs={"inputmode": "decimal", "autocomplete": "off", "placeholder": "0.00"}
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)

    def clean(self, value: Any) -> int:
        text = str(super().clean(value)).strip()
        if not text:
            return 0
        try:
            return cents_of(text)
        except AmountUnreadable as wrong:
            raise forms.ValidationError(
                _("Please write yuan with two decimals at most, such as 120 or 99.50.")
            ) from wrong

    def prepare_value(self, value: Any) -> Any:
        return typed(value) if isinstance(value, int) else value


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ProposeForm(WordsForm):
    asked_texts: ClassVar = {"text": Place.OUTGOING, "why": Place.NOTE}

    once = forms.CharField(max_length=64, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("What is offered"), choices=RemedyKind.choices)
    text = forms.CharField(
        label=_("What exactly"),
        max_length=500,
        widget=_area(2),
        help_text=_("What the customer gets, how, and by when."),
    )
    amount = YuanField(
        label=_("Amount in yuan"),
        required=False,
        help_text=_("What it costs us. An apology is 0; a refund or compensation is not."),
    )
    why = forms.CharField(
        label=_("Why this much"),
        max_length=500,
        required=False,
        widget=_area(2),
        help_text=_("Needed only above your limit: the supervisor decides by it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial.setdefault("once", one_time_key())


class CarryOutForm(WordsForm):
    asked_texts: ClassVar = {"proof": Place.NOTE}

    cost = YuanField(label=_("What it did cost, in yuan"), help_text=_("0 if it cost nothing."))
    proof = forms.CharField(
        label=_("What shows that it was done"),
        max_length=500,
        widget=_area(2),
        help_text=_("A transfer or parcel number, a date, who took it."),
    )
    file = SeveralFilesField(
        label=_("Receipt or picture"), required=False, most=1, help_text=_("At most 20 MB.")
    )


class EndForm(WordsForm):
    asked_texts: ClassVar = {"reason": Place.NOTE}

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=_area(2))


class DecideForm(WordsForm):
    asked_texts: ClassVar = {"note": Place.NOTE}

    decision = forms.ChoiceField(choices=[("grant", ""), ("refuse", "")])
    note = forms.CharField(
        label=_("A word to who asked"),
        max_length=300,
        required=False,
        widget=_area(2),
        help_text=_("Needed when you refuse."),
    )


class LimitForm(forms.Form):
    limit = YuanField(label=_("Limit in yuan"))
