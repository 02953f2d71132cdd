"""Calendars of org units: a unit's own, else that of the nearest unit above it, else the default one.

Core knows no units: accounts installs the way from one up to the root.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from zhike.core import settled, work
from zhike.core.access import Grants
from zhike.core.calendar.plans import NoDefaultCalendar, kept_schedule
from zhike.core.calendar.schedule import Schedule
from zhike.core.calendar.services import MANAGE, locked_calendar
from zhike.core.errors import NotFound
from zhike.core.models import UnitCalendar, WorkCalendar

# The unit itself first, then the one above it, up to the root; empty when there is no such unit.
WayUp = Callable[[int], Sequence[int]]
_way_up: WayUp | None = None


def install(way_up: WayUp) -> None:
    global _way_up
    _way_up = way_up


@dataclass(frozen=True, slots=True)
class UnitCalendars:
    """Which calendar holds where; asked once, it answers for any number of units."""

    default_id: int
    versions: dict[int, int]
    own: dict[int, int]
    _found: dict[int, int] = field(default_factory=dict)

    def calendar_id(self, unit_id: int | None) -> int:
        if unit_id is None or not self.own:
            return self.default_id
        if unit_id not in self._found:
            self._found[unit_id] = next(
                (self.own[one] for one in way_up(unit_id) if one in self.own), self.default_id
            )
        return self._found[unit_id]

    def schedule(self, unit_id: int | None) -> Schedule:
        calendar_id = self.calendar_id(unit_id)
        return kept_schedule(calendar_id, self.versions[calendar_id])


def unit_calendars(stamp: str = "") -> UnitCalendars:
    """One statement, none while `stamp` is that of what was read before (`core.settled`)."""
    return settled.kept(stamp, ("calendars of units",), _read)


def calendar_for_unit(unit_id: int | None, stamp: str = "") -> int:
    """The id of the calendar that holds for a unit; the default one where nothing else is said."""
    return unit_calendars(stamp).calendar_id(unit_id)


def schedule_for_unit(unit_id: int | None, stamp: str = "") -> Schedule:
    """The same as a schedule to count on."""
    return unit_calendars(stamp).schedule(unit_id)


def set_unit_calendar(
    *, actor: work.Actor, grants: Grants, unit_id: int, calendar_id: int | None
) -> None:
    """Give a unit a calendar of its own, or (None) let that of the unit above hold. Raises NotFound."""
    grants.require(MANAGE)
    if not way_up(unit_id):
        raise NotFound
    with work.unit(actor) as unit:
        row = UnitCalendar.objects.select_for_update().filter(unit_id=unit_id).first()
        before = row.calendar if row is not None else None
        if (before.pk if before is not None else None) == calendar_id:
            return
        # Held, so that nobody deletes it meanwhile.
        after = locked_calendar(calendar_id) if calendar_id is not None else None
        if after is not None:
            UnitCalendar.objects.update_or_create(unit_id=unit_id, defaults={"calendar": after})
        elif row is not None:
            row.delete()
        unit.audit(
            "core.calendar.set_unit",
            after or before,
            before={"calendar": before.name if before is not None else None},
            after={"calendar": after.name if after is not None else None},
            unit_id=unit_id,
        )


def way_up(unit_id: int) -> Sequence[int]:
    if _way_up is None:
        raise RuntimeError("No room has installed the tree of units.")
    return _way_up(unit_id)


def _read() -> UnitCalendars:
    rows = WorkCalendar.objects.filter(Q(is_default=True) | Q(units__isnull=False))
    default_id: int | None = None
    versions: dict[int, int] = {}
    own: dict[int, int] = {}
    for pk, version, is_default, unit_id in rows.values_list(
        "pk", "version", "is_default", "units__unit_id"
    ):
        versions[pk] = version
        default_id = pk if is_default else default_id
        if unit_id is not None:
            own[unit_id] = pk
    if default_id is None:
        raise NoDefaultCalendar("No calendar is marked as the default one.")
    return UnitCalendars(default_id, versions, own)
