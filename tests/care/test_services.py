"""Visits as a whole: made by closing, tried, recorded once, and what each result brings about."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.care.conftest import close, open_other, through_steps, visit_of
from tests.cast import Cast, make_staff
from tests.complaints.conftest import open_complaint
from zhike.care import services
from zhike.care.data.scripts import SCRIPTS, SWITCHED_ON
from zhike.care.models import FollowUp, FollowUpAttempt, Question
from zhike.care.selectors import METRIC, script_for
from zhike.care.services import Asked, Outcome
from zhike.care.services.reminding import remind_due
from zhike.complaints import services as complaints
from zhike.complaints.models import Complaint, Notice, StepRecord
from zhike.complaints.services.notices import withdraw_notice
from zhike.complaints.services.ways_out import attempts_of
from zhike.core import clock, counts
from zhike.core.access import Forbidden
from zhike.core.calendar import Due
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import AuditRow, Notification
from zhike.customers.models import TimelineEntry
from zhike.desk import services as desk
from zhike.desk.models import Case, CaseEvent, CaseLink

pytestmark = pytest.mark.django_db

# A Tuesday afternoon in Zhoukou.
NOW = datetime(2026, 11, 24, 6, 26, tzinfo=UTC)
WORDS = "换上三天又断电了，你们到底查没查原因？"


def record(who, visit: FollowUp, result: str, **known) -> FollowUp:
    outcome = Outcome(result=result, **known)
    return services.record_result(**who.acting, follow_up_id=visit.pk, outcome=outcome)


# Made by closing


def test_closing_makes_a_visit_due_within_one_working_day(cast: Cast, frozen_clock) -> None:
    frozen_clock(NOW)
    case = through_steps(cast.lin, open_complaint(cast.lin, cast.chen.pk))
    visit = visit_of(case)
    assert (visit.round, visit.sequence, visit.state) == (1, 1, "due")
    assert (visit.assigned_id, visit.assigned_name) == (cast.lin.user.pk, "林静")
    assert (visit.customer_name, visit.customer_tier) == ("陈志强", "vip")
    assert clock.local(visit.due_at).date().isoformat() == "2026-11-25"
    assert visit.due_explanation is not None
    assert Due.from_json(visit.due_explanation).at == visit.due_at
    assert AuditRow.objects.filter(action="care.follow_up.make", object_id=visit.pk).count() == 1


@pytest.mark.parametrize("type_code", ["inquiry", "complaint", "repair", "request", "return"])
def test_only_types_switched_on_make_one(cast: Cast, type_code: str) -> None:
    if type_code == "complaint":
        case = through_steps(cast.lin, open_complaint(cast.lin, cast.chen.pk))
    else:
        case = close(cast.lin, open_other(cast.lin, cast.chen.pk, type_code))
    assert FollowUp.objects.filter(case=case).exists() is (type_code in SWITCHED_ON)


def test_types_are_switched_by_whoever_may_change_settings(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        services.set_rules(**cast.wang.acting, on=["inquiry"])
    services.set_rules(**cast.admin.acting, on=["inquiry"])
    assert FollowUp.objects.filter(
        case=close(cast.lin, open_other(cast.lin, cast.chen.pk, "inquiry"))
    ).exists()
    assert not FollowUp.objects.filter(
        case=close(cast.lin, open_other(cast.lin, cast.chen.pk, "repair"))
    ).exists()
    with pytest.raises(RuleError):
        services.set_rules(**cast.admin.acting, on=["nonsense"])


def test_nobody_is_called_without_a_customer_or_after_a_prank(cast: Cast) -> None:
    nameless = open_complaint(cast.lin)
    complaints.take_way_out(
        **cast.lin.acting, case_id=nameless.pk, way="anonymous", why="未留姓名电话"
    )
    close(cast.lin, nameless)
    prank = open_complaint(cast.lin, cast.chen.pk)
    complaints.take_way_out(
        **cast.wang.acting, case_id=prank.pk, way="prank", why="孩子按着玩，家长已致歉"
    )
    close(cast.wang, prank)
    close(cast.lin, open_other(cast.lin, None))
    assert not FollowUp.objects.exists()


def test_a_withdrawn_complaint_is_followed_up_all_the_same(cast: Cast) -> None:
    case = open_complaint(cast.lin, cast.chen.pk)
    complaints.take_way_out(
        **cast.lin.acting, case_id=case.pk, way="withdrawn", why="客户说不追究了"
    )
    close(cast.lin, case)
    assert visit_of(case).state == "due"


def test_an_unowned_case_is_visited_by_who_closed_it(cast: Cast) -> None:
    new = desk.NewCase(
        type_code="repair", channel="letter", text="异响", customer_id=cast.chen.pk, keep=False
    )
    case = desk.open_case(**cast.lin.acting, new=new).case
    close(cast.wang, case)
    assert visit_of(case).assigned_id == cast.wang.user.pk


@pytest.mark.parametrize("what", ["reopen", "merge"])
def test_what_overtakes_the_case_calls_the_visit_off(
    cast: Cast, repair: Case, repair_visit: FollowUp, what: str
) -> None:
    if what == "reopen":
        desk.reopen(**cast.lin.acting, case_id=repair.pk, reason="客户来电说又响了")
    else:
        other = open_other(cast.lin, cast.chen.pk)
        desk.merge_cases(**cast.wang.acting, into_id=other.pk, from_id=repair.pk)
    repair_visit.refresh_from_db()
    assert (repair_visit.state, repair_visit.remind_at) == ("called_off", None)
    assert repair_visit.call_off == {"reopen": "reopened", "merge": "merged"}[what]
    if what == "reopen":
        close(cast.lin, repair)
        assert visit_of(repair).round == 2, "the next closing makes the next one"


# Calls in vain


def test_a_call_in_vain_is_counted_everywhere(cast: Cast, visit: FollowUp, complaint: Case) -> None:
    again = (clock.now() + timedelta(days=1)).replace(hour=2, minute=0)
    services.record_attempt(
        **cast.lin.acting, follow_up_id=visit.pk, note="关机", next_try_at=again
    )
    visit.refresh_from_db()
    assert (visit.attempts, visit.state, visit.plan_at, visit.remind_at) == (1, "due", again, again)
    attempt = FollowUpAttempt.objects.get()
    assert (attempt.reached, attempt.note, attempt.by_name) == (False, "关机", "林静")
    line = CaseEvent.objects.filter(case=complaint, kind="further").latest("seq")
    assert (line.data["line"], line.data["reached"]) == ("care.attempt", False)
    assert attempts_of(complaint.pk, 0).count == 1


def test_the_same_form_notes_one_call(cast: Cast, visit: FollowUp) -> None:
    for _time in range(2):
        services.record_attempt(
            **cast.lin.acting, follow_up_id=visit.pk, note="占线", submit_key="abc"
        )
    visit.refresh_from_db()
    assert (visit.attempts, FollowUpAttempt.objects.count()) == (1, 1)


@pytest.mark.parametrize("ahead", [timedelta(minutes=-1), timedelta(days=61)])
def test_the_next_call_lies_ahead_and_not_next_year(
    cast: Cast, visit: FollowUp, ahead: timedelta
) -> None:
    with pytest.raises(RuleError) as refused:
        services.record_attempt(
            **cast.lin.acting, follow_up_id=visit.pk, next_try_at=clock.now() + ahead
        )
    assert refused.value.field == "next_try_at"
    assert not FollowUpAttempt.objects.exists()


def test_unreachable_only_after_enough_calls_over_enough_days(
    cast: Cast, complaint: Case, visit: FollowUp, frozen_clock
) -> None:
    start = clock.now()
    for number in range(3):
        with pytest.raises(RuleError) as refused:
            record(cast.lin, visit, "unreachable")
        assert refused.value.code == "unreachable_too_early"
        assert refused.value.extra["attempts"] == number
        services.record_attempt(**cast.lin.acting, follow_up_id=visit.pk, note="无人接听")
    # Three calls on one day are still one day.
    with pytest.raises(RuleError):
        record(cast.lin, visit, "unreachable")
    frozen_clock(start + timedelta(days=1))
    services.record_attempt(**cast.lin.acting, follow_up_id=visit.pk, note="无人接听")
    done = record(cast.lin, visit, "unreachable")
    assert (done.state, done.result, done.is_reached) == ("done", "unreachable", False)
    assert Complaint.objects.get(pk=complaint.pk).archived_at is None
    assert Case.objects.get(pk=complaint.pk).state == "closed"


# Results


def test_content_archives_the_complaint(cast: Cast, complaint: Case, visit: FollowUp) -> None:
    version = script_for("complaint")
    assert version is not None
    asked = {str(question.pk): question.kind for question in version.questions.all()}
    values = {"yes_no": True, "score": 5, "text": "早点打电话说一声"}
    answers = {key: values[kind] for key, kind in asked.items()}
    done = record(cast.lin, visit, "content", words="挺好，谢谢。", answers=answers)
    assert (done.state, done.result, done.attempts) == ("done", "content", 1)
    assert done.answers == answers
    row = Complaint.objects.get(pk=complaint.pk)
    assert row.archived_at is not None
    step = StepRecord.objects.get(complaint=row, step=6)
    assert step.evidence == {"customer_says": "挺好，谢谢。", "follow_up": str(visit.pk)}
    entry = TimelineEntry.objects.get(kind="care.follow_up")
    assert (entry.customer_id, entry.title) == (cast.chen.pk, "content")


def test_content_ends_a_repair_quietly(cast: Cast, repair_visit: FollowUp, repair: Case) -> None:
    record(cast.lin, repair_visit, "content")
    line = CaseEvent.objects.filter(case=repair, kind="further").latest("seq")
    assert (line.data["line"], line.data["result"]) == ("care.result", "content")
    assert Case.objects.get(pk=repair.pk).state == "closed"


def test_partly_asks_what_is_missing_and_looks_again(
    cast: Cast, visit: FollowUp, complaint: Case, frozen_clock
) -> None:
    frozen_clock(NOW)
    with pytest.raises(RuleError) as refused:
        record(cast.lin, visit, "partly", words="还行")
    assert refused.value.field == "missing"
    record(cast.lin, visit, "partly", words="还行", missing="说好的雨披还没寄到")
    second = visit_of(complaint)
    assert (second.round, second.sequence, second.state) == (1, 2, "due")
    assert second.to_check == "说好的雨披还没寄到"
    assert clock.local(second.due_at).date().isoformat() == "2026-11-27"
    assert Complaint.objects.get(pk=complaint.pk).archived_at is None
    record(cast.lin, second, "content", words="收到了")
    assert Complaint.objects.get(pk=complaint.pk).archived_at is not None


def test_not_content_from_round_to_round_until_the_archive(
    cast: Cast, complaint: Case, visit: FollowUp
) -> None:
    done = record(
        cast.lin, visit, "not_content", words=WORDS, person_id=cast.wang.user.pk, notice=""
    )
    case = Case.objects.get(pk=complaint.pk)
    row = Complaint.objects.get(pk=complaint.pk)
    assert (done.state, done.result, done.words) == ("done", "not_content", WORDS)
    assert (row.round, row.step, case.reopened_count) == (2, 1, 1)
    assert case.state == "waiting_department"
    notice = Notice.objects.get(case=complaint)
    assert (notice.round, notice.person_id, notice.text) == (2, cast.wang.user.pk, WORDS)
    assert not FollowUp.objects.filter(case=complaint, state="due").exists()

    withdraw_notice(**cast.lin.acting, number=notice.number, reason="已当面说清")
    through_steps(cast.lin, case)
    second = visit_of(complaint)
    assert (second.round, second.sequence) == (2, 1)
    record(cast.lin, second, "content", words="这次好了")
    row.refresh_from_db()
    assert row.archived_at is not None
    assert FollowUp.objects.filter(case=complaint).count() == 2


@pytest.mark.parametrize(
    ("known", "field"), [({}, "words"), ({"words": "  "}, "words"), ({"words": WORDS}, "person")]
)
def test_not_content_needs_words_and_somebody_to_ask(
    cast: Cast, visit: FollowUp, complaint: Case, known: dict[str, str], field: str
) -> None:
    with pytest.raises(RuleError) as refused:
        record(cast.lin, visit, "not_content", **known)
    assert refused.value.field == field
    visit.refresh_from_db()
    assert visit.state == "due"
    assert Complaint.objects.get(pk=complaint.pk).round == 1


def test_a_notice_that_is_refused_leaves_nothing_behind(
    cast: Cast, visit: FollowUp, complaint: Case
) -> None:
    before = CaseEvent.objects.filter(case=complaint).count()
    with pytest.raises(RuleError) as refused:
        record(cast.lin, visit, "not_content", words=WORDS, person_id=cast.lin.user.pk)
    assert refused.value.field == "person"
    visit.refresh_from_db()
    assert visit.state == "due"
    assert Case.objects.get(pk=complaint.pk).state == "closed"
    assert CaseEvent.objects.filter(case=complaint).count() == before


def test_a_colleague_of_the_owner_may_begin_the_next_round(
    cast: Cast, visit: FollowUp, complaint: Case
) -> None:
    other = make_staff("1003", "赵磊", cast.zhoukou)
    record(other, visit, "not_content", words=WORDS, person_id=cast.wang.user.pk)
    assert Notice.objects.get(case=complaint).sent_by_name == "赵磊"
    assert Case.objects.get(pk=complaint.pk).owner_id == cast.lin.user.pk


@pytest.mark.parametrize("asks", [True, False])
def test_a_repair_that_did_not_please_becomes_a_complaint(
    cast: Cast, repair: Case, repair_visit: FollowUp, asks: bool
) -> None:
    person = cast.wang.user.pk if asks else None
    done = record(cast.lin, repair_visit, "not_content", words=WORDS, person_id=person)
    fresh = done.new_case
    assert fresh is not None
    assert (fresh.type_id, fresh.customer_id, fresh.owner_id) == (
        "complaint", cast.chen.pk, cast.lin.user.pk,
    )  # fmt: skip
    link = CaseLink.objects.get(case=fresh)
    assert (link.other_id, link.kind) == (repair.pk, "follows")
    assert Case.objects.get(pk=repair.pk).state == "closed", "the repair itself stays done"
    assert Notice.objects.filter(case=fresh).count() == int(asks)


def test_recorded_twice_is_told_who_was_first(cast: Cast, visit: FollowUp) -> None:
    record(cast.lin, visit, "content", words="好")
    with pytest.raises(Conflict) as refused:
        record(cast.wang, visit, "not_content", words=WORDS, person_id=cast.zhou.user.pk)
    assert refused.value.code == "already_recorded"
    assert "林静" in str(refused.value)
    with pytest.raises(Conflict):
        services.record_attempt(**cast.wang.acting, follow_up_id=visit.pk)
    assert Notice.objects.count() == 0


def test_no_result_while_the_case_is_open(cast: Cast, visit: FollowUp, complaint: Case) -> None:
    desk.reopen(**cast.lin.acting, case_id=complaint.pk, reason="客户来电")
    with pytest.raises(Conflict) as refused:
        record(cast.lin, visit, "content")
    assert refused.value.code == "called_off"


@pytest.mark.parametrize(
    "answer",
    [{"999999": True}, {"yes_no": "yes"}, {"score": 6}, {"score": True}, {"text": 5}],
    ids=str,
)
def test_answers_are_of_their_kind(cast: Cast, visit: FollowUp, answer) -> None:
    kinds = {q.kind: str(q.pk) for q in Question.objects.filter(version=script_for("complaint"))}
    given = {kinds.get(key, key): value for key, value in answer.items()}
    with pytest.raises(RuleError) as refused:
        record(cast.lin, visit, "content", answers=given)
    assert refused.value.field == "answers"
    visit.refresh_from_db()
    assert visit.state == "due"


@pytest.mark.parametrize("result", ["", "happy", "due"])
def test_a_result_is_one_of_four(cast: Cast, visit: FollowUp, result: str) -> None:
    with pytest.raises(RuleError) as refused:
        record(cast.lin, visit, result)
    assert refused.value.field == "result"


# Reach, calling off, handing over


def test_other_units_meet_a_missing_visit(cast: Cast, visit: FollowUp) -> None:
    for act in (
        lambda: record(cast.zhou, visit, "content"),
        lambda: services.record_attempt(**cast.zhou.acting, follow_up_id=visit.pk),
        lambda: services.reassign(
            **cast.zhou.acting, follow_up_id=visit.pk, user_id=cast.zhou.user.pk
        ),
    ):
        with pytest.raises(NotFound):
            act()
    visit.refresh_from_db()
    assert visit.state == "due"


def test_a_role_without_the_permission_makes_none(cast: Cast, visit: FollowUp) -> None:
    owner = make_staff("1009", "孙立", cast.zhoukou, "department_owner")
    with pytest.raises(Forbidden):
        record(owner, visit, "content")


def test_only_a_supervisor_calls_off_and_says_why(cast: Cast, visit: FollowUp) -> None:
    with pytest.raises(Forbidden):
        services.call_off(**cast.lin.acting, follow_up_id=visit.pk, reason="不想打")
    with pytest.raises(RuleError):
        services.call_off(**cast.wang.acting, follow_up_id=visit.pk, reason=" ")
    done = services.call_off(**cast.wang.acting, follow_up_id=visit.pk, reason="客户要求勿扰")
    assert (done.state, done.call_off, done.call_off_reason) == (
        "called_off", "by_hand", "客户要求勿扰",
    )  # fmt: skip


def test_giving_a_visit_to_somebody_else(cast: Cast, visit: FollowUp) -> None:
    other = make_staff("1003", "赵磊", cast.zhoukou)
    with pytest.raises(Forbidden):
        services.reassign(**other.acting, follow_up_id=visit.pk, user_id=other.user.pk)
    with pytest.raises(RuleError) as refused:
        services.reassign(**cast.lin.acting, follow_up_id=visit.pk, user_id=cast.zhou.user.pk)
    assert refused.value.code == "person_out_of_reach"
    services.reassign(**cast.lin.acting, follow_up_id=visit.pk, user_id=other.user.pk)
    visit.refresh_from_db()
    assert visit.assigned_name == "赵磊"
    assert Notification.objects.get(kind="care.assigned").user_id == other.user.pk


def test_a_case_that_moves_takes_its_visits_along(cast: Cast, visit: FollowUp, complaint) -> None:
    desk.reopen(**cast.wang.acting, case_id=complaint.pk, reason="转商丘处理")
    desk.set_unit(
        **cast.admin.acting, case_id=complaint.pk, unit_id=cast.shangqiu.pk, reason="车在商丘"
    )
    visit.refresh_from_db()
    assert visit.unit_id == cast.shangqiu.pk


def test_counters_follow(cast: Cast, visit: FollowUp, repair_visit: FollowUp) -> None:
    record(cast.lin, repair_visit, "content")
    totals = counts.totals_by_state(METRIC, cast.lin.grants)
    assert {state: n for state, n in totals.items() if n} == {"due": 1, "done": 1}
    assert counts.totals_by_state(METRIC, cast.zhou.grants) == {}


# The bell


def test_the_bell_rings_once_for_each_time(cast: Cast, visit: FollowUp, frozen_clock) -> None:
    assert remind_due() == 0
    assert visit.remind_at is not None
    frozen_clock(visit.remind_at + timedelta(minutes=1))
    assert [remind_due(), remind_due()] == [1, 0]
    told = Notification.objects.get(kind="care.due")
    assert (told.user_id, told.values["customer"]) == (cast.lin.user.pk, "陈志强")
    again = clock.now() + timedelta(hours=2)
    services.record_attempt(**cast.lin.acting, follow_up_id=visit.pk, next_try_at=again)
    frozen_clock(again)
    assert remind_due() == 1
    record(cast.lin, visit, "content")
    frozen_clock(again + timedelta(days=30))
    assert remind_due() == 0


# Scripts


def test_old_answers_keep_their_questions(cast: Cast, visit: FollowUp) -> None:
    version = script_for("complaint")
    assert version is not None
    question = version.questions.all()[0]
    record(cast.lin, visit, "content", answers={str(question.pk): True}, script_id=version.pk)
    services.save_script(
        **cast.admin.acting,
        type_code="complaint",
        opening="您好",
        questions=[Asked("text", "都好吗？")],
    )
    visit.refresh_from_db()
    assert visit.script_id == version.pk
    assert next(q.text for q in visit.script.questions.all()) == question.text
    fresh = script_for("complaint")
    assert fresh is not None
    assert (fresh.number, [q.text for q in fresh.questions.all()]) == (2, ["都好吗？"])


def test_a_type_without_a_script_uses_the_one_for_all(cast: Cast) -> None:
    default = script_for("return")
    assert default is not None
    assert default.script.is_default
    own = services.save_script(
        **cast.admin.acting, type_code="return", opening="", questions=[Asked("yes_no", "退了吗？")]
    )
    assert script_for("return") == own
    services.drop_script(**cast.admin.acting, type_code="return")
    assert script_for("return") == default


@pytest.mark.parametrize(
    ("questions", "code"),
    [
        ([], "questions_missing"),
        ([Asked("yes_no", " ")], "text_missing"),
        ([Asked("stars", "几星？")], "kind_unknown"),
        ([Asked("yes_no", "好吗？")] * 13, "questions_many"),
    ],
)
def test_scripts_that_are_refused(cast: Cast, questions, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        services.save_script(**cast.admin.acting, type_code="", opening="", questions=questions)
    assert refused.value.code == code


def test_two_who_change_one_script(cast: Cast) -> None:
    asked = [Asked("yes_no", "好吗？")]
    services.save_script(
        **cast.admin.acting, type_code="", opening="", questions=asked, expected_version=1
    )
    with pytest.raises(Conflict):
        services.save_script(
            **cast.admin.acting, type_code="", opening="", questions=asked, expected_version=1
        )
    with pytest.raises(Forbidden):
        services.save_script(**cast.lin.acting, type_code="", opening="", questions=asked)


def test_yes_to_a_seeded_question_is_always_good() -> None:
    """“没有再出现吧？ 是” may be read either way; figures count a yes as good."""
    asked = [text for seed in SCRIPTS for kind, text in seed.questions if kind == "yes_no"]
    assert asked
    assert [text for text in asked if "没" in text or "不" in text or "吧？" in text] == []
