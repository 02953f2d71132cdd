"""Weekly summaries as another program reads and finalises them."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.api.test_api import Caller
from tests.cast import Cast
from tests.insight.conftest import NIGHT, TUESDAY, settle
from zhike.core import clock, printing
from zhike.core.models import AuditRow
from zhike.desk.models import Case
from zhike.insight import services
from zhike.insight.models import WeekMeasure, WeekReport
from zhike.insight.periods import Week

pytestmark = pytest.mark.django_db
WEEK = Week.of(TUESDAY.date())
MONDAY_AFTER = NIGHT + timedelta(days=5, hours=9)
ONE = f"/weekly-summaries/{WEEK.code}"
WISH = {"format": "xlsx", "purpose": "analysis", "reason": "例会"}


@pytest.fixture
def over(cast: Cast, tuesday: dict[str, Case]) -> Any:
    """The Monday after, all days settled."""
    with clock.override(MONDAY_AFTER):
        services.settle_missing_days()
        yield tuesday


@pytest.fixture
def wang(cast: Cast) -> Caller:
    return Caller(cast.wang)


def figure(detail: dict[str, Any], key: str) -> dict[str, Any]:
    return next(one for one in detail["figures"] if one["key"] == key)


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["error"]["code"]


def test_every_figure_with_its_rows(cast: Cast, wang: Caller, over: dict[str, Case]) -> None:
    status, detail = wang.get(ONE)
    assert status == 200
    assert (detail["week"], detail["is_over"], detail["is_final"]) == (WEEK.code, True, False)
    assert detail["unit_id"] == cast.zhoukou.pk
    received = figure(detail, "received")
    assert received["numerator"] == 2
    assert received["definition"]
    assert received["parts"]["type"] == {"repair": 1, "complaint": 1}
    for one in detail["figures"]:
        status, rows = wang.get(one["rows_url"].removeprefix("/api/v1"))
        assert (status, rows["numerator"], rows["denominator"]) == (
            200, one["numerator"], one["denominator"],
        )  # fmt: skip
        if "cents" not in one["key"] and one["rows_of"] != "remedy":
            assert len(rows["rows"]) == one["numerator"]
        if one["denominator"] is not None:
            assert len(rows["of_rows"]) == one["denominator"]
        assert cast.wang.client().get(one["page_url"]).status_code == 200
    listed = wang.get(received["rows_url"].removeprefix("/api/v1"))[1]
    assert listed["rows"] == sorted((over["repair"].pk, over["complaint"].pk))
    assert len(detail["trend"]) == 12


def test_the_list_ends_with_the_first_settled_week(wang: Caller, over: dict[str, Case]) -> None:
    status, page = wang.get("/weekly-summaries")
    assert status == 200
    assert [one["week"] for one in page["items"]] == [WEEK.after.code, WEEK.code]
    assert page["next"] is None
    first = wang.get("/weekly-summaries?limit=1")[1]
    assert (first["items"][0]["week"], first["next"]) == (WEEK.after.code, WEEK.after.code)
    rest = wang.get(f"/weekly-summaries?before={first['next']}")[1]
    assert [one["week"] for one in rest["items"]] == [WEEK.code]
    assert wang.get("/weekly-summaries?before=never")[0] == 404
    assert wang.get("/weekly-summaries?limit=0")[0] == 422


def test_final_once_and_then_kept(cast: Cast, wang: Caller, over: dict[str, Case]) -> None:
    assert code(wang.get(f"{ONE}/changes")) == (404, "not_final")
    before = wang.get(ONE)[1]["figures"]
    status, final = wang.post(f"{ONE}/finalise")
    assert (status, final["is_final"], final["finalised_by_name"]) == (201, True, "王建国")
    assert final["figures"] == before
    assert code(wang.post(f"{ONE}/finalise")) == (409, "week_already_finalised")
    assert WeekReport.objects.count() == 1
    rows = wang.get(f"{ONE}/figures/received/rows")[1]
    assert rows["rows"] == sorted((over["repair"].pk, over["complaint"].pk))
    assert wang.get(f"{ONE}/changes") == (200, [])
    listed = wang.get("/weekly-summaries")[1]["items"]
    assert [one["is_final"] for one in listed] == [False, True]
    assert AuditRow.objects.filter(action="insight.week.finalise", via="api").count() == 1


def test_not_before_it_is_over_and_settled(wang: Caller, tuesday: dict[str, Case]) -> None:
    with clock.override(NIGHT):
        assert code(wang.post(f"{ONE}/finalise")) == (422, "week_not_over")
        settle()
    with clock.override(MONDAY_AFTER):
        assert code(wang.post(f"{ONE}/finalise")) == (409, "week_not_settled")
    assert not WeekReport.objects.exists()


@pytest.mark.parametrize("week", ["2026-W60", "2026-47", "x", "2099-W01", "2026-W4７"])
def test_weeks_that_are_none(wang: Caller, over: dict[str, Case], week: str) -> None:
    for path in ("", "/changes", "/figures/received/rows"):
        assert wang.get(f"/weekly-summaries/{week}{path}")[0] == 404
    assert wang.post(f"/weekly-summaries/{week}/finalise")[0] == 404
    assert wang.post(f"/weekly-summaries/{week}/export", WISH)[0] == 404
    assert wang.get(f"{ONE}/figures/unknown/rows")[0] == 404


def test_rights_and_reach(cast: Cast, wang: Caller, over: dict[str, Case]) -> None:
    lin = Caller(cast.lin)
    assert lin.post(f"{ONE}/export", WISH)[0] == 403
    assert wang.post(f"{ONE}/export", {**WISH, "unit_id": cast.shangqiu.pk})[0] == 404
    for path in ("/weekly-summaries", ONE, f"{ONE}/figures/received/rows"):
        assert lin.get(path)[0] == 403
        assert wang.get(f"{path}?unit_id={cast.shangqiu.pk}")[0] == 404
        assert wang.get(f"{path}?unit_id=999999")[0] == 404
    assert lin.post(f"{ONE}/finalise")[0] == 403
    assert wang.post(f"{ONE}/finalise", {"unit_id": cast.shangqiu.pk})[0] == 404
    assert Caller(cast.wang, ("read",)).post(f"{ONE}/finalise")[0] == 403
    assert wang.post(f"{ONE}/finalise", {"state": "final"})[0] == 422
    assert not WeekReport.objects.exists()
    admin = Caller(cast.admin)
    status, whole = admin.get(f"{ONE}?unit_id={cast.company.pk}")
    assert (status, figure(whole, "received")["numerator"]) == (200, 3)


def test_the_workbook_and_the_paper(wang: Caller, over: dict[str, Case]) -> None:
    answer = taken(wang, WISH)
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert len(book.sheet_names) >= 8
    assert AuditRow.objects.filter(action="export.weekly", via="api").count() == 1
    paper = taken(wang, {**WISH, "format": "pdf"})
    assert paper.headers["Content-Type"] == "application/pdf"
    assert b"".join(paper.streaming_content).startswith(b"%PDF")
    assert wang.post(f"{ONE}/export", {**WISH, "purpose": "fun"})[0] == 422
    assert wang.post(f"{ONE}/export", {"format": "xlsx"})[0] == 422


def taken(caller: Caller, wish: dict[str, Any]) -> Any:
    return caller.client.post(
        f"/api/v1{ONE}/export",
        json.dumps(wish),
        content_type="application/json",
        headers={"Authorization": f"Bearer {caller.token}"},
    )


def test_a_machine_without_pango_says_so(wang: Caller, over: Any, monkeypatch: Any) -> None:
    def missing() -> Any:
        raise printing._missing("Pango")

    monkeypatch.setattr(printing, "_library", missing)
    status, error = wang.post(f"{ONE}/export", {**WISH, "format": "pdf"})
    assert (status, error["error"]["code"]) == (503, "printing_unavailable")


def test_measures_are_noted_and_answered(wang: Caller, cast: Cast, over: Any) -> None:
    new = {"what": "抽检 20 套密封圈", "who": "张工", "due": "2026-11-27"}
    status, made = wang.post(f"{ONE}/measures", new, key="m1")
    assert (status, made["week"], made["is_done"]) == (201, WEEK.code, None)
    wang.post(f"{ONE}/measures", new, key="m1")
    assert WeekMeasure.objects.count() == 1
    assert wang.get(ONE)[1]["planned"] == [made]
    assert wang.get(f"/weekly-summaries/{WEEK.after.code}")[1]["carried"] == [made]
    path = f"/weekly-measures/{made['id']}/answer"
    assert code(wang.post(path, {"is_done": False})) == (422, "measure_why")
    assert Caller(cast.zhou).post(path, {"is_done": True})[0] in (403, 404)
    assert wang.post(path, {"is_done": True})[1]["is_done"] is True
    assert wang.post(path, {"is_done": True})[0] == 409
    assert wang.post(f"{ONE}/measures", {**new, "due": "2020-01-01"})[0] == 422
