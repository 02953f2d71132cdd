"""Indexes of rivals and bodies as a file: which system they stand beside, whose, when, how much, who says so."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as _noop
from django.utils.translation import pgettext_lazy

from zhike.core.importer import Change, Context, ImportField, ImportKind, Outcome, Row
from zhike.core.work import Work
from zhike.satisfaction.models import IndicatorSystem, OutsideIndex
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.selectors import visible_systems

NO_SYSTEM = _noop("There is no indicator system of this title, or it is not yours.")
OFF_SCALE = _noop("The score must lie between 0 and 100.")
WRONG_ORDER = _noop("The last day lies before the first.")
NOT_COUNTED = _noop("The number of answers must be at least 1.")
CHANGED_SINCE = _noop("Somebody has changed this figure since.")
CHANGING = ("score", "n", "base")


class OutsideImport(ImportKind):
    """A figure is known by system, name, period and origin: so conflicting origins stand side by side."""

    key: ClassVar[str] = "outside_index"
    label: ClassVar[Any] = _("Indexes of rivals and bodies")
    icon: ClassVar[str] = "chart-radar"
    permission: ClassVar[str] = MANAGE
    list_url: ClassVar[str] = "satisfaction:list"
    summary: ClassVar[Any] = _(
        "Satisfaction indexes others tell: whose, for which period, and who says so."
    )
    fields: ClassVar[tuple[ImportField, ...]] = (  # zh-data
        ImportField(
            "system", _("Indicator system"), required=True, max_length=120,
            aliases=("指标体系", "体系", "system"), example="车主满意度指数 2026",
        ),
        ImportField(
            "name", pgettext_lazy("outside index", "Whose index"), required=True, max_length=80,
            aliases=("竞争对手", "对手", "品牌", "机构", "名称", "rival", "brand"), example="某品牌",
        ),
        ImportField(
            "since", _("From (day)"), kind="date", required=True,
            aliases=("开始日期", "从", "since", "from"), example="2026-01-01",
        ),
        ImportField(
            "until", _("To (day)"), kind="date", required=True,
            aliases=("结束日期", "到", "until", "to"), example="2026-06-30",
        ),
        ImportField(
            "score", _("Index, 0 to 100"), kind="number", required=True,
            aliases=("得分", "指数", "满意度", "score", "index"), example="78.4",
        ),
        ImportField("n", _("Answers"), kind="integer", aliases=("样本量", "n", "sample"), example="412"),
        ImportField(
            "base", pgettext_lazy("outside index", "Who was asked"), max_length=120,
            aliases=("调查对象", "基数", "base"), example="购车一年内的车主",
        ),
        ImportField(
            "origin", _("Who says so"), required=True, max_length=200,
            aliases=("来源", "出处", "origin", "source"), example="某协会年度报告 2026",
        ),
    )  # fmt: skip

    def identity(self, row: Row, by_line: str) -> str:
        return "" if _key(row) else by_line

    def unique_values(self, row: Row) -> Mapping[str, str]:
        key = _key(row)
        return {"origin": "\x1f".join(map(str, key))} if key else {}

    def check(self, row: Row) -> None:
        values = row.values
        score, n = values.get("score"), values.get("n")
        if score is not None and not 0 <= score <= 100:
            row.refuse("score", OFF_SCALE)
        if n is not None and not 1 <= n < 2**31:
            row.refuse("n", NOT_COUNTED)
        since, until = values.get("since"), values.get("until")
        if isinstance(since, date) and isinstance(until, date) and until < since:
            row.refuse("until", WRONG_ORDER)

    def plan(self, rows: list[Row], context: Context) -> None:
        titles = {row.values.get("system") for row in rows}
        systems: dict[str, IndicatorSystem] = {}
        for one in visible_systems(context.grants).filter(title__in=titles).order_by("-pk"):
            systems.setdefault(one.title, one)
        known = {
            (o.system_id, o.name, o.since, o.until, o.origin): o
            for o in OutsideIndex.objects.filter(system__in=systems.values(), ended_at__isnull=True)
        }
        for row in rows:
            system = systems.get(row.values.get("system", ""))
            if system is None:
                if row.values.get("system"):
                    row.refuse("system", NO_SYSTEM)
                continue
            if row.outcome is Outcome.ERROR:
                continue
            wanted = {
                "system_id": system.pk,
                **{name: row.values[name] for name in ("name", "since", "until", "origin")},
                "score": float(row.values["score"]),
                "n": row.values.get("n"),
                "base": row.values.get("base") or "",
            }
            row.found = (system, wanted)
            found = known.get(
                (system.pk, wanted["name"], wanted["since"], wanted["until"], wanted["origin"])
            )
            if found is not None:
                row.known_id = found.pk
                differs = any(getattr(found, name) != wanted[name] for name in CHANGING)
                row.outcome = Outcome.UPDATE if differs else Outcome.SAME

    def save(self, rows: list[Row], context: Context, work: Work) -> None:
        for row in rows:
            system, wanted = row.found
            if row.outcome is Outcome.UPDATE:
                one = OutsideIndex.objects.select_for_update().get(pk=row.known_id or 0)
                row.before = {name: getattr(one, name) for name in CHANGING}
                row.after = {name: wanted[name] for name in CHANGING}
                for name in CHANGING:
                    setattr(one, name, wanted[name])
                one.save(update_fields=CHANGING)
            else:
                one = OutsideIndex.objects.create(
                    **wanted, made_at=work.now, made_by_name=work.actor.name[:80]
                )
            row.object_id = one.pk
            work.audit(
                "satisfaction.outside",
                system,
                after={"name": one.name, "value": one.score, "source": one.origin},
            )

    def undo_created(self, made: list[Change], context: Context, work: Work) -> dict[int, str]:
        """What an import added is shown no longer; nothing is deleted."""
        OutsideIndex.objects.filter(
            pk__in=[one.object_id for one in made], ended_at__isnull=True
        ).update(ended_at=work.now)
        return {}

    def undo_updated(self, changes: list[Change], context: Context, work: Work) -> dict[int, str]:
        kept: dict[int, str] = {}
        rows = OutsideIndex.objects.select_for_update().in_bulk([c.object_id for c in changes])
        for one in changes:
            row = rows.get(one.object_id)
            if row is None:
                continue
            if {name: getattr(row, name) for name in CHANGING} != one.after:
                kept[one.object_id] = CHANGED_SINCE
                continue
            for name in CHANGING:
                setattr(row, name, one.before[name])
            row.save(update_fields=CHANGING)
        return kept

    def object_url(self, object_id: int) -> str:
        system = OutsideIndex.objects.values_list("system_id", flat=True).get(pk=object_id)
        return reverse("satisfaction:system", args=[system]) + "#outside"


def _key(row: Row) -> tuple[Any, ...]:
    names = ("system", "name", "since", "until", "origin")
    found = tuple(row.values.get(name) for name in names)
    return found if all(found) else ()
