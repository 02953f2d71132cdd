"""Visits as another program makes them."""

from datetime import timedelta

import pytest

from tests.api.test_api import Caller
from tests.care.conftest import visit_of
from tests.cast import Cast
from zhike.care.models import FollowUp, FollowUpAttempt
from zhike.complaints.models import Complaint, Notice
from zhike.core import clock
from zhike.desk.models import Case

pytestmark = pytest.mark.django_db


@pytest.fixture
def lin(cast: Cast) -> Caller:
    return Caller(cast.lin)


def test_a_visit_from_its_making_to_the_archive(
    lin: Caller, visit: FollowUp, complaint: Case
) -> None:
    status, page = lin.get("/follow-ups?state=due")
    assert status == 200
    assert [row["id"] for row in page["items"]] == [visit.pk]
    assert page["items"][0]["case"] == complaint.number
    status, one = lin.get(f"/follow-ups/{visit.pk}")
    assert status == 200
    assert [q["kind"] for q in one["questions"]][:2] == ["yes_no", "yes_no"]
    question = one["questions"][0]["id"]
    again = (clock.now() + timedelta(days=1)).replace(hour=2, minute=0).isoformat()
    status, one = lin.post(
        f"/follow-ups/{visit.pk}/attempts", {"note": "占线", "next_try_at": again}, key="k1"
    )
    assert (status, one["attempts"], one["state"]) == (200, 1, "due")
    lin.post(f"/follow-ups/{visit.pk}/attempts", {"note": "占线"}, key="k1")
    assert FollowUpAttempt.objects.count() == 1
    said = {"result": "content", "words": "好", "answers": {str(question): True}}
    status, one = lin.post(
        f"/follow-ups/{visit.pk}/result", {**said, "script_id": one["script_id"]}
    )
    assert (status, one["result"], one["answers"]) == (200, "content", {str(question): True})
    assert Complaint.objects.get(pk=complaint.pk).archived_at is not None
    status, error = lin.post(f"/follow-ups/{visit.pk}/result", said)
    assert (status, error["error"]["code"]) == (409, "already_recorded")


def test_the_next_round(cast: Cast, lin: Caller, visit: FollowUp, complaint: Case) -> None:
    said = {"result": "not_content", "words": "又断电了"}
    status, error = lin.post(f"/follow-ups/{visit.pk}/result", said)
    assert (status, error["error"]["field"]) == (422, "person")
    sent = {**said, "person_id": cast.wang.user.pk}
    status, one = lin.post(f"/follow-ups/{visit.pk}/result", sent)
    assert (status, one["state"]) == (200, "done")
    assert Notice.objects.get(case=complaint).round == 2


def test_a_repair_becomes_a_complaint(lin: Caller, repair_visit: FollowUp) -> None:
    said = {"result": "not_content", "words": "还是响"}
    status, one = lin.post(f"/follow-ups/{repair_visit.pk}/result", said)
    assert status == 200
    assert Case.objects.get(number=one["new_case"]).type_id == "complaint"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"result": "unreachable"}, "unreachable_too_early"),
        ({"result": "partly"}, "missing_missing"),
        ({"result": "not_content"}, "words_missing"),
        ({"result": "happy"}, "invalid_input"),
        ({"result": "content", "answers": {"1": {"a": 1}}}, "invalid_input"),
        ({"result": "content", "answers": {"999999": True}}, "question_unknown"),
        ({"result": "content", "script_id": 999999}, "script_unknown"),
        ({"result": "content", "more": 1}, "invalid_input"),
    ],
    ids=str,
)
def test_refusals_name_what_is_wrong(
    lin: Caller, visit: FollowUp, sent: dict[str, object], code: str
) -> None:
    status, error = lin.post(f"/follow-ups/{visit.pk}/result", sent)
    assert (status, error["error"]["code"]) == (422, code)
    visit.refresh_from_db()
    assert (visit.state, FollowUpAttempt.objects.count()) == ("due", 0)


def test_rights_and_reach(cast: Cast, visit: FollowUp) -> None:
    zhou, wang, lin = Caller(cast.zhou), Caller(cast.wang), Caller(cast.lin)
    assert zhou.get("/follow-ups")[1]["items"] == []
    for path in ("", "/attempts", "/result", "/call-off", "/assign"):
        body = {
            "/result": {"result": "content"},
            "/call-off": {"reason": "x"},
            "/assign": {"user_id": cast.zhou.user.pk},
        }.get(path, {})
        act = zhou.get if not path else zhou.post
        known = act(f"/follow-ups/{visit.pk}{path}", *([body] if path else []))[0]
        other = act(f"/follow-ups/999999{path}", *([body] if path else []))[0]
        assert known == other == (403 if path == "/call-off" else 404)
    assert lin.post(f"/follow-ups/{visit.pk}/call-off", {"reason": "x"})[0] == 403
    assert Caller(cast.lin, ("read",)).post(f"/follow-ups/{visit.pk}/attempts")[0] == 403
    assert wang.post(f"/follow-ups/{visit.pk}/assign", {"user_id": cast.wang.user.pk})[0] == 200
    status, one = wang.post(f"/follow-ups/{visit.pk}/call-off", {"reason": "客户要求勿扰"})
    assert (status, one["call_off"]) == (200, "by_hand")


def test_figures_and_their_rows(lin: Caller, visit: FollowUp) -> None:
    lin.post(f"/follow-ups/{visit.pk}/result", {"result": "partly", "missing": "发票"})
    start, end = visit.due_at - timedelta(hours=1), visit.due_at + timedelta(hours=1)
    asked = f"start={start:%Y-%m-%dT%H:%M:%SZ}&end={end:%Y-%m-%dT%H:%M:%SZ}&with_rows=true"
    status, found = lin.get(f"/follow-ups/figures?{asked}")
    assert status == 200
    assert found["rate"] == {"numerator": 1, "denominator": 1, "ratio": 1.0}
    assert found["rows"]["partly"] == [visit.pk]
    status, error = lin.get("/follow-ups/figures?start=2026-11-24T00:00Z&end=2026-11-23T00:00Z")
    assert (status, error["error"]["code"]) == (422, "window_wrong")
    assert lin.get("/follow-ups/figures?start=x&end=y")[0] == 422
    assert visit_of(visit.case).sequence == 2
