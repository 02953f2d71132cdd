from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MeasureForm(forms.Form):
    """What, who, by when."""

    what = forms.CharField(label=pgettext_lazy("measure", "What"), max_length=200)
    who = forms.CharField(label=pgettext_lazy("measure", "Who"), max_length=60)
    due = forms.DateField(
        label=pgettext_lazy("measure", "By when"), widget=forms.DateInput(attrs={"type": "date"})
    )
    submit_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class AnswerForm(forms.Form):
    """Carried out, or not and why."""

    is_done = forms.ChoiceField(choices=(("1", _("Carried out")), ("0", _("Not carried out"))))
    note = forms.CharField(max_length=200, required=False)

    @property
    def says_done(self) -> bool:
        value: Any = self.cleaned_data["is_done"]
        return bool(value == "1")
