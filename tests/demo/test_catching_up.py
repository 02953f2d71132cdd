"""Nothing in the demo lies for weeks, and its first minutes belong to who looks around."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Q

from tests.cast import everybody
from zhike.care.models.visits import STILL_DUE, FollowUp
from zhike.complaints.choices import NoticeState
from zhike.complaints.models import Complaint, Notice
from zhike.complaints.models.complaints import TO_ARCHIVE
from zhike.complaints.rules import Step
from zhike.complaints.tasks import print_archive
from zhike.core.jobs import rows
from zhike.core.models import Notification
from zhike.demo import load
from zhike.demo.catching_up import FRESH, PAPERS_AT_ONCE, PATIENCE, UNREAD
from zhike.desk.models import Case, CaseEvent
from zhike.web.day import day_of

# The supervisor goes through it once a working day.
LONGEST = PATIENCE + timedelta(days=4)
# In Shanghai: New Year's day at five past midnight, a Sunday morning at a month's end.
MOMENTS = (
    datetime(2026, 12, 31, 16, 5, tzinfo=UTC),
    datetime(2027, 2, 28, 2, 0, tzinfo=UTC),
)


@pytest.mark.django_db
@pytest.mark.once
@pytest.mark.parametrize("now", MOMENTS, ids=("new-year", "sunday"))
def test_late_things_are_days_old_and_bells_hold_a_few_new_lines(
    now: datetime, frozen_clock: Callable[[datetime], None]
) -> None:
    frozen_clock(now)
    load.load_demo(customers=40, cases=120)
    old = now - LONGEST
    assert not Notice.objects.filter(state=NoticeState.SENT, due_at__lt=old).exists()
    assert not FollowUp.objects.filter(STILL_DUE, plan_at__lt=old).exists()
    ready = Complaint.objects.filter(step=Step.FOLLOW_UP, way_out="", case__closed_at=None)
    assert not ready.filter(case__due_at__lt=old).exists()
    assert not Complaint.objects.filter(TO_ARCHIVE, case__closed_at__lt=old).exists()
    # Nothing happened that is still to come, and there is something to do today.
    assert not Case.objects.filter(Q(opened_at__gt=now) | Q(closed_at__gt=now)).exists()
    assert not CaseEvent.objects.filter(at__gt=now).exists()
    assert {card.key for card in day_of(everybody(), now).cards} - {"missing-dates"}
    # One department lets the desk wait, so that it can be seen.
    assert Notice.objects.filter(state=NoticeState.SENT).exists()

    unread = Notification.objects.filter(read_at=None)
    assert not unread.filter(made_at__lt=now - FRESH - timedelta(minutes=1)).exists()
    for user_id in set(unread.values_list("user_id", flat=True)):
        assert unread.filter(user_id=user_id).count() <= UNREAD

    papers = rows.Row.objects.filter(task_path=print_archive.module_path)
    assert papers.filter(run_after=rows.AT_ONCE).count() <= PAPERS_AT_ONCE < papers.count()
    assert not papers.exclude(run_after=rows.AT_ONCE).filter(run_after__lte=now).exists()
