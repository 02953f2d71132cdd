"""Counting figures with the ids of their rows: of every unit at once, or of one."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zhike.core import clock
from zhike.core.access import Grants, everything
from zhike.insight.figures import AGE, FIGURES, Figure, age_of
from zhike.insight.periods import Period

Parts = dict[str, dict[str, int]]


@dataclass
class Tally:
    """One figure of one unit."""

    numerator: int = 0
    denominator: int | None = None
    parts: Parts = field(default_factory=dict)
    rows: set[int] = field(default_factory=set)
    of_rows: set[int] = field(default_factory=set)

    @property
    def is_nought(self) -> bool:
        return not (self.numerator or self.denominator or self.rows)

    def same_as(self, other: "Tally") -> bool:
        return (self.numerator, self.rows, self.of_rows) == (
            other.numerator,
            other.rows,
            other.of_rows,
        )


def add_parts(into: Parts, parts: Parts) -> None:
    for name, counts in parts.items():
        known = into.setdefault(name, {})
        for code, n in counts.items():
            known[code] = known.get(code, 0) + n


def ends_at(period: Period) -> datetime:
    """A period that is not over ends now."""
    return min(period.end, clock.now())


def _code(name: str, value: Any, end: datetime) -> str:
    if name == AGE:
        return age_of((end - value).total_seconds() / 86400)
    return str(value)


# Every unit at once, with row ids


def tallies_of(
    figure: Figure, period: Period, above: Callable[[int], Iterable[int]]
) -> dict[int, Tally]:
    """The figure for each unit that has rows; a row counts in its unit and those above, once each."""
    grants = everything("insight")
    found: dict[int, Tally] = defaultdict(Tally)
    kind, width = figure.kind, len(figure.kind.units)
    columns = [column for _name, column in figure.parts] + ([figure.amount] * bool(figure.amount))
    rows = figure.numerator(grants, period).order_by()
    counts: dict[int, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for pk, *values in rows.values_list("pk", *kind.units, *columns):
        for unit_id in _reached(values[:width], above):
            tally = found[unit_id]
            tally.rows.add(pk)
            tally.numerator += (values[-1] or 0) if figure.amount else 1
            for (name, _column), value in zip(figure.parts, values[width:], strict=False):
                counts[unit_id][name][_code(name, value, period.end)] += 1
    for unit_id, parts in counts.items():
        found[unit_id].parts = {name: dict(counter) for name, counter in parts.items()}
    if figure.denominator is not None:
        for pk, *values in (
            figure.denominator(grants, period).order_by().values_list("pk", *kind.units)
        ):
            for unit_id in _reached(values, above):
                found[unit_id].of_rows.add(pk)
        for tally in found.values():
            tally.denominator = len(tally.of_rows)
    return found


def _reached(units: list[int | None], above: Callable[[int], Iterable[int]]) -> set[int]:
    return {higher for unit_id in units if unit_id is not None for higher in above(unit_id)}


def ancestry(paths: dict[int, str]) -> Callable[[int], Iterable[int]]:
    """From a unit to itself and all above it, by their materialised paths."""
    known = {
        pk: tuple(int(part) for part in path.strip("/").split("/")) for pk, path in paths.items()
    }
    return lambda unit_id: known.get(unit_id, ())


def all_tallies(period: Period, paths: dict[int, str]) -> dict[int, dict[str, Tally]]:
    """Every figure of every unit: {unit: {figure: tally}}."""
    above = ancestry(paths)
    found: dict[int, dict[str, Tally]] = {unit_id: {} for unit_id in paths}
    for figure in FIGURES:
        for unit_id, tally in tallies_of(figure, period, above).items():
            found.setdefault(unit_id, {})[figure.key] = tally
    return found


def ids_now(figure: Figure, grants: Grants, period: Period) -> Tally:
    """The figure as it would be counted now, with its rows."""
    tally = Tally()
    rows = figure.numerator(grants, period).order_by()
    if figure.amount:
        values = dict(rows.values_list("pk", figure.amount))
        tally.rows, tally.numerator = set(values), sum(n or 0 for n in values.values())
    else:
        tally.rows = set(rows.values_list("pk", flat=True))
        tally.numerator = len(tally.rows)
    if figure.denominator is not None:
        of_rows = figure.denominator(grants, period).order_by()
        tally.of_rows = set(of_rows.values_list("pk", flat=True))
        tally.denominator = len(tally.of_rows)
    return tally
