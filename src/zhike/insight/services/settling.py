"""Settling days: counted outside of any transaction, written in short ones, never changed afterwards."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import IntegrityError
from django.db.models import Min

from zhike.core import clock, work
from zhike.core.access import Grants, everything
from zhike.core.errors import Conflict
from zhike.desk.models import Case
from zhike.insight import errors
from zhike.insight.counting import Tally, all_tallies
from zhike.insight.figures import VERSION
from zhike.insight.models import SettledFigure, Settlement, SettlementCheck
from zhike.insight.models.settlements import Frozen
from zhike.insight.periods import one_day
from zhike.insight.permissions import MANAGE
from zhike.insight.rowids import digest, pack, unpack
from zhike.insight.selectors.reach import unit_paths

ACTOR = work.Actor.system("insight")
# Without any settlement yet (a new installation, an old company imported) so many days are made good.
MOST_DAYS_BACK = 92
# How long late changes of a day are looked for each night.
CHECKED_DAYS = 35
UNITS_AT_ONCE = 20


def frozen_values(tally: Tally, *about: object) -> dict[str, object]:
    """What is kept of a figure; `about` is what its digest covers besides."""
    packed = pack(tally.rows, tally.of_rows)
    return {
        "numerator": tally.numerator,
        "denominator": tally.denominator,
        "parts": tally.parts,
        "row_ids": packed,
        "digest": digest(*about, tally.numerator, tally.denominator, tally.parts, packed.hex()),
    }


def thawed(row: Frozen) -> Tally:
    rows, of_rows = unpack(row.row_ids)
    return Tally(row.numerator, row.denominator, row.parts, set(rows), set(of_rows))


def first_day() -> date:
    return clock.today() - timedelta(days=MOST_DAYS_BACK)


def settle_day(*, actor: work.Actor, grants: Grants, day: date) -> None:
    """Count a day that is over, for every unit, and keep it for good."""
    grants.require(MANAGE)
    if day >= clock.today():
        raise errors.day_not_over(day)
    if day < first_day():
        raise errors.too_long_ago(day, first_day())
    paths = unit_paths()
    known = set(Settlement.objects.filter(day=day).values_list("unit_id", flat=True))
    if known and _highest(paths) <= known:
        raise errors.already_settled(day)
    tallies = all_tallies(one_day(day), paths)
    # The highest come last: a day whose highest unit is settled is settled as a whole.
    units = sorted(set(paths) - known, key=lambda pk: (-paths[pk].count("/"), pk))
    for place in range(0, len(units), UNITS_AT_ONCE):
        chunk = {unit_id: tallies[unit_id] for unit_id in units[place : place + UNITS_AT_ONCE]}
        try:
            with work.unit(actor) as unit:
                _write(unit, day, chunk)
        except IntegrityError as twice:
            raise errors.already_settled(day) from twice


def _highest(paths: dict[int, str]) -> set[int]:
    return {pk for pk, path in paths.items() if path.count("/") == 2}


def _write(unit: work.Work, day: date, units: dict[int, dict[str, Tally]]) -> None:
    made = Settlement.objects.bulk_create(
        [
            Settlement(day=day, unit_id=unit_id, made_at=unit.now, version=VERSION)
            for unit_id in units
        ]
    )
    SettledFigure.objects.bulk_create(
        [
            SettledFigure(
                settlement=settlement,
                key=key,
                **frozen_values(tally, day, settlement.unit_id, key),
            )
            for settlement in made
            for key, tally in units[settlement.unit_id].items()
            if not tally.is_nought
        ],
        batch_size=100,
    )
    unit.audit("insight.day.settle", None, after={"day": day, "units": sorted(units)})


def missing_days() -> list[date]:
    """Days that are over and not settled, the earliest first: since the first settled day, else the first case."""
    yesterday = clock.today() - timedelta(days=1)
    begin = first_day()
    highest = Settlement.objects.filter(day__gte=begin, unit_id__in=_highest(unit_paths()))
    settled = set(highest.values_list("day", flat=True).distinct())
    if settled:
        begin = min(settled)
    else:
        opened = Case.objects.aggregate(first=Min("opened_at"))["first"]
        begin = max(begin, clock.local(opened).date()) if opened else yesterday
    days = max(0, (yesterday - begin).days + 1)
    return [day for n in range(days) if (day := begin + timedelta(days=n)) not in settled]


def settle_missing_days(pause: Callable[[], None] = lambda: None) -> int:
    """Yesterday, and every day before it that was missed. Done twice, it changes nothing."""
    grants, done = everything("insight"), 0
    for day in missing_days():
        pause()
        try:
            settle_day(actor=ACTOR, grants=grants, day=day)
        except Conflict:
            continue
        done += 1
    return done


def check_days(pause: Callable[[], None] = lambda: None, days: int = CHECKED_DAYS) -> int:
    """Count the last days anew and note how many figures would differ. Returns the days looked at."""
    since = clock.today() - timedelta(days=days)
    found = list(
        Settlement.objects.filter(day__gte=since)
        .order_by("day")
        .values_list("day", flat=True)
        .distinct()
    )
    paths = unit_paths()
    for day in found:
        pause()
        _check(day, paths)
    return len(found)


def _check(day: date, paths: dict[int, str]) -> None:
    now: datetime = clock.now()
    tallies = all_tallies(one_day(day), paths)
    kept: dict[int, dict[str, Tally]] = {}
    settlements = {row.unit_id: row.pk for row in Settlement.objects.filter(day=day)}
    figures = SettledFigure.objects.filter(settlement__day=day).select_related("settlement")
    for row in figures.defer("parts", "digest"):
        rows, of_rows = unpack(row.row_ids)
        tally = Tally(row.numerator, row.denominator, {}, set(rows), set(of_rows))
        kept.setdefault(row.settlement.unit_id, {})[row.key] = tally
    checks = [
        SettlementCheck(
            settlement_id=pk,
            checked_at=now,
            differing=differing(kept.get(unit_id, {}), tallies.get(unit_id, {})),
        )
        for unit_id, pk in settlements.items()
    ]
    with work.unit(ACTOR):
        SettlementCheck.objects.bulk_create(
            checks,
            batch_size=100,
            update_conflicts=True,
            unique_fields=["settlement"],
            update_fields=["checked_at", "differing"],
        )


def differing(kept: dict[str, Tally], now: dict[str, Tally]) -> int:
    nought = Tally()
    return sum(
        not kept.get(key, nought).same_as(now.get(key, nought)) for key in kept.keys() | now.keys()
    )
