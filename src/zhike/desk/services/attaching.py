"""Files that come with words, and forms that come twice."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.core.errors import RuleError
from zhike.core.models import StoredFile
from zhike.desk.models import Attachment, CaseEvent
from zhike.desk.services.handling import Handling

LONGEST_FILE_NAME = 200
MOST_FILES = 10


@dataclass(frozen=True)
class NewFile:
    """A file stored by `core.files.store_file`, under the name its sender gave it."""

    stored: StoredFile
    name: str


def checked_files(files: Sequence[NewFile]) -> Sequence[NewFile]:
    if len(files) > MOST_FILES:
        raise RuleError(
            "too_many_files",
            _("At most %(limit)s files at a time, please.") % {"limit": MOST_FILES},
            field="files",
        )
    return files


def attach(act: Handling, event: CaseEvent, files: Sequence[NewFile]) -> None:
    if not files:
        return
    act.flush()
    Attachment.objects.bulk_create(
        Attachment(
            case=act.case,
            event=event,
            file=file.stored,
            # A path is no name; the rest is escaped where it is shown.
            name=file.name.replace("\x00", "")
            .replace("\\", "/")
            .rsplit("/", 1)[-1][-LONGEST_FILE_NAME:]
            or "file",
            size_bytes=file.stored.size_bytes,
            content_type=file.stored.content_type,
        )
        for file in files
    )


def already_sent(case_id: int, submit_key: str) -> CaseEvent | None:
    """The line an earlier sending of the same form made. Asked under the lock of the case."""
    if not submit_key:
        return None
    return CaseEvent.objects.filter(case_id=case_id, submit_key=submit_key).first()
