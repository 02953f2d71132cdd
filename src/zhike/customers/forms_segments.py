"""Forms of segments: who belongs to one, what it means, and what moves its members."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zhike.accounts.selectors import reachable_units
from zhike.core.access import Grants
from zhike.core.listing import Bound
from zhike.customers.choices import Loyalty, PriorityLevel, Standing
from zhike.customers.listing_filters import file_filters, listed_definitions
from zhike.customers.services.segments import LONGEST_NAME, LONGEST_TEXT, SegmentFields
from zhike.customers.slots import MOTIVE_SOURCES

LONGEST_MOTIVES = 3000


class SegmentForm(forms.Form):
    name = forms.CharField(label=_("Name of the segment"), max_length=LONGEST_NAME)
    unit = forms.TypedChoiceField(
        label=_("Unit"),
        coerce=int,
        help_text=_("Files of this unit and of those below it are looked at."),
    )
    standing = forms.ChoiceField(label=_("They are"), choices=Standing.choices)
    loyalty = forms.ChoiceField(label=_("Loyalty"), choices=Loyalty.choices, initial="attentive")
    priority = forms.TypedChoiceField(
        label=_("Priority"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=[("", _("As the loyalty matrix says")), *PriorityLevel.choices],
    )
    about = forms.CharField(
        label=_("Who they are"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "What they have in common, what they value in the product, from whom else they buy. Name nobody."
        ),
    )
    needs = forms.CharField(
        label=_("Needs nobody meets yet"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("And where they show an opening for us."),
    )
    strategy = forms.CharField(
        label=_("How they are treated"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Read by whoever serves one of them."),
    )

    def __init__(self, *args: Any, grants: Grants, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ChoiceField)
        unit.choices = [(str(row.pk), row.name) for row in reachable_units(grants)]

    def told(self, conditions: str) -> SegmentFields:
        data = self.cleaned_data
        return SegmentFields(
            name=data["name"],
            unit_id=data["unit"],
            filter=conditions,
            standing=data["standing"],
            loyalty=data["loyalty"],
            priority=data["priority"],
            about=data["about"],
            needs=data["needs"],
            strategy=data["strategy"],
        )


class Conditions:
    """What a form or an address asks of the list of customers, and how the form shows it."""

    def __init__(self, data: QueryDict, grants: Grants) -> None:
        filters = file_filters(listed_definitions(), grants)
        self.bounds: list[Bound] = [one.bind(data, grants) for one in filters]
        params = [param for one in filters for param in one.params()]
        pairs = [(param, value) for param in params for value in data.getlist(param) if value]
        if data.get("tab") and "tier" not in data:
            # A tab of the list is a tier.
            pairs.append(("tier", data.get("tab", "")))
        self.text = urlencode(pairs)


class MotivesForm(forms.Form):
    lines = forms.CharField(
        label=_("Motives and weights"),
        max_length=LONGEST_MOTIVES,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "One a line: the motive, a space, its weight in any unit, such as “Saves time 3”."
        ),
    )

    def clean_lines(self) -> list[tuple[str, float]]:
        found = []
        for number, line in enumerate(self.cleaned_data["lines"].splitlines(), 1):
            if not line.strip():
                continue
            text, _space, weight = line.strip().rpartition(" ")
            try:
                found.append((text, float(weight.rstrip("%％"))))
            except ValueError:
                raise forms.ValidationError(
                    _now("Line %(line)s has no weight at its end.") % {"line": number}
                ) from None
        return found


class TakeMotivesForm(forms.Form):
    """`taken` is “source:choice”."""

    taken = forms.ChoiceField(label=_("Question"))

    def __init__(self, *args: Any, grants: Grants, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = [
            (f"{source.key}:{value}", label)
            for source in MOTIVE_SOURCES
            for value, label in source.options(grants)
        ]
        field = self.fields["taken"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = self.offered


class MatrixForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for standing in Standing:
            for loyalty in Loyalty:
                self.fields[f"{standing}.{loyalty}"] = forms.TypedChoiceField(
                    label=f"{standing.label} · {loyalty.label}",
                    coerce=int,
                    choices=PriorityLevel.choices,
                )

    def told(self) -> dict[tuple[str, str], int]:
        found = {}
        for name, value in self.cleaned_data.items():
            standing, _dot, loyalty = name.partition(".")
            found[(standing, loyalty)] = value
        return found
