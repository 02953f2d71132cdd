"""Whatever is sent, the API answers: below 500, in its one error shape, and nothing is half-written."""

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.api.test_api import NEW, Caller
from tests.cast import Cast
from zhike.core.models import ImportRun
from zhike.customers.models import Customer
from zhike.desk.models import Case

pytestmark = pytest.mark.django_db

HUGE = 10**30
NASTY: tuple[Any, ...] = (
    HUGE, -1, "a\x00b", "\ud800", {"a": 1}, [HUGE], ["\x00"], None, 1.5, "x" * 3000,
)  # fmt: skip
IN_ADDRESS = (
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    str(HUGE),
    str(2**63),
    "-1",
    "a\x00b",
    "２",
    "²",
    "1e400",
    "NaN",
    "%",
    "x" * 3000,
)


def resolved(spec: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema


@pytest.fixture
def admin(cast: Cast) -> Caller:
    return Caller(cast.admin)


@pytest.fixture
def number(cast: Cast) -> str:
    _status, case = Caller(cast.lin).post("/cases", {**NEW, "customer_id": cast.chen.pk})
    return str(case["number"])


def send(caller: Caller, method: str, path: str, **options: Any) -> int:
    answer = caller.client.generic(
        method,
        path,
        content_type="application/json",
        headers={"Authorization": f"Bearer {caller.token}"},
        **options,
    )
    assert answer.status_code < 500, (method, path[:200], options, answer.content[:300])
    if answer.status_code >= 400:
        assert set(answer.json()["error"]) >= {"code", "message", "field", "request_id"}
    return answer.status_code


# The same names, but what a time the law sets calls by them.
LEGAL = {"kind": "legal_refund", "since": "2026-11-20", "result": "done"}


def test_no_value_in_any_body_or_address_breaks_a_route(
    cast: Cast, admin: Caller, number: str
) -> None:
    spec = Client().get("/api/v1/openapi.json").json()
    good = {
        **NEW, "name": "甲", "version": 1, "value": "13800001111", "kind": "person",
        "expected_seq": 1, "to_user_id": cast.wang.user.pk, "reason": "请假", "state": "open",
        "outcome": "solved", "into": number, "policy": "skip", "steps": [{"step": 1, "evidence": {}}],
        "step": 1, "way": "withdrawn", "why": "不想追究", "proof": "已退", "cost_cents": 1, "grant": True,
        "reference": "SO-1", "delivered_at": "2026-11-24T10:00:00+08:00",
        "result": "content", "user_id": cast.lin.user.pk, "day": "2026-11-20", "held": True,
        "person_id": cast.lin.user.pk, "action": "换密封圈", "responsible": "张工", "action_due": "2030-01-01",
        "purpose": "other", "what": "约上门前先打电话", "who": "张工", "due": "2030-01-01", "is_done": True,
        "is_given": False, "customer_id": cast.chen.pk, "answer": "已办妥", "how": "known",
            "format": "xlsx", "after_closing": True,
        "unit_id": cast.zhoukou.pk, "draft_seq": 1, "document": {"languages": ["zh-hans"]},
        "part": "q1", "responsible_id": cast.wang.user.pk,
        "subject": "想听听您的看法", "filter": "tier=vip", "standing": "existing", "loyalty": "loyal",
            "motives": [],
    }  # fmt: skip
    _status, notice = Caller(cast.lin).post(
        f"/cases/{number}/notices", {"person_id": cast.wang.user.pk, "text": "请查"}
    )
    sent = 0
    for template, operations in spec["paths"].items():
        own = notice["number"] if "/notices/" in template else number
        path = template.replace("{number}", own).replace("{customer_id}", str(cast.chen.pk))
        path = re.sub(r"\{\w+_id\}", str(HUGE), path.replace("{day}", "2026-11-20"))
        path = path.replace("{week}", "2026-W47").replace("{key}", "received")
        path = path.replace("{round_number}", "1")
        for method, operation in operations.items():
            for asked in operation.get("parameters", []):
                if asked["in"] == "query":
                    for value in IN_ADDRESS:
                        query = {"q": "退款", "kind": "case"} if "search" in path else {}
                        send(admin, method, path, query_params={**query, asked["name"]: value})
                        sent += 1
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" not in content:
                continue
            schema = resolved(spec, content["application/json"]["schema"])
            fitting = {**good, **LEGAL} if "/legal-clocks" in template else good
            body = {name: fitting[name] for name in schema.get("required", [])}
            for name in schema.get("properties", {}):
                for value in NASTY:
                    send(admin, method, path, data=json.dumps({**body, name: value}))
                    sent += 1
    assert sent > 600


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 20_000, b"1" * 6000, b'{"type":NaN}'],
)
def test_a_broken_body_is_told(admin: Caller, body: bytes) -> None:
    assert send(admin, "POST", "/api/v1/cases", data=body) in (400, 422)
    assert Case.objects.count() == 0


@pytest.mark.parametrize("text", ["坏\x00的", "坏\ud800的"])
def test_text_that_cannot_be_kept_writes_nothing(cast: Cast, admin: Caller, text: str) -> None:
    before = Customer.objects.count()
    status, answer = admin.post("/customers", {"name": text, "external_id": text})
    assert (status, answer["error"]["code"]) == (400, "bad_request")
    status, answer = admin.get("/feedback?source=a%00b")
    assert (status, answer["error"]["field"]) == (422, "source")
    assert Customer.objects.count() == before


@pytest.mark.parametrize("unit_id", [str(HUGE), str(2**63), "-1", "99999", "x"])
def test_a_file_for_no_unit_is_refused(admin: Caller, unit_id: str) -> None:
    answer = admin.client.post(
        "/api/v1/imports",
        {
            "kind": "customers",
            "unit_id": unit_id,
            "file": SimpleUploadedFile("a.csv", "姓名,手机\n甲,13800001111".encode()),
        },
        headers={"Authorization": f"Bearer {admin.token}"},
    )
    assert answer.status_code == 422
    assert not ImportRun.objects.exists()


def test_a_mistyped_condition_is_refused_and_not_passed_over(admin: Caller) -> None:
    """Else `untl` for `until` answers with everything, and the program that asked believes it."""
    spec = Client().get("/api/v1/openapi.json").json()
    for template, operations in spec["paths"].items():
        for method in operations:
            path = re.sub(r"\{\w+\}", "1", template)
            answer = admin.client.generic(
                method,
                path,
                query_params={"untl": "1"},
                headers={"Authorization": f"Bearer {admin.token}"},
            )
            assert answer.status_code == 422, path
            assert [one["field"] for one in answer.json()["error"]["fields"]] == ["untl"], path
    # A name that is no text reaches no database and is told as it is.
    assert send(admin, "get", "/api/v1/cases", query_params={"\x00": "1"}) == 422
