"""What this room keeps for a while: bells, messages that left, imported files, copies of exports; the log."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.core.erasing.places import ERASED
from zhike.core.files import remove_files, used_elsewhere
from zhike.core.importer.services import OPEN_TO_CHANGE, give_up
from zhike.core.models import (
    ImportFix,
    ImportIssue,
    ImportRun,
    ImportState,
    Notification,
    OutboxAttempt,
    OutboxMessage,
    OutboxState,
)
from zhike.core.models.retention import AUDIT_LEAST_DAYS
from zhike.core.retention.classes import CLASSES, ENDED, DataClass
from zhike.core.work import Work

SETTLED = (OutboxState.SENT, OutboxState.DELIVERED, OutboxState.FAILED, OutboxState.VOID)
# Undoing an import reads its file.
UNDO_DAYS = 7


def _bells(cutoff: datetime) -> "QuerySet[Notification]":
    return Notification.objects.filter(made_at__lt=cutoff)


def _end_bells(rows: Sequence[Notification], work: Work) -> None:
    Notification.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _messages(cutoff: datetime) -> "QuerySet[OutboxMessage]":
    rows = OutboxMessage.objects.filter(state__in=SETTLED, changed_at__lt=cutoff)
    return rows.exclude(text__in=(ENDED, ERASED))


def _end_messages(rows: Sequence[OutboxMessage], work: Work) -> None:
    ids = [row.pk for row in rows]
    found = OutboxMessage.objects.filter(pk__in=ids)
    found.update(address="", text=ENDED, answer="", receipt="")
    OutboxAttempt.objects.filter(message__in=ids).update(words="")


def _imports(cutoff: datetime) -> "QuerySet[ImportRun]":
    """Those that ended, and those left lying, stopped ones too: nobody comes back to them."""
    ended = Q(state__in=(ImportState.DONE, ImportState.UNDONE), finished_at__lt=cutoff)
    left = Q(state__in=(*OPEN_TO_CHANGE, ImportState.STOPPED), changed_at__lt=cutoff)
    return ImportRun.objects.filter(ended | left).exclude(file_name__in=(ENDED, ERASED))


def _end_imports(rows: Sequence[ImportRun], work: Work) -> None:
    """The file as it came, its faulty cells and corrections; counts stay."""
    ids = [run.pk for run in rows]
    ImportIssue.objects.filter(run__in=ids).update(detail="")
    ImportFix.objects.filter(run__in=ids).update(value="")
    ImportRun.objects.filter(pk__in=ids).update(file_name=ENDED, sample="", failure="")
    give_up(ids, work)
    files = {run.file_id for run in rows}
    remove_files(files - used_elsewhere(files, {"core.ImportRun": ids}), work)


def register() -> None:
    for kind in (
        DataClass(
            "core.imports", _("Imported files"),
            _("The file and its faulty cells go; how many rows came in stays."),
            90, UNDO_DAYS + 1, _("An import can be undone for 7 days, from its file."),
            _imports, _end_imports, order=40,
        ),
        DataClass(
            "core.outbox", _("Messages to customers that left"),
            _("Text and address go; when, and whether it arrived, stays."),
            365, 30, _("So long a customer may say that nothing arrived."),
            _messages, _end_messages, order=45,
        ),
        DataClass(
            "core.bells", _("Notifications under the bell"), _("They are deleted."),
            180, 30, "", _bells, _end_bells, is_on=True, order=60,
        ),
        DataClass(
            "core.exports", _("Copies of exported files"),
            _("The sealed copy and its key go; the register stays."),
            3, source=_("Fixed: three days."), is_on=True, order=65,
        ),
        DataClass(
            "accounts.sessions", _("Sessions and failed sign-ins"),
            _("Ended sessions and counted failures are deleted every night; the log keeps each sign-in."),
            2, source=_("Fixed: two days."), is_on=True, order=70,
        ),
        DataClass(
            "core.audit", _("Audit log"),
            _("Nothing is deleted: the chain is checked from its first row on, and the database refuses."),
            AUDIT_LEAST_DAYS, AUDIT_LEAST_DAYS,
            _("Cyber-security law, article 23: at least six months. The database takes no shorter period."),
            order=90,
        ),
    ):  # fmt: skip
        CLASSES.fill(kind)
