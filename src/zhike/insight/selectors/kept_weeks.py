"""Which weeks a unit has, which of them are final, and the rows behind a figure of one."""

from django.db.models import Min

from zhike.accounts.models import Unit
from zhike.core import clock
from zhike.insight.counting import Tally
from zhike.insight.figures import Figure
from zhike.insight.models import Settlement, WeekFigure, WeekReport
from zhike.insight.periods import Week
from zhike.insight.rowids import unpack
from zhike.insight.selectors.spans import tally_over
from zhike.insight.selectors.weekly import finalised


def listed_weeks(
    unit: Unit, last: Week, limit: int
) -> tuple[list[tuple[Week, WeekReport | None]], bool]:
    """From `last` back to the week of the unit's first settled day, with what is final; whether there are more."""
    first = Settlement.objects.filter(unit=unit).aggregate(first=Min("day"))["first"]
    begin = Week.of(first or clock.today())
    weeks = [week for week in reversed(list(last.back(limit + 1))) if week >= begin]
    shown = weeks[:limit]
    rows = WeekReport.objects.filter(unit=unit, monday__in=[week.monday for week in shown])
    final = {report.monday: report for report in rows.defer("content")}
    return [(week, final.get(week.monday)) for week in shown], len(weeks) > limit


def rows_of_figure(figure: Figure, unit: Unit, week: Week, stamp: str = "") -> Tally:
    """A figure with the ids of its rows: those a final week kept, else those counted now."""
    report = finalised(unit, week)
    if report is None:
        return tally_over(figure, unit, week.period, stamp)
    kept = WeekFigure.objects.filter(report=report, key=figure.key).first()
    if kept is None:
        return Tally(denominator=0 if figure.is_rate else None)
    rows, of_rows = unpack(kept.row_ids)
    return Tally(kept.numerator, kept.denominator, kept.parts, set(rows), set(of_rows))
