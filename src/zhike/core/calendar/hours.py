"""Hours as people write them: 8:30–12:00, 13:30–17:30. Pure but for the words."""

import re
import unicodedata
from collections.abc import Sequence

from django.utils.translation import gettext as _

from zhike.core.calendar.schedule import Week, Window, merged
from zhike.core.errors import RuleError

_AROUND_DASH = re.compile(r"\s*[-–—−~到至]+\s*")
_BETWEEN_WINDOWS = re.compile(r"[,;、\s]+")
_SPAN = re.compile(r"(?P<h1>\d{1,2})(?::(?P<m1>\d{2}))?-(?P<h2>\d{1,2})(?::(?P<m2>\d{2}))?")


def parse_hours(text: str, field: str = "") -> tuple[Window, ...]:
    """The windows of one day; nothing written means closed. Raises RuleError naming what is not understood."""
    typed = _AROUND_DASH.sub("-", unicodedata.normalize("NFKC", text))
    windows = [_window(piece, field) for piece in _BETWEEN_WINDOWS.split(typed) if piece]
    for before, after in zip(sorted(windows), sorted(windows)[1:], strict=False):
        if after.start < before.end:
            raise RuleError(
                "calendar_windows_overlap",
                _("%(first)s and %(second)s overlap.")
                % {"first": span_text(before), "second": span_text(after)},
                field=field,
            )
    return merged(tuple(windows))


def _window(piece: str, field: str) -> Window:
    match = _SPAN.fullmatch(piece)
    if match is None:
        raise RuleError(
            "calendar_hours_unreadable",
            _("“%(piece)s” is not a span of time. Write it like 8:30–12:00.") % {"piece": piece},
            field=field,
        )
    start, end = _minutes(match["h1"], match["m1"]), _minutes(match["h2"], match["m2"])
    if start is None or end is None:
        raise RuleError(
            "calendar_hours_beyond_day",
            _("“%(piece)s”: a time of day lies between 0:00 and 24:00.") % {"piece": piece},
            field=field,
        )
    if end <= start:
        raise RuleError(
            "calendar_hours_backwards",
            _("“%(piece)s” ends before it begins. Hours past midnight go to the next day.")
            % {"piece": piece},
            field=field,
        )
    return Window(start, end)


def _minutes(hours: str, minutes: str | None) -> int | None:
    value = int(hours) * 60 + int(minutes or 0)
    return value if int(minutes or 0) < 60 and value <= 1440 else None


def clock_text(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def span_text(window: Window) -> str:
    return f"{clock_text(window.start)}–{clock_text(window.end)}"


def hours_text(windows: Sequence[Window]) -> str:
    return _(", ").join(span_text(window) for window in windows)


def week_text(week: Week, weekdays: Sequence[str]) -> str:
    """“Mon to Fri 8:30–12:00, 13:30–17:30; Sat 9:00–12:00”. `weekdays` are the seven names, Monday first."""
    parts: list[str] = []
    day = 0
    while day < 7:
        last = day
        while last < 6 and week[last + 1] == week[day]:
            last += 1
        if week[day]:
            parts.append(f"{_days_text(weekdays, day, last)} {hours_text(week[day])}")
        day = last + 1
    return _("; ").join(parts)


def _days_text(weekdays: Sequence[str], first: int, last: int) -> str:
    if first == last:
        return weekdays[first]
    if last == first + 1:
        return _("%(first)s and %(last)s") % {"first": weekdays[first], "last": weekdays[last]}
    return _("%(first)s to %(last)s") % {"first": weekdays[first], "last": weekdays[last]}
