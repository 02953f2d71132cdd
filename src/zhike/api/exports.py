"""Exports over the API: the same reason, watermark and register as on the pages."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from zhike.core.api import REFUSALS, Paged, PageOut, RowId, Strict, caller, newest_page
from zhike.core.errors import RuleError
from zhike.core.exporter import KINDS, begin_export, register
from zhike.core.exporter.kinds import PurposeName
from zhike.core.exporter.pages import answer, send
from zhike.core.models import ExportRun

router = Router(tags=["exports"])
# The answer is the file itself.
FILE: dict[str, Any] = {
    "responses": {
        200: {
            "description": "The file; its number in the register stands in `X-Export-Number`.",
            "content": {
                "text/csv": {"schema": {"type": "string", "format": "binary"}},
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            },
        }
    }
}


class ExportIn(Strict):
    kind: str = Field(max_length=40, description="A list: customers, case, feedback …")
    format: Literal["csv", "xlsx"] = "csv"
    purpose: PurposeName
    reason: str = Field(min_length=2, max_length=300, description="What the file is needed for.")
    reveal: bool = Field(False, description="Complete numbers instead of masked ones.")
    ids: list[RowId] | None = Field(
        None, max_length=10_000, description="Only these rows; all within reach when left out."
    )


class ExportOut(Schema):
    number: str
    kind: str
    actor_name: str
    purpose: str
    reason: str
    query: str
    file_format: str
    revealed: bool
    rows: int
    state: str
    digest: str
    size_bytes: int | None
    made_at: datetime
    expires_at: datetime
    fetched_count: int


def _out(run: ExportRun) -> dict[str, Any]:
    return {name: getattr(run, name) for name in ExportOut.model_fields}


@router.post("/exports", response=REFUSALS, openapi_extra=FILE)
def export(request: HttpRequest, asked: ExportIn) -> Any:
    """A list as a file. Who, when, what for and how many rows are kept, and stand in the file."""
    actor, grants = caller(request)
    kind = KINDS.get(asked.kind)
    if kind is None:
        raise RuleError("export_kind", _("There is no such list."), field="kind")
    grants.require(kind.permission)
    rows = kind.rows(grants).order_by("pk")
    if asked.ids is not None:
        rows = rows.filter(pk__in=asked.ids)
    sent: HttpResponseBase = send(
        begin_export(
            actor=actor,
            grants=grants,
            kind=kind,
            rows=rows,
            file_format=asked.format,
            purpose=asked.purpose,
            reason=asked.reason,
            reveal=asked.reveal,
            query="" if asked.ids is None else f"ids={len(asked.ids)}",
        )
    )
    return sent


@router.get("/exports", response={200: PageOut[ExportOut], **REFUSALS})
def list_exports(request: HttpRequest, asked: Query[Paged]) -> Any:
    """The register: one's own exports, and with the right those of one's units; newest first."""
    _actor, grants = caller(request)
    rows = register.visible_exports(grants)
    return newest_page(rows, cursor=asked.cursor, limit=asked.limit, out=_out)


@router.get("/exports/{number}", response={200: ExportOut, **REFUSALS})
def read_export(request: HttpRequest, number: str) -> Any:
    """One entry of the register."""
    _actor, grants = caller(request)
    return _out(register.get_export(grants, number))


@router.post("/exports/{number}/file", response=REFUSALS, openapi_extra=FILE)
def fetch_export(request: HttpRequest, number: str) -> Any:
    """The same bytes once more, for who exported them, until they expire."""
    actor, grants = caller(request)
    run, chunks = register.fetch_again(actor=actor, grants=grants, number=number)
    return answer(register.file_name(run), chunks, run)
