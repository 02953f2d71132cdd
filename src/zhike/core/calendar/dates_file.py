"""A file of days off and swapped working days: a table of ours, or JSON in the form of holiday-cn.

Reading only: what is wrong with single dates becomes a fault with its line, so that all are told at once;
a file that is none of the two is refused as a whole.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from zhike.core.calendar.hours import parse_hours
from zhike.core.calendar.schedule import DateKind, Window
from zhike.core.calendar.services import FIRST_YEAR, LAST_YEAR
from zhike.core.errors import RuleError, TooLarge
from zhike.core.importer.fields import ImportField
from zhike.core.importer.matching import guess_fields
from zhike.core.importer.problems import CellError, sentence
from zhike.core.importer.reading import Table, open_table
from zhike.core.importer.reading.delimited import decode
from zhike.core.importer.values import clean_choice, plain

MOST_BYTES = 1_000_000
# Each day of a year, and then some.
MOST_DATES = 400
LONGEST_LABEL = 40
LONGEST_SOURCE = 200
# A swapped working day bears the name of its festival and this, as the dates a new installation starts with do.
SWAPPED = "调休"  # zh-data

KINDS = (
    (DateKind.HOLIDAY.value, pgettext_lazy("calendar date", "Day off")),
    (DateKind.WORKING.value, pgettext_lazy("calendar date", "Working day")),
)
_WORDS = {  # zh-data
    DateKind.HOLIDAY: [
        "休息日",
        "休息",
        "休假",
        "放假",
        "假日",
        "休",
        "假",
        "holiday",
        "off",
        "day_off",
    ],
    DateKind.WORKING: [
        "上班日",
        "上班",
        "调休",
        "調休",
        "补班",
        "補班",
        "班",
        "working",
        "work",
        "working_day",
    ],
}


def _kind(text: str) -> str:
    """Whatever the language of the file: people fill in last year's template too."""
    wanted = plain(text).lower().replace(" ", "_")
    for kind, words in _WORDS.items():
        if wanted in words:
            return kind.value
    return clean_choice(text, KINDS)


FIELDS = (  # zh-data
    ImportField(
        "date", gettext_lazy("Date"), kind="date", required=True, aliases=("日期", "day"),
        example="2027-02-06",
    ),
    ImportField(
        "kind", gettext_lazy("What holds"), required=True, choices=KINDS, check=_kind,
        aliases=("安排", "类型", "休息或上班"), example="休息日",
    ),
    ImportField(
        "label", pgettext_lazy("calendar date", "Name"), required=True, max_length=LONGEST_LABEL,
        aliases=("名称", "节日", "节假日", "name"), example="春节",
        help=gettext_lazy("As on the notice."),
    ),
    ImportField(
        "hours", gettext_lazy("Hours of this day"), aliases=("时段", "工作时段", "hours"),
        help=gettext_lazy("Only if they differ from the usual ones: 9:00–12:00, 14:00–16:00"),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileDate:
    """One date of the file. `hours` None: the file does not speak of hours; empty: the usual ones."""

    line: int
    day: date
    kind: DateKind
    label: str
    hours: tuple[Window, ...] | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class DatesFile:
    year: int
    dates: tuple[FileDate, ...]
    faults: tuple[Fault, ...]
    source: str = ""


def read_dates(data: bytes) -> DatesFile:
    """Raises RuleError when it is no file of dates at all."""
    if len(data) > MOST_BYTES:
        raise TooLarge(
            "calendar_file_too_large",
            _("The file is larger than 1 MB. One year of dates is enough."),
            field="file",
        )
    if not data.strip():
        raise RuleError("calendar_file_empty", _("There is nothing in this file."), field="file")
    text = _json_text(data)
    return _checked(*(_of_json(text) if text else _of_table(data)))


def _json_text(data: bytes) -> str:
    """The text of what looks like JSON, in whatever encoding; empty for anything else."""
    if data.startswith(b"PK"):
        return ""
    try:
        text = decode(data).lstrip("\ufeff \r\n\t")
    except RuleError:
        return ""
    return text if text.startswith(("{", "[")) else ""


# JSON


def _of_json(text: str) -> tuple[int, list[FileDate], list[Fault], str]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise _wrong_form(
            _("This is not valid JSON: look at line %(line)d.") % {"line": error.lineno}
        ) from error
    except (ValueError, RecursionError) as error:
        raise _wrong_form(_("This is not valid JSON.")) from error
    if not isinstance(found, dict) or "days" not in found or "year" not in found:
        raise _wrong_form(
            _("A file in the form of holiday-cn has “year” and “days”; this one has not.")
        )
    year, days = found["year"], found["days"]
    if isinstance(year, bool) or not isinstance(year, int):
        raise _wrong_form(_("“year” must be a number such as 2027."))
    if not isinstance(days, list):
        raise _wrong_form(_("“days” must be a list of dates."))
    if not days:
        raise RuleError(
            "calendar_file_without_dates",
            _(
                "The file is for %(year)s and holds no dates: when it was made, the notice had "
                "not been published yet."
            )
            % {"year": year},
            field="file",
        )
    dates: list[FileDate] = []
    faults: list[Fault] = []
    for line, day in enumerate(days[: MOST_DATES + 1], 1):
        try:
            dates.append(_json_date(line, day))
        except RuleError as error:
            faults.append(Fault(line, str(error)))
    papers = found.get("papers")
    return year, dates, faults, _first_text(papers if isinstance(papers, list) else [])


def _json_date(line: int, day: Any) -> FileDate:
    if not isinstance(day, dict):
        raise RuleError("calendar_date_wrong", _("An entry needs “name”, “date” and “isOffDay”."))
    name, text, is_off = day.get("name"), day.get("date"), day.get("isOffDay")
    if not isinstance(name, str) or not isinstance(text, str) or not isinstance(is_off, bool):
        raise RuleError("calendar_date_wrong", _("An entry needs “name”, “date” and “isOffDay”."))
    try:
        when = date.fromisoformat(text)
    except ValueError as error:
        raise RuleError(
            "calendar_date_wrong",
            _("“%(text)s” is not a date. Write it as 2026-10-08.") % {"text": text[:30]},
        ) from error
    label = name.strip()
    if label and not is_off and not label.endswith(SWAPPED):
        label += SWAPPED
    return FileDate(line, when, DateKind.HOLIDAY if is_off else DateKind.WORKING, label)


def _first_text(papers: Sequence[Any]) -> str:
    texts = [one.strip() for one in papers if isinstance(one, str) and one.isprintable()]
    return next((text[:LONGEST_SOURCE] for text in texts if text), "")


def _wrong_form(text: str) -> RuleError:
    return RuleError("calendar_file_form", text, field="file")


# Tables


def _of_table(data: bytes) -> tuple[int, list[FileDate], list[Fault], str]:
    with tempfile.NamedTemporaryFile(suffix=".table") as file:
        file.write(data)
        file.flush()
        table = open_table(Path(file.name))
    mapping = guess_fields(FIELDS, table.headers)
    lacking = [str(field.label) for field in FIELDS if field.required and field.code not in mapping]
    if lacking:
        raise _wrong_form(
            _("The table lacks the columns %(columns)s. The template has them all.")
            % {"columns": _(", ").join(lacking)}
        )
    dates: list[FileDate] = []
    faults: list[Fault] = []
    for line, cells in _rows(table):
        try:
            dates.append(_table_date(line, cells, mapping))
        except RuleError as error:
            faults.append(Fault(line, str(error)))
    years = Counter(row.day.year for row in dates)
    year = max(years, key=lambda one: (years[one], one), default=0)
    return year, dates, faults, ""


def _rows(table: Table) -> Iterator[tuple[int, list[str]]]:
    for count, row in enumerate(table.rows(), 1):
        if count > MOST_DATES + 1:
            return
        yield row


def _table_date(line: int, cells: Sequence[str], mapping: dict[str, int]) -> FileDate:
    values: dict[str, Any] = {}
    for field in FIELDS:
        try:
            values[field.code] = field.clean(field.resolve(cells, mapping, {}))
        except CellError as error:
            told = f"{sentence(error.reason)} {sentence(error.suggestion, error.values)}"
            where = _("%(column)s: %(what)s") % {"column": field.label, "what": told.strip()}
            raise RuleError("calendar_date_wrong", where) from error
    hours = None
    if "hours" in mapping:
        hours = parse_hours(values["hours"] or "")
    return FileDate(line, values["date"], DateKind(values["kind"]), values["label"], hours)


# Both


def _checked(year: int, dates: list[FileDate], faults: list[Fault], source: str) -> DatesFile:
    """The dates that can be taken over, and a fault for each of the others."""
    if len(dates) + len(faults) > MOST_DATES:
        raise RuleError(
            "calendar_file_too_long",
            _("The file has more than %(most)d dates. One year is enough.") % {"most": MOST_DATES},
            field="file",
        )
    if dates and not FIRST_YEAR <= year <= LAST_YEAR:
        raise RuleError(
            "calendar_year_out_of_range",
            _("Years from %(first)s to %(last)s can be entered.")
            % {"first": FIRST_YEAR, "last": LAST_YEAR},
            field="file",
        )
    seen: dict[date, int] = {}
    good: list[FileDate] = []
    for row in dates:
        text = _what_is_wrong(row, year, seen)
        if text:
            faults.append(Fault(row.line, text))
        else:
            good.append(row)
        seen.setdefault(row.day, row.line)
    return DatesFile(
        year,
        tuple(sorted(good, key=lambda row: row.day)),
        tuple(sorted(faults, key=lambda fault: fault.line)),
        source,
    )


def _what_is_wrong(row: FileDate, year: int, seen: dict[date, int]) -> str:
    day = row.day.isoformat()
    # The notice of a year also says what holds in the last days of December before it.
    if row.day.year != year and (row.day.year, row.day.month) != (year - 1, 12):
        return _("%(date)s lies in another year than %(year)d.") % {"date": day, "year": year}
    if row.day in seen:
        return _("%(date)s stands in line %(line)d already.") % {"date": day, "line": seen[row.day]}
    if not row.label:
        return _("%(date)s has no name.") % {"date": day}
    if len(row.label) > LONGEST_LABEL or not row.label.isprintable():
        return _("%(date)s: a name has at most %(most)d plain characters.") % {
            "date": day,
            "most": LONGEST_LABEL,
        }
    if row.kind is DateKind.WORKING and row.day.weekday() < 5 and not row.hours:
        return _("%(date)s is no weekend: only a weekend day is swapped.") % {"date": day}
    return ""


__all__ = ["FIELDS", "DatesFile", "Fault", "FileDate", "read_dates"]
