"""What the job tells by itself: an answer falls due, is overdue, stays away; a measure is to be checked.

Each telling is a unit of its own and marks the notice in it, so a job that runs twice tells once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from zhike.complaints.choices import NoticeState
from zhike.complaints.models import Notice
from zhike.complaints.notice_rules import ESCALATE_AFTER_MINUTES
from zhike.complaints.selectors.notices import superiors_of
from zhike.complaints.services.notice_handling import on_notice, tell
from zhike.core import clock, work
from zhike.core.calendar import elapsed_minutes, is_open
from zhike.core.calendar.plans import load_default
from zhike.core.errors import RuleError
from zhike.core.jobs import current
from zhike.core.work import Actor

WATCH = Actor.system("notices")
AT_ONCE = 50
OWED = Q(state=NoticeState.SENT, answered_at__isnull=True)


@dataclass(frozen=True)
class Alarm:
    """`due(now)` says which notices may need it; `tell(id, now)` says whether it was told."""

    due: Callable[[datetime], Q]
    tell: Callable[[int, datetime], bool]


def watch_notices(now: datetime | None = None) -> int:
    """Everything to be told now; how much it was. Silent outside working hours: nobody would read it."""
    now = now or clock.now()
    if not is_open(load_default(), now):
        return 0
    return sum(_run(alarm, now) for alarm in ALARMS)


def _run(alarm: Alarm, now: datetime) -> int:
    told, last = 0, 0
    while True:
        current().pause()
        rows = Notice.objects.filter(alarm.due(now), pk__gt=last, case__voided_at__isnull=True)
        rows = rows.order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:AT_ONCE])
        if not ids:
            return told
        for pk in ids:
            try:
                told += alarm.tell(pk, now)
            except RuleError:
                # Its case was merged or taken back this moment; the next round finds it where it then is.
                continue
        last = ids[-1]


def _mark(pk: int, now: datetime, column: str) -> Notice | None:
    """Compare and set: of two jobs one gets the notice; an answer in between leaves nothing to tell."""
    rows = Notice.objects.filter(OWED, pk=pk, **{f"{column}__isnull": True})
    if not rows.update(**{column: now}):
        return None
    return Notice.objects.select_related("case").get(pk=pk)


def _warn(pk: int, now: datetime) -> bool:
    with work.unit(WATCH, now=now) as unit:
        notice = _mark(pk, now, "warned_at")
        if notice is not None:
            tell(unit, notice, [notice.person_id], "notice_warn")
    return notice is not None


def _tell_overdue(pk: int, now: datetime) -> bool:
    with work.unit(WATCH, now=now) as unit:
        notice = _mark(pk, now, "overdue_told_at")
        if notice is not None:
            tell(unit, notice, [notice.person_id], "notice_overdue")
    return notice is not None


def _escalate(pk: int, now: datetime) -> bool:
    """Tell the superior, and who waits; the case's record says so."""
    due_at = Notice.objects.values_list("due_at", flat=True).get(pk=pk)
    if elapsed_minutes(load_default(), due_at, now) < ESCALATE_AFTER_MINUTES:
        return False
    with on_notice("escalate", actor=WATCH, notice_id=pk) as on:
        notice = on.notice
        if notice.state != NoticeState.SENT or notice.escalated_at is not None:
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


def _ask_to_check(pk: int, now: datetime) -> bool:
    with work.unit(WATCH, now=now) as unit:
        rows = Notice.objects.filter(pk=pk, state=NoticeState.ANSWERED, check_told_at__isnull=True)
        if not rows.update(check_told_at=now):
            return False
        notice = Notice.objects.select_related("case").get(pk=pk)
        asked = {notice.case.owner_id, notice.sent_by_id} - {notice.answered_by_id}
        tell(unit, notice, asked, "notice_to_check")
    return True


ALARMS = (
    Alarm(
        lambda now: OWED & Q(due_warn_at__lte=now, due_at__gt=now, warned_at__isnull=True), _warn
    ),
    Alarm(lambda now: OWED & Q(due_at__lte=now, overdue_told_at__isnull=True), _tell_overdue),
    Alarm(
        # Working time is never longer than time, so the index leaves only those that may be late enough.
        lambda now: (
            OWED
            & Q(
                due_at__lte=now - timedelta(minutes=ESCALATE_AFTER_MINUTES),
                escalated_at__isnull=True,
            )
        ),
        _escalate,
    ),
    Alarm(
        lambda now: Q(
            state=NoticeState.ANSWERED,
            check_due__lte=clock.local(now).date(),
            check_told_at__isnull=True,
        ),
        _ask_to_check,
    ),
)
