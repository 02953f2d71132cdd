"""Questionnaires as another program writes, publishes and hands them out."""

from typing import Any

import pytest

from tests.api.test_api import Caller
from tests.cast import Cast
from tests.surveys.conftest import whole_draft
from zhike.surveys.models import Link, Survey, SurveyVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang(cast: Cast) -> Caller:
    return Caller(cast.wang)


def test_from_a_ready_one_to_its_links(cast: Cast, wang: Caller) -> None:
    status, made = wang.post("/surveys", {"unit_id": cast.zhoukou.pk, "ready": "after_contact"})
    assert (status, made["draft_seq"], made["problems"]) == (201, 1, [])
    path = f"/surveys/{made['id']}"
    draft = {**made["draft"], "title": "接待之后"}
    draft["sections"][0]["questions"].append({"kind": "text", "text": ""})
    status, saved = wang.send("PUT", f"{path}/draft", {"draft_seq": 1, "document": draft})
    assert (status, saved["draft_seq"]) == (200, 2)
    assert saved["draft"]["sections"][0]["questions"][2]["key"] == "q3"
    assert [(one["at"], one["sentence"]) for one in saved["problems"]] == [
        ("第 1 页第 3 题", "请写上问题")
    ]
    status, error = wang.post(f"{path}/publish", {"draft_seq": 2})
    assert (status, error["error"]["code"]) == (422, "questionnaire_unfinished")
    assert error["error"]["extra"]["problems"] == saved["problems"]
    del draft["sections"][0]["questions"][2]
    status, error = wang.send("PUT", f"{path}/draft", {"draft_seq": 1, "document": draft})
    assert (status, error["error"]["code"]) == (409, "draft_changed")
    wang.send("PUT", f"{path}/draft", {"draft_seq": 2, "document": draft})
    status, version = wang.post(f"{path}/publish")
    assert (status, version["number"], version["made_by"]) == (200, 1, "王建国")
    status, link = wang.post(f"{path}/links", {"name": "门店"})
    assert status == 201
    token = Link.objects.get().token
    assert link["url"] == f"http://testserver/q/{token}/"
    status, link = wang.send("PATCH", f"{path}/links/{link['id']}", {"is_open": False})
    assert (status, link["is_open"], link["name"]) == (200, False, "门店")
    status, found = wang.get(f"{path}/links")
    assert [(one["begun"], one["complete"]) for one in found] == [(0, 0)]
    status, closed = wang.post(f"{path}/state", {"state": "closed"})
    assert (status, closed["state"], closed["version"]) == (200, "closed", 1)
    status, page = wang.get("/surveys?state=closed&q=接待")
    assert [one["title"] for one in page["items"]] == ["接待之后"]
    assert wang.get("/surveys?state=open")[1]["items"] == []


def test_versions_are_read_as_they_were(wang: Caller, published: Survey) -> None:
    path = f"/surveys/{published.pk}"
    assert [one["number"] for one in wang.get(f"{path}/versions")[1]] == [1]
    status, version = wang.get(f"{path}/versions/1")
    assert (status, version["document"]) == (200, whole_draft())
    assert wang.get(f"{path}/versions/2")[0] == 404
    assert wang.get(f"{path}/versions/{2**40}")[0] == 404


def test_a_key_that_would_mean_something_else_is_refused(wang: Caller, published: Survey) -> None:
    draft = whole_draft()
    draft["sections"][1]["questions"][0]["points"] = 7
    wang.send("PUT", f"/surveys/{published.pk}/draft", {"draft_seq": 1, "document": draft})
    status, error = wang.post(f"/surveys/{published.pk}/publish")
    assert (status, error["error"]["code"]) == (422, "meaning_changed")
    assert error["error"]["extra"]["problems"][0]["place"] == "sections[1].questions[0]"
    assert SurveyVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"document": {}}, "questionnaire_misshapen"),
        (
            {"document": {"languages": ["zh-hans"], "title": "x", "pages": []}},
            "questionnaire_misshapen",
        ),
        ({"document": {"languages": ["zh-hans"]}}, "title_missing"),
        ({"ready": "nothing"}, "not_found"),
        ({"document": []}, "validation"),
        ({"document": None, "ready": "x" * 50}, "validation"),
        ({"titel": "x"}, "validation"),
    ],
)
def test_what_is_no_questionnaire_is_refused(
    cast: Cast, wang: Caller, body: dict[str, Any], code: str
) -> None:
    status, error = wang.post("/surveys", {"unit_id": cast.zhoukou.pk, **body})
    assert 400 <= status < 500
    assert code == "validation" or error["error"]["code"] == code
    assert not Survey.objects.exists()


def test_of_another_unit_nothing_is_there(cast: Cast, published: Survey) -> None:
    from tests.cast import make_staff

    other = Caller(make_staff("1030", "周站长", cast.shangqiu, "supervisor"))
    for path in (f"/surveys/{published.pk}", f"/surveys/{published.pk}/links", "/surveys/99999"):
        assert other.get(path)[0] == 404
    assert other.get("/surveys")[1]["items"] == []
    agent = Caller(cast.lin)
    assert agent.get("/surveys")[0] == 403
    assert agent.post(f"/surveys/{published.pk}/publish")[0] == 403
