"""`zhike import` and `zhike export`: the same services as the pages, for a terminal."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.options import DataOption
from zhike.cli.program import load, stop, writing
from zhike.cli.texts import gettext as _
from zhike.cli.texts import screen_language
from zhike.core.serving import folderlock

if TYPE_CHECKING:
    from zhike.accounts.models import Unit
    from zhike.core.models import ImportRun

# What the shell is told: rows were left out, though the import itself went well.
SOME_LEFT_OUT = 3
SHOWN_ISSUES = 20
_POLL_SECONDS = 0.3
# A job that fails is tried again by itself; nobody waits at a terminal for the long delays.
_PATIENCE_SECONDS = 90.0


def import_file(
    kind: Annotated[str, typer.Argument(help=_("What the rows are: customers, cases, feedback."))],
    file: Annotated[Path, typer.Argument(help=_("An .xlsx or .csv file."))],
    maps: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            help=_("A field and its column: header, letter or number. May be repeated."),
        ),
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help=_("A value for every row, such as rating_scale=1-5. May be repeated."),
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Only try out; nothing is written."))
    ] = False,
    whole: Annotated[
        bool,
        typer.Option("--all-or-nothing", help=_("Import only when every row is right.")),
    ] = False,
    sheet: Annotated[str, typer.Option("--sheet", help=_("The worksheet to read."))] = "",
    unit: Annotated[
        str,
        typer.Option(
            "--unit", help=_("The unit the rows belong to; else the one that takes cases in.")
        ),
    ] = "",
    data: DataOption = None,
) -> None:
    """Import a file."""
    folder = load()
    with writing(folder), told_plainly():
        run = _uploaded(kind, file, sheet, unit)
        _choose(run, maps or [], sets or [])
        run = _finished(run, folder)
        if not dry_run and (run.created_count or run.updated_count) and run.state == "checked":
            from zhike.core import work
            from zhike.core.importer import services

            services.begin(
                actor=work.Actor.system("import", via="cli"),
                run=run,
                policy="all" if whole else "skip",
            )
            run = _finished(run, folder)
        code = _report(run, dry_run)
    raise typer.Exit(code)


def export_file(
    kind: Annotated[str, typer.Argument(help=_("What to export: customers, cases, feedback."))],
    file: Annotated[Path, typer.Argument(help=_("The file to write, .xlsx or .csv."))],
    reason: Annotated[
        str, typer.Option("--reason", help=_("What the file is needed for; it is kept."))
    ] = "",
    purpose: Annotated[
        str,
        typer.Option(
            "--purpose",
            help=_(
                "contact, handling, analysis, inspection, authority, person, transfer or other."
            ),
        ),
    ] = "other",
    reveal: Annotated[
        bool, typer.Option("--reveal", help=_("Complete numbers instead of masked ones."))
    ] = False,
    data: DataOption = None,
) -> None:
    """Write a list to a file."""
    folder = load()
    with writing(folder), told_plainly():
        from zhike.core import access, work
        from zhike.core.exporter import KINDS, begin_export

        found = KINDS.get(kind) or KINDS.get(kind.removesuffix("s"))
        if found is None:
            known = ", ".join(sorted(one.key for one in KINDS))
            stop(_("There is no list {kind}. Possible: {known}").format(kind=kind, known=known), 2)
        if not reason:
            stop(_("Please say with --reason what the file is needed for; it is kept."), 2)
        export = begin_export(
            actor=work.Actor.system("export", via="cli"),
            grants=access.everything("export"),
            kind=found,
            file_format=file.suffix.lower().lstrip("."),
            reason=reason,
            purpose=purpose,
            reveal=reveal,
        )
        # Beside its place first: a failed export leaves no half file under the name.
        unfinished = file.with_name(f".{file.name}.part")
        with unfinished.open("wb") as stream:
            stream.writelines(export.chunks())
        unfinished.replace(file)
    typer.echo(
        _("{count} rows written to {file}. Export number {number}.").format(
            count=len(export.ids), file=file, number=export.run.number
        )
    )


@contextmanager
def told_plainly() -> Iterator[None]:
    """A refusal is a sentence on the terminal, not a traceback."""
    from django.db import DatabaseError

    from zhike.core.errors import RuleError

    try:
        yield
    except RuleError as error:
        stop(str(error) or _("This is not possible."))
    except OSError as error:
        stop(_("{file}: {why}").format(file=error.filename or "", why=_why(error)))
    except DatabaseError as error:
        stop(
            _("The database cannot be used ({why}). “zhike migrate” makes it ready.").format(
                why=str(error).splitlines()[0]
            )
        )


def _why(error: OSError) -> str:
    """The operating system says it in English; the usual three in the terminal's language."""
    match error:
        case FileNotFoundError():
            return _("there is no such file or folder.")
        case IsADirectoryError():
            return _("this is a folder, not a file.")
        case PermissionError():
            return _("it may not be opened; check its permissions.")
    return error.strerror or str(error)


class _File:
    """A file of the terminal's user as an upload."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def chunks(self) -> Iterator[bytes]:
        with self.path.open("rb") as stream:
            while chunk := stream.read(64 * 1024):
                yield chunk


def _uploaded(kind: str, file: Path, sheet: str, unit: str) -> "ImportRun":
    from zhike.core import access, work
    from zhike.core.importer import KINDS, services

    if KINDS.get(kind) is None:
        known = ", ".join(sorted(one.key for one in KINDS))
        stop(_("There is no kind {kind}. Possible: {known}").format(kind=kind, known=known), 2)
    return services.start_import(
        actor=work.Actor.system("import", via="cli"),
        grants=access.everything("import"),
        kind_key=kind,
        upload=_File(file),
        file_name=file.name,
        unit_id=_unit(unit).pk,
        sheet=sheet,
    )


def _unit(name: str) -> "Unit":
    """The unit of that name; without one the reception, whose people are to find what came in."""
    from zhike.accounts.models import Unit
    from zhike.channels.webform.services.reception import reception_unit

    units = Unit.objects.filter(name=name) if name else Unit.objects.filter(parent__isnull=True)
    if not name and (reception := reception_unit()) is not None:
        units = Unit.objects.filter(pk=reception)
    found = units.order_by("pk").first()
    if found is None:
        stop(
            _("There is no unit {name}.").format(name=name)
            if name
            else _("There is no company yet: start “zhike serve” and open its first page."),
            2,
        )
    typer.echo(_("The rows belong to {unit}.").format(unit=found.name))
    return found


def _choose(run: "ImportRun", maps: list[str], sets: list[str]) -> None:
    from django.utils import translation

    from zhike.core import work
    from zhike.core.importer import services
    from zhike.core.importer.context import kind_named
    from zhike.core.importer.problems import sentence

    fields = {field.code: field for field in kind_named(run.kind).all_fields()}
    mapping = dict(run.mapping)
    for code, column in _pairs(maps, "--map", fields):
        place = _column(run.headers, column)
        mapping = {c: n for c, n in mapping.items() if n != place}
        mapping[code] = place
    constants = dict(run.constants)
    for code, text in _pairs(sets, "--set", fields):
        constants[code] = text
        mapping.pop(code, None)
    problems = services.choose_columns(
        actor=work.Actor.system("import", via="cli"),
        run=run,
        mapping=mapping,
        constants=constants,
    )
    with translation.override(screen_language()):
        for code, place in sorted(run.mapping.items(), key=lambda item: item[1]):
            typer.echo(f"  {run.headers[place]} → {fields[code].label} ({code})")
        for problem in problems:
            label = fields[problem.field].label if problem.field in fields else ""
            told = f"{sentence(problem.reason)} {sentence(problem.suggestion, problem.values)}"
            typer.echo(f"{label} ({problem.field}): {told}", err=True)
    if problems:
        stop(_("The columns are not complete; use --map and --set."), 2)


def _pairs(
    given: list[str], option: str, fields: Mapping[str, object]
) -> Iterator[tuple[str, str]]:
    for text in given:
        code, equals, value = text.partition("=")
        code = code.strip()
        if not equals or code not in fields:
            known = ", ".join(fields)
            stop(
                _("{option} {text}: write FIELD=VALUE with one of these fields: {known}").format(
                    option=option, text=text, known=known
                ),
                2,
            )
        yield code, value.strip()


def _column(headers: list[str], wanted: str) -> int:
    """A column by its header, its letter or its number."""
    from zhike.core.errors import RuleError
    from zhike.core.importer.reading import column_letter

    letters = [column_letter(n) for n in range(len(headers))]
    numbers = [str(n + 1) for n in range(len(headers))]
    for names, name in ((headers, wanted), (letters, wanted.upper()), (numbers, wanted)):
        if name in names:
            return names.index(name)
    known = "、".join(headers)
    raise RuleError(
        "column_unknown",
        _("There is no column {name}. Columns: {known}").format(name=wanted, known=known),
    )


def _finished(run: "ImportRun", folder: Path) -> "ImportRun":
    """Wait for the server's worker; when nothing serves, do the work here."""
    from zhike.core.importer.services import BUSY
    from zhike.core.jobs.inline import run_pending_jobs
    from zhike.core.models import ImportRun

    seen, since = -1, time.monotonic()
    while True:
        if folderlock.server_of(folder) is None:
            run_pending_jobs(beat=True)
        now = ImportRun.objects.select_related("file", "key").get(pk=run.pk)
        if now.state not in BUSY:
            return now
        if now.rows_done != seen:
            seen, since = now.rows_done, time.monotonic()
            typer.echo(f"  {now.rows_done:,} / {now.rows_total:,}", err=True)
        if time.monotonic() - since > _PATIENCE_SECONDS:
            stop(
                _(
                    "The import stands still. It is kept; its page under “Imports” says why ({id})."
                ).format(id=now.pk)
            )
        time.sleep(_POLL_SECONDS)


def _report(run: "ImportRun", dry_run: bool) -> int:
    import json

    from django.utils import translation

    from zhike.core.importer.issues import shown_issue
    from zhike.core.importer.problems import sentence
    from zhike.core.models import ImportIssue

    with translation.override(screen_language()):
        for text, values in run.notes:
            typer.echo(sentence(text, values))
        if run.failure:
            typer.echo(sentence(*json.loads(run.failure)), err=True)
        for issue in ImportIssue.objects.filter(run=run).order_by("line", "id")[:SHOWN_ISSUES]:
            told = shown_issue(issue, run, reveal=False)
            typer.echo(
                _("Line {line}, {column} “{value}”: {reason} {suggestion}").format(
                    line=told.line,
                    column=told.heading or "–",
                    value=told.value[:40],
                    reason=told.reason,
                    suggestion=told.suggestion,
                ),
                err=True,
            )
    if dry_run:
        typer.echo(_("Only tried out, nothing written:"))
    line = _(
        "{created} new, {updated} updated, {same} already there, {errors} with errors, "
        "of {total} rows."
    )
    typer.echo(
        line.format(
            created=run.created_count,
            updated=run.updated_count,
            same=run.same_count,
            errors=run.error_count,
            total=run.rows_total,
        )
    )
    if not dry_run and run.state not in ("done", "checked"):
        return 1
    return SOME_LEFT_OUT if run.error_count else 0
