"""Decisions: taken once, by somebody else who may, and what follows from them."""

from typing import Any

import pytest

from tests.cast import Cast, Staff, make_staff
from tests.complaints.conftest import GIVEN, open_complaint
from tests.complaints.test_remedies import YUAN, carry_out, propose
from zhike.complaints import services
from zhike.complaints.models import Approval, Complaint, Remedy
from zhike.complaints.rules import BEFORE_CLOSING
from zhike.complaints.services import approvals, remedies
from zhike.complaints.services.deciding import METRIC
from zhike.core.access import Forbidden
from zhike.core.counts import totals_by_state
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import AuditRow, Notification
from zhike.desk import services as desk
from zhike.desk.models import Case, CaseEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(cast: Cast, complaint: Case) -> Approval:
    """Lin asks for 300 yuan on her complaint."""
    propose(cast.lin, complaint, 300 * YUAN)
    return Approval.objects.get()


def decide(who: Any, approval: Approval, grant: bool = True, note: str = "") -> Approval:
    return approvals.decide(**who.acting, approval_id=approval.pk, grant=grant, note=note)


def untouched(approval: Approval) -> bool:
    fresh = Approval.objects.get(pk=approval.pk)
    return (fresh.state, fresh.decided_at) == ("open", None)


def told(user_id: int) -> list[str]:
    return list(Notification.objects.filter(user_id=user_id).values_list("kind", flat=True))


def close(cast: Cast, case: Case) -> Case:
    return desk.close_case(**cast.wang.acting, case_id=case.pk, outcome="solved", text="好")


# Deciding


def test_granted_it_can_be_carried_out(cast: Cast, asked: Approval) -> None:
    row = decide(cast.wang, asked, note="同意，注意时间")
    assert (row.state, row.decided_by_name, row.note) == ("granted", "王建国", "同意，注意时间")
    assert Remedy.objects.get().state == "approved"
    case = Case.objects.get(pk=asked.case_id)
    assert (case.state, case.owner_name) == ("open", "林静")
    counted = Complaint.objects.get(pk=case.pk)
    assert (counted.open_approvals, counted.open_remedies) == (0, 1)
    assert told(cast.lin.user.pk) == ["complaints.remedy_granted"]
    audit = AuditRow.objects.get(action="complaints.approval.decide")
    assert '"amount_cents": 30000' in audit.payload
    assert carry_out(cast.lin, Remedy.objects.get()).state == "carried_out"


def test_refused_says_why_and_ends_the_remedy(cast: Cast, asked: Approval) -> None:
    with pytest.raises(RuleError) as refused:
        decide(cast.wang, asked, grant=False, note=" ")
    assert (refused.value.code, refused.value.field) == ("note_missing", "note")
    assert untouched(asked)
    decide(cast.wang, asked, grant=False, note="先问清楚故障原因")
    remedy = Remedy.objects.get()
    assert (remedy.state, remedy.end_reason) == ("refused", "先问清楚故障原因")
    assert Case.objects.get(pk=asked.case_id).state == "open"
    assert told(cast.lin.user.pk) == ["complaints.remedy_refused"]
    with pytest.raises(RuleError) as ended:
        carry_out(cast.lin, remedy)
    assert ended.value.code == "remedy_ended"


def test_the_second_learns_who_was_first(cast: Cast, asked: Approval) -> None:
    decide(cast.wang, asked)
    with pytest.raises(Conflict) as late:
        decide(cast.admin, asked, grant=False, note="太多了")
    assert late.value.code == "already_decided"
    assert late.value.extra["decided_by"] == "王建国"
    assert late.value.extra["decision"] == "granted"
    assert "王建国" in str(late.value)
    assert Remedy.objects.get().state == "approved"


def test_nobody_decides_on_their_own_request(cast: Cast, complaint: Case) -> None:
    propose(cast.wang, complaint, 3_000 * YUAN)
    approval = Approval.objects.get()
    with pytest.raises(RuleError) as refused:
        decide(cast.wang, approval)
    assert refused.value.code == "own_request"
    assert untouched(approval)
    assert decide(cast.admin, approval).state == "granted"


def test_nobody_decides_above_their_own_limit(cast: Cast, complaint: Case) -> None:
    propose(cast.lin, complaint, 2_000 * YUAN + 1)
    approval = Approval.objects.get()
    for grant in (True, False):
        with pytest.raises(RuleError) as refused:
            decide(cast.wang, approval, grant=grant, note="x")
        assert refused.value.code == "above_limit"
    assert untouched(approval)


def test_the_sum_is_taken_anew_when_it_is_decided(cast: Cast, complaint: Case) -> None:
    propose(cast.lin, complaint, 1_500 * YUAN)
    propose(cast.lin, complaint, 600 * YUAN)
    first = Approval.objects.order_by("pk")[0]
    with pytest.raises(RuleError) as refused:
        decide(cast.wang, first)
    assert refused.value.code == "above_limit", "2,100 are asked for by now"


def test_who_may_not_approve_does_not(cast: Cast, asked: Approval) -> None:
    colleague = make_staff("1003", "赵同", cast.zhoukou)
    with pytest.raises(Forbidden):
        decide(colleague, asked)
    other = make_staff("2002", "李主管", cast.shangqiu, "supervisor")
    for pk in (asked.pk, 10**9):
        with pytest.raises(NotFound):
            approvals.decide(**other.acting, approval_id=pk, grant=True)
    assert untouched(asked)


def test_a_note_is_not_endless(cast: Cast, asked: Approval) -> None:
    with pytest.raises(RuleError) as refused:
        decide(cast.wang, asked, note="字" * 301)
    assert refused.value.field == "note"
    assert untouched(asked)


def test_a_case_given_away_meanwhile_is_decided_all_the_same(cast: Cast, asked: Approval) -> None:
    colleague = make_staff("1003", "赵同", cast.zhoukou)
    desk.hand_over(
        **cast.lin.acting,
        case_id=asked.case_id,
        to_user_id=colleague.user.pk,
        reason="休假",
        expected_owner_id=cast.lin.user.pk,
    )
    decide(cast.wang, asked)
    assert Case.objects.get(pk=asked.case_id).owner_id == colleague.user.pk


def test_two_open_questions_hold_until_both_are_answered(cast: Cast, complaint: Case) -> None:
    propose(cast.lin, complaint, 300 * YUAN)
    propose(cast.lin, complaint, 400 * YUAN)
    first, second = Approval.objects.order_by("pk")
    decide(cast.wang, first)
    assert Case.objects.get(pk=complaint.pk).state == "waiting_approval"
    decide(cast.wang, second, grant=False, note="一次就够")
    assert Case.objects.get(pk=complaint.pk).state == "open"


# Taking it back


def test_who_asked_can_take_it_back(cast: Cast, asked: Approval) -> None:
    with pytest.raises(RuleError) as refused:
        approvals.withdraw_request(**cast.wang.acting, approval_id=asked.pk, reason="不用了")
    assert refused.value.code == "not_yours"
    with pytest.raises(RuleError):
        approvals.withdraw_request(**cast.lin.acting, approval_id=asked.pk, reason=" ")
    assert untouched(asked)
    row = approvals.withdraw_request(**cast.lin.acting, approval_id=asked.pk, reason="不用了")
    assert row.state == "called_off"
    assert Remedy.objects.get().state == "called_off"
    assert Case.objects.get(pk=asked.case_id).state == "open"
    with pytest.raises(Conflict) as late:
        decide(cast.wang, asked)
    assert late.value.code == "already_decided"
    with pytest.raises(NotFound):
        approvals.withdraw_request(**cast.zhou.acting, approval_id=asked.pk, reason="x")


# Closing


def test_closing_waits_for_an_open_approval(cast: Cast, complaint: Case) -> None:
    services.record_steps(
        **cast.lin.acting,
        case_id=complaint.pk,
        given=[(step, GIVEN[step]) for step in BEFORE_CLOSING],
    )
    propose(cast.lin, complaint, 300 * YUAN)
    with pytest.raises(RuleError) as refused:
        close(cast, complaint)
    assert refused.value.code == "closing_refused"
    assert Case.objects.get(pk=complaint.pk).closed_at is None
    decide(cast.wang, Approval.objects.get(), grant=False, note="先不退")
    assert close(cast, complaint).closed_at is not None


# Pranks


@pytest.fixture
def prank(cast: Cast, complaint: Case) -> Approval:
    services.take_way_out(
        **cast.lin.acting, case_id=complaint.pk, way="prank", why="连打三次，都在笑"
    )
    return Approval.objects.get()


def test_a_prank_is_for_a_supervisor_to_say(cast: Cast, complaint: Case, prank: Approval) -> None:
    assert (prank.kind, prank.remedy_id) == ("prank", None)
    assert Case.objects.get(pk=complaint.pk).state == "waiting_approval"
    assert told(cast.wang.user.pk) == ["complaints.prank_asked"]
    with pytest.raises(RuleError):
        close(cast, complaint)
    with pytest.raises(Forbidden):
        decide(cast.lin, prank)
    decide(cast.wang, prank)
    row = Complaint.objects.get(pk=complaint.pk)
    assert (row.way_out, row.way_out_why, row.way_out_by_id) == (
        "prank", "连打三次，都在笑", cast.wang.user.pk,
    )  # fmt: skip
    assert told(cast.lin.user.pk) == ["complaints.prank_granted"]
    lines = [
        event.data["line"] for event in CaseEvent.objects.filter(kind="further").order_by("seq")
    ]
    assert lines == [
        "complaints.approval_asked", "complaints.approval_granted", "complaints.way_out",
    ]  # fmt: skip
    assert close(cast, complaint).closed_at is not None


def test_a_prank_refused_goes_on_as_a_complaint(
    cast: Cast, complaint: Case, prank: Approval
) -> None:
    decide(cast.wang, prank, grant=False, note="听录音，客户真的着急")
    row = Complaint.objects.get(pk=complaint.pk)
    assert (row.way_out, row.open_approvals) == ("", 0)
    assert told(cast.lin.user.pk) == ["complaints.prank_refused"]
    with pytest.raises(RuleError):
        close(cast, complaint)


def test_a_prank_that_ends_otherwise_meanwhile(
    cast: Cast, complaint: Case, prank: Approval
) -> None:
    services.take_way_out(
        **cast.wang.acting, case_id=complaint.pk, way="withdrawn", why="客户说不用了"
    )
    with pytest.raises(Conflict) as refused:
        decide(cast.wang, prank)
    assert refused.value.code == "way_out_taken"
    assert untouched(prank)
    decide(cast.wang, prank, grant=False, note="客户自己撤回了")
    assert close(cast, complaint).closed_at is not None


def test_two_pranks_merged_leave_one_question(cast: Cast, complaint: Case, prank: Approval) -> None:
    twin = open_complaint(cast.lin, cast.chen.pk)
    services.take_way_out(**cast.lin.acting, case_id=twin.pk, way="prank", why="同一个人")
    desk.merge_cases(**cast.wang.acting, into_id=complaint.pk, from_id=twin.pk)
    rows = Approval.objects.filter(case=complaint).order_by("pk")
    assert [row.state for row in rows] == ["open", "called_off"]
    assert decide(cast.wang, prank).state == "granted"


# Counting


def waiting(who: Staff) -> int:
    return totals_by_state(METRIC, who.grants).get("open", 0)


def test_the_menu_counts_what_is_open_within_reach(cast: Cast, asked: Approval) -> None:
    other = make_staff("2002", "李主管", cast.shangqiu, "supervisor")
    assert (waiting(cast.wang), waiting(other)) == (1, 0)
    # A case waits where its owner is; in hand again it may go elsewhere.
    desk.resume(**cast.lin.acting, case_id=asked.case_id)
    desk.set_unit(
        **cast.admin.acting, case_id=asked.case_id, unit_id=cast.company.pk, reason="总部处理"
    )
    assert (waiting(cast.wang), waiting(cast.admin)) == (0, 1)
    decide(cast.admin, asked)
    assert waiting(cast.admin) == 0


def test_every_way_an_open_one_ends_is_counted(cast: Cast, complaint: Case) -> None:
    twin = open_complaint(cast.lin, cast.chen.pk)
    for case in (complaint, complaint, twin, twin):
        propose(cast.lin, case, 300 * YUAN)
    for case in (complaint, twin):
        services.take_way_out(**cast.lin.acting, case_id=case.pk, way="prank", why="都在笑")
    assert waiting(cast.wang) == 6
    desk.merge_cases(**cast.wang.acting, into_id=complaint.pk, from_id=twin.pk)
    assert waiting(cast.wang) == 5, "of two pranks one is asked"
    first, second = Approval.objects.filter(kind="remedy").order_by("pk")[:2]
    approvals.withdraw_request(**cast.lin.acting, approval_id=first.pk, reason="不用了")
    assert second.remedy is not None
    remedies.call_off(**cast.lin.acting, remedy_id=second.remedy.pk, reason="不用了")
    assert waiting(cast.wang) == Approval.objects.filter(state="open").count() == 3
