"""Files of a case over the API: sent as multipart/form-data, listed, fetched."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from zhike.core.access import Grants
from zhike.core.api import REFUSALS, RowId, Strict, caller, idempotency_key
from zhike.core.errors import RuleError, TooLarge
from zhike.core.files import store_file
from zhike.desk import services
from zhike.desk.file_field import MOST_FILES
from zhike.desk.models import Attachment
from zhike.desk.permissions import VIEW, WORK
from zhike.desk.selectors.page import attachment_of
from zhike.desk.selectors.scope import load_case
from zhike.desk.services.attaching import NewFile
from zhike.desk.views.case import send_file

router = Router(tags=["cases"])
# What a route that answers with bytes says of itself.
BYTES: dict[str, Any] = {
    "responses": {
        200: {
            "description": "The file.",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}  # fmt: skip


class AttachmentOut(Schema):
    id: int = Field(description="Fetch the bytes at `/attachments/{id}`.")
    name: str
    size_bytes: int
    content_type: str = Field(description="What the bytes themselves show; nobody's word for it.")
    digest: str = Field(description="SHA-256 of the bytes.")
    event_seq: int = Field(description="The line of the case's record it came with.")
    at: datetime


class AttachIn(Strict):
    public: bool = Field(False, description="True shows the files to the customer too.")


def new_files(files: Sequence[UploadedFile], *, most: int = MOST_FILES) -> list[NewFile]:
    """What was sent, stored, after the same checks a page makes. Call it once the caller may write."""
    if len(files) > most:
        raise RuleError(
            "too_many_files",
            _("At most %(limit)s files at a time, please.") % {"limit": most},
            field="files",
        )
    for file in files:
        name = {"name": file.name or ""}
        if not file.size:
            raise RuleError(
                "file_empty",
                _("“%(name)s” is empty (0 bytes). Please choose the right file.") % name,
                field="files",
            )
        if file.size > settings.UPLOAD_LIMIT_BYTES:
            raise TooLarge(
                "file_too_large",
                _("“%(name)s” is larger than 20 MB. Please send a smaller one.") % name,
                field="files",
            )
    return [NewFile(store_file(file), file.name or "") for file in files]


def attachment_out(row: Attachment) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "size_bytes": row.size_bytes,
        "content_type": row.content_type,
        "digest": row.file.digest,
        "event_seq": row.event.seq,
        "at": row.event.at,
    }


def _files_of(grants: Grants, number: str, **asked: Any) -> list[dict[str, Any]]:
    case = load_case(grants, number)
    rows = Attachment.objects.filter(case_id=case.pk, **asked).select_related("file", "event")
    return [attachment_out(row) for row in rows.order_by("pk")]


@router.get("/cases/{number}/attachments", response={200: list[AttachmentOut], **REFUSALS})
def list_attachments(request: HttpRequest, number: str) -> Any:
    """The files of a case, the first sent first."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    return _files_of(grants, number)


@router.post(
    "/cases/{number}/attachments",
    response={201: list[AttachmentOut], 200: list[AttachmentOut], **REFUSALS},
)
def attach(
    request: HttpRequest, number: str, files: File[list[UploadedFile]], how: Form[AttachIn]
) -> Any:
    """Attach up to 5 files of at most 20 MB each, all of them or none."""
    actor, grants = caller(request)
    grants.require(WORK)
    case = load_case(grants, number)
    key = idempotency_key(request)
    done = services.add_attachment(
        actor=actor,
        grants=grants,
        case_id=case.pk,
        files=new_files(files),
        public=how.public,
        submit_key=key,
    )
    # The line of an earlier sending is older than this request's own would be.
    status = 200 if key and done.seq <= case.seq else 201
    return Status(status, _files_of(grants, number, event_id=done.pk))


@router.get("/attachments/{attachment_id}", response={200: None, **REFUSALS}, openapi_extra=BYTES)
def fetch_attachment(request: HttpRequest, attachment_id: RowId) -> Any:
    """The bytes of one file; the type is what they themselves show, a page among them is only ever saved."""
    _actor, grants = caller(request)
    grants.require(VIEW)
    return send_file(attachment_of(grants, attachment_id))
