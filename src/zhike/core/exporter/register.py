"""The register of exports: a row for each file that left, and a sealed copy of it until it expires."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from zhike.core import clock, numbers, work
from zhike.core.access import Grants, NotFound
from zhike.core.errors import Conflict
from zhike.core.exporter.kinds import KINDS, LABELS
from zhike.core.models import ExportRun, ExportState
from zhike.core.sealing import destroy_key, new_key, seal_stream, unseal_stream

VIEW_ALL = "exports.view"
PREFIX = "DC"
KEPT = timedelta(days=3)
# A file that is still being written after this long is not: its process has died.
LONGEST = timedelta(hours=2)
BATCH = 100


def visible_exports(grants: Grants) -> QuerySet[ExportRun]:
    """One's own, and with the right those of one's units; exports of no unit need the whole company's scope."""
    rows = ExportRun.objects.all()
    own = Q(actor_id=grants.user_id) if grants.user_id is not None else Q(pk__in=[])
    if not grants.allows(VIEW_ALL):
        return rows.filter(own)
    return rows if grants.unit_ids is None else rows.filter(own | Q(unit_id__in=grants.unit_ids))


def get_export(grants: Grants, number: str) -> ExportRun:
    """Raises NotFound."""
    # What cannot be a number is not asked of the database: PostgreSQL refuses NUL.
    is_number = number.isascii() and number.isalnum()
    run = visible_exports(grants).filter(number=number).first() if is_number else None
    if run is None:
        raise NotFound(_("There is no such export."))
    return run


def add(unit: work.Work, grants: Grants, *, reason: str = "", **facts: Any) -> ExportRun:
    """A row for a file that is about to be written, inside the unit of work that allows it.

    `reason` is the unit's own unless another one is given.
    """
    return ExportRun.objects.create(
        number=numbers.dated_number(PREFIX, clock.local(unit.now).date()),
        unit_id=grants.unit_id,
        actor_id=unit.actor.id,
        actor_name=unit.actor.name,
        via=unit.actor.via,
        reason=reason or unit.reason,
        key=new_key(unit.now),
        made_at=unit.now,
        expires_at=unit.now + KEPT,
        **facts,
    )


def file_name(run: ExportRun) -> str:
    return f"{labels().get(run.kind, run.kind)}_{run.number}.{run.file_format}"


def labels() -> dict[str, Any]:
    """What a file of the register is called, by kind."""
    return {**{one.key: one.label for one in LABELS}, **{one.key: one.label for one in KINDS}}


def export_path(run: ExportRun) -> Path:
    return Path(settings.DATA) / "exports" / run.number


def kept(run: ExportRun, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks unchanged, while a sealed copy and the digest are made of them."""
    target = export_path(run)
    target.parent.mkdir(mode=0o700, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".writing-")
    digest, size = hashlib.sha256(), 0
    passing: list[bytes] = []

    def seen() -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            passing.append(chunk)
            yield chunk

    try:
        with os.fdopen(handle, "wb") as stream:
            for frame in seal_stream(run.key, seen()):
                stream.write(frame)
                yield from passing
                passing.clear()
        os.replace(name, target)
    except BaseException:
        # The receiver hung up (GeneratorExit), or a row could not be read.
        Path(name).unlink(missing_ok=True)
        _settle(run, ExportState.BROKEN)
        raise
    if not _settle(run, ExportState.READY, digest=digest.hexdigest(), size_bytes=size):
        # Settled by others meanwhile: somebody who may stand in it was erased.
        target.unlink(missing_ok=True)


def _settle(run: ExportRun, state: ExportState, **facts: Any) -> bool:
    """Whether it was still being written."""
    with work.unit(work.Actor(run.actor_id, run.actor_name, via=run.via), run.reason) as unit:
        mine = ExportRun.objects.filter(pk=run.pk, state=ExportState.RUNNING)
        if mine.update(state=state, **facts):
            unit.audit("core.export.end", run, after={"state": state, **facts})
            return True
    return False


def fetch_again(
    *, actor: work.Actor, grants: Grants, number: str
) -> tuple[ExportRun, Iterator[bytes]]:
    """The same bytes once more, for the person who exported them and nobody else."""
    run = get_export(grants, number)
    if run.actor_id is None or run.actor_id != grants.user_id:
        raise Conflict(
            "export_not_yours",
            _("Only %(who)s can fetch this file again. Please make an export of your own.")
            % {"who": run.actor_name},
        )
    gone = run.state != ExportState.READY or run.expires_at <= clock.now()
    if gone or not export_path(run).is_file():
        raise Conflict("export_gone", _("The file is no longer kept. Please make a new export."))
    with work.unit(actor, run.reason) as unit:
        row = ExportRun.objects.select_for_update().get(pk=run.pk)
        row.fetched_count += 1
        row.save(update_fields=["fetched_count"])
        unit.audit("core.export.fetch", run, after={"export": run.number})
    return run, _unsealed(run)


def _unsealed(run: ExportRun) -> Iterator[bytes]:
    with export_path(run).open("rb") as stream:
        yield from unseal_stream(run.key, stream)


def remove_expired(rows: QuerySet[ExportRun] | None = None) -> int:
    """Delete what has expired, file and key; the row of the register stays. `rows` removes those at once."""
    now = clock.now()
    if rows is None:
        ready = Q(state=ExportState.READY, expires_at__lte=now)
        rows = ExportRun.objects.filter(
            ready
            | Q(state=ExportState.BROKEN, gone_at__isnull=True)
            | Q(state=ExportState.RUNNING, made_at__lte=now - LONGEST)
        )
    removed = 0
    while batch := list(rows.filter(gone_at__isnull=True).order_by("pk")[:BATCH]):
        with work.unit(work.Actor.system("export")) as unit:
            # Locked and read again: the last bytes may just have been written.
            for run in rows.select_for_update().filter(pk__in=[run.pk for run in batch]):
                export_path(run).unlink(missing_ok=True)
                destroy_key(run.key_id, unit.now)
                was_whole = run.state == ExportState.READY
                run.state = ExportState.GONE if was_whole else ExportState.BROKEN
                run.gone_at = unit.now
                run.save(update_fields=["state", "gone_at"])
                unit.audit("core.export.remove", run, after={"export": run.number})
        removed += len(batch)
    return removed
