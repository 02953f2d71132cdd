"""A complaint from arrival to archive, as another program sees it: a review, two rounds, a kept paper."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.api.test_api import Caller
from tests.cast import CHEN_PHONE, Cast, make_staff, make_unit
from zhike.complaints.models import Complaint
from zhike.core import clock
from zhike.core.files import file_path
from zhike.core.jobs.inline import run_pending_jobs

pytestmark = pytest.mark.django_db

REVIEWS = "评价,星级\n味道不错,1\n送来凉了，骑手态度差，要退款,0\n"
ROUND = (
    {"step": 1, "evidence": {"words": "送来凉了，骑手态度差", "wish": "退款"}},
    {"step": 2, "evidence": {"apology": "给您添麻烦了，实在抱歉。", "told": "phone"}},
    {"step": 3, "evidence": {"facts": "保温箱没关严", "safety": False, "severity": 2}},
    {"step": 4, "evidence": {"verdict": "founded", "solution": "退款并道歉", "told": "phone"}},
    {
        "step": 5,
        "evidence": {
            "consent": "agreed",
            "customer_says": "行。",
            "learned": "出餐前检查保温箱",
            "thanked": True,
        },
    },
)
ANSWER = {"cause_text": "保温箱锁扣坏了", "action": "全部更换锁扣", "responsible": "张工"}
CLOSING = {"outcome": "solved", "text": "已退款，客户认可。"}


def imported_review(wang: Caller) -> int:
    sent = wang.client.post(
        "/api/v1/imports",
        {
            "file": SimpleUploadedFile("评价.csv", REVIEWS.encode("gb18030")),
            "kind": "feedback",
            "columns": json.dumps({"text": "评价", "rating": "星级"}),
            "constants": json.dumps({"rating_scale": "0-1"}),
        },
        headers={"Authorization": f"Bearer {wang.token}"},
    ).json()
    run_pending_jobs()
    wang.post(f"/imports/{sent['id']}/begin", {"policy": "all"})
    run_pending_jobs()
    (hit,) = wang.get("/search?q=骑手&kind=feedback")[1]["hits"]
    return int(hit["id"])


def follow_up_of(lin: Caller, number: str) -> int:
    found = lin.get("/follow-ups")[1]["items"]
    (due,) = [one for one in found if one["case"] == number and one["state"] == "due"]
    return int(due["id"])


def answer_open_notice(zhang: Caller) -> str:
    (notice,) = [one for one in zhang.get("/notices")[1]["items"] if one["state"] == "sent"]
    body = ANSWER | {"action_due": f"{clock.today() + timedelta(days=3):%Y-%m-%d}"}
    status, answered = zhang.post(f"/notices/{notice['number']}/answer", body)
    assert (status, answered["state"]) == (200, "answered")
    return str(notice["number"])


def test_from_a_review_to_the_archive_in_two_rounds(cast: Cast) -> None:
    quality = make_unit("品质部", cast.company, "department")
    zhang_staff = make_staff("3001", "张工", quality, "department_owner")
    lin, wang, zhang = Caller(cast.lin), Caller(cast.wang), Caller(zhang_staff)

    feedback = imported_review(wang)
    status, case = wang.post(f"/feedback/{feedback}/case", {"type": "complaint"})
    assert status == 201
    number = case["number"]
    path, complaint = f"/cases/{number}", f"/complaints/{number}"
    wang.post(f"{path}/customer", {"customer": {"phone": CHEN_PHONE}})
    to_lin = {"to_user_id": cast.lin.user.pk, "reason": "由林静跟进"}
    assert wang.post(f"{path}/handover", to_lin)[0] == 200

    # Steps 1 to 3 in one save; the fourth not before them.
    assert lin.post(f"{complaint}/steps", {"steps": [ROUND[3]]})[0] == 422
    status, done = lin.post(f"{complaint}/steps", {"steps": ROUND[:3]})
    assert (status, done["step"], done["standard_stage"]) == (200, 4, "preparing")

    # A notice, answered by the department that may not see the case.
    sent = {"person_id": zhang_staff.user.pk, "text": "骑手送凉了，请查原因。"}
    status, notice = lin.post(f"{path}/notices", sent)
    assert status == 201
    assert lin.get(complaint)[1]["state"] == "waiting_department"
    assert zhang.get(path)[0] == 404
    assert answer_open_notice(zhang) == notice["number"]
    assert lin.get(complaint)[1]["state"] == "open"

    # A remedy above the agent's limit waits for the supervisor.
    offer = {"kind": "compensation", "text": "赔付货损", "amount_cents": 30_000, "why": "货损 300"}
    status, remedy = lin.post(f"{path}/remedies", offer)
    assert (status, remedy["state"]) == (201, "for_approval")
    assert lin.get(complaint)[1]["state"] == "waiting_approval"
    assert lin.post(f"{path}/close", CLOSING)[0] == 422
    (approval,) = wang.get("/approvals")[1]["items"]
    assert lin.post(f"/approvals/{approval['id']}/decide", {"grant": True})[0] == 403
    assert wang.post(f"/approvals/{approval['id']}/decide", {"grant": True})[0] == 200
    assert (
        wang.post(f"/approvals/{approval['id']}/decide", {"grant": False, "note": "不行"})[0] == 409
    )
    proof = {"proof": "转账单 20261122-01", "cost_cents": 30_000}
    assert lin.post(f"/remedies/{remedy['id']}/carry-out", proof)[0] == 200
    assert lin.post(f"/remedies/{remedy['id']}/carry-out", proof)[0] in (409, 422)

    assert lin.post(f"{complaint}/steps", {"steps": ROUND[3:]})[1]["closing_reasons"] == []
    assert lin.post(f"{path}/close", CLOSING)[0] == 200

    # Not content: the next round, with a new notice.
    visit = follow_up_of(lin, number)
    not_content = {
        "result": "not_content",
        "words": "第二单又凉了。",
        "person_id": zhang_staff.user.pk,
        "unit_id": quality.pk,
    }
    assert lin.post(f"/follow-ups/{visit}/result", not_content)[0] == 200
    assert lin.post(f"/follow-ups/{visit}/result", not_content)[0] == 409
    again = lin.get(complaint)[1]
    assert (again["round"], again["step"], again["open_notices"]) == (2, 1, 1)
    assert lin.post(f"{path}/close", CLOSING)[0] == 422
    answer_open_notice(zhang)
    assert lin.post(f"{complaint}/steps", {"steps": ROUND, "expected_round": 1})[0] == 409
    assert lin.post(f"{complaint}/steps", {"steps": ROUND, "expected_round": 2})[0] == 200
    assert lin.post(f"{path}/close", CLOSING)[0] == 200

    # Content: archived, and the paper kept under its digest.
    content = {"result": "content", "words": "这次热的，谢谢。"}
    assert lin.post(f"/follow-ups/{follow_up_of(lin, number)}/result", content)[0] == 200
    run_pending_jobs()
    end: dict[str, Any] = lin.get(complaint)[1]
    assert (end["step"], end["standard_stage"]) == (7, "followed_up")
    assert end["archived_at"] is not None
    digest = end["archive_digest"]
    assert file_path(digest).read_bytes().startswith(b"%PDF-")
    page = cast.lin.client().get(f"/complaints/{number}/archive.pdf")
    assert page.headers["Content-Type"] == "application/pdf"
    assert b"".join(page).startswith(b"%PDF-")
    assert Complaint.objects.get(case__number=number).steps.count() == 11
    # A second run of the job leaves the kept paper as it is.
    run_pending_jobs()
    assert lin.get(complaint)[1]["archive_digest"] == digest
