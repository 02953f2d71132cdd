from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.accounts.selectors import reachable_units
from zhike.core.access import Grants
from zhike.customers.choices import Tier
from zhike.satisfaction import scopes
from zhike.satisfaction.choices import Channel, SideBySide, Weighing
from zhike.satisfaction.scopes import Scope
from zhike.satisfaction.selectors import regions_to_choose
from zhike.satisfaction.services.systems import LONGEST_TITLE, MOST_WEIGHT
from zhike.satisfaction.structure import Item
from zhike.surveys.models import Survey


class SystemForm(forms.Form):
    survey = forms.ChoiceField(label=_("Questionnaire"))
    title = forms.CharField(label=_("Name of the indicator system"), max_length=LONGEST_TITLE)

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


class ScopeForm(forms.Form):
    """Whose answers, and what stands side by side."""

    by = forms.ChoiceField(label=_("Side by side"), required=False)
    question = forms.ChoiceField(
        label=_("Question"),
        required=False,
        help_text=_("Whose answers stand side by side, such as the product somebody has."),
    )
    since = forms.DateField(
        label=_("From (day)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=_("To (day)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    unit = forms.ChoiceField(label=_("Unit and below"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    tier = forms.ChoiceField(label=_("Tier"), required=False)
    region = forms.ChoiceField(label=_("Region and below"), required=False)
    answer = forms.ChoiceField(label=_("Who answered"), required=False)

    def __init__(
        self, *args: Any, grants: Grants, survey: Survey, language: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        questions = scopes.questions_of(survey)
        told = scopes.definition_words(survey, language)
        nothing = ("", pgettext_lazy("answers", "all"))
        self._choose("by", [("", _("nothing, one index")), *SideBySide.choices])
        self._choose("question", [("", "–"), *((q.key, told(q.text)) for q in questions)])
        self._choose("unit", [nothing, *((u.pk, u.name) for u in reachable_units(grants))])
        self._choose("channel", [nothing, *Channel.choices])
        self._choose("tier", [nothing, *Tier.choices])
        self._choose("region", [nothing, *regions_to_choose()])
        self._choose(
            "answer",
            [
                nothing,
                *(
                    (f"{q.key}|{o.key}", f"{told(q.text)} {told(o.text)}")
                    for q in questions
                    for o in q.options
                ),
            ],
        )

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def scope(self) -> Scope:
        data = self.cleaned_data
        return Scope(
            since=data["since"].isoformat() if data["since"] else "",
            until=data["until"].isoformat() if data["until"] else "",
            unit=int(data["unit"] or 0),
            channel=data["channel"],
            tier=data["tier"],
            region=int(data["region"] or 0),
            question=data["question"] if data["by"] == SideBySide.ANSWER else "",
            answer=data["answer"],
            by=data["by"],
        )
