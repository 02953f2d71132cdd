"""Files somebody sends in with an answer: looked at before they are stored, and told without their names.

A name such as IMG_20261129_1530 tells when; so none is kept.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhike.core.files import sniff_type
from zhike.surveys.plain_pictures import Unreadable, plain

LARGEST_BYTES = 10 * 1024 * 1024
HEAD_BYTES = 2048
ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
}
MEGABYTE, KILOBYTE = 1024 * 1024, 1024


@dataclass(frozen=True, slots=True)
class SentFile:
    """`token` names it among the answers; `data` has nothing beside the picture."""

    question: str
    token: str
    content_type: str
    data: bytes

    def chunks(self) -> Iterator[bytes]:
        yield self.data


def new_token() -> str:
    return secrets.token_hex(8)


def looked_at(question: str, uploads: Sequence[Any]) -> list[SentFile]:
    """Raises ValueError with a sentence for whoever answers."""
    return [_looked_at(question, one) for one in uploads]


def _looked_at(question: str, upload: Any) -> SentFile:
    name = {"name": str(upload.name)[:60]}
    if not upload.size:
        raise ValueError(_("“%(name)s” is empty (0 bytes). Please choose the right file.") % name)
    if upload.size > LARGEST_BYTES:
        raise ValueError(_("“%(name)s” is larger than 10 MB. Please send a smaller one.") % name)
    data = b"".join(upload.chunks())
    content_type = sniff_type(data[:HEAD_BYTES])
    if content_type not in ENDINGS:
        raise ValueError(_("“%(name)s” is neither a photo (JPEG, PNG, WebP) nor a PDF.") % name)
    try:
        data = plain(data, content_type)
    except Unreadable:
        raise ValueError(
            _("“%(name)s” cannot be read as a picture. Please take it once more.") % name
        ) from None
    return SentFile(question, new_token(), content_type, data)


def label(number: int, content_type: str, size_bytes: int) -> str:
    kind = ENDINGS.get(content_type, "").upper()
    size = f"{max(1, size_bytes // KILOBYTE)} KB"
    if size_bytes >= MEGABYTE:
        size = f"{size_bytes / MEGABYTE:.1f} MB"
    return pgettext("sent file", "No. %(number)s · %(kind)s · %(size)s") % {
        "number": number,
        "kind": kind,
        "size": size,
    }
