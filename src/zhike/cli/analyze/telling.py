"""From a command to its answer: table or JSON on the screen, a report in a file, or one sentence and code 2."""

import os
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import typer

from zhike.cli.analyze.findings import Finding
from zhike.cli.analyze.problems import Problem
from zhike.cli.program import stop
from zhike.cli.texts import gettext as _

REPORTS = (".html", ".pdf", ".xlsx")


@dataclass(frozen=True)
class Wanted:
    """What to do with the finding; `read` are the files it comes from, which nothing may overwrite."""

    as_json: bool = False
    report: Path | None = None
    read: tuple[Path, ...] = ()


def tell(analyse: Callable[[], Finding], wanted: Wanted) -> None:
    """Runs an analysis and says what it found. Whatever is wrong with the input ends with code 2."""
    from zhike.methods.errors import MethodError

    try:
        if wanted.report is not None:
            may_be_written("--report", wanted.report, wanted.read, REPORTS)
        with warnings.catch_warnings():
            # Nothing computed doubtfully is passed on in silence.
            warnings.simplefilter("error", RuntimeWarning)
            finding = analyse()
        if wanted.report is not None:
            _report(finding, wanted.report)
    except Problem as problem:
        stop(str(problem), 2)
    except MethodError as error:
        from zhike.cli.analyze.method_words import sentence_of

        stop(sentence_of(error), 2)
    except RuntimeWarning as warning:
        stop(
            _("The figures leave the range of numbers ({why}); look for extreme values.").format(
                why=warning
            ),
            2,
        )
    if wanted.as_json:
        from zhike.cli.analyze.figures import as_json, plain

        typer.echo(as_json(plain(finding.data)))
    else:
        from zhike.cli.analyze.screen import show

        show(finding)


def may_be_written(option: str, path: Path, read: tuple[Path, ...], kinds: tuple[str, ...]) -> None:
    """Looked at before anything is computed. A report is made anew each time; raw data never are."""
    if path.suffix.lower() not in kinds:
        raise Problem(
            _("{option} writes {kinds}; {file} ends otherwise.").format(
                option=option, kinds=_(", ").join(kinds), file=path.name
            )
        )
    if any(path.exists() and other.exists() and path.samefile(other) for other in read):
        raise Problem(
            _("{option} would overwrite {file}, which is being read.").format(
                option=option, file=path.name
            )
        )
    folder = path.absolute().parent
    if not folder.is_dir():
        raise Problem(_("There is no folder {folder}.").format(folder=folder))
    if path.is_dir() or not os.access(folder, os.W_OK):
        raise Problem(_("{file} cannot be written.").format(file=path))


def written(path: Path, content: bytes) -> None:
    """In one piece: whoever reads the file finds the old or the new one."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.absolute().parent, delete=False) as file:
            file.write(content)
        # As open() would have made it, not for its owner alone.
        mask = os.umask(0)
        os.umask(mask)
        Path(file.name).chmod(0o666 & ~mask)
        Path(file.name).replace(path)
    except OSError as error:
        raise Problem(
            _("{file} cannot be written: {why}.").format(file=path, why=error.strerror or error)
        ) from error
    typer.echo(_("Written: {file}").format(file=path), err=True)


def _report(finding: Finding, path: Path) -> None:
    from zhike.cli.analyze.reports import report

    written(path, report(finding, path.suffix.lower()))
