"""What the job tells by itself: an answer falls due, is overdue, stays away; a measure is to be checked.

Each telling is a unit of its own and marks the notice in it, so a job that runs twice tells once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from zhike.complaints.choices import NoticeState
from zhike.complaints.models import Notice
from zhike.complaints.notice_rules import ESCALATE_AFTER_MINUTES
from zhike.complaints.selectors.notices import superiors_of
from zhike.complaints.services.notice_handling import on_notice, tell
from zhike.core import clock, work
from zhike.core.calendar import elapsed_minutes, is_open
from zhike.core.calendar.plan_book import load_plans
from zhike.core.calendar.plans import kept_schedule
from zhike.core.calendar.units import UnitCalendars
from zhike.core.errors import RuleError
from zhike.core.jobs import current
from zhike.core.work import Actor

WATCH = Actor.system("notices")
AT_ONCE = 50
OWED = Q(state=NoticeState.SENT, answered_at__isnull=True)


@dataclass(frozen=True)
class Alarm:
    """`due(now)` says which notices may need it; `tell(id, hours)` says whether it was told.

    `unit` names the column of the unit in whose hours it is told.
    """

    due: Callable[[datetime], Q]
    tell: Callable[[int, "Hours"], bool]
    unit: str = "unit_id"

    def rows(self, now: datetime) -> QuerySet[Notice]:
        return Notice.objects.filter(self.due(now), case__voided_at__isnull=True)


@dataclass(frozen=True)
class Hours:
    """Who is at work now: the calendars of units and which of them are open, read once for a round."""

    now: datetime
    calendars: UnitCalendars
    open_ones: frozenset[int]

    @classmethod
    def at(cls, now: datetime) -> "Hours":
        calendars = load_plans().calendars
        every = calendars.versions.items()
        return cls(
            now,
            calendars,
            frozenset(pk for pk, version in every if is_open(kept_schedule(pk, version), now)),
        )

    def is_at_work(self, unit_id: int) -> bool:
        return self.calendars.calendar_id(unit_id) in self.open_ones


def watch_notices(now: datetime | None = None) -> int:
    """Everything to be told now; how much it was. Silent outside a unit's working hours: nobody would read it."""
    hours = Hours.at(now or clock.now())
    if not hours.open_ones:
        return 0
    return sum(_run(alarm, hours) for alarm in ALARMS)


def _run(alarm: Alarm, hours: Hours) -> int:
    told, last = 0, 0
    while True:
        current().pause()
        rows = alarm.rows(hours.now).filter(pk__gt=last).order_by("pk")
        found = list(rows.values_list("pk", alarm.unit)[:AT_ONCE])
        if not found:
            return told
        for pk, unit_id in found:
            if not hours.is_at_work(unit_id):
                continue
            try:
                told += alarm.tell(pk, hours)
            except RuleError:
                # Its case was merged or taken back this moment; the next round finds it where it then is.
                continue
        last = found[-1][0]


def _warns(now: datetime) -> Q:
    return OWED & Q(due_warn_at__lte=now, due_at__gt=now, warned_at__isnull=True)


def _is_over(now: datetime) -> Q:
    return OWED & Q(due_at__lte=now, overdue_told_at__isnull=True)


def _may_be_long_over(now: datetime) -> Q:
    # Working time is never longer than time, so the index leaves only those that may be late enough.
    late = now - timedelta(minutes=ESCALATE_AFTER_MINUTES)
    return OWED & Q(due_at__lte=late, escalated_at__isnull=True)


def _mark(pk: int, now: datetime, column: str, due: Q) -> Notice | None:
    """Compare and set: of two jobs one gets the notice; an answer or a new due time in between leaves nothing."""
    rows = Notice.objects.filter(due, pk=pk)
    if not rows.update(**{column: now}):
        return None
    return Notice.objects.select_related("case").get(pk=pk)


def _warn(pk: int, hours: Hours) -> bool:
    with work.unit(WATCH, now=hours.now) as unit:
        notice = _mark(pk, hours.now, "warned_at", _warns(hours.now))
        if notice is not None:
            tell(unit, notice, [notice.person_id], "notice_warn")
    return notice is not None


def _tell_overdue(pk: int, hours: Hours) -> bool:
    with work.unit(WATCH, now=hours.now) as unit:
        notice = _mark(pk, hours.now, "overdue_told_at", _is_over(hours.now))
        if notice is not None:
            tell(unit, notice, [notice.person_id], "notice_overdue")
    return notice is not None


def _is_long_over(notice: Notice, hours: Hours) -> bool:
    schedule = hours.calendars.schedule(notice.unit_id)
    return elapsed_minutes(schedule, notice.due_at, hours.now) >= ESCALATE_AFTER_MINUTES


def _escalate(pk: int, hours: Hours) -> bool:
    """Tell the superior, and who waits; the case's record says so."""
    if not _is_long_over(Notice.objects.only("due_at", "unit_id").get(pk=pk), hours):
        return False
    with on_notice("escalate", actor=WATCH, notice_id=pk) as on:
        notice = on.notice
        if notice.state != NoticeState.SENT or notice.escalated_at is not None:
            return False
        # Put off by a plan that was changed meanwhile.
        if not _is_long_over(notice, hours):
            return False
        superiors = superiors_of(notice)
        notice.escalated_at = on.now
        on.write(
            "notice_escalated",
            person=notice.person_name,
            told=[user.name for user in superiors],
        )
        on.tell([user.pk for user in superiors], "notice_escalated", person=notice.person_name)
        on.tell(
            {notice.sent_by_id, notice.case.owner_id} - {user.pk for user in superiors},
            "notice_late",
            person=notice.person_name,
        )
    return True


def _ask_to_check(pk: int, hours: Hours) -> bool:
    with work.unit(WATCH, now=hours.now) as unit:
        rows = Notice.objects.filter(pk=pk, state=NoticeState.ANSWERED, check_told_at__isnull=True)
        if not rows.update(check_told_at=hours.now):
            return False
        notice = Notice.objects.select_related("case").get(pk=pk)
        asked = {notice.case.owner_id, notice.sent_by_id} - {notice.answered_by_id}
        tell(unit, notice, asked, "notice_to_check")
    return True


ALARMS = (
    Alarm(_warns, _warn),
    Alarm(_is_over, _tell_overdue),
    Alarm(_may_be_long_over, _escalate),
    # Those who asked look whether the measure held, in their own hours.
    Alarm(
        lambda now: Q(
            state=NoticeState.ANSWERED,
            check_due__lte=clock.local(now).date(),
            check_told_at__isnull=True,
        ),
        _ask_to_check,
        unit="case_unit_id",
    ),
)
