"""What lies in this room's own tables: imports and their files, what bells said, messages on their way out."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zhike.core.erasing.places import (
    ADDRESSES,
    ERASED,
    HOLDS,
    IMPORTED,
    PLACES,
    Hold,
    Person,
    Place,
    Reason,
    deleted,
)
from zhike.core.exporter.register import remove_expired
from zhike.core.files import remove_files, used_elsewhere
from zhike.core.importer.services import OPEN_TO_CHANGE, give_up
from zhike.core.models import (
    ExportRun,
    ExportState,
    ImportedRow,
    ImportFix,
    ImportIdentity,
    ImportIssue,
    ImportRun,
    ImportState,
    Notification,
)
from zhike.core.work import Work

# Of these nothing more comes into the database.
OVER = (ImportState.DONE, ImportState.UNDONE, *OPEN_TO_CHANGE)

COPIED = (ExportState.READY, ExportState.RUNNING)


def _imported(person: Person) -> Q:
    """Which of the rows imports wrote are about this person."""
    told = [Q(run__kind=one.kind, object_id__in=one.ids(person)) for one in IMPORTED]
    return reduce(or_, told, Q(pk__in=[]))


def _rows(person: Person) -> "QuerySet[ImportedRow]":
    return ImportedRow.objects.filter(_imported(person))


def _known_by(person: Person) -> "QuerySet[ImportIdentity]":
    told = [Q(kind=one.kind, object_id__in=one.ids(person)) for one in IMPORTED]
    return ImportIdentity.objects.filter(reduce(or_, told, Q(pk__in=[])))


def _runs(person: Person) -> "QuerySet[ImportRun]":
    """Those a row of theirs came with, and all others of the same file: discarded, left lying, tried twice."""
    wrote = ImportRun.objects.filter(pk__in=_rows(person).values("run_id"))
    return ImportRun.objects.filter(file_id__in=wrote.values("file_id"))


def _blank_runs(rows: Sequence[ImportRun], person: Person, work: Work) -> None:
    """The file as it came, its faulty cells and corrections, for all its lines: nobody can tell them apart."""
    ids = [run.pk for run in rows]
    ImportIssue.objects.filter(run__in=ids).update(detail="")
    ImportFix.objects.filter(run__in=ids).update(value="")
    for run in rows:
        run.kept = [[line, pk, ""] for line, pk, *_reason in run.kept]
        run.file_name, run.sample, run.failure = ERASED, "", ""
    ImportRun.objects.bulk_update(rows, ["kept", "file_name", "sample", "failure"])
    give_up(ids, work)
    files = {run.file_id for run in rows}
    remove_files(files - used_elsewhere(files, {"core.ImportRun": ids}), work)


def _unfinished(person: Person) -> list[Reason]:
    count = _runs(person).exclude(state__in=OVER).count()
    if not count:
        return []
    return [
        Reason(
            "import_unfinished",
            _now("An import this file came with has not ended; end or undo it first."),
        )
    ]


def _bells(person: Person) -> "QuerySet[Notification]":
    urls = [url for one in ADDRESSES for url in one.urls(person)]
    # As `core.importer` writes it.
    urls += [f"/imports/{pk}/" for pk in _runs(person).values_list("pk", flat=True)]
    return Notification.objects.filter(url__in=urls)


def _exports(person: Person) -> "QuerySet[ExportRun]":
    """Copies kept, or just being made, of files that left, whoever stands in them; lines of the register that name
    them."""
    named = [Q(reason__contains=name) | Q(query__contains=name) for name in person.names]
    return ExportRun.objects.filter(reduce(or_, named, Q(state__in=COPIED)))


def _blank_exports(rows: Sequence[ExportRun], person: Person, work: Work) -> None:
    remove_expired(ExportRun.objects.filter(pk__in=[run.pk for run in rows], state__in=COPIED))
    for run in rows:
        run.reason, run.query = (
            ERASED if any(name in text for name in person.names) else text
            for text in (run.reason, run.query)
        )
    ExportRun.objects.bulk_update(rows, ["reason", "query"])


def register() -> None:
    HOLDS.fill(Hold("core.imports", _unfinished))
    for place in (
        Place("core.bells", _("Notifications"), _bells, deleted, order=30),
        Place(
            "core.exports", _("Kept copies of exported files"), _exports, _blank_exports,
            _("who exported what, when and what for"), order=30,
        ),
        Place(
            "core.imports", _("Imported files, their faults and corrections"), _runs, _blank_runs,
            _("how many rows were imported, and when"), order=40,
        ),
        Place("core.imported_rows", _("What imported rows said"), _rows, deleted, order=60),
        Place("core.import_identities", _("By what imports know them"), _known_by, deleted, order=60),
    ):  # fmt: skip
        PLACES.fill(place)
