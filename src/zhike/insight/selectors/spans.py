"""A figure over several days: what is settled as it was settled, the days that are not yet as they are now."""

from collections.abc import Iterable

from zhike.accounts.models import Unit
from zhike.core import clock
from zhike.insight.counting import Tally, add_parts, ids_now
from zhike.insight.figures import Figure
from zhike.insight.models import SettledFigure, Settlement
from zhike.insight.periods import Period, one_day
from zhike.insight.rowids import unpack
from zhike.insight.selectors.reach import counting_grants


def open_days(period: Period, settled: Iterable[object]) -> Period | None:
    """From the first day after the last settled one to today, as far as it lies in the period: read as it is now.

    A day before a settled one that was never settled is not made up for: the page says so.
    """
    known = set(settled)
    days = [day for day in period.days if day <= clock.today()]
    tail = []
    for day in reversed(days):
        if day in known:
            break
        tail.append(day)
    return Period(tail[-1], tail[0]) if tail else None


def tally_over(figure: Figure, unit: Unit, period: Period, stamp: str = "") -> Tally:
    """The figure with its rows, as the pages count it."""
    grants = counting_grants(unit, stamp)
    if not (figure.adds_up or figure.is_stock):
        return ids_now(figure, grants, period)
    rows = Settlement.objects.filter(unit=unit, day__range=(period.first, period.last))
    settled = set(rows.values_list("day", flat=True))
    rest = open_days(period, settled)
    if figure.is_stock:
        last = min(period.last, clock.today())
        if last in settled:
            return _sum([_kept(figure, unit, one_day(last))])
        return ids_now(figure, grants, one_day(last))
    tallies = [_kept(figure, unit, period)]
    if rest is not None:
        tallies.append(ids_now(figure, grants, rest))
    return _sum(tallies)


def _kept(figure: Figure, unit: Unit, period: Period) -> Tally:
    kept = SettledFigure.objects.filter(
        settlement__unit=unit,
        settlement__day__range=(period.first, period.last),
        key=figure.key,
    )
    tallies = []
    for row in kept:
        rows, of_rows = unpack(row.row_ids)
        tallies.append(Tally(row.numerator, row.denominator, row.parts, set(rows), set(of_rows)))
    return _sum(tallies)


def _sum(tallies: list[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.numerator += tally.numerator
        if tally.denominator is not None:
            total.denominator = (total.denominator or 0) + tally.denominator
        add_parts(total.parts, tally.parts)
        total.rows |= tally.rows
        total.of_rows |= tally.of_rows
    return total
