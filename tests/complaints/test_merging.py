"""Two complaints become one while somebody must still decide, answer or carry something out."""

from typing import Any

import pytest

from tests.api.test_api import Caller
from tests.cast import Cast, Staff
from tests.complaints.conftest import open_complaint
from tests.complaints.notice_scene import make_scene, send
from zhike.complaints.choices import ApprovalState
from zhike.complaints.models import Approval, Complaint, Remedy
from zhike.complaints.services import approvals, remedies
from zhike.core.errors import RuleError
from zhike.desk import services as desk
from zhike.desk.models import Case, CaseEvent

pytestmark = pytest.mark.django_db
ABOVE = 30_000


def ask(by: Staff, case: Case, cents: int = ABOVE) -> Approval:
    remedies.propose_remedy(
        **by.acting, case_id=case.pk, kind="refund", text="退款", amount_cents=cents, why="停业一天"
    )
    return Approval.objects.latest("pk")


def state_of(case: Case) -> str:
    return Case.objects.values_list("state", flat=True).get(pk=case.pk)


def merge(by: Staff, case: Case, into: Case) -> None:
    desk.merge_cases(**by.acting, into_id=into.pk, from_id=case.pk)


def free(cast: Cast) -> Case:
    return open_complaint(cast.lin, cast.chen.pk)


def in_hand(cast: Cast) -> Case:
    case = free(cast)
    return desk.claim(**cast.lin.acting, case_id=case.pk)


def for_department(cast: Cast) -> Case:
    case = in_hand(cast)
    send(make_scene(cast), case=case)
    return case


def for_approval(cast: Cast) -> Case:
    case = in_hand(cast)
    ask(cast.lin, case, 25_000)
    return case


# What the case that stays was before; and where it is once what came along is decided.
TARGETS = [(free, "open"), (in_hand, "open"), (for_department, "waiting_department")]


@pytest.mark.parametrize(("target", "afterwards"), TARGETS)
@pytest.mark.parametrize("grant", [True, False])
def test_the_case_that_stays_waits_for_what_came_along(
    cast: Cast, complaint: Case, target: Any, afterwards: str, grant: bool
) -> None:
    approval, into = ask(cast.lin, complaint), target(cast)
    owner = into.owner_id
    merge(cast.wang, complaint, into)
    assert state_of(into) == "waiting_approval"
    assert Case.objects.get(pk=into.pk).owner_id == owner
    assert Complaint.objects.get(pk=into.pk).open_approvals == 1
    assert Complaint.objects.get(pk=complaint.pk).open_approvals == 0
    with pytest.raises(RuleError):
        desk.close_case(**cast.wang.acting, case_id=into.pk, outcome="solved", text="好了")
    approvals.decide(**cast.wang.acting, approval_id=approval.pk, grant=grant, note="看过了")
    assert state_of(into) == afterwards
    assert Complaint.objects.get(pk=into.pk).open_approvals == 0
    assert Remedy.objects.get(approval=approval).case_id == into.pk
    assert CaseEvent.objects.filter(
        case=into, data__line=f"complaints.approval_{'granted' if grant else 'refused'}"
    ).exists()


@pytest.mark.parametrize("target", [free, in_hand, for_department])
def test_the_other_way_round_it_keeps_waiting(cast: Cast, complaint: Case, target: Any) -> None:
    approval, other = ask(cast.lin, complaint), target(cast)
    merge(cast.wang, other, complaint)
    assert state_of(complaint) == "waiting_approval"
    approvals.decide(**cast.wang.acting, approval_id=approval.pk, grant=True)
    has_notice = target is for_department
    assert state_of(complaint) == ("waiting_department" if has_notice else "open")


def test_two_questions_hold_until_both_are_answered(cast: Cast, complaint: Case) -> None:
    first, into = ask(cast.lin, complaint), for_approval(cast)
    second = Approval.objects.exclude(pk=first.pk).get()
    merge(cast.wang, complaint, into)
    assert Complaint.objects.get(pk=into.pk).open_approvals == 2
    approvals.decide(**cast.wang.acting, approval_id=first.pk, grant=True)
    assert state_of(into) == "waiting_approval"
    approvals.decide(**cast.wang.acting, approval_id=second.pk, grant=False, note="够了")
    assert state_of(into) == "open"


def test_who_waits_for_the_customer_goes_on_waiting(cast: Cast, complaint: Case) -> None:
    approval, into = ask(cast.lin, complaint), in_hand(cast)
    desk.wait_for_customer(**cast.lin.acting, case_id=into.pk, reason="等照片")
    merge(cast.wang, complaint, into)
    assert state_of(into) == "waiting_customer"
    approvals.decide(**cast.wang.acting, approval_id=approval.pk, grant=True)
    assert state_of(into) == "waiting_customer"


def test_taken_back_after_the_merge(cast: Cast, complaint: Case) -> None:
    approval, into = ask(cast.lin, complaint), in_hand(cast)
    merge(cast.wang, complaint, into)
    approvals.withdraw_request(**cast.lin.acting, approval_id=approval.pk, reason="不用了")
    assert state_of(into) == "open"
    assert Approval.objects.get().state == ApprovalState.CALLED_OFF


def test_the_pages_of_it(cast: Cast, complaint: Case) -> None:
    approval, into = ask(cast.lin, complaint), in_hand(cast)
    wang = cast.wang.client()
    done = wang.post(f"/cases/{complaint.number}/do/merge/", {"number": into.number})
    assert done.status_code in (302, 204)
    assert state_of(into) == "waiting_approval"
    page = wang.get(f"/approvals/{approval.pk}/")
    assert into.number in page.content.decode()
    done = wang.post(f"/approvals/{approval.pk}/", {"decision": "grant", "note": ""})
    assert done.status_code == 302
    assert state_of(into) == "open"
    assert wang.get(f"/cases/{into.number}/").status_code == 200


def test_over_the_api(cast: Cast, complaint: Case) -> None:
    approval, into = ask(cast.lin, complaint), in_hand(cast)
    wang = Caller(cast.wang)
    status, case = wang.post(f"/cases/{complaint.number}/merge", {"into": into.number})
    assert (status, case["number"], case["state"]) == (200, into.number, "waiting_approval")
    status, decided = wang.post(f"/approvals/{approval.pk}/decide", {"grant": True})
    assert (status, decided["case_id"]) == (200, into.pk)
    assert wang.get(f"/cases/{into.number}")[1]["state"] == "open"
