from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.accounts.selectors import reachable_units
from zhike.core.access import Grants
from zhike.core.importer import CellError, values
from zhike.desk.phrases import Place
from zhike.desk.words_form import WordsForm
from zhike.listening.rules import Scale, read_scale
from zhike.listening.services.feedback import LONGEST


class FeedbackForm(forms.Form):
    """A customer's words, written down by hand."""

    text = forms.CharField(
        label=_("What the customer said"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("In the customer's own words."),
    )
    rating = forms.DecimalField(
        label=_("Rating"), required=False, max_digits=7, decimal_places=2, localize=False
    )
    scale = forms.CharField(
        label=_("Scale of the rating"), required=False, initial="1-5", max_length=20
    )
    said_on = forms.CharField(
        label=_("Day"), required=False, max_length=30, help_text=_("Empty means today.")
    )
    source = forms.CharField(
        label=_("Source"),
        required=False,
        max_length=60,
        help_text=_("Where it was said: a platform, a survey, a visit."),
    )
    unit = forms.ChoiceField(label=_("Unit"))

    def __init__(self, *args: Any, grants: Grants, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ChoiceField)
        unit.choices = [(str(u.pk), u.name) for u in reachable_units(grants)]
        if grants.unit_id:
            unit.initial = str(grants.unit_id)

    def clean_said_on(self) -> Any:
        text = self.cleaned_data["said_on"]
        if not text:
            return None
        try:
            return values.clean_date(text)
        except CellError as error:
            raise forms.ValidationError(_("Write it as 2026-10-08.")) from error

    def clean_scale(self) -> Scale | None:
        text = self.cleaned_data["scale"]
        scale = read_scale(text) if text else None
        if text and scale is None:
            raise forms.ValidationError(_("Write lowest and highest value, for example 1-5."))
        return scale


class CaseForm(WordsForm):
    asked_texts: ClassVar = {"title": Place.OUTGOING}

    type = forms.ChoiceField(label=_("Type of case"))
    title = forms.CharField(
        label=_("Subject"),
        required=False,
        max_length=200,
        help_text=_("Empty: the beginning of the customer's words."),
    )

    def __init__(self, *args: Any, types: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["type"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = types


class CustomerForm(forms.Form):
    phone = forms.CharField(label=_("Phone"), max_length=40)
    name = forms.CharField(
        label=pgettext_lazy("person", "Name"),
        required=False,
        max_length=120,
        help_text=_("Only used when the number is new to us."),
    )
