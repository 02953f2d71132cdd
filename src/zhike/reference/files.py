"""The register as a file, out and in: what goes out can be changed and come back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as _noop
from django.utils.translation import pgettext_lazy

from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.exporter.kinds import ExportColumn, ExportKind
from zhike.core.importer import Change, Context, ImportField, ImportKind, Outcome, Row
from zhike.core.work import Work
from zhike.reference.forms import shown_fields
from zhike.reference.models import ReferenceValue
from zhike.reference.permissions import MANAGE, VIEW
from zhike.reference.rules import measure_code
from zhike.reference.selectors import visible_values
from zhike.reference.services.values import (
    FIELDS,
    LIMITS,
    ValueFields,
    checked,
    make,
    says,
    write,
)

REFUSED = _noop("This line cannot be used: %(why)s")
CHANGED_SINCE = _noop("Somebody has changed this value since.")
LABELS: dict[str, Any] = {
    "measure": _("What is measured"),
    "low": pgettext_lazy("range", "Figure, or from"),
    "high": pgettext_lazy("range", "To"),
    "unit": pgettext_lazy("measure", "Unit"),
    "base": _("Base"),
    "said_by": _("Who says so"),
    "source": _("Where it stands"),
    "year": _("Year"),
    "note": _("Note"),
}
IMPORTED = (  # zh-data
    ImportField(
        "measure", LABELS["measure"], required=True, max_length=LIMITS["measure"],
        aliases=("指标", "测的是什么", "项目", "measure", "key"), example="老客户推荐带来的新客户",
    ),
    ImportField(
        "low", LABELS["low"], kind="number", aliases=("数值", "下限", "从", "value", "low", "from"),
        example="60",
    ),
    ImportField("high", LABELS["high"], kind="number", aliases=("上限", "到", "high", "to")),
    ImportField(
        "unit", LABELS["unit"], max_length=LIMITS["unit"], aliases=("单位", "unit"), example="%"
    ),
    ImportField(
        "base", LABELS["base"], max_length=LIMITS["base"], aliases=("基数", "占什么的比例", "base"),
        example="新客户",
    ),
    ImportField(
        "said_by", LABELS["said_by"], required=True, max_length=LIMITS["said_by"],
        aliases=("谁说的", "来源", "作者", "origin", "author"), example="某协会年度调查",
    ),
    ImportField(
        "source", LABELS["source"], max_length=LIMITS["source"],
        aliases=("出处", "书名", "文献", "source"), example="《年度报告》第 12 页",
    ),
    ImportField("year", LABELS["year"], kind="integer", aliases=("年份", "年", "year")),
    ImportField("note", LABELS["note"], max_length=LIMITS["note"], aliases=("备注", "说明", "note")),
)  # fmt: skip


class ReferenceExport(ExportKind):
    key = "reference"
    label = _("Reference values")
    permission = VIEW
    columns: ClassVar[tuple[ExportColumn, ...]] = tuple(
        ExportColumn(name, label, width=12 if name in ("low", "high", "unit", "year") else 36,
                     kind="number" if name in ("low", "high", "year") else "text")
        for name, label in LABELS.items()
    )  # fmt: skip

    def rows(self, grants: Grants) -> "QuerySet[ReferenceValue]":
        return visible_values(grants)

    def records(
        self, batch: Sequence[Any], grants: Grants, reveal: bool
    ) -> Sequence[Mapping[str, Any]]:
        return [
            {**shown_fields(row), "low": _idle_free(row.low), "high": _idle_free(row.high)}
            for row in batch
        ]


class ReferenceImport(ImportKind):
    """A value is known by what is measured and who says so: those of the register are changed, others added."""

    key: ClassVar[str] = "reference"
    label: ClassVar[Any] = _("Reference values")
    list_url: ClassVar[str] = "reference:list"
    icon: ClassVar[str] = "scale"
    permission: ClassVar[str] = MANAGE
    fields: ClassVar[tuple[ImportField, ...]] = IMPORTED
    summary: ClassVar[Any] = _("Figures others give: what is measured, value, base, who says so.")

    def identity(self, row: Row, by_line: str) -> str:
        return "" if row.values.get("measure") and row.values.get("said_by") else by_line

    def unique_values(self, row: Row) -> Mapping[str, str]:
        measure, who = row.values.get("measure"), row.values.get("said_by")
        return {"said_by": f"{measure_code(measure)}\x1f{who}"} if measure and who else {}

    def plan(self, rows: list[Row], context: Context) -> None:
        known = list(ReferenceValue.objects.filter(ended_at__isnull=True))
        for row in rows:
            if row.outcome is Outcome.ERROR:
                continue
            given = ValueFields(**({"unit": ""} | row.values))
            found = next(
                (
                    one
                    for one in known
                    if one.measure == measure_code(given.measure) and says(one, given.said_by)
                ),
                None,
            )
            try:
                wanted = asdict(checked(given, found.code if found else ""))
            except RuleError as error:
                row.refuse(error.field, REFUSED, why=str(error))
                continue
            row.found = (found, wanted)
            if found is not None:
                row.known_id = found.pk
                differs = any(getattr(found, name) != new for name, new in wanted.items())
                row.outcome = Outcome.UPDATE if differs else Outcome.SAME

    def save(self, rows: list[Row], context: Context, work: Work) -> None:
        for row in rows:
            found, wanted = row.found
            if row.outcome is Outcome.UPDATE:
                value = ReferenceValue.objects.select_for_update().get(pk=found.pk)
                before = write(value, wanted, work)
                row.before = _plain(before)
                row.after = _plain({name: wanted[name] for name in before})
            else:
                value = make(ValueFields(**wanted), work)
            row.object_id = value.pk

    def undo_created(self, made: list[Change], context: Context, work: Work) -> dict[int, str]:
        """What an import added is ended; nothing of a register is deleted."""
        ids = [one.object_id for one in made]
        rows = ReferenceValue.objects.filter(pk__in=ids, ended_at__isnull=True)
        rows.update(ended_at=work.now)
        return {}

    def undo_updated(self, changes: list[Change], context: Context, work: Work) -> dict[int, str]:
        kept: dict[int, str] = {}
        rows = ReferenceValue.objects.select_for_update().in_bulk([c.object_id for c in changes])
        for one in changes:
            value = rows.get(one.object_id)
            if value is None:
                continue
            if _plain({name: getattr(value, name) for name in one.after}) != one.after:
                kept[one.object_id] = CHANGED_SINCE
                continue
            write(value, _typed(one.before), work)
        return kept

    def object_url(self, object_id: int) -> str:
        return reverse("reference:value", args=[object_id])


def _idle_free(number: Decimal | None) -> Decimal | None:
    """4, not 4.0000."""
    return None if number is None else Decimal(f"{number.normalize():f}")


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON keeps it: numbers as text without idle zeros."""
    return {
        name: f"{value.normalize():f}" if isinstance(value, Decimal) else value
        for name, value in values.items()
    }


def _typed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: Decimal(value) if name in ("low", "high") and value is not None else value
        for name, value in values.items()
        if name in FIELDS
    }
