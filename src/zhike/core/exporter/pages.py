"""The page between a list and its file: how many rows, which format, what for."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import content_disposition_header

from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.exporter.kinds import ExportKind
from zhike.core.exporter.register import KEPT
from zhike.core.exporter.services import Export, begin_export
from zhike.core.listing.counting import capped_count
from zhike.core.listing.listing import Listing
from zhike.core.models import ExportPurpose, ExportRun
from zhike.core.work import Actor

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": XLSX,
    "pdf": "application/pdf",
    "zip": "application/zip",
}


def export_page(
    request: HttpRequest,
    kind: ExportKind,
    listing: Listing,
    *,
    grants: Grants,
    actor: Actor,
    list_url: str,
) -> HttpResponseBase:
    """GET asks what for; POST sends the file. The list's own address (filters, tab, order) says which rows."""
    grants.require(kind.permission)
    query = request.GET.urlencode()
    rows = listing.select(query, kind.rows(grants), grants)
    return export_rows(
        request, kind, rows, grants=grants, actor=actor, list_url=list_url, query=query
    )


def export_rows(
    request: HttpRequest,
    kind: ExportKind,
    rows: "QuerySet[Any]",
    *,
    grants: Grants,
    actor: Actor,
    list_url: str,
    query: str = "",
) -> HttpResponseBase:
    """The same for rows that stand on no list."""
    grants.require(kind.permission)
    if request.method != "POST":
        return _ask(request, kind, grants, rows, list_url, query)
    try:
        export = begin_export(
            actor=actor,
            grants=grants,
            kind=kind,
            rows=rows,
            file_format=request.POST.get("format", ""),
            reason=request.POST.get("reason", "")[:300],
            purpose=request.POST.get("purpose", ""),
            reveal=request.POST.get("reveal") == "1",
            query=query,
        )
    except RuleError as refusal:
        if refusal.status != 422:
            raise
        return _ask(request, kind, grants, rows, list_url, query, refusal=refusal)
    return send(export)


def send(export: Export) -> StreamingHttpResponse:
    return answer(export.file_name, export.chunks(), export.run)


def answer(file_name: str, chunks: Iterable[bytes], run: ExportRun) -> StreamingHttpResponse:
    """The file as a download that no cache keeps."""
    sent = StreamingHttpResponse(chunks, content_type=TYPES[run.file_format])
    sent.headers["Content-Disposition"] = (
        content_disposition_header(True, file_name) or "attachment"
    )
    sent.headers["Cache-Control"] = "no-store"
    sent.headers["X-Export-Number"] = run.number
    return sent


def _ask(
    request: HttpRequest,
    kind: ExportKind,
    grants: Grants,
    rows: Any,
    list_url: str,
    query: str,
    refusal: RuleError | None = None,
) -> HttpResponse:
    context: Mapping[str, Any] = {
        "kind": kind,
        "count": capped_count(rows),
        "columns": kind.all_columns(grants),
        "can_reveal": bool(kind.reveal_permission) and grants.allows(kind.reveal_permission),
        "list_url": f"{list_url}?{query}" if query else list_url,
        "query": query,
        "refusal": refusal,
        "purposes": ExportPurpose.choices,
        "kept_days": KEPT.days,
        "data": request.POST,
    }
    return render(request, "web/exports/form.html", context, status=422 if refusal else 200)
