import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Protocol

from django.conf import settings
from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.errors import NotFound, RuleError, TooLarge
from zhike.core.models import StoredFile


class Upload(Protocol):
    def chunks(self) -> Iterable[bytes]: ...


# First bytes → type. Anything else is text when it decodes, else a plain binary that browsers only download.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"ID3", "audio/mpeg"),
)
# Shown in the page; every other type is sent as a download, whatever its name says.
SHOWN_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def sniff_type(head: bytes) -> str:
    """The type the bytes themselves show; names and declared types are not believed."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return "application/octet-stream"
    return "application/octet-stream" if b"\x00" in head else "text/plain"


def file_path(digest: str) -> Path:
    return Path(settings.DATA) / "files" / digest[:2] / digest


def store_file(upload: Upload) -> StoredFile:
    """Write the bytes (atomically, once per content) and note them. An orphan left by a rollback is harmless."""
    digest = hashlib.sha256()
    size = 0
    head = b""
    folder = Path(settings.DATA) / "files"
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".incoming-")
    try:
        with os.fdopen(handle, "wb") as stream:
            for chunk in upload.chunks():
                size += len(chunk)
                if size > settings.UPLOAD_LIMIT_BYTES:
                    raise TooLarge(
                        "file_too_large",
                        _("The file is larger than 20 MB. Please send a smaller one."),
                    )
                head = head or chunk[:2048]
                digest.update(chunk)
                stream.write(chunk)
        if size == 0:
            raise RuleError(
                "file_empty",
                _("The file is empty (0 bytes). Please choose the right one."),
            )
        target = file_path(digest.hexdigest())
        target.parent.mkdir(exist_ok=True)
        _bring_back(digest.hexdigest())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    # The bytes are written before any unit of work begins: nobody waits for an upload.
    with work.unit(work.Actor.system("files")) as unit_of_work:
        stored, _made = StoredFile.objects.get_or_create(
            digest=digest.hexdigest(),
            defaults={
                "size_bytes": size,
                "content_type": sniff_type(head),
                "stored_at": unit_of_work.now,
            },
        )
    return stored


def _bring_back(digest: str) -> None:
    """The same bytes are here again after they were removed. Noted before they are written: until then whoever
    removes them does so, and from then on nobody does."""
    if StoredFile.objects.filter(digest=digest, removed_at__isnull=False).exists():
        with work.unit(work.Actor.system("files")):
            StoredFile.objects.filter(digest=digest).update(removed_at=None)


def open_file(stored: StoredFile) -> IO[bytes]:
    """The bytes to read. Says so when they were removed on request."""
    try:
        return file_path(stored.digest).open("rb")
    except FileNotFoundError:
        if stored.removed_at is None:
            raise
    raise NotFound(
        _("This file was removed on request of the customer it was about."), "file_removed"
    )
