"""The import wizard: file, columns and trial, import, undo."""

import re
import tempfile
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.accounts.grants import actor_of_request
from zhike.accounts.selectors import reachable_units
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.exporter.pages import XLSX
from zhike.core.importer import kinds_for
from zhike.core.importer import services as importing
from zhike.core.importer.books import write_error_book, write_template
from zhike.core.importer.context import PERMISSION, kind_named
from zhike.core.importer.issues import shown_issue
from zhike.core.importer.selectors import get_import, visible_imports
from zhike.core.models import ImportIssue, ImportRun
from zhike.web.import_page import page_context, percent_of

LISTED = 50
_CELL = re.compile(r"cell-([0-9]{1,7})-([0-9]{1,4})")
_LINE = re.compile(r"[0-9]{1,7}")
_COLUMN = re.compile(r"col-([0-9]{1,4})")


@require_GET
def imports(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, PERMISSION)
    rows = list(visible_imports(grants).select_related("file").order_by("-pk")[:LISTED])
    labels = {kind.key: kind.label for kind in kinds_for(grants)}
    lines = [(row, labels.get(row.kind, row.kind)) for row in rows]
    return render(request, "web/imports/list.html", {"lines": lines})


@require_http_methods(["GET", "POST"])
def import_new(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, PERMISSION)
    units = reachable_units(grants)
    refusal: RuleError | None = None
    if request.method == "POST":
        try:
            return redirect("web:import", _start(request, grants, units).pk)
        except RuleError as error:
            if error.status not in (422, 413):
                raise
            refusal = error
    kinds = kinds_for(grants)
    asked = request.POST.get("kind") or request.GET.get("kind") or (kinds[0].key if kinds else "")
    context = {
        "kinds": kinds,
        "chosen": asked,
        "units": units,
        "unit": request.POST.get("unit") or str(grants.unit_id or ""),
        "refusal": refusal,
    }
    return render(
        request, "web/imports/new.html", context, status=refusal.status if refusal else 200
    )


def _start(request: HttpRequest, grants: Grants, units: list[Any]) -> ImportRun:
    upload = request.FILES.get("file")
    if upload is None:
        raise RuleError("file_missing", _("Please choose a file."), field="file")
    asked = request.POST.get("unit") or str(grants.unit_id)
    unit = next((u for u in units if str(u.pk) == asked), None)
    if unit is None:
        raise RuleError("unit_unknown", _("Please choose one of your units."), field="unit")
    kind = next((k for k in kinds_for(grants) if k.key == request.POST.get("kind")), None)
    if kind is None:
        raise RuleError("kind_unknown", _("Please choose what the rows are."), field="kind")
    return importing.start_import(
        actor=actor_of_request(request),
        grants=grants,
        kind_key=kind.key,
        upload=upload,
        file_name=upload.name or "",
        unit_id=unit.pk,
    )


@require_GET
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    _grants, run = _load(request, pk)
    return render(request, "web/imports/run.html", page_context(run, request.GET.get("why", "")))


@require_GET
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar alone, asked each second; once the job has ended the page is fetched anew."""
    _grants, run = _load(request, pk)
    if run.state not in importing.BUSY or run.failure:
        answer = HttpResponse(status=204)
        answer.headers["HX-Refresh"] = "true"
        return answer
    return render(request, "web/imports/_progress.html", {"run": run, "percent": percent_of(run)})


@require_POST
def import_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(
        request,
        pk,
        lambda run: importing.choose_sheet(
            actor=actor_of_request(request), run=run, sheet=request.POST.get("sheet", "")
        ),
    )


@require_POST
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    mapping, twice = _mapping(request.POST)
    constants = {
        name.removeprefix("const-"): text
        for name, text in request.POST.items()
        if name.startswith("const-") and isinstance(text, str)
    }
    if twice:
        messages.warning(request, _("Two columns lead to the same field; the first one was taken."))
    return _do(
        request,
        pk,
        lambda run: importing.choose_columns(
            actor=actor_of_request(request), run=run, mapping=mapping, constants=constants
        ),
    )


def _mapping(data: QueryDict) -> tuple[dict[str, int], bool]:
    mapping: dict[str, int] = {}
    twice = False
    for name, code in data.items():
        match = _COLUMN.fullmatch(name)
        if match and isinstance(code, str) and code:
            twice = twice or code in mapping
            mapping.setdefault(code, int(match[1]))
    return mapping, twice


@require_POST
def import_try(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of_request(request)
    return _do(request, pk, lambda run: importing.try_again(actor=actor, run=run))


@require_POST
def import_correct(request: HttpRequest, pk: int) -> HttpResponse:
    data = request.POST
    cells = {
        (int(match[1]), int(match[2])): value
        for name, value in data.items()
        if (match := _CELL.fullmatch(name)) and isinstance(value, str) and value.strip()
    }
    leave_out = {int(v) for v in data.getlist("leave") if _LINE.fullmatch(v)}

    def mend(run: ImportRun) -> None:
        cells.update(_proposed(run, data.get("use", "")))
        count = importing.correct(
            actor=actor_of_request(request), run=run, cells=cells, leave_out=frozenset(leave_out)
        )
        if count:
            told = ngettext(
                "%(n)s change kept; trying it out again.",
                "%(n)s changes kept; trying it out again.",
                count,
            )
            messages.success(request, told % {"n": count})

    return _do(request, pk, mend)


def _proposed(run: ImportRun, issue_id: str) -> dict[tuple[int, int], str]:
    if not (issue_id.isascii() and issue_id.isdigit() and len(issue_id) < 19):
        return {}
    issue = ImportIssue.objects.filter(run=run, pk=int(issue_id), column__isnull=False).first()
    if issue is None or issue.column is None:
        return {}
    proposal = shown_issue(issue, run, reveal=True).proposal
    return {(issue.line, issue.column): proposal} if proposal else {}


@require_POST
def import_begin(request: HttpRequest, pk: int) -> HttpResponse:
    policy = request.POST.get("policy", "")
    actor = actor_of_request(request)
    return _do(request, pk, lambda run: importing.begin(actor=actor, run=run, policy=policy))


@require_POST
def import_stop(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of_request(request)
    return _do(request, pk, lambda run: importing.stop(actor=actor, run=run))


@require_POST
def import_go_on(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of_request(request)
    return _do(request, pk, lambda run: importing.go_on(actor=actor, run=run))


@require_POST
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of_request(request)
    return _do(request, pk, lambda run: importing.undo(actor=actor, run=run))


@require_POST
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of_request(request)
    return _do(request, pk, lambda run: importing.discard(actor=actor, run=run))


@require_GET
def import_errors(request: HttpRequest, pk: int) -> HttpResponseBase:
    _grants, run = _load(request, pk)
    name = _("%(file)s – rows with errors.xlsx") % {"file": run.file_name.rsplit(".", 1)[0]}
    try:
        return _workbook(lambda stream: write_error_book(run, stream), name)
    except RuleError as error:
        # The file went with a customer who was in it and is erased.
        messages.warning(request, str(error))
        return redirect("web:import", run.pk)


@require_GET
def import_template(request: HttpRequest, kind: str) -> HttpResponseBase:
    grants = access.require(request.user, PERMISSION)
    found = kind_named(kind)
    if not grants.allows(found.permission):
        raise NotFound()
    name = _("%(kind)s – template.xlsx") % {"kind": found.label}
    return _workbook(lambda stream: write_template(found, stream), name)


def _workbook(write: Callable[[Any], object], name: str) -> HttpResponseBase:
    file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by the response)
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    answer = FileResponse(file, content_type=XLSX)
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


def _load(request: HttpRequest, pk: int) -> tuple[Grants, ImportRun]:
    grants = access.require(request.user, PERMISSION)
    return grants, get_import(grants, pk)


def _do(request: HttpRequest, pk: int, act: Callable[[ImportRun], object]) -> HttpResponse:
    """One act on one's own import, then back to its page; a refusal is told there."""
    grants, run = _load(request, pk)
    grants.require(kind_named(run.kind).permission)
    try:
        act(run)
    except Conflict as conflict:
        messages.warning(request, str(conflict))
    except RuleError as error:
        if error.status != 422:
            raise
        messages.error(request, str(error))
        context = page_context(get_import(grants, pk))
        return render(request, "web/imports/run.html", context, status=422)
    return redirect("web:import", run.pk)
