"""What the page of one import shows, worked out from the run."""

import json
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from zhike.core.importer import CellError, ImportField, ImportKind, Problem, sentence
from zhike.core.importer import services as importing
from zhike.core.importer.context import kind_named
from zhike.core.importer.issues import ShownIssue, groups_of, masked_value, shown_issue
from zhike.core.importer.matching import mapping_problems
from zhike.core.importer.reading import column_letter
from zhike.core.models import ErrorPolicy, ImportIssue, ImportRun, ImportState
from zhike.core.sealing import SealBroken, unseal

SHOWN_ISSUES = 20


@dataclass(frozen=True)
class ColumnLine:
    """A column of the file: its header, a sample, the field it is mapped to, and how that went."""

    column: int
    header: str
    sample: str
    field: str
    tone: str
    icon: str
    told: str


@dataclass(frozen=True)
class ConstantLine:
    field: ImportField
    value: str
    problem: str
    is_needed: bool


@dataclass(frozen=True)
class Step:
    label: str
    state: str
    number: int


def sample_of(run: ImportRun) -> list[str]:
    try:
        cells = json.loads(unseal(run.sample, run.key) or "[]")
    except SealBroken:
        cells = []
    return [*map(str, cells), *[""] * (len(run.headers) - len(cells))]


def column_lines(run: ImportRun, kind: ImportKind) -> list[ColumnLine]:
    fields = {field.code: field for field in kind.all_fields()}
    by_column = {column: code for code, column in run.mapping.items() if code in fields}
    lines = []
    for column, (header, raw) in enumerate(zip(run.headers, sample_of(run), strict=False)):
        field = fields.get(by_column.get(column, ""))
        tone, icon, told = _standing(field, raw)
        shown = masked_value(raw, bool(field and field.personal))
        lines.append(
            ColumnLine(
                column,
                header or _("Column %(letter)s") % {"letter": column_letter(column)},
                shown[:80],
                field.code if field else "",
                tone,
                icon,
                told,
            )
        )
    return lines


def _standing(field: ImportField | None, raw: str) -> tuple[str, str, str]:
    if field is None:
        return "", "", _("Not imported")
    try:
        value = field.clean(raw)
    except CellError as error:
        return "warn", "alert-triangle", sentence(error.reason, error.values)
    if value is None or (isinstance(value, str) and value == raw.strip()):
        return "ok", "check", _("Recognised")
    if field.kind in ("date", "datetime"):
        return "info", "wand", _("Read as %(value)s") % {"value": str(value)[:16]}
    if field.kind == "choice":
        label = dict(field.choice_list()).get(value, value)
        return "info", "wand", _("Read as %(value)s") % {"value": label}
    if field.kind in ("phone", "id_card"):
        return "info", "wand", _("Brought into one form")
    return "ok", "check", _("Recognised")


def constant_lines(run: ImportRun, kind: ImportKind, problems: list[Problem]) -> list[ConstantLine]:
    """Fields that may be given once for the whole file: those no column holds."""
    told = {p.field: sentence(p.suggestion or p.reason, p.values) for p in problems}
    lines = [
        ConstantLine(
            field,
            run.constants.get(field.code, ""),
            told.get(field.code, ""),
            field.code in told or bool(run.constants.get(field.code)),
        )
        for field in kind.all_fields()
        if field.code not in run.mapping
    ]
    return sorted(lines, key=lambda line: not line.is_needed)


def steps(run: ImportRun) -> list[Step]:
    labels = [_("Choose a file")]
    if len(run.sheets) > 1:
        labels.append(_("Choose the worksheet"))
    labels += [_("Match columns, try out"), _("Import"), _("Done (can be undone for 7 days)")]
    last = len(labels) - 1
    now = {
        ImportState.RUNNING: last - 1,
        ImportState.STOPPED: last - 1,
        ImportState.UNDOING: last,
        ImportState.DONE: last,
        ImportState.UNDONE: last,
    }.get(ImportState(run.state), last - 2)
    return [
        Step(label, "ok" if i < now else "now" if i == now else "", i + 1)
        for i, label in enumerate(labels)
    ]


def issues_shown(run: ImportRun, why: str) -> tuple[list[ShownIssue], str]:
    """The first faulty cells; `why` (an issue's id) narrows to those with the same reason."""
    rows = ImportIssue.objects.filter(run=run).order_by("line", "id")
    reason = ""
    if why.isascii() and why.isdigit() and len(why) < 19:
        reason = rows.filter(pk=int(why)).values_list("reason", flat=True).first() or ""
        rows = rows.filter(reason=reason) if reason else rows
    # Masked for everybody: whoever needs the numbers has the file, and the workbook of faulty rows.
    shown = [shown_issue(issue, run, reveal=False) for issue in rows[:SHOWN_ISSUES]]
    return shown, sentence(reason)


def page_context(run: ImportRun, why: str = "") -> dict[str, Any]:
    kind = kind_named(run.kind)
    problems = mapping_problems(kind, run.mapping, run.constants)
    issues, reason = issues_shown(run, why)
    good = run.created_count + run.updated_count
    constants = constant_lines(run, kind, problems)
    return {
        "run": run,
        "kind": kind,
        "fields": kind.all_fields(),
        "columns": column_lines(run, kind),
        "matched": len(run.mapping),
        "needed_constants": [line for line in constants if line.is_needed],
        "other_constants": [line for line in constants if not line.is_needed],
        "problems": [(_label(kind, p.field), sentence(p.reason, p.values)) for p in problems],
        "steps": steps(run),
        "notes": [sentence(text, values) for text, values in run.notes],
        "failure": sentence(*json.loads(run.failure)) if run.failure else "",
        "issues": issues,
        "reason": reason,
        "groups": groups_of(run) if issues else [],
        "good": good,
        "bar": bar_parts(run),
        "policies": _policies(run, good),
        "can_undo": importing.can_undo(run),
        "is_open": run.state in importing.OPEN_TO_CHANGE,
        "is_busy": run.state in importing.BUSY,
        "kept": kept_lines(run, kind),
        "percent": percent_of(run),
    }


@dataclass(frozen=True)
class PolicyChoice:
    value: str
    label: str


def _policies(run: ImportRun, good: int) -> list[PolicyChoice]:
    skip = _("Leave out the %(bad)s rows with errors, import %(good)s rows") % {
        "bad": f"{run.error_count:,}",
        "good": f"{good:,}",
    }
    whole = _("Correct everything first, then import: not one row is lost")
    return [PolicyChoice(ErrorPolicy.SKIP, skip), PolicyChoice(ErrorPolicy.ALL_OR_NOTHING, whole)]


def _label(kind: ImportKind, code: str) -> str:
    return next((str(f.label) for f in kind.all_fields() if f.code == code), code)


@dataclass(frozen=True)
class BarPart:
    tone: str
    x: int
    width: int


def bar_parts(run: ImportRun) -> list[BarPart]:
    parts, x = [], 0
    for tone, n in (
        ("a", run.created_count),
        ("b", run.updated_count),
        ("d", run.same_count + run.skipped_count),
        ("c", run.error_count),
    ):
        if n:
            parts.append(BarPart(tone, x, n))
        x += n
    return parts


def percent_of(run: ImportRun) -> int:
    total = run.rows_total
    if run.state == ImportState.UNDOING:
        total = run.created_count + run.updated_count
    return min(100, round(100 * run.rows_done / total)) if total else 0


@dataclass(frozen=True)
class KeptLine:
    line: int
    url: str
    reason: str


def kept_lines(run: ImportRun, kind: ImportKind) -> list[KeptLine]:
    """What an undo left alone, and why."""
    return [
        KeptLine(line, kind.object_url(object_id), sentence(reason))
        for line, object_id, reason in run.kept[:100]
    ]
