"""Faulty cells, kept sealed: a wrong phone number is still somebody's phone number."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min

from zhike.core.importer.context import Job, kind_named
from zhike.core.importer.problems import sentence
from zhike.core.importer.reading import column_letter
from zhike.core.importer.rows import Row
from zhike.core.models import ImportIssue, ImportRun, PersonKey
from zhike.core.sealing import SealBroken, seal, unseal
from zhike.core.search import masked_numbers

# Beyond this many only the count goes on: nobody mends more by hand, the file itself is wrong.
MAX_ISSUES = 20_000


def issues_for(rows: Iterable[Row], job: Job, key: PersonKey) -> list[ImportIssue]:
    personal = {field.code for field in job.kind.all_fields() if field.personal}
    found = []
    for row in rows:
        for problem in row.problems:
            column = job.run.mapping.get(problem.field)
            value = row.cells[column] if column is not None and column < len(row.cells) else ""
            detail = {"value": value[:500], "values": problem.values, "proposal": problem.proposal}
            found.append(
                ImportIssue(
                    run_id=job.run.pk,
                    line=row.line,
                    column=column,
                    field=problem.field[:60],
                    reason=problem.reason[:200],
                    suggestion=problem.suggestion[:200],
                    is_personal=problem.field in personal,
                    detail=seal(key, json.dumps(detail, ensure_ascii=False, default=str)),
                )
            )
    return found


@dataclass(frozen=True)
class ShownIssue:
    """An issue as a person reads it. `value` is masked unless they may see it."""

    id: int
    line: int
    column: int | None
    heading: str
    value: str
    is_masked: bool
    reason: str
    suggestion: str
    proposal: str


def shown_issue(issue: ImportIssue, run: ImportRun, reveal: bool) -> ShownIssue:
    try:
        detail: dict[str, Any] = json.loads(unseal(issue.detail, run.key) or "{}")
    except SealBroken:
        detail = {}
    value = str(detail.get("value", ""))
    shown = value if reveal else masked_value(value, issue.is_personal)
    proposal = str(detail.get("proposal", ""))
    return ShownIssue(
        id=issue.pk,
        line=issue.line,
        column=issue.column,
        heading=heading_of(run, issue.column, issue.field),
        value=shown,
        is_masked=shown != value,
        reason=sentence(issue.reason, detail.get("values")),
        suggestion=sentence(issue.suggestion, detail.get("values")),
        proposal=proposal if reveal or not issue.is_personal else "",
    )


def masked_value(value: str, is_personal: bool) -> str:
    """Personal cells keep only their ends; elsewhere runs of digits that look like a number are masked."""
    if not is_personal:
        return masked_numbers(value)
    if len(value) <= 4:
        return "*" * len(value)
    keep = 3 if len(value) >= 10 else 1
    return f"{value[:keep]}****{value[-min(4, len(value) - keep - 1) :]}"


def heading_of(run: ImportRun, column: int | None, field: str = "") -> str:
    if column is not None and column < len(run.headers):
        return run.headers[column] or column_letter(column)
    kind = kind_named(run.kind)
    return next((str(f.label) for f in kind.all_fields() if f.code == field), "")


@dataclass(frozen=True)
class IssueGroup:
    reason: str
    first_id: int
    lines: int
    share: int


def groups_of(run: ImportRun, limit: int = 8) -> list[IssueGroup]:
    """What kinds of mistakes there are, the most frequent first; `share` in percent of all faulty lines."""
    counted = list(
        ImportIssue.objects.filter(run=run)
        .values("reason")
        .annotate(n=Count("line", distinct=True), first=Min("id"))
        .order_by("-n", "first")[:limit]
    )
    total = max(run.error_count, 1)
    return [
        IssueGroup(
            sentence(row["reason"]), row["first"], row["n"], round(min(row["n"] / total, 1) * 100)
        )
        for row in counted
    ]
