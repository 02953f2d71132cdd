"""A week of a unit as numbers and ids: what its page, its workbook and its paper show, and what finalising keeps.

What happened on a day comes from settled days; only what is not settled yet is counted now. What ripens later
(visits, answers) is counted over the whole week, by indexed ranges. Texts are looked up when shown, so that
what is erased does not live on in a report.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import FilteredRelation, Q

from zhike.accounts.models import Unit
from zhike.core import clock, settled
from zhike.core.access import Grants
from zhike.insight.counting import Tally, add_parts
from zhike.insight.figures import BY_KEY, FIGURES, VERSION
from zhike.insight.models import Settlement, WeekReport
from zhike.insight.periods import Period, Week, one_day
from zhike.insight.selectors.live import numbers_now
from zhike.insight.selectors.reach import counting_grants
from zhike.insight.selectors.spans import open_days
from zhike.insight.selectors.week_counts import count_causes, count_notices, count_visits
from zhike.insight.selectors.week_words import read_out
from zhike.insight.sentences import sentences_of

Content = dict[str, Any]
TREND_WEEKS = 12
TREND = ("received", "complaints_received")
SUMMED = tuple(figure.key for figure in FIGURES if figure.adds_up)
OPEN = "open"


def finalised(unit: Unit, week: Week) -> WeekReport | None:
    return WeekReport.objects.filter(unit=unit, monday=week.monday).first()


def week_content(unit: Unit, week: Week, stamp: str = "") -> Content:
    """Everything of a week, as it is counted now. Nothing in it needs a person's rights."""
    grants = counting_grants(unit, stamp)
    kept = _kept(unit, week)
    is_present = week.sunday >= clock.today()
    rest = open_days(week.period, kept.days) if is_present else None
    figures = _figures(week, grants, kept, rest)
    visits, notices = count_visits(grants, week), count_notices(grants, week)
    figures |= visits.figures | notices.figures
    content: Content = {
        "version": VERSION,
        "counted_at": clock.now().isoformat(),
        "unsettled": _unsettled(week, kept.days, rest),
        "figures": {
            figure.key: [_plain(side) for side in figures[figure.key]] for figure in FIGURES
        },
        "visits": visits.results,
        "causes": count_causes(grants, week),
        "departments": notices.departments,
        **read_out(grants, week),
        "trend": _trend(week, kept, figures),
    }
    content["sentences"] = sentences_of(content)
    return content


def week_to_read(unit: Unit, week: Week, stamp: str) -> Content:
    """As `week_content`, counted once a minute for all who read it: the page says from when it is.

    A Monday has a whole department open the same page, and counting is three quarters of it. What is kept for
    good (finalising) or handed on (workbook, paper, mail) is counted at that moment. Nobody may change it.
    """
    seconds = settings.WEEK_KEPT_SECONDS
    if not (stamp and seconds):
        return week_content(unit, week, stamp)
    moment = int(clock.now().timestamp()) // seconds
    key = ("week", unit.pk, week.monday)
    return settled.kept(f"{stamp} {moment}", key, lambda: week_content(unit, week, stamp))


def _plain(tally: Tally) -> dict[str, Any]:
    return {"n": tally.numerator, "of": tally.denominator, "parts": tally.parts}


@dataclass
class Kept:
    """Settled days up to the end of a week, with what the page takes from them."""

    days: set[date] = field(default_factory=set)
    # {week: {figure: tally}}
    weeks: dict[date, dict[str, Tally]] = field(default_factory=lambda: defaultdict(dict))
    # Open at the end of a day, of Sundays.
    open: dict[date, Tally] = field(default_factory=dict)


def _kept(unit: Unit, week: Week) -> Kept:
    """One statement over twelve weeks; of those before the last two only what the trend shows."""
    first = Week(week.monday - timedelta(days=7 * (TREND_WEEKS - 1))).monday
    ends = (week.before.sunday, week.sunday)
    wanted = Q(figures__key__in=TREND)
    wanted |= Q(figures__key__in=SUMMED, day__gte=week.before.monday)
    wanted |= Q(figures__key=OPEN, day__in=ends)
    rows = Settlement.objects.filter(unit=unit, day__range=(first, week.sunday))
    rows = rows.annotate(kept=FilteredRelation("figures", condition=wanted))
    found = Kept()
    for day, key, n, of, parts in rows.values_list(
        "day", "kept__key", "kept__numerator", "kept__denominator", "kept__parts"
    ):
        found.days.add(day)
        if key == OPEN:
            found.open[day] = Tally(n, of, parts)
        elif key is not None:
            tallies = found.weeks[Week.of(day).monday]
            _add(tallies.setdefault(key, Tally()), n, of, parts)
    return found


def _unsettled(week: Week, settled: set[date], rest: Period | None) -> int:
    """Days that are over, not settled, and therefore missing from the sums; the house may have begun later."""
    counted = set(rest.days) if rest else set()
    begin = min(settled, default=week.monday)
    days = [day for day in week.period.days if begin <= day < clock.today()]
    return len([day for day in days if day not in settled and day not in counted])


def _figures(
    week: Week, grants: Grants, kept: Kept, rest: Period | None
) -> dict[str, tuple[Tally, Tally]]:
    """What is settled, and of the present week what is not settled yet as it is now."""
    found: dict[str, tuple[Tally, Tally]] = {}
    for key in SUMMED:
        this, last = (kept.weeks[one.monday].get(key, Tally()) for one in (week, week.before))
        found[key] = this, last
    asked = [(BY_KEY[key], rest) for key in SUMMED] if rest is not None else []
    if week.sunday not in kept.days and week.sunday >= clock.today():
        asked.append((BY_KEY[OPEN], one_day(clock.today())))
    now = numbers_now(asked, grants)
    this, last = (kept.open.get(one.sunday, Tally()) for one in (week, week.before))
    found[OPEN] = now.pop(OPEN, this), last
    for key, tally in now.items():
        _add(found[key][0], tally.numerator, tally.denominator, tally.parts)
    return found


def _add(tally: Tally, n: int, of: int | None, parts: dict[str, dict[str, int]]) -> None:
    tally.numerator += n
    if of is not None:
        tally.denominator = (tally.denominator or 0) + of
    add_parts(tally.parts, parts)


def _trend(week: Week, kept: Kept, figures: dict[str, tuple[Tally, Tally]]) -> list[dict[str, Any]]:
    """Contacts and complaints of twelve weeks, from settled days; this week as the page counts it."""
    found = []
    for one in week.back(TREND_WEEKS):
        if one == week:
            contacts, complaints = (figures[key][0].numerator for key in TREND)
        else:
            tallies = kept.weeks[one.monday]
            contacts, complaints = (tallies.get(key, Tally()).numerator for key in TREND)
        days = len([day for day in one.period.days if day in kept.days])
        found.append(
            {
                "week": one.code,
                "contacts": contacts,
                "complaints": complaints,
                # Weeks before the first settlement are unknown, not nought.
                "known": days > 0 or one == week,
                "whole": days == 7,
            }
        )
    return found
