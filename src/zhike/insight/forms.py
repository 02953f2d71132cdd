from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.desk.phrases import Place
from zhike.desk.words_form import WordsForm


class MeasureForm(WordsForm):
    """What, who, by when."""

    asked_texts: ClassVar = {"what": Place.NOTE}

    what = forms.CharField(label=pgettext_lazy("measure", "What"), max_length=200)
    who = forms.CharField(label=pgettext_lazy("measure", "Who"), max_length=60)
    due = forms.DateField(
        label=pgettext_lazy("measure", "By when"), widget=forms.DateInput(attrs={"type": "date"})
    )
    submit_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class AnswerForm(WordsForm):
    """Carried out, or not and why."""

    asked_texts: ClassVar = {"note": Place.NOTE}

    is_done = forms.ChoiceField(
        choices=(("1", pgettext_lazy("measure", "Carried out")), ("0", _("Not carried out")))
    )
    note = forms.CharField(max_length=200, required=False)

    @property
    def says_done(self) -> bool:
        value: Any = self.cleaned_data["is_done"]
        return bool(value == "1")
