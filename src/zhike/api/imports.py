"""Imports over the API: send a file, read what the trial found, begin, undo."""

import json
from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from zhike.accounts.models import Unit
from zhike.core.api import REFUSALS, RowId, Strict, caller
from zhike.core.errors import RuleError
from zhike.core.importer import services
from zhike.core.importer.context import kind_named
from zhike.core.importer.issues import shown_issue
from zhike.core.importer.problems import sentence
from zhike.core.importer.selectors import get_import, visible_imports
from zhike.core.models import ImportIssue, ImportRun
from zhike.customers.permissions import sees_everything

router = Router(tags=["imports"])
LISTED = 50
ISSUES_AT_ONCE = 200


class ImportOut(Schema):
    id: int
    kind: str
    file_name: str
    state: str
    headers: list[str]
    mapping: dict[str, int] = Field(description="Field to column, counted from 0.")
    constants: dict[str, str]
    rows_total: int
    rows_done: int
    created_count: int
    updated_count: int
    same_count: int
    error_count: int
    skipped_count: int
    failure: str
    made_at: datetime
    finished_at: datetime | None
    lacking: list[str] = Field(
        default_factory=list, description="What the choice of columns still lacks."
    )


class IssueOut(Schema):
    line: int
    column: str
    value: str
    reason: str
    suggestion: str


class Upload(Schema):
    kind: str
    unit_id: RowId | None = Field(None, description="Where the rows belong; the person's own unit.")
    columns: str = Field("", description='JSON {"field": "column header"}; empty: as recognised.')
    constants: str = Field("", description='JSON {"field": "text for every row"}.')


class BeginIn(Strict):
    policy: Literal["skip", "all"] = "skip"


def _out(run: ImportRun, lacking: list[str] | None = None) -> dict[str, Any]:
    fields = [name for name in ImportOut.model_fields if name != "lacking"]
    return {**{name: getattr(run, name) for name in fields}, "lacking": lacking or []}


def _object(text: str, field: str) -> dict[str, str]:
    try:
        value = json.loads(text) if text.strip() else {}
    except json.JSONDecodeError:
        value = None
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise RuleError(
            "not_an_object", _("Please give a JSON object of field and text."), field=field
        )
    return value


def _columns(run: ImportRun, wanted: dict[str, str]) -> dict[str, int]:
    places = {header: place for place, header in enumerate(run.headers)}
    unknown = [header for header in wanted.values() if header not in places]
    if unknown:
        raise RuleError(
            "column_unknown",
            _("The file has no column “%(name)s”.") % {"name": unknown[0]},
            field="columns",
        )
    return {**run.mapping, **{field: places[header] for field, header in wanted.items()}}


@router.get("/imports", response={200: list[ImportOut], **REFUSALS})
def list_imports(request: HttpRequest) -> Any:
    """One's latest 50 imports."""
    _actor, grants = caller(request)
    grants.require("imports.run")
    return [_out(run) for run in visible_imports(grants).order_by("-pk")[:LISTED]]


@router.post("/imports", response={201: ImportOut, **REFUSALS})
def start_import(request: HttpRequest, file: File[UploadedFile], asked: Form[Upload]) -> Any:
    """Send a file. It is tried out at once; nothing is written before `begin`."""
    actor, grants = caller(request)
    columns = _object(asked.columns, "columns")
    constants = _object(asked.constants, "constants")
    unit_id = asked.unit_id if asked.unit_id is not None else grants.unit_id
    if (
        unit_id is None
        or not (grants.reaches_unit(unit_id) or unit_id == grants.unit_id)
        or not Unit.objects.filter(pk=unit_id, is_active=True).exists()
    ):
        raise RuleError("unit_unknown", _("There is no such unit."), field="unit_id")
    run = services.start_import(
        actor=actor,
        grants=grants,
        kind_key=asked.kind,
        upload=file,
        file_name=file.name or "",
        unit_id=unit_id,
    )
    problems = services.choose_columns(
        actor=actor,
        run=run,
        mapping=_columns(run, columns),
        constants={**run.constants, **constants},
    )
    return Status(201, _out(run, [sentence(one.reason, one.values) for one in problems]))


@router.get("/imports/{import_id}", response={200: ImportOut, **REFUSALS})
def read_import(request: HttpRequest, import_id: int) -> Any:
    """How far it is, and what it made."""
    _actor, grants = caller(request)
    return _out(get_import(grants, import_id))


@router.get("/imports/{import_id}/issues", response={200: list[IssueOut], **REFUSALS})
def list_issues(request: HttpRequest, import_id: int, after_line: int = 0) -> Any:
    """The faulty cells, by line, 200 at a time."""
    _actor, grants = caller(request)
    run = get_import(grants, import_id)
    reveal = sees_everything(grants)
    issues = ImportIssue.objects.filter(run=run, line__gt=after_line).order_by("line", "pk")
    shown = [shown_issue(issue, run, reveal) for issue in issues[:ISSUES_AT_ONCE]]
    return [
        {
            "line": issue.line,
            "column": issue.heading,
            "value": issue.value,
            "reason": issue.reason,
            "suggestion": issue.suggestion,
        }
        for issue in shown
    ]


@router.post("/imports/{import_id}/begin", response={200: ImportOut, **REFUSALS})
def begin_import(request: HttpRequest, import_id: int, how: BeginIn) -> Any:
    """Write what the trial found right."""
    actor, grants = caller(request)
    run = get_import(grants, import_id)
    grants.require(kind_named(run.kind).permission)
    services.begin(actor=actor, run=run, policy=how.policy)
    return _out(run)


@router.post("/imports/{import_id}/undo", response={200: ImportOut, **REFUSALS})
def undo_import(request: HttpRequest, import_id: int) -> Any:
    """Take a whole import back, within 7 days; what has been worked on since stays."""
    actor, grants = caller(request)
    run = get_import(grants, import_id)
    grants.require(kind_named(run.kind).permission)
    services.undo(actor=actor, run=run)
    return _out(run)
