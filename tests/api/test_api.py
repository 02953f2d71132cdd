"""The API as another program sees it: tokens, errors in one shape, and a case from its arrival to its end."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.cast import CHEN_PHONE, Cast, Staff
from zhike.accounts.services.tokens import create_token
from zhike.core.access import everything
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import AuditRow
from zhike.core.work import Actor
from zhike.customers.models import Customer
from zhike.desk.models import Case, CaseEvent
from zhike.listening.models import Feedback

pytestmark = pytest.mark.django_db


class Caller:
    """A program with a token."""

    def __init__(self, staff: Staff, scopes: tuple[str, ...] = ("read", "write")) -> None:
        _row, self.token = create_token(
            actor=Actor.system("tests"),
            grants=everything("tests"),
            user=staff.user,
            label="tests",
            scopes=scopes,
        )
        self.client = Client()

    def send(
        self, method: str, path: str, body: Any = None, *, key: str = "", language: str = "zh-hans"
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": language}
        if key:
            headers["Idempotency-Key"] = key
        answer = self.client.generic(
            method,
            f"/api/v1{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers=headers,
        )
        return answer.status_code, answer.json()

    def get(self, path: str, **options: Any) -> tuple[int, Any]:
        return self.send("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        return self.send("POST", path, body if body is not None else {}, **options)


@pytest.fixture
def lin(cast: Cast) -> Caller:
    return Caller(cast.lin)


@pytest.fixture
def wang(cast: Cast) -> Caller:
    return Caller(cast.wang)


NEW = {"type": "repair", "text": "新车 3 天控制器报错 E06", "channel": "phone"}


def test_a_case_from_its_arrival_to_its_end(cast: Cast, lin: Caller, wang: Caller) -> None:
    status, case = lin.post("/cases", NEW)
    assert (status, case["state"], case["is_new"]) == (201, "new", True)
    assert case["query_code"]
    number = case["number"]
    assert number.startswith("BX")
    status, named = lin.post(
        f"/cases/{number}/customer", {"customer": {"phone": "138-1234-6027", "name": ""}}
    )
    assert (status, named["customer_name"]) == (200, "陈志强")
    assert lin.post(f"/cases/{number}/claim")[1]["owner_name"] == "林静"
    detail = lin.get(f"/cases/{number}")[1]
    assert detail["due_at"]
    assert detail["due_explanation"]
    status, event = lin.post(
        f"/cases/{number}/replies", {"text": "今天下午 3 点前到。", "expected_seq": detail["seq"]}
    )
    assert (status, event["visibility"]) == (201, "public")
    status, case = lin.post(
        f"/cases/{number}/handover", {"to_user_id": cast.wang.user.pk, "reason": "请假"}
    )
    assert (status, case["owner_name"], case["handover_count"]) == (200, "王建国", 1)
    status, case = wang.post(
        f"/cases/{number}/close", {"outcome": "solved", "text": "换新控制器，复检正常。"}
    )
    assert (status, case["state"]) == (200, "closed")
    kinds = [event["kind"] for event in lin.get(f"/cases/{number}/events")[1]]
    for kind in ("opened", "customer_named", "claim", "reply", "handover", "closed"):
        assert kind in kinds
    found = lin.get("/search?q=控制器&kind=case")[1]
    assert [hit["number"] for hit in found["hits"]] == [number]


def test_the_same_form_sent_twice_makes_one_case(lin: Caller) -> None:
    first = lin.post("/cases", NEW, key="form-1")
    again = lin.post("/cases", NEW, key="form-1")
    assert (first[0], again[0]) == (201, 200)
    assert first[1]["number"] == again[1]["number"]
    assert again[1]["is_new"] is False
    assert Case.objects.count() == 1


def test_a_reply_on_old_news_is_held_and_told_what_came(lin: Caller, wang: Caller) -> None:
    number = lin.post("/cases", {**NEW, "keep": True})[1]["number"]
    seq = lin.get(f"/cases/{number}")[1]["seq"]
    wang.post(f"/cases/{number}/notes", {"text": "客户刚来过电话。"})
    before = CaseEvent.objects.count()
    status, answer = lin.post(f"/cases/{number}/replies", {"text": "好的", "expected_seq": seq})
    assert (status, answer["error"]["code"]) == (409, "news")
    assert "客户刚来过电话。" in json.dumps(answer["error"]["extra"], ensure_ascii=False)
    assert CaseEvent.objects.count() == before


def test_who_comes_second_to_a_claim_is_told_who_has_it(lin: Caller, wang: Caller) -> None:
    number = lin.post("/cases", NEW)[1]["number"]
    assert lin.post(f"/cases/{number}/claim")[0] == 200
    status, answer = wang.post(f"/cases/{number}/claim")
    assert status == 409
    assert "林静" in answer["error"]["message"]


def test_a_move_the_table_forbids_changes_nothing(lin: Caller) -> None:
    number = lin.post("/cases", NEW)[1]["number"]
    audited = AuditRow.objects.count()
    for state in ("waiting_customer", "waiting_approval", "merged"):
        status, answer = lin.post(f"/cases/{number}/state", {"state": state})
        assert status == 422
        assert answer["error"]["message"]
    status, answer = lin.post(f"/cases/{number}/state", {"state": "nonsense"})
    assert (status, answer["error"]["code"]) == (422, "invalid_input")
    assert Case.objects.get(number=number).state == "new"
    assert AuditRow.objects.count() == audited


def test_a_foreign_case_is_as_missing_as_one_that_never_was(cast: Cast, lin: Caller) -> None:
    number = lin.post("/cases", NEW)[1]["number"]
    zhou = Caller(cast.zhou)
    foreign = zhou.get(f"/cases/{number}")
    missing = zhou.get("/cases/BX209901010001")
    assert foreign[0] == missing[0] == 404
    assert foreign[1]["error"]["message"] == missing[1]["error"]["message"]
    for path, body in (
        ("claim", {}),
        ("notes", {"text": "x"}),
        ("close", {"outcome": "solved", "text": "x"}),
        ("state", {"state": "open"}),
    ):
        assert zhou.post(f"/cases/{number}/{path}", body)[0] == 404
    assert zhou.get("/cases")[1]["items"] == []
    assert zhou.get("/search?q=控制器")[1]["hits"] == []


@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer zk_nonsense", "Basic eDp5"])
def test_without_a_good_token_nothing_is_told(cast: Cast, token: str) -> None:
    answer = Client().get("/api/v1/cases", headers={"Authorization": token})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "token_invalid"


def test_a_reading_token_cannot_write(cast: Cast) -> None:
    reader = Caller(cast.lin, scopes=("read",))
    status, answer = reader.post("/cases", NEW)
    assert (status, answer["error"]["code"]) == (403, "forbidden")
    assert reader.get("/cases")[0] == 200
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-hans", "请填写这一项。"), ("zh-hant", "請填寫"), ("en", "This field is required.")],
)
def test_findings_come_field_by_field_in_the_callers_language(
    lin: Caller, language: str, words: str
) -> None:
    status, answer = lin.post("/cases", {"type": "repair"}, language=language)
    assert status == 422
    (finding,) = answer["error"]["fields"]
    assert finding["field"] == "text"
    assert words in finding["message"]


def test_a_mistyped_field_and_broken_json_are_said(lin: Caller) -> None:
    status, answer = lin.post("/cases", {**NEW, "titel": "x"})
    assert (status, answer["error"]["fields"][0]["field"]) == (422, "titel")
    broken = lin.client.post(
        "/api/v1/cases",
        "{",
        content_type="application/json",
        headers={"Authorization": f"Bearer {lin.token}"},
    )
    assert broken.status_code == 400
    assert broken.json()["error"]["code"] == "bad_request"


def test_pages_follow_a_cursor_without_gap_or_double(lin: Caller) -> None:
    made = [lin.post("/cases", NEW)[1]["number"] for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = lin.get(f"/cases?limit=2{cursor}")[1]
        seen += [case["number"] for case in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == made[::-1]
    assert lin.get("/cases?cursor=nonsense")[0] == 422


def test_a_customer_is_opened_changed_and_revealed(cast: Cast, lin: Caller) -> None:
    new = {"name": "许红梅", "phone": "15012342281", "tags": ["批发户"]}
    status, file = lin.post("/customers", new)
    assert status == 201
    assert "15012342281" not in json.dumps(file)
    path = f"/customers/{file['id']}"
    status, changed = lin.send("PATCH", path, {"version": file["version"], "tier": "key"})
    assert (status, changed["tier"]) == (200, "key")
    stale = lin.send("PATCH", path, {"version": file["version"], "tier": "vip"})
    assert stale[0] == 409
    (phone,) = file["identities"]
    looked = AuditRow.objects.filter(action__contains="reveal").count()
    status, shown = lin.post(f"{path}/identities/{phone['id']}/reveal")
    assert status == 200
    assert shown["value"].endswith("15012342281")
    assert AuditRow.objects.filter(action__contains="reveal").count() == looked + 1


def test_a_number_somebody_has_is_refused_with_whose_it_is(cast: Cast, lin: Caller) -> None:
    files = Customer.objects.count()
    status, answer = lin.post("/customers", {"name": "冒名", "phone": "138 1234 6027"})
    assert status == 409
    assert "陈志强" in json.dumps(answer, ensure_ascii=False)
    assert Customer.objects.count() == files


def test_across_units_only_a_name_is_told(cast: Cast) -> None:
    zhou = Caller(cast.zhou)
    status, found = zhou.post("/customers/lookup", {"value": CHEN_PHONE})
    assert (status, found["name"], found["within_reach"]) == (200, "陈志强", False)
    assert zhou.get(f"/customers/{found['id']}")[0] == 404
    assert zhou.post("/customers/lookup", {"value": "13000000000"})[1] is None


def test_a_file_is_imported_and_taken_back(wang: Caller) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    text = "review,label\n送餐太慢了,0\n送餐太慢了,0\n味道不错,1\n"

    def send() -> dict[str, Any]:
        upload = SimpleUploadedFile("reviews.csv", text.encode("utf-8-sig"))
        answer = wang.client.post(
            "/api/v1/imports",
            {
                "file": upload,
                "kind": "feedback",
                "columns": json.dumps({"text": "review", "rating": "label"}),
                "constants": json.dumps({"rating_scale": "0-1"}),
            },
            headers={"Authorization": f"Bearer {wang.token}"},
        )
        assert answer.status_code == 201, answer.content
        body: dict[str, Any] = answer.json()
        assert body["lacking"] == []
        run_pending_jobs()
        assert wang.post(f"/imports/{body['id']}/begin", {"policy": "skip"})[0] == 200
        run_pending_jobs()
        done: dict[str, Any] = wang.get(f"/imports/{body['id']}")[1]
        return done

    first = send()
    assert (first["state"], first["created_count"]) == ("done", 3)
    again = send()
    assert (again["created_count"], again["same_count"]) == (0, 3)
    assert Feedback.objects.filter(voided_at=None).count() == 3
    assert wang.get("/search?q=送餐&kind=feedback")[1]["counts"] == {"feedback": 2}
    assert wang.post(f"/imports/{first['id']}/undo")[0] == 200
    run_pending_jobs()
    assert Feedback.objects.filter(voided_at=None).count() == 0


def test_an_agent_may_not_import(lin: Caller) -> None:
    assert lin.get("/imports")[0] == 403


def test_from_a_file_of_reviews_to_a_closed_case(cast: Cast, lin: Caller, wang: Caller) -> None:
    """The journey of a new user, as another program takes it."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    rows = "评价,星级\n送餐太慢，等了两个小时,0\n想要退款，没人理,0\n好吃,1\n"
    sent = wang.client.post(
        "/api/v1/imports",
        {
            "file": SimpleUploadedFile("评价.csv", rows.encode("gb18030")),
            "kind": "feedback",
            "columns": json.dumps({"text": "评价", "rating": "星级"}),
            "constants": json.dumps({"rating_scale": "0-1"}),
        },
        headers={"Authorization": f"Bearer {wang.token}"},
    ).json()
    run_pending_jobs()
    wang.post(f"/imports/{sent['id']}/begin", {"policy": "all"})
    run_pending_jobs()
    (hit,) = wang.get("/search?q=退款&kind=feedback")[1]["hits"]
    status, case = wang.post(f"/feedback/{hit['id']}/case", {"type": "complaint"})
    assert status == 201
    again = wang.post(f"/feedback/{hit['id']}/case", {"type": "complaint"})
    assert (again[0], again[1]["error"]["extra"]["number"]) == (409, case["number"])
    path = f"/cases/{case['number']}"
    named = wang.post(f"{path}/customer", {"customer": {"phone": CHEN_PHONE}})[1]
    assert named["customer_name"] == "陈志强"
    seq = wang.get(path)[1]["seq"]
    status, _event = wang.post(
        f"{path}/replies",
        {"text": "给您添麻烦了，退款今天办。", "expected_seq": seq, "delivery": "told_by_phone"},
    )
    assert status == 201
    owner = wang.get(path)[1]["owner_id"]
    status, handed = wang.post(
        f"{path}/handover",
        {"to_user_id": cast.lin.user.pk, "reason": "由林静跟进", "expected_owner_id": owner},
    )
    assert (status, handed["owner_name"]) == (200, "林静")
    end = {"outcome": "solved", "text": "已退款。"}
    assert lin.post(f"{path}/close", end)[0] == 422, "a complaint ends after its steps"
    steps = [
        {"step": 1, "evidence": {"words": "迟迟不退款", "wish": "退款"}},
        {"step": 2, "evidence": {"apology": "给您添麻烦了", "told": "phone"}},
        {"step": 3, "evidence": {"facts": "退款单漏批", "safety": False, "severity": 1}},
        {"step": 4, "evidence": {"verdict": "founded", "solution": "今天退", "told": "phone"}},
        {
            "step": 5,
            "evidence": {
                "consent": "agreed",
                "customer_says": "收到了",
                "learned": "退款单每天核对",
                "thanked": True,
            },
        },
    ]
    status, done = lin.post(f"/complaints/{case['number']}/steps", {"steps": steps})
    assert (status, done["step"], done["closing_reasons"]) == (200, 6, [])
    status, closed = lin.post(f"{path}/close", end)
    assert (status, closed["state"]) == (200, "closed")
