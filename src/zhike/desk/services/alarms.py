"""Warnings before a due time passes, and who is told after it has: once per clock, in the receiver's hours.

`case.told` says what was told of which clock: {purpose: {"run": its start, "said": {key: {"waiting": [user ids]}},
"over": the due time that has passed, "next": when to look again}}; the key is "warn" or the id of a level.
Beside the clocks "before" may name a moment: levels reached until then are told to nobody, because the case came
with an upgrade or an import and was late already.
`case.alarm_at` is the next moment of all.
See docs/adr/0022.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from zhike.accounts.grants import people_with
from zhike.accounts.models import RoleAssignment, User
from zhike.core import clock
from zhike.core.access import Grants, everything
from zhike.core.calendar import Due, NeverOpen, Schedule, Unit, due_at, is_open, next_open
from zhike.core.calendar.units import UnitCalendars, unit_calendars, way_up
from zhike.core.errors import RuleError
from zhike.core.jobs import current
from zhike.core.models import DuePurpose
from zhike.core.notify import notify
from zhike.core.work import Actor
from zhike.desk.addresses import case_url
from zhike.desk.choices import EventKind
from zhike.desk.models import STILL_OPEN, Case, EscalationLevel
from zhike.desk.models.escalation import Receiver
from zhike.desk.permissions import ASSIGN
from zhike.desk.services.clocks import BEFORE, WARNED, all_owed, next_alarm
from zhike.desk.services.handling import Handling, handling

WATCH = Actor.system("due times")
AT_ONCE = 50
LINE = "desk.escalated"


@dataclass(frozen=True)
class House:
    """Levels, people and hours, read once for a round."""

    levels: Sequence[EscalationLevel]
    active: frozenset[int]
    leads: Sequence[tuple[User, Grants]]
    executives: Sequence[int]
    administrators: Sequence[int]
    units_of: dict[int, int]
    names: dict[int, str]
    calendars: UnitCalendars

    @classmethod
    def of_now(cls) -> "House":
        people = list(User.objects.filter(is_active=True).values_list("pk", "name", "unit_id"))
        held = RoleAssignment.objects.filter(user__is_active=True).order_by("user_id")
        return cls(
            levels=list(EscalationLevel.objects.all()),
            active=frozenset(pk for pk, _name, _unit in people),
            leads=[pair for pair in people_with(ASSIGN) if not pair[1].own_only],
            executives=list(
                held.filter(role__code="executive").values_list("user_id", flat=True).distinct()
            ),
            administrators=list(
                held.filter(role__holds_everything=True)
                .values_list("user_id", flat=True)
                .distinct()
            ),
            units_of={pk: unit_id for pk, _name, unit_id in people},
            names={pk: name for pk, name, _unit in people},
            calendars=unit_calendars(),
        )

    def hours_of(self, user_id: int) -> Schedule:
        return self.calendars.schedule(self.units_of.get(user_id))

    def found(self, receivers: Iterable[str], case: Case) -> list[int]:
        """Ids, each once, in order; administrators where there is nobody else."""
        ids: dict[int, None] = {}
        for receiver in receivers:
            ids |= dict.fromkeys(self._of(receiver, case))
        return list(ids) or list(self.administrators)

    def _of(self, receiver: str, case: Case) -> list[int]:
        match receiver:
            case Receiver.OWNER:
                return [case.owner_id] if case.owner_id in self.active else []
            case Receiver.SUPERVISORS:
                return self._leads_up(case, skip=0)
            case Receiver.ABOVE:
                return self._leads_up(case, skip=1)
            case Receiver.EXECUTIVES:
                return list(self.executives)
        return list(self.administrators)

    def _leads_up(self, case: Case, skip: int) -> list[int]:
        """Supervisors of the nearest unit that has some, on the way up; with `skip`, of the next one above it."""
        found = []
        for unit_id in way_up(case.unit_id):
            here = [
                user.pk
                for user, grants in self.leads
                if user.unit_id == unit_id
                and grants.reaches_unit(case.unit_id)
                and user.pk not in self.administrators
            ]
            if here:
                found.append(here)
        return found[skip] if len(found) > skip else []


def cases_to_look_at(now: datetime) -> QuerySet[Case]:
    return Case.objects.filter(STILL_OPEN, alarm_at__lte=now, voided_at__isnull=True)


def watch_clocks(now: datetime | None = None) -> int:
    """Everything to be told now; of how many cases something was."""
    now = now or clock.now()
    told, last = 0, 0
    rows = cases_to_look_at(now)
    house: House | None = None
    while True:
        current().pause()
        ids = list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        if not ids:
            return told
        house = house or House.of_now()
        for case_id in ids:
            told += _watch(case_id, house)
        last = ids[-1]


def _watch(case_id: int, house: House) -> bool:
    try:
        with handling("alarm", actor=WATCH, grants=everything("due times"), case_id=case_id) as act:
            return _Round(act, house).run()
    except RuleError:
        # Merged or taken back this moment: it has no clock any more.
        return False


class _Round:
    """What one case has to tell now. Clocks of one case that speak at the same moment speak together."""

    def __init__(self, act: Handling, house: House) -> None:
        self.act, self.case, self.house, self.now = act, act.case, house, act.work.now
        running = {due.purpose for due in all_owed(self.case)}
        self.told: dict[str, Any] = {
            name: state
            for name, state in (self.case.told or {}).items()
            if name in running or name == BEFORE
        }
        before = self.told.get(BEFORE)
        self.silent_until = datetime.fromisoformat(before) if before else None
        # {(kind, user): clocks}, {level: clocks}
        self.mail: dict[tuple[str, int], list[Due]] = {}
        self.lines: dict[tuple[str, ...], tuple[list[Due], list[int]]] = {}

    def run(self) -> bool:
        if not self.case.is_ended:
            for due in all_owed(self.case):
                if due.at is not None:
                    self._look_at(due, due.at)
        self._send()
        self.case.told = self.told
        self.case.alarm_at = next_alarm(self.case, all_owed(self.case))
        return bool(self.mail)

    def _look_at(self, due: Due, at: datetime) -> None:
        run = due.start.isoformat()
        state = self.told.get(due.purpose)
        if state is None or state["run"] != run:
            state = {"run": run, "said": {}, "over": None, "next": None}
        said: dict[str, Any] = dict(state["said"])
        upcoming: list[datetime] = []
        is_over = self.now >= at
        if not is_over:
            # Put off after it had passed: what was told of that is told anew when it passes again.
            said = {key: entry for key, entry in said.items() if key == WARNED}
            if due.warn_at is not None and self.now >= due.warn_at and WARNED not in said:
                said[WARNED] = {"waiting": self._warned(due)}
            upcoming.append(at)
        else:
            # Whoever was asleep when it fell due hears of the passing, not of the warning.
            said[WARNED] = {"waiting": []}
            upcoming += self._escalate(due, at, said)
        for key, entry in said.items():
            kind = "desk.due_soon" if key == WARNED else "desk.due_over"
            waiting = [one for one in entry["waiting"] if one in self.house.active]
            said[key] = {"waiting": self._tell(kind, due, waiting)}
            upcoming += [
                moment
                for moment in map(self._opening_of, said[key]["waiting"])
                if moment is not None
            ]
        following = min((one for one in upcoming if one > self.now), default=None)
        self.told[due.purpose] = {
            "run": run,
            "said": said,
            "over": at.isoformat() if is_over else None,
            "next": following.isoformat() if following else None,
        }

    def _warned(self, due: Due) -> list[int]:
        return (
            self.house.found([Receiver.OWNER], self.case)
            if self._has_owner
            else (self.house.found([Receiver.SUPERVISORS], self.case))
        )

    @property
    def _has_owner(self) -> bool:
        return self.case.owner_id in self.house.active

    def _escalate(self, due: Due, at: datetime, said: dict[str, Any]) -> list[datetime]:
        """Levels that are reached and not told yet; the moments of those to come."""
        upcoming = []
        schedule = self.house.calendars.schedule(self.case.unit_id)
        for level in self.house.levels:
            if str(level.pk) in said:
                continue
            reached = _reached_at(level, schedule, at)
            if reached > self.now:
                upcoming.append(reached)
                continue
            if self.silent_until is not None and reached <= self.silent_until:
                said[str(level.pk)] = {"waiting": []}
                continue
            people = self.house.found(level.receivers, self.case)
            said[str(level.pk)] = {"waiting": people}
            clocks, _people = self.lines.setdefault(tuple(level.receivers), ([], people))
            clocks.append(due)
        return upcoming

    def _tell(self, kind: str, due: Due, people: Sequence[int]) -> list[int]:
        """Tell those who are at work; who is not waits."""
        waiting = []
        for user_id in people:
            if is_open(self.house.hours_of(user_id), self.now):
                self.mail.setdefault((kind, user_id), []).append(due)
            else:
                waiting.append(user_id)
        return waiting

    def _opening_of(self, user_id: int) -> datetime | None:
        try:
            return next_open(self.house.hours_of(user_id), self.now)
        except NeverOpen:
            return None

    def _send(self) -> None:
        for (kind, user_id), dues in self.mail.items():
            notify(
                self.act.work,
                user_id=user_id,
                kind=kind,
                values={
                    "number": self.case.number,
                    "title": self.case.title,
                    "what": _named(dues),
                    "due": _minute(dues),
                },
                url=case_url(self.case.number),
            )
        for dues, people in self.lines.values():
            self.act.append(
                EventKind.FURTHER,
                data={
                    "line": LINE,
                    "what": [due.purpose for due in dues],
                    "due": min(due.at for due in dues if due.at).isoformat(),
                    "told": [self.house.names.get(one, "") for one in people],
                },
            )


def _reached_at(level: EscalationLevel, schedule: Schedule, at: datetime) -> datetime:
    if not level.after_amount:
        return at
    reached = due_at(schedule, at, level.after_amount, Unit(level.after_unit)).at
    assert reached is not None, "no pause was given"
    return reached


def _named(dues: Sequence[Due]) -> str:
    return "、".join(dict.fromkeys(str(DuePurpose(due.purpose).label) for due in dues))  # zh-data


def _minute(dues: Sequence[Due]) -> str:
    return f"{clock.local(min(due.at for due in dues if due.at)):%m-%d %H:%M}"
