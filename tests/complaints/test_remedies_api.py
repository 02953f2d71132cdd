"""Remedies and approvals over the API: no body gets more through than a page would."""

from typing import Any

import pytest

from tests.api.test_api import Caller
from tests.cast import Cast, make_staff
from tests.complaints.conftest import GIVEN
from zhike.complaints import services
from zhike.complaints.models import Approval, Remedy
from zhike.complaints.rules import BEFORE_CLOSING
from zhike.desk.models import Case

pytestmark = pytest.mark.django_db
NEW: dict[str, Any] = {"kind": "refund", "text": "退运费", "amount_cents": 12_000}
ABOVE = NEW | {"amount_cents": 30_000, "why": "停业一天"}


@pytest.fixture
def lin(cast: Cast) -> Caller:
    return Caller(cast.lin)


@pytest.fixture
def wang(cast: Cast) -> Caller:
    return Caller(cast.wang)


def at(case: Case) -> str:
    return f"/cases/{case.number}/remedies"


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["error"]["code"]


def test_from_proposal_to_proof(lin: Caller, wang: Caller, complaint: Case) -> None:
    status, made = lin.post(at(complaint), ABOVE, key="k1")
    assert (status, made["state"], made["amount_cents"]) == (201, "for_approval", 30_000)
    assert lin.post(at(complaint), ABOVE, key="k1")[0] == 200
    assert Remedy.objects.count() == 1
    assert code(lin.post(f"/remedies/{made['id']}/carry-out", {"proof": "x", "cost_cents": 1})) == (
        422, "not_approved",
    )  # fmt: skip
    page = wang.get("/approvals?state=open")[1]
    (asked,) = page["items"]
    assert (asked["sum_cents"], asked["limit_cents"], asked["remedy"]["id"]) == (
        30_000, 20_000, made["id"],
    )  # fmt: skip
    status, decided = wang.post(f"/approvals/{asked['id']}/decide", {"grant": True})
    assert (status, decided["state"], decided["decided_by_name"]) == (200, "granted", "王建国")
    status, done = lin.post(
        f"/remedies/{made['id']}/carry-out", {"proof": "单号 1", "cost_cents": 29_900}
    )
    assert (status, done["state"], done["cost_cents"]) == (200, "carried_out", 29_900)
    assert code(lin.post(f"/remedies/{made['id']}/carry-out", {"proof": "x", "cost_cents": 1})) == (
        409,
        "already_carried_out",
    )
    listed = lin.get(at(complaint))[1]
    assert (listed["used_cents"], listed["limit_cents"]) == (30_000, 20_000)
    assert [row["state"] for row in listed["items"]] == ["carried_out"]
    ledger = lin.get("/remedies?state=carried_out&kind=refund")[1]
    assert [row["id"] for row in ledger["items"]] == [made["id"]]


def test_a_crafted_body_does_not_get_more_through(lin: Caller, complaint: Case, cast: Cast) -> None:
    for extra in (
        {"state": "approved"}, {"limit_cents": 10**8}, {"approved": True},
        {"proposed_by": cast.admin.user.pk}, {"submit_key": "x"},
    ):  # fmt: skip
        assert lin.post(at(complaint), ABOVE | extra)[0] == 422
    assert not Remedy.objects.exists()
    assert lin.post(at(complaint), ABOVE)[1]["state"] == "for_approval"
    approval = Approval.objects.get()
    assert lin.post(f"/approvals/{approval.pk}/decide", {"grant": True})[0] == 403
    assert Remedy.objects.get().state == "for_approval"


@pytest.mark.parametrize(
    "cents", [-1, 100_000_001, 2**63, 10**40, 12.5, 12.0, "120", True, None, [], {}]
)
def test_no_crooked_amount_gets_in(lin: Caller, complaint: Case, cents: Any) -> None:
    status, answer = lin.post(at(complaint), NEW | {"amount_cents": cents})
    assert (status, answer["error"]["code"]) == (422, "invalid_input")
    assert not Remedy.objects.exists()


def test_split_amounts_are_summed(lin: Caller, complaint: Case) -> None:
    assert lin.post(at(complaint), NEW)[1]["state"] == "approved"
    assert code(lin.post(at(complaint), NEW)) == (422, "why_missing")
    assert lin.post(at(complaint), NEW | {"why": "停业"})[1]["state"] == "for_approval"


def test_own_request_note_and_second_decision(
    lin: Caller, wang: Caller, cast: Cast, complaint: Case
) -> None:
    wang.post(at(complaint), ABOVE | {"amount_cents": 250_000})
    approval = Approval.objects.get()
    decide = f"/approvals/{approval.pk}/decide"
    admin = Caller(cast.admin)
    assert code(wang.post(decide, {"grant": True})) == (422, "own_request")
    assert code(admin.post(decide, {"grant": False})) == (422, "note_missing")
    assert admin.post(decide, {"grant": "yes"})[0] == 422
    assert admin.post(decide, {})[0] == 422
    second = Caller(make_staff("1004", "孙主管", cast.zhoukou, "supervisor"))
    assert code(second.post(decide, {"grant": True})) == (422, "above_limit")
    assert Approval.objects.get().state == "open"
    assert admin.post(decide, {"grant": False, "note": "太多"})[0] == 200
    late = admin.post(decide, {"grant": True})
    assert code(late) == (409, "already_decided")
    assert late[1]["error"]["extra"]["decision"] == "refused"


def test_taken_back_and_called_off(lin: Caller, wang: Caller, complaint: Case) -> None:
    first = lin.post(at(complaint), NEW)[1]["id"]
    lin.post(at(complaint), ABOVE)
    approval = Approval.objects.get()
    assert code(wang.post(f"/approvals/{approval.pk}/withdraw", {"reason": "x"})) == (
        422, "not_yours",
    )  # fmt: skip
    assert lin.post(f"/approvals/{approval.pk}/withdraw", {"reason": "不用了"})[0] == 200
    assert lin.post(f"/remedies/{first}/call-off", {"reason": ""})[0] == 422
    assert lin.post(f"/remedies/{first}/call-off", {"reason": "换货"})[1]["state"] == "called_off"
    assert code(lin.post(f"/remedies/{first}/call-off", {"reason": "换货"})) == (
        409, "remedy_ended",
    )  # fmt: skip


def test_another_unit_finds_nothing(cast: Cast, lin: Caller, complaint: Case) -> None:
    lin.post(at(complaint), ABOVE)
    remedy, approval = Remedy.objects.get(), Approval.objects.get()
    other = Caller(make_staff("2002", "李主管", cast.shangqiu, "supervisor"))
    assert other.get(at(complaint))[0] == 404
    assert other.post(at(complaint), NEW)[0] == 404
    for pk in (remedy.pk, 2**62):
        done = {"proof": "x", "cost_cents": 1}
        assert other.post(f"/remedies/{pk}/carry-out", done)[0] == 404
        assert other.post(f"/remedies/{pk}/call-off", {"reason": "x"})[0] == 404
    for pk in (approval.pk, 2**62):
        assert other.post(f"/approvals/{pk}/decide", {"grant": True})[0] == 404
        assert other.post(f"/approvals/{pk}/withdraw", {"reason": "x"})[0] == 404
    assert other.get("/approvals")[1]["items"] == []
    assert other.get("/remedies")[1]["items"] == []


def test_a_token_that_only_reads_changes_nothing(cast: Cast, lin: Caller, complaint: Case) -> None:
    lin.post(at(complaint), ABOVE)
    reader = Caller(cast.wang, ("read",))
    approval = Approval.objects.get()
    assert reader.get(at(complaint))[0] == 200
    assert reader.post(at(complaint), NEW)[0] == 403
    assert reader.post(f"/approvals/{approval.pk}/decide", {"grant": True})[0] == 403
    assert Approval.objects.get().state == "open"


@pytest.mark.parametrize("body", [NEW, ABOVE])
def test_closing_is_refused_while_something_is_open(
    cast: Cast, lin: Caller, complaint: Case, body: dict[str, Any]
) -> None:
    services.record_steps(
        **cast.lin.acting,
        case_id=complaint.pk,
        given=[(step, GIVEN[step]) for step in BEFORE_CLOSING],
    )
    lin.post(at(complaint), body)
    close = f"/cases/{complaint.number}/close"
    assert code(lin.post(close, {"outcome": "solved", "text": "好"})) == (422, "closing_refused")
    assert Case.objects.get(pk=complaint.pk).closed_at is None
    remedy = Remedy.objects.get()
    lin.post(f"/remedies/{remedy.pk}/call-off", {"reason": "客户不要了"})
    assert lin.post(close, {"outcome": "solved", "text": "好"})[0] == 200
    assert code(lin.post(at(complaint), NEW)) == (422, "already_closed")
