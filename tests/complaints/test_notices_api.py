"""Notices as another program sees them, from sending to the check; and whom the API refuses."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.api.test_api import Caller
from tests.cast import Cast, make_staff, make_unit
from tests.complaints.notice_scene import AFTERNOON, Scene, make_scene, send
from zhike.complaints.models import Cause, Notice

pytestmark = pytest.mark.django_db
Freeze = Callable[[datetime], None]


@pytest.fixture
def scene(cast: Cast, frozen_clock: Freeze) -> Scene:
    frozen_clock(AFTERNOON)
    return make_scene(cast)


def answer_body(**more: Any) -> dict[str, Any]:
    return {
        "cause_id": Cause.objects.get(code="product.part").pk,
        "action": "更换密封圈规格",
        "responsible": "张工",
        "action_due": "2026-12-01",
    } | more


def test_a_notice_from_sending_to_its_check(scene: Scene) -> None:
    lin, zhang = Caller(scene.cast.lin), Caller(scene.zhang)
    new = {"person_id": scene.zhang.user.pk, "text": "请查明，客户 13812346027"}
    path = f"/cases/{scene.case.number}/notices"
    status, made = lin.post(path, new, key="one")
    assert status == 201
    assert lin.post(path, new, key="one")[1]["number"] == made["number"]
    assert made["case_number"] == scene.case.number
    assert made["due_explanation"]["purpose"] == "notice"
    number = made["number"]
    assert lin.post(f"/notices/{number}/remind")[1]["reminders"] == 1
    status, seen = zhang.get(f"/notices/{number}")
    assert (status, seen["case_number"]) == (200, None)
    assert "13812346027" not in seen["text"]
    status, done = zhang.post(f"/notices/{number}/answer", answer_body())
    assert (status, done["state"], done["check_due"]) == (200, "answered", "2026-12-08")
    back = {"reason": "原因不清楚"}
    assert lin.post(f"/notices/{number}/return", back)[1]["state"] == "sent"
    zhang.post(f"/notices/{number}/answer", answer_body(cause_text="来料"))
    status, checked = lin.post(f"/notices/{number}/check", {"held": True})
    assert (status, checked["state"]) == (200, "held")


def test_the_list_is_narrowed_by_what_is_asked(scene: Scene) -> None:
    lin, zhang = Caller(scene.cast.lin), Caller(scene.zhang)
    first = send(scene)
    zhang.post(f"/notices/{first.number}/answer", answer_body())
    second = send(scene, text="仓库发错货")

    def found(by: Caller, query: str) -> list[str]:
        status, page = by.get(f"/notices?{query}")
        assert status == 200, page
        return [one["number"] for one in page["items"]]

    assert found(zhang, "") == [second.number, first.number]
    assert found(zhang, "owed_by_me=true") == [second.number]
    assert found(zhang, "state=answered") == [first.number]
    assert found(zhang, "q=发错") == [second.number]
    assert found(lin, "sent_by_me=true") == [second.number, first.number]
    assert found(lin, f"case={scene.case.number}") == [second.number, first.number]
    assert found(lin, "overdue=true") == []
    assert found(Caller(scene.cast.zhou), "") == []
    assert zhang.get(f"/notices?case={scene.case.number}")[0] == 404
    assert zhang.get("/notices?state=lost")[0] == 422
    assert zhang.get("/notices?cursor=x")[0] == 422


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"cause_id": None}, 422, "cause_missing"),
        ({"cause_id": 999_999}, 422, "cause_unknown"),
        ({"cause_id": 2**63}, 422, "invalid_input"),
        ({"action_due": "2026-11-23"}, 422, "date_past"),
        ({"action_due": "morgen"}, 422, "invalid_input"),
        ({"action_due": "9999-12-31"}, 422, "date_far"),
        ({"check_due": "2026-11-25"}, 422, "check_before_action"),
        ({"action": ""}, 422, "text_missing"),
        ({"responsible": " "}, 422, "text_missing"),
        ({"colour": "red"}, 422, "invalid_input"),
    ],
)
def test_a_bad_answer_is_refused_in_one_shape(
    scene: Scene, wrong: dict[str, Any], status: int, code: str
) -> None:
    notice = send(scene)
    answer = Caller(scene.zhang).post(f"/notices/{notice.number}/answer", answer_body(**wrong))
    assert answer[0] == status
    assert answer[1]["error"]["code"] == code
    assert answer[1]["error"]["message"]
    assert Notice.objects.get(pk=notice.pk).state == "sent"


def test_whom_the_api_refuses(scene: Scene) -> None:
    notice = send(scene)
    stores = make_unit("仓储部", scene.cast.company, "department")
    stranger = Caller(make_staff("4009", "马超", stores, "department_owner"))
    missing = stranger.get("/notices/TZ202611249999")
    assert missing[0] == 404
    for path, body in (
        ("answer", answer_body()),
        ("remind", {}),
        ("withdraw", {"reason": "x"}),
        ("return", {"reason": "x"}),
        ("check", {"held": True}),
    ):
        refused = stranger.post(f"/notices/{notice.number}/{path}", body)
        assert (refused[0], refused[1]["error"]["code"]) == (404, missing[1]["error"]["code"])
    lin, zhou = Caller(scene.cast.lin), Caller(scene.cast.zhou)
    assert lin.post(f"/notices/{notice.number}/answer", answer_body())[0] == 403
    assert Caller(scene.zhang).post(f"/notices/{notice.number}/remind")[0] == 403
    foreign = {"person_id": scene.zhang.user.pk, "text": "请查"}
    assert zhou.post(f"/cases/{scene.case.number}/notices", foreign)[0] == 404
    fresh = Notice.objects.get(pk=notice.pk)
    assert (fresh.state, fresh.reminders) == ("sent", 0)


def test_conflicts_are_409(scene: Scene) -> None:
    lin, zhang = Caller(scene.cast.lin), Caller(scene.zhang)
    notice, other = send(scene), send(scene)
    assert zhang.post(f"/notices/{notice.number}/answer", answer_body())[0] == 200
    twice = zhang.post(f"/notices/{notice.number}/answer", answer_body())
    assert (twice[0], twice[1]["error"]["code"]) == (409, "answered")
    assert lin.post(f"/notices/{notice.number}/withdraw", {"reason": "晚了"})[0] == 409
    assert lin.post(f"/notices/{other.number}/withdraw", {"reason": "发错了"})[0] == 200
    late = zhang.post(f"/notices/{other.number}/answer", answer_body())
    assert (late[0], late[1]["error"]["code"]) == (409, "withdrawn")
    early = lin.post(f"/notices/{other.number}/check", {"held": True})
    assert (early[0], early[1]["error"]["code"]) == (409, "not_answered")


def test_the_tree_of_causes_in_reading_order(scene: Scene) -> None:
    status, rows = Caller(scene.zhang).get("/causes")
    assert status == 200
    by_id = {row["id"]: row for row in rows}
    for place, row in enumerate(rows):
        if row["parent_id"] is not None:
            assert row["depth"] == by_id[row["parent_id"]]["depth"] + 1
            assert row["parent_id"] in {one["id"] for one in rows[:place]}
    assert all(row["label"] and row["is_offered"] for row in rows)
