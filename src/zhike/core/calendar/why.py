"""The account of a due time for readers: “Why 15:40?”. Shown by the template core/why_due.html."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from zhike.core.calendar.due import NOT_COUNTED, Due, Line, LineKind, Unit
from zhike.core.calendar.hours import week_text
from zhike.core.models import Weekday

WEEKDAYS = tuple(Weekday.labels)
# More rows than this do not fit beside a conversation: whole ordinary days are then told together.
MOST_ROWS = 12
FEWEST_DAYS_TOGETHER = 2


@dataclass(frozen=True, slots=True)
class WhyRow:
    """One row of the account: 周二 11-24 | 13:30–15:40 | 2:10 | 6:00 到期. `is_last` ends with the due time."""

    head: str
    start: str = ""
    end: str = ""
    note: str = ""
    counted: str = ""
    total: str = ""
    icon: str = ""
    is_counted: bool = True
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class WhyDue:
    """What the template shows. `purpose`, `rule` and `amount` make the sentence of the rule."""

    at: datetime | None
    purpose: str
    rule: str
    amount: str
    calendar: str
    hours: str
    rows: tuple[WhyRow, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    rules_url: str = ""
    is_overdue: bool = False
    # Somebody named the day: the plan's amount says nothing.
    is_named: bool = False
    source: str = ""

    @property
    def footnote(self) -> str:
        """The notes as running text; a Chinese full stop brings its own space."""
        return "".join(
            note if note.endswith("\u3002") else f"{note} " for note in self.notes
        ).strip()


def explain(
    due: Due,
    zone: tzinfo | str,
    now: datetime,
    *,
    changes: int = 0,
    rules_url: str = "",
) -> WhyDue:
    """`zone` is the reader's; `changes` how often the due time was computed anew by a person's doing."""
    there = ZoneInfo(zone) if isinstance(zone, str) else zone
    return WhyDue(
        at=due.at,
        purpose=due.purpose,
        rule=due.rule,
        amount=amount_text(due.amount, due.unit),
        calendar=due.calendar.name,
        hours=_hours_of(due, there),
        rows=_Rows(due, there).made(),
        notes=_notes(due, there, changes),
        warnings=_warnings(due),
        rules_url=rules_url,
        is_overdue=due.at is not None and due.at < now,
        is_named=due.is_named,
        source=due.source,
    )


def amount_text(amount: int, unit: Unit) -> str:
    if unit is Unit.BUSINESS_DAYS:
        return ngettext("%(n)d working day", "%(n)d working days", amount) % {"n": amount}
    if unit is Unit.CALENDAR_DAYS:
        return ngettext("%(n)d calendar day", "%(n)d calendar days", amount) % {"n": amount}
    hours, minutes = divmod(amount, 60)
    if not hours:
        return ngettext("%(n)d working minute", "%(n)d working minutes", minutes) % {"n": minutes}
    text = ngettext("%(n)d working hour", "%(n)d working hours", hours) % {"n": hours}
    if minutes:
        text = _("%(hours)s %(minutes)d min") % {"hours": text, "minutes": minutes}
    return text


def _hours_of(due: Due, zone: tzinfo) -> str:
    facts = due.calendar
    hours = _("round the clock") if facts.always_open else week_text(facts.week, _weekdays())
    same = due.start.astimezone(zone).utcoffset()
    if due.start.astimezone(ZoneInfo(facts.zone)).utcoffset() != same:
        hours = _("%(hours)s (time of %(zone)s)") % {"hours": hours, "zone": facts.zone}
    return hours


def _weekdays() -> list[str]:
    return [str(name) for name in WEEKDAYS]


def _span_days(line: Line) -> int:
    if line.end is None:
        return 1
    return max(1, -(-(line.end - line.start) // timedelta(days=1)))


def _notes(due: Due, zone: tzinfo, changes: int) -> tuple[str, ...]:
    off = sum(_span_days(line) for line in due.explanation if line.kind is LineKind.HOLIDAY)
    swapped = len({line.date for line in due.explanation if line.kind is LineKind.SWAPPED})
    notes: list[str] = []
    counted = [
        line for line in due.explanation if line.kind in {LineKind.COUNTED, LineKind.SWAPPED}
    ]
    if due.unit is Unit.BUSINESS_MINUTES and counted and counted[0].start > due.start:
        begins = counted[0].start.astimezone(zone)
        notes.append(
            _("It arrived outside working hours; counting begins at %(moment)s.")
            % {"moment": f"{begins:%m-%d %H:%M}"}
        )
    if not due.calendar.always_open and not due.is_named:
        notes.append(_days_off_text(off, swapped))
    notes.append(ngettext("Changed %(n)d time.", "Changed %(n)d times.", changes) % {"n": changes})
    return tuple(notes)


def _days_off_text(off: int, swapped: int) -> str:
    parts: list[str] = []
    if off:
        parts.append(ngettext("%(n)d day of holidays", "%(n)d days of holidays", off) % {"n": off})
    if swapped:
        parts.append(
            ngettext("%(n)d swapped working day", "%(n)d swapped working days", swapped)
            % {"n": swapped}
        )
    if not parts:
        return _("No holidays or swapped working days in between.")
    return _("In between: %(days)s.") % {"days": _(", ").join(parts)}


def _warnings(due: Due) -> tuple[str, ...]:
    warnings = [
        _("The holidays of %(year)d have not been entered yet, so this time is provisional.")
        % {"year": year}
        for year in due.unknown_years
    ]
    if due.paused:
        warnings.append(_("The clock is paused; there is a due time again once it runs on."))
    return tuple(warnings)


@dataclass(slots=True)
class _Rows:
    """Turns lines into rows; a date is written once, on the first counted row of its day."""

    due: Due
    zone: tzinfo
    rows: list[WhyRow] = field(default_factory=list)
    dated: date | None = None
    is_total_named: bool = False

    def made(self) -> tuple[WhyRow, ...]:
        lines = self.due.explanation
        for group in self._groups(lines):
            if len(group) > 1:
                self._add_together(group)
            else:
                self._add(group[0])
        if self.rows and self.due.at is not None:
            self._mark_end(lines[-1], self.due.at)
        return tuple(self.rows)

    # Rows of minutes

    def _groups(self, lines: Sequence[Line]) -> list[list[Line]]:
        """Single lines, but runs of whole ordinary days as one group where there are too many lines."""
        if len(lines) <= MOST_ROWS or self.due.unit is not Unit.BUSINESS_MINUTES:
            return [[line] for line in lines]
        days = [list(group) for _day, group in groupby(lines, key=lambda line: line.date)]
        groups: list[list[Line]] = []
        run: list[list[Line]] = []
        for number, day in enumerate(days):
            inner = 0 < number < len(days) - 1
            if inner and all(line.kind in {LineKind.COUNTED, LineKind.BREAK} for line in day):
                run.append(day)
                continue
            groups.extend(_together(run))
            run = []
            groups.extend([line] for line in day)
        groups.extend(_together(run))
        return groups

    def _add_together(self, lines: list[Line]) -> None:
        days = len({line.date for line in lines})
        self.rows.append(
            WhyRow(
                head=f"{lines[0].date:%m-%d}–{lines[-1].date:%m-%d}",
                note=ngettext("%(n)d day together", "%(n)d days together", days) % {"n": days},
                counted=_length(sum(line.minutes for line in lines)),
                total=self._total(lines[-1].total),
            )
        )

    def _add(self, line: Line) -> None:
        if line.kind in NOT_COUNTED:
            self._add_uncounted(line)
        elif self.due.unit is Unit.BUSINESS_MINUTES:
            start, end = self._clocks(line)
            self.rows.append(
                WhyRow(
                    head=self._date_once(line),
                    start=start,
                    end=end,
                    note=line.label,
                    counted=_length(line.minutes),
                    total=self._total(line.total),
                )
            )
        else:
            self._add_day(line)

    def _add_uncounted(self, line: Line) -> None:
        icon, word = _mark(line, self.zone)
        if line.kind in {LineKind.PAUSE, LineKind.BREAK}:
            start, end = self._clocks(line)
        else:
            start, end = self._days(line), ""
        self.rows.append(
            WhyRow(
                head=word,
                start=start,
                end=end,
                note=line.label,
                counted=_("not counted"),
                icon=icon,
                is_counted=False,
            )
        )

    def _total(self, minutes: int) -> str:
        if self.is_total_named:
            return _length(minutes)
        self.is_total_named = True
        return _("total %(time)s") % {"time": _length(minutes)}

    # Rows of days

    def _add_day(self, line: Line) -> None:
        if line.kind is LineKind.NAMED:
            self.rows.append(WhyRow(head=self._days(line), note=_("the day that was named")))
            return
        if self.due.unit is Unit.CALENDAR_DAYS and line.kind in {LineKind.DAY, LineKind.GIVEN_BACK}:
            is_extra = line.kind is LineKind.GIVEN_BACK
            total = "" if is_extra else amount_text(line.total, Unit.CALENDAR_DAYS)
            note = _("makes up for pauses") if is_extra else ""
            self.rows.append(WhyRow(head=self._days(line), note=note, total=total))
            return
        head = self._date_once(line)
        start, end = self._clocks(line)
        row = WhyRow(head=head, start=start, end=end, note=line.label)
        if line.kind is LineKind.START:
            note = _("begins, not counted")
            row = WhyRow(head=head, start=start, note=note, is_counted=False)
        elif line.kind is LineKind.GIVEN_BACK:
            row = replace(row, note=_("makes up for pauses"), counted=_length(line.minutes))
        elif line.kind is LineKind.ROLLED:
            row = replace(row, note=_("put off to a working day"))
        else:
            row = replace(row, total=_("day %(n)d") % {"n": line.total})
        self.rows.append(row)

    # Parts of rows

    def _mark_end(self, line: Line, at: datetime) -> None:
        row = self.rows[-1]
        if self.due.unit is Unit.BUSINESS_MINUTES:
            total = _("%(time)s due") % {"time": _length(line.total)}
        else:
            total = _("%(what)s, due") % {"what": row.total} if row.total else _("due")
        self.rows[-1] = replace(row, end=self._end_clock(line.start, at), total=total, is_last=True)

    def _date_once(self, line: Line) -> str:
        day = line.start.astimezone(self.zone).date()
        if day == self.dated:
            return ""
        self.dated = day
        return f"{WEEKDAYS[day.weekday()]} {day:%m-%d}"

    def _days(self, line: Line) -> str:
        """11-28, or 11-28–11-29."""
        if line.end is None:
            return f"{line.date:%m-%d}"
        last = line.date + timedelta(days=_span_days(line) - 1)
        return f"{line.date:%m-%d}" + (f"–{last:%m-%d}" if last > line.date else "")

    def _clocks(self, line: Line) -> tuple[str, str]:
        """09:20 and 10:20; with dates where the rows above do not tell them."""
        start = line.start.astimezone(self.zone)
        if line.end is None:
            return _("since %(moment)s") % {"moment": f"{start:%m-%d %H:%M}"}, ""
        last = (line.end - timedelta(minutes=1)).astimezone(self.zone)
        is_told = line.kind not in NOT_COUNTED or start.date() == self.dated
        is_short = is_told and start.date() == last.date()
        first = f"{start:%H:%M}" if is_short else f"{start:%m-%d %H:%M}"
        return first, self._end_clock(line.start, line.end)

    def _end_clock(self, start: datetime, end: datetime) -> str:
        there = end.astimezone(self.zone)
        last = (end - timedelta(minutes=1)).astimezone(self.zone)
        clock = "24:00" if there.date() > last.date() else f"{there:%H:%M}"
        return (
            clock if last.date() == start.astimezone(self.zone).date() else f"{last:%m-%d} {clock}"
        )


def _mark(line: Line, zone: tzinfo) -> tuple[str, str]:
    """Icon and word of what is not counted."""
    if line.kind is LineKind.PAUSE:
        return "player-pause", _("Pause")
    if line.kind is LineKind.HOLIDAY:
        return "flag", _("Holiday")
    if line.kind is LineKind.CLOSED:
        return "calendar", pgettext("day", "Closed")
    is_noon = 11 <= line.start.astimezone(zone).hour < 14
    return "coffee", _("Lunch break") if is_noon else pgettext("part of a day", "Closed")


def _together(run: list[list[Line]]) -> list[list[Line]]:
    if len(run) < FEWEST_DAYS_TOGETHER:
        return [[line] for day in run for line in day]
    return [[line for day in run for line in day]]


def _length(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


__all__ = ["WhyDue", "WhyRow", "amount_text", "explain"]
