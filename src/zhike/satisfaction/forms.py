from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.satisfaction.choices import Weighing
from zhike.satisfaction.services.systems import LONGEST_TITLE, MOST_WEIGHT
from zhike.satisfaction.structure import Item


class SystemForm(forms.Form):
    survey = forms.ChoiceField(label=_("Questionnaire"))
    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)

    def __init__(self, *args: Any, surveys: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["survey"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = surveys


class WeightsForm(forms.Form):
    """How items are weighed, and a number for each when it is by hand."""

    weighing = forms.ChoiceField(
        label=_("Items are weighed by"), choices=Weighing.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, items: list[Item], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        for item in items:
            self.fields[f"w.{item.part}"] = forms.FloatField(
                label=item.title, min_value=0, max_value=MOST_WEIGHT, required=False
            )

    @property
    def by_hand(self) -> dict[str, float]:
        found = {item.part: self.cleaned_data.get(f"w.{item.part}") for item in self.items}
        return {part: value for part, value in found.items() if value is not None}
