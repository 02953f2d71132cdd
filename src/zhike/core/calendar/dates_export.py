"""The dates of a year as a file: as our own table, or as JSON in the form of holiday-cn."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import IO

from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants, require_any
from zhike.core.calendar.dates_file import FIELDS, KINDS, SWAPPED
from zhike.core.calendar.hours import hours_text
from zhike.core.calendar.schedule import DateKind
from zhike.core.calendar.selectors import DateRow, dates_of_year, load_calendar
from zhike.core.errors import RuleError
from zhike.core.importer.books import write_table

READ = "cases.view"
MANAGE = "settings.manage"
FORMATS = ("xlsx", "json")


def begin_dates_export(
    *, actor: work.Actor, grants: Grants, calendar_id: int, year: int, file_format: str
) -> list[DateRow]:
    """Check, note who takes the file, and hand out the dates."""
    require_any(grants, READ, MANAGE)
    calendar = load_calendar(calendar_id)
    if file_format not in FORMATS:
        raise RuleError("export_format", _("Please choose .xlsx or .json."), field="format")
    rows = dates_of_year(calendar_id, year)
    if not rows:
        raise RuleError("export_empty", _("There is nothing to export."))
    with work.unit(actor) as unit:
        unit.audit(
            "export.calendar",
            calendar,
            after={"year": year, "rows": len(rows), "format": file_format},
        )
    return rows


def write_dates_table(rows: Sequence[DateRow], stream: IO[bytes]) -> None:
    labels = {value: str(label) for value, label in KINDS}
    cells = [
        [
            one.row.date.isoformat(),
            labels[one.row.kind],
            one.row.label,
            hours_text(one.windows or ()),
        ]
        for one in rows
    ]
    write_table(_("Days off"), FIELDS, cells, stream)


def write_dates_template(stream: IO[bytes], year: int) -> None:
    """Two rows as an example, of the year somebody is about to enter."""
    labels = {value: str(label) for value, label in KINDS}
    new_year = date(year, 1, 1)
    saturday = new_year + timedelta(days=(5 - new_year.weekday()) % 7 or 7)
    examples = [
        [new_year.isoformat(), labels[DateKind.HOLIDAY.value], "元旦", ""],  # zh-data
        [saturday.isoformat(), labels[DateKind.WORKING.value], f"元旦{SWAPPED}", ""],  # zh-data
    ]
    write_table(_("Days off"), FIELDS, examples, stream)


def dates_as_json(rows: Sequence[DateRow], year: int) -> str:
    """Hours of single dates have no place in this form and are left out."""
    papers = dict.fromkeys(one.row.source for one in rows)
    days = [
        {
            "name": one.row.label.removesuffix(SWAPPED) or one.row.label,
            "date": one.row.date.isoformat(),
            "isOffDay": one.row.kind == DateKind.HOLIDAY.value,
        }
        for one in rows
    ]
    found = {"year": year, "papers": list(papers), "days": days}
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"
