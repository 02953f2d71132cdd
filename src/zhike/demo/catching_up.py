"""What a real team does not leave lying for weeks: late answers, visits, closings; bells, papers of long ago."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import F

from zhike.care.models.visits import STILL_DUE, FollowUp
from zhike.care.services.recording import Outcome, record_result
from zhike.complaints.choices import NoticeState
from zhike.complaints.models import Cause, Complaint, Notice
from zhike.complaints.models.complaints import TO_ARCHIVE
from zhike.complaints.rules import Step
from zhike.complaints.services import archive_unconfirmed
from zhike.complaints.services.notice_answers import Answer, answer_notice
from zhike.complaints.tasks import print_archive
from zhike.core import clock, work
from zhike.core.jobs import rows
from zhike.core.models import Notification
from zhike.core.work import Actor
from zhike.demo import complaint_words as words_of

if TYPE_CHECKING:
    from zhike.demo.load import Stage
    from zhike.demo.plot import Plot

# Longer than this nothing lies, though it may be late.
PATIENCE = timedelta(days=4)
# Of the lines under a bell, so many of the last days are still to be read.
UNREAD = 5
FRESH = timedelta(days=3)
# Papers printed at once; the older ones follow one by one, so that the first minutes belong to who looks around.
PAPERS_AT_ONCE = 6
PAPERS_BEGIN = timedelta(minutes=3)
PAPERS_PACE = timedelta(seconds=40)


def plan_catching_up(plot: "Plot", days: int) -> None:
    """Every working day the supervisor goes through what has been lying."""
    for back in range(days, -1, -1):
        moment = plot.stage.at_work(plot.stage.now - timedelta(days=back))
        plot.agenda.add(moment, lambda at: _catch_up(plot, at))


def _catch_up(plot: "Plot", at: datetime) -> None:
    late = at - PATIENCE
    owed = Notice.objects.filter(
        state=NoticeState.SENT, due_at__lt=late, case__closed_at=None, case__voided_at=None
    )
    for notice in owed.select_related("person"):
        _answer(plot, notice, at)
    ready = Complaint.objects.filter(step=Step.FOLLOW_UP, way_out="", case__closed_at=None)
    for complaint in ready.filter(case__due_at__lt=late).select_related("case"):
        plot.complaints.close(complaint.pk, "1010", "已按方案办完，客户没有其他要求。")
    for visit in FollowUp.objects.filter(STILL_DUE, plan_at__lt=late).select_related("case"):
        _visit(plot, visit)
    actor, grants = plot.stage.who("1010")
    for complaint in Complaint.objects.filter(TO_ARCHIVE, case__closed_at__lt=late):
        why = "没有留下联系方式，无从回访，予以归档。"
        archive_unconfirmed(actor=actor, grants=grants, case_id=complaint.pk, reason=why)


def _answer(plot: "Plot", notice: Notice, at: datetime) -> None:
    actor, grants = plot.stage.who(notice.person.staff_number)
    day = clock.local(at + timedelta(days=5)).date()
    answer = Answer(
        action=plot.random.choice(words_of.MEASURES).format(day=f"{day.month} 月 {day.day} 日"),
        responsible=notice.person_name,
        action_due=day,
        cause_id=Cause.objects.get(code="service.slow").pk,
        cause_text="答复晚了，已向客服部说明。",
    )
    answer_notice(actor=actor, grants=grants, number=notice.number, answer=answer)


def _visit(plot: "Plot", visit: FollowUp) -> None:
    actor, grants = plot.owner(visit.case, "1010")
    outcome = Outcome(result="content", words=plot.random.choice(words_of.CONTENT))
    record_result(actor=actor, grants=grants, follow_up_id=visit.pk, outcome=outcome)


def read_old_news(stage: "Stage") -> None:
    """Everybody has read what is old; a few lines of the last days are still new."""
    with work.unit(Actor.system("demo", via="demo")):
        for person in stage.people.values():
            unread = Notification.objects.filter(user_id=person.pk, read_at=None)
            fresh = unread.filter(made_at__gte=stage.now - FRESH).order_by("-pk")
            keep = list(fresh.values_list("pk", flat=True)[:UNREAD])
            unread.exclude(pk__in=keep).update(read_at=F("made_at") + timedelta(hours=1))


def space_out_papers() -> None:
    """The newest archived complaints are on paper at once, the others by and by."""
    waiting = rows.Row.objects.filter(task_path=print_archive.module_path, status=rows.READY)
    begin = clock.now() + PAPERS_BEGIN
    older = waiting.order_by("-enqueued_at").values_list("pk", flat=True)[PAPERS_AT_ONCE:]
    for place, pk in enumerate(list(older)):
        rows.Row.objects.filter(pk=pk).update(run_after=begin + place * PAPERS_PACE)
