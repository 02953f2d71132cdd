"""What is done about an item: planned, and ended."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import pgettext_lazy

from zhike.accounts.selectors import colleagues
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.desk.phrases import Place
from zhike.desk.words_form import WordsForm
from zhike.satisfaction.services.improvements import LONGEST, Plan


class PlanForm(WordsForm):
    """What, who, by when."""

    asked_texts: ClassVar = {"what": Place.NOTE}

    what = forms.CharField(label=pgettext_lazy("improvement", "What is done"), max_length=LONGEST)
    responsible = forms.ChoiceField(label=pgettext_lazy("improvement", "Who sees to it"))
    due = forms.DateField(
        label=pgettext_lazy("improvement", "By when"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    submit_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, grants: Grants, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["responsible"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "–"), *((str(one.pk), one.name) for one in colleagues(grants))]

    @property
    def plan(self) -> Plan:
        data = self.cleaned_data
        return Plan(data["what"], int(data["responsible"]), data["due"], data["submit_key"])

    def refuse(self, error: RuleError) -> None:
        self.add_error(error.field if error.field in self.fields else None, str(error))


class EndForm(WordsForm):
    """Done, or dropped and why."""

    asked_texts: ClassVar = {"result": Place.NOTE}

    is_done = forms.ChoiceField(
        label=pgettext_lazy("improvement", "How it ended"),
        choices=(
            ("1", pgettext_lazy("improvement", "Done")),
            ("0", pgettext_lazy("improvement", "Dropped")),
        ),
        initial="1",
    )
    result = forms.CharField(
        label=pgettext_lazy("improvement", "What came of it, or why it is dropped"),
        max_length=LONGEST,
    )

    def refuse(self, error: RuleError) -> None:
        self.add_error(error.field if error.field in self.fields else None, str(error))
