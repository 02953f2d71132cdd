"""Nothing in the demo lies for weeks, and its first minutes belong to who looks around."""

from datetime import timedelta

import pytest

from zhike.care.models.visits import STILL_DUE, FollowUp
from zhike.complaints.choices import NoticeState
from zhike.complaints.models import Complaint, Notice
from zhike.complaints.models.complaints import TO_ARCHIVE
from zhike.complaints.rules import Step
from zhike.complaints.tasks import print_archive
from zhike.core import clock
from zhike.core.jobs import rows
from zhike.core.models import Notification
from zhike.demo import load
from zhike.demo.catching_up import FRESH, PAPERS_AT_ONCE, PATIENCE, UNREAD

# The supervisor goes through it once a working day.
LONGEST = PATIENCE + timedelta(days=4)


@pytest.mark.django_db
def test_late_things_are_days_old_and_bells_hold_a_few_new_lines() -> None:
    load.load_demo(customers=40, cases=120)
    now = clock.now()
    old = now - LONGEST
    assert not Notice.objects.filter(state=NoticeState.SENT, due_at__lt=old).exists()
    assert not FollowUp.objects.filter(STILL_DUE, plan_at__lt=old).exists()
    ready = Complaint.objects.filter(step=Step.FOLLOW_UP, way_out="", case__closed_at=None)
    assert not ready.filter(case__due_at__lt=old).exists()
    assert not Complaint.objects.filter(TO_ARCHIVE, case__closed_at__lt=old).exists()
    # One department lets the desk wait, so that it can be seen.
    assert Notice.objects.filter(state=NoticeState.SENT).exists()

    unread = Notification.objects.filter(read_at=None)
    assert not unread.filter(made_at__lt=now - FRESH - timedelta(minutes=1)).exists()
    for user_id in set(unread.values_list("user_id", flat=True)):
        assert unread.filter(user_id=user_id).count() <= UNREAD

    papers = rows.Row.objects.filter(task_path=print_archive.module_path)
    assert papers.filter(run_after=rows.AT_ONCE).count() <= PAPERS_AT_ONCE < papers.count()
    assert not papers.exclude(run_after=rows.AT_ONCE).filter(run_after__lte=now).exists()
