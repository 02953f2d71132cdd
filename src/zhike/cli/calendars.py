"""`zhike calendar`: next year's dates from a file, for a terminal or a nightly script."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zhike.cli.importing import told_plainly
from zhike.cli.options import DataOption
from zhike.cli.program import load, stop, writing
from zhike.cli.texts import gettext as _
from zhike.cli.texts import screen_language

if TYPE_CHECKING:
    from zhike.core.calendar.dates_diff import DateChange
    from zhike.core.models import DatesImport, WorkCalendar

app = typer.Typer(help=_("Working calendars."), no_args_is_help=True)
_MARKS = {"added": "+", "changed": "~", "same": "=", "kept": " "}


@app.callback()
def calendar() -> None:
    """Working calendars."""


@app.command("import", help=_("Take the dates of a year over from a file."))
def import_dates(
    file: Annotated[
        Path,
        typer.Argument(help=_("The filled-in template, or JSON in the form of holiday-cn.")),
    ],
    calendar: Annotated[
        str, typer.Option("--calendar", help=_("Its name; else the default one."))
    ] = "",
    source: Annotated[
        str,
        typer.Option(
            "--source", help=_("Title and number of the notice; else what the file says.")
        ),
    ] = "",
    complete: Annotated[
        bool, typer.Option("--complete", help=_("Declare the dates of the year complete."))
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Only compare; nothing is written."))
    ] = False,
    data: DataOption = None,
) -> None:
    folder = load()
    with writing(folder), told_plainly():
        from django.utils import translation

        with translation.override(screen_language()):
            _import(file, _calendar(calendar), source, complete, dry_run)


def _import(
    file: Path, calendar: "WorkCalendar", source: str, complete: bool, dry_run: bool
) -> None:
    from zhike.core import access, work
    from zhike.core.calendar.dates_diff import compare
    from zhike.core.calendar.dates_file import read_dates
    from zhike.core.calendar.dates_import import apply_dates, changes_of, send_dates
    from zhike.core.calendar.plans import schedule_for

    content = file.read_bytes()
    if dry_run:
        found = read_dates(content)
        _tell(
            [(fault.line, fault.text) for fault in found.faults],
            compare(schedule_for(calendar.pk).dates, found.dates, found.year),
        )
        typer.echo(_("Only compared, nothing written."))
        return
    acting: Any = {
        "actor": work.Actor.system("calendar", via="cli"),
        "grants": access.everything("cli"),
    }
    row: DatesImport = send_dates(
        **acting, calendar_id=calendar.pk, file_name=file.name, data=content
    )
    _tell([(line, text) for line, text in row.faults], changes_of(row))
    version = type(calendar).objects.values_list("version", flat=True).get(pk=calendar.pk)
    done = apply_dates(
        **acting,
        import_id=row.pk,
        version=version,
        source=source or row.source,
        is_complete=complete,
        recount=True,
    )
    typer.echo(
        _("{year}: {added} added, {changed} changed in “{calendar}”.").format(
            year=row.year, added=done.added, changed=done.changed, calendar=calendar.name
        )
    )
    if not complete:
        typer.echo(
            _("Due times in {year} stay provisional until the year is declared complete.").format(
                year=row.year
            )
        )


def _tell(faults: list[tuple[int, str]], changes: "list[DateChange]") -> None:
    for one in changes:
        rule = one.after
        typer.echo(f"  {_MARKS[one.change.value]} {one.day.isoformat()} {rule.kind} {rule.label}")
    for line, text in faults:
        typer.echo(_("Line {line}: {text}").format(line=line, text=text), err=True)
    if faults:
        stop(_("Nothing is taken over while a date is wrong."), 2)


def _calendar(name: str) -> "WorkCalendar":
    from zhike.core.models import WorkCalendar

    rows = list(WorkCalendar.objects.all())
    found = [row for row in rows if (row.name == name if name else row.is_default)]
    if not found:
        known = "、".join(row.name for row in rows)
        stop(_("There is no calendar {name}. Possible: {known}").format(name=name, known=known), 2)
    return found[0]
