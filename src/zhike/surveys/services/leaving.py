"""A page of answers with what is kept apart from them: how to reach somebody, and files.

Both come and go with the answer that tells of them, in one transaction. A page without either costs what `save`
costs, and nothing more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhike.core import work
from zhike.core.files import store_file
from zhike.core.models import StoredFile
from zhike.surveys.contacts import ContactDetails
from zhike.surveys.sent_files import SentFile
from zhike.surveys.services import contacts, files
from zhike.surveys.services.answers import Begun, Sent, Way, save


@dataclass(frozen=True, slots=True)
class Left:
    contact: ContactDetails | None = None
    files: Sequence[SentFile] = ()


def send(
    way: Way, ref: str, version_id: int, sent: Sent, before: Begun | None, left: Left
) -> Begun:
    """`before` is the response as it stood, None for a first page."""
    if not (left.contact or left.files or _stood(before)):
        row = save(way, ref, version_id, sent)
        if before is None and row.revision > 1 and row.definition.leaves_apart:
            # A first page sent again by a browser that forgot it: by another way something may be left behind.
            with work.unit(work.Actor.customer()) as unit:
                _settle(unit, row, Left(), {})
        return row
    # Written before the unit of work begins: nobody waits for an upload.
    stored = {one.token: store_file(one) for one in left.files}
    with work.unit(work.Actor.customer()) as unit:
        row = save(way, ref, version_id, sent)
        _settle(unit, row, left, stored)
    return row


def _settle(unit: work.Work, row: Begun, left: Left, stored: Mapping[str, StoredFile]) -> None:
    if row.definition.contact() is not None:
        contacts.settle(unit, row, left.contact)
    if row.definition.file_questions():
        files.settle(unit, row, left.files, stored)


def _stood(before: Begun | None) -> bool:
    if before is None:
        return False
    apart = before.definition.left_apart
    return any(one.key in before.answers for one in apart)
