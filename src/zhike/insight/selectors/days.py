"""Settled days as people read them: what was settled, what would be counted now, and what came or went."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from zhike.accounts.models import Unit
from zhike.core.access import Grants
from zhike.insight import errors
from zhike.insight.counting import Tally, ids_now
from zhike.insight.figures import FIGURES, Figure
from zhike.insight.models import SettledFigure, Settlement
from zhike.insight.periods import Period, one_day
from zhike.insight.permissions import VIEW
from zhike.insight.rowids import unpack
from zhike.insight.selectors.reach import counting_grants
from zhike.insight.selectors.rows import Row, rows_by_id

DAYS_ON_A_PAGE = 31
# What a page lists of the rows that came or went; the numbers are of all.
MOST_SHOWN = 20
# What the list of days shows of each.
LISTED = ("received", "closed", "open", "complaints_received", "first_reply", "visits_reached")


@dataclass
class DayLine:
    """A day in the list."""

    settlement: Settlement
    figures: dict[str, Tally] = field(default_factory=dict)
    # None until somebody looked.
    differing: int | None = None

    def cell(self, key: str) -> Tally:
        return self.figures.get(key, Tally())


def day_lines(unit: Unit, before: date | None = None) -> tuple[list[DayLine], bool]:
    """The last settled days of a unit, the newest first, and whether there are more. Two statements."""
    rows = Settlement.objects.filter(unit=unit).select_related("check_row").order_by("-day")
    if before is not None:
        rows = rows.filter(day__lt=before)
    found = list(rows[: DAYS_ON_A_PAGE + 1])
    shown = found[:DAYS_ON_A_PAGE]
    lines = {row.pk: DayLine(row) for row in shown}
    for line in lines.values():
        check = getattr(line.settlement, "check_row", None)
        line.differing = None if check is None else check.differing
    kept = SettledFigure.objects.filter(settlement__in=list(lines), key__in=LISTED)
    for figure in kept.defer("row_ids", "digest", "parts"):
        lines[figure.settlement_id].figures[figure.key] = Tally(
            figure.numerator, figure.denominator
        )
    return list(lines.values()), len(found) > DAYS_ON_A_PAGE


@dataclass(frozen=True)
class Difference:
    """A figure as kept and as it would be counted now."""

    figure: Figure
    kept: Tally
    now: Tally

    @property
    def came(self) -> set[int]:
        return self.now.rows - self.kept.rows

    @property
    def went(self) -> set[int]:
        return self.kept.rows - self.now.rows

    @property
    def is_different(self) -> bool:
        return not self.kept.same_as(self.now)


def load_settlement(unit: Unit, day: date) -> Settlement:
    found = Settlement.objects.filter(unit=unit, day=day).select_related("unit").first()
    if found is None:
        raise errors.not_settled(day)
    return found


def kept_tallies(settlement: Settlement) -> dict[str, Tally]:
    found: dict[str, Tally] = {}
    for row in SettledFigure.objects.filter(settlement=settlement):
        rows, of_rows = unpack(row.row_ids)
        found[row.key] = Tally(row.numerator, row.denominator, row.parts, set(rows), set(of_rows))
    return found


def differences(kept: dict[str, Tally], unit: Unit, period: Period) -> list[Difference]:
    """Every figure, beside what it would be now."""
    grants = counting_grants(unit)
    found = []
    for figure in FIGURES:
        now = ids_now(figure, grants, period)
        nought = Tally(denominator=0 if figure.is_rate else None)
        found.append(Difference(figure, kept.get(figure.key, nought), now))
    return found


@dataclass(frozen=True)
class DayPage:
    settlement: Settlement
    lines: list[Difference]
    # Of the figures that differ: rows that came and went, those the reader may open.
    came: dict[str, list[Row]]
    went: dict[str, list[Row]]

    @property
    def differing(self) -> list[Difference]:
        return [line for line in self.lines if line.is_different]


def day_page(grants: Grants, unit: Unit, day: date) -> DayPage:
    grants.require(VIEW)
    settlement = load_settlement(unit, day)
    lines = differences(kept_tallies(settlement), unit, one_day(day))
    came, went = changed_rows(grants, lines)
    return DayPage(settlement, lines, came, went)


def changed_rows(
    grants: Grants, lines: Iterable[Difference]
) -> tuple[dict[str, list[Row]], dict[str, list[Row]]]:
    came: dict[str, list[Row]] = {}
    went: dict[str, list[Row]] = {}
    for line in lines:
        for found, ids in ((came, line.came), (went, line.went)):
            if ids:
                shown = sorted(ids)[:MOST_SHOWN]
                found[line.figure.key] = rows_by_id(grants, line.figure.kind, shown)
    return came, went
