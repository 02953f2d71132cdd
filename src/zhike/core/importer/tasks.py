"""The jobs of imports. Each may be killed and run again: state, attempt and cursor say where to go on."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as _noop

from zhike.core import work
from zhike.core.errors import RuleError
from zhike.core.importer.context import Superseded, actor_for
from zhike.core.importer.running import run_import
from zhike.core.importer.trial import try_out
from zhike.core.importer.undoing import undo_import
from zhike.core.importer.walking import move
from zhike.core.jobs import Cancelled, GiveUp, Interrupted, job
from zhike.core.models import ImportRun, ImportState

# Where a run stands when its job gives up.
ENDS_IN = {
    ImportState.CHECKING: ImportState.MAPPING,
    ImportState.RUNNING: ImportState.STOPPED,
    ImportState.UNDOING: ImportState.DONE,
}
UNEXPECTED = _noop("Something unexpected happened. It is being tried again by itself.")


@job(limit_seconds=900, attempts=10, label=_("Try out an import"))
def try_out_import(run_id: int, attempt: int) -> None:
    _guarded(run_id, attempt, ImportState.CHECKING, try_out)


@job(queue="bulk", limit_seconds=7200, attempts=10, label=_("Import a file"))
def import_rows(run_id: int, attempt: int) -> None:
    _guarded(run_id, attempt, ImportState.RUNNING, run_import)


@job(queue="bulk", limit_seconds=7200, attempts=10, label=_("Undo an import"))
def take_back_import(run_id: int, attempt: int) -> None:
    _guarded(run_id, attempt, ImportState.UNDOING, undo_import)


def _guarded(
    run_id: int, attempt: int, state: ImportState, walk: Callable[[ImportRun], None]
) -> None:
    run = (
        ImportRun.objects.select_related("file", "key")
        .filter(pk=run_id, attempt=attempt, state=state)
        .first()
    )
    if run is None:
        return
    try:
        walk(run)
    except Superseded:
        return
    except Interrupted:
        raise
    except Cancelled:
        _leave(run, state, state=ENDS_IN[state])
        raise
    except RuleError as error:
        _leave(run, state, state=ENDS_IN[state], failure=json.dumps([str(error)[:250], {}]))
        raise GiveUp(str(error)) from error
    except Exception:
        # The job is tried again and goes on where it stopped; meanwhile the page says so.
        _leave(run, state, failure=json.dumps([UNEXPECTED, {}]))
        raise


def _leave(run: ImportRun, expected: ImportState, **values: Any) -> None:
    with suppress(Superseded), work.unit(actor_for(run)):
        move(run, expected, **values)
