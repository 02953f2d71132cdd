"""What people type on the pages of complaints: one form per step, made from the table of its evidence."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.complaints.choices import FIELD_LABELS, Consent, Severity, Told, Verdict, WayOut
from zhike.complaints.rules import EVIDENCE, Field, Step
from zhike.complaints.services.steps import ASKED
from zhike.desk.phrases import Place
from zhike.desk.words_form import WordsForm

YES_NO = (("no", _("No")), ("yes", _("Yes, act at once")))
_HELP: dict[Field, Any] = {
    Field.WORDS: _("As they were said, without judging."),
    Field.APOLOGY: _("An apology is no admission of fault."),
    Field.SOLUTION: _("What, by whom, by when."),
    Field.CUSTOMER_SAYS: _("If they do not agree: what would they consider right?"),
    Field.LEARNED: _("One sentence a colleague can use: what changes, or what we know now."),
    Field.VERDICT_WHY: _("Needed when it is not wholly founded; the customer is told the same."),
}
_ROWS = {Field.WORDS: 4, Field.FACTS: 4, Field.SOLUTION: 3, Field.APOLOGY: 3}


def _input(name: Field, required: bool) -> forms.Field:
    label, note = FIELD_LABELS[name], _HELP.get(name, "")
    radios: dict[Field, Any] = {
        Field.TOLD: Told.choices,
        Field.VERDICT: Verdict.choices,
        Field.CONSENT: Consent.choices,
        Field.SAFETY: YES_NO,
    }
    if name in radios:
        return forms.ChoiceField(
            label=label,
            choices=radios[name],
            widget=forms.RadioSelect,
            required=required,
            help_text=note,
        )
    if name is Field.SEVERITY:
        return forms.TypedChoiceField(
            label=label,
            choices=Severity.choices,
            coerce=int,
            widget=forms.RadioSelect,
            required=required,
        )
    if name is Field.THANKED:
        return forms.BooleanField(label=label, required=required)
    short = name in (Field.WHERE, Field.PRODUCT, Field.WISH)
    return forms.CharField(
        label=label,
        help_text=note,
        required=required,
        max_length=5000,
        widget=forms.TextInput if short else forms.Textarea(attrs={"rows": _ROWS.get(name, 2)}),
    )


def _in_reading_order(fields: Sequence[Field]) -> list[Field]:
    """As the table of fields goes; how it was told comes after what was told."""
    return sorted(fields, key=lambda name: (name is Field.TOLD, list(Field).index(name)))


class StepsForm(WordsForm):
    """The evidence of one step, or of the first three, as the table of evidence asks for it."""

    # What a choice makes needless must not be held back by the browser.
    use_required_attribute = False

    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    round = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        steps: Sequence[Step],
        before: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.steps = steps
        refused = self.data.get(str(Field.CONSENT)) == Consent.REFUSED
        for step in steps:
            evidence = EVIDENCE[step]
            for name in _in_reading_order(evidence.fields):
                needless = refused and name in (Field.LEARNED, Field.THANKED)
                self.fields[str(name)] = _input(name, name in evidence.required and not needless)
                if before and name in before:
                    self.initial[str(name)] = _shown(name, before[name])
        self.ask({str(name): place for name, place in ASKED.items()})

    def given(self) -> list[tuple[Step, dict[Field, Any]]]:
        return [
            (step, {name: self._value(name) for name in EVIDENCE[step].fields})
            for step in self.steps
        ]

    def _value(self, name: Field) -> Any:
        value = self.cleaned_data.get(str(name))
        if name is Field.SAFETY:
            return {"yes": True, "no": False}.get(str(value))
        return value


def _shown(name: Field, value: Any) -> Any:
    return ("yes" if value else "no") if name is Field.SAFETY else value


class SkipForm(WordsForm):
    asked_texts: ClassVar = {"reason": Place.NOTE}

    reason = forms.CharField(label=_("Why it goes by"), max_length=300)


class ReasonForm(WordsForm):
    asked_texts: ClassVar = {"reason": Place.NOTE}

    reason = forms.CharField(label=_("Reason"), max_length=300)


class WayOutForm(WordsForm):
    asked_texts: ClassVar = {"why": Place.NOTE}

    way = forms.ChoiceField(
        label=_("How it ends"), choices=WayOut.choices, widget=forms.RadioSelect
    )
    why = forms.CharField(
        label=_("What happened"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
    told = forms.BooleanField(
        label=_("I told the customer: of 12315 and the association, or why it is unfounded"),
        required=False,
    )


class CauseForm(forms.Form):
    cause = forms.TypedChoiceField(label=_("Cause"), coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, causes: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["cause"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("Not known yet")), *causes]


class WayOutRuleForm(forms.Form):
    attempts = forms.IntegerField(label=_("Attempts"), min_value=1, max_value=20)
    days = forms.IntegerField(label=_("Over days"), min_value=0, max_value=60)
