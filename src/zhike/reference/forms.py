from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.reference.models import ReferenceValue
from zhike.reference.rules import measure_label
from zhike.reference.seeds import MEASURES, UNITS
from zhike.reference.services.values import LIMITS, ValueFields


class ListInput(forms.TextInput):
    """A text with proposals; anything else may be typed."""

    def __init__(self, name: str) -> None:
        super().__init__(attrs={"list": name, "autocomplete": "off"})


class ValueForm(forms.Form):
    measure = forms.CharField(
        label=_("What is measured"),
        max_length=LIMITS["measure"],
        widget=ListInput("rv-measures"),
        help_text=_("Choose one of the list to stand beside its other values, or write your own."),
    )
    low = forms.DecimalField(
        label=pgettext_lazy("range", "Figure, or from"),
        required=False,
        localize=False,
        max_digits=16,
        decimal_places=4,
    )
    high = forms.DecimalField(
        label=pgettext_lazy("range", "To"),
        required=False,
        localize=False,
        max_digits=16,
        decimal_places=4,
        help_text=_("Only for a range. Alone it means “up to”."),
    )
    unit = forms.CharField(
        label=pgettext_lazy("measure", "Unit"),
        required=False,
        max_length=LIMITS["unit"],
        widget=ListInput("rv-units"),
    )
    base = forms.CharField(
        label=_("Base"),
        required=False,
        max_length=LIMITS["base"],
        help_text=_("What it is a share of, or compared with."),
    )
    said_by = forms.CharField(
        label=_("Who says so"),
        max_length=LIMITS["said_by"],
        help_text=_("Author, institute, course. If there is no source, say that too."),
    )
    source = forms.CharField(
        label=_("Where it stands"),
        required=False,
        max_length=LIMITS["source"],
        help_text=_("Title and page, so that somebody can look it up."),
    )
    year = forms.IntegerField(label=_("Year"), required=False, localize=False)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LIMITS["note"],
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, has_own_words: bool = False, **kwargs: Any) -> None:
        """`has_own_words`: a built-in value, whose translated origin comes back when the field is emptied."""
        super().__init__(*args, **kwargs)
        self.fields["said_by"].required = not has_own_words

    def given(self) -> ValueFields:
        return ValueFields(**self.cleaned_data)


def shown_fields(row: ReferenceValue) -> dict[str, Any]:
    """A value as its form shows it: built-in words in the reader's language."""
    return {
        "measure": row.label,
        "low": _tidy(row.low),
        "high": _tidy(row.high),
        "unit": str(UNITS.get(row.unit, row.unit)),
        "base": row.base_text,
        "said_by": row.said_by_text,
        "source": row.source,
        "year": row.year,
        "note": row.note_text,
    }


def _tidy(number: Decimal | None) -> str | None:
    """4, not 4.0000."""
    return None if number is None else f"{number.normalize():f}"


def proposals() -> dict[str, list[str]]:
    """For the lists under the fields: measures and units the register has."""
    own = ReferenceValue.objects.exclude(measure__in=MEASURES).order_by("place", "id")
    measures = dict.fromkeys([*MEASURES, *own.values_list("measure", flat=True)])
    return {
        "measures": [measure_label(code) for code in measures],
        "units": [str(label) for label in UNITS.values()],
    }
