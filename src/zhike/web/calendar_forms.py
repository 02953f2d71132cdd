"""The forms of working hours and due times."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.core.calendar.hours import hours_text, parse_hours
from zhike.core.calendar.making import CalendarBasics
from zhike.core.calendar.schedule import DateKind, Week, Window
from zhike.core.calendar.zones import zone_called, zone_names, zone_words
from zhike.core.errors import RuleError
from zhike.core.models import DayKind, Weekday


class HoursField(forms.CharField):
    """Hours of one day as people write them; cleans to windows."""

    def __init__(self, **more: Any) -> None:
        more.setdefault("max_length", 120)
        super().__init__(required=False, **more)

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else hours_text(value)

    def clean(self, value: Any) -> tuple[Window, ...]:
        try:
            return parse_hours(str(super().clean(value) or ""))
        except RuleError as error:
            raise forms.ValidationError(str(error), code=error.code) from error


class WeekForm(forms.Form):
    """The hours of each weekday; an empty line is a day off."""

    def __init__(self, data: Any = None, *, week: Week) -> None:
        super().__init__(data)
        for weekday, label in Weekday.choices:
            self.fields[f"day_{weekday}"] = HoursField(label=label, initial=week[weekday])

    def week(self) -> Week:
        return tuple(self.cleaned_data[f"day_{weekday}"] for weekday in range(7))


class DateForm(forms.Form):
    date = forms.DateField(
        label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=_("To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Only if the same holds for several dates in a row."),
    )
    kind = forms.ChoiceField(
        label=_("What holds"), choices=DayKind.choices, widget=forms.RadioSelect
    )
    label = forms.CharField(
        label=_("Name"), max_length=40, help_text=_("As on the notice: National Day, stocktaking …")
    )
    hours = HoursField(
        label=_("Hours of this day"),
        help_text=_("Only if they differ from the usual ones: 9:00–12:00, 14:00–16:00"),
    )
    source = forms.CharField(
        label=_("Who decided it"),
        max_length=200,
        help_text=_("Number of the notice, or who in the company said so."),
    )

    def clean_kind(self) -> DateKind:
        return DateKind(self.cleaned_data["kind"])


class YearForm(forms.Form):
    source = forms.CharField(
        label=_("Entered after"),
        max_length=200,
        help_text=_("Title and number of the notice of the State Council."),
    )


class ZoneField(forms.CharField):
    """A zone by its name or its words; the list below the field narrows down while one types."""

    def __init__(self, **more: Any) -> None:
        attrs = {"list": "zk-zones", "autocomplete": "off", "spellcheck": "false"}
        super().__init__(max_length=80, widget=forms.TextInput(attrs=attrs), **more)

    def prepare_value(self, value: Any) -> Any:
        return zone_words(value) if value in zone_names() else value

    def clean(self, value: Any) -> str:
        try:
            return zone_called(super().clean(value))
        except RuleError as error:
            raise forms.ValidationError(str(error), code=error.code) from error


class CalendarForm(forms.Form):
    """A calendar besides its hours and dates."""

    name = forms.CharField(label=_("Name"), max_length=60)
    zone = ZoneField(
        label=_("Time zone"), help_text=_("Type a city or a country, then choose from the list.")
    )
    always_open = forms.BooleanField(
        label=_("Round the clock, days off included"),
        required=False,
        help_text=_("Weekly hours and dates are kept, but not looked at."),
    )
    swap_weekday = forms.TypedChoiceField(
        label=_("A swapped working day has the hours of"), choices=Weekday.choices, coerce=int
    )

    def basics(self) -> CalendarBasics:
        given = self.cleaned_data
        return CalendarBasics(
            given["name"], given["zone"], given["always_open"], given["swap_weekday"]
        )


class NewCalendarForm(CalendarForm):
    copy_of = forms.TypedChoiceField(
        label=_("Begin with"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Hours, dates and complete years are taken over; afterwards each is its own."),
    )
    field_order = ("name", "copy_of", "zone", "always_open", "swap_weekday")

    def __init__(self, *args: Any, calendars: list[tuple[int, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["copy_of"]
        assert isinstance(field, forms.ChoiceField)
        copies = [
            (str(pk), gettext("A copy of %(calendar)s") % {"calendar": name})
            for pk, name in calendars
        ]
        field.choices = [*copies, ("", gettext("Office hours, without dates"))]


class UnitCalendarForm(forms.Form):
    """The calendar of an org unit; empty lets that of the unit above hold."""

    calendar = forms.ChoiceField(
        label=_("Calendar"),
        required=False,
        help_text=_("It also holds for the units below, unless they have one of their own."),
    )

    def __init__(
        self, *args: Any, calendars: list[tuple[int, str]], inherited: str, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        field = self.fields["calendar"]
        assert isinstance(field, forms.ChoiceField)
        none = gettext("None of its own: %(calendar)s holds") % {"calendar": inherited}
        field.choices = [("", none), *((str(pk), name) for pk, name in calendars)]

    def calendar_id(self) -> int | None:
        return int(self.cleaned_data["calendar"]) if self.cleaned_data["calendar"] else None


class TryForm(forms.Form):
    """Work out a due time without a case."""

    start = forms.DateTimeField(
        label=_("Arrives"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    plan = forms.ChoiceField(label=_("Plan"))

    def __init__(self, *args: Any, plans: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        plan = self.fields["plan"]
        assert isinstance(plan, forms.ChoiceField)
        plan.choices = plans

    def clean_start(self) -> datetime:
        start: datetime = self.cleaned_data["start"]
        if not 2000 <= start.year <= 2099:
            raise forms.ValidationError(_("A year from 2000 to 2099, please."))
        return start
