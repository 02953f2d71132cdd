"""The pages of an index: from the list to the paper."""

import io
import re
import zipfile
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.cast import Cast
from tests.satisfaction.scene import PARTS, SCENIC, answer, visitors, words
from tests.surveys.scene import published
from zhike.satisfaction import services
from zhike.satisfaction.models import IndexRun, IndicatorSystem
from zhike.surveys.models import Link

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(cast: Cast) -> Link:
    return published(cast.zhoukou, SCENIC)


def computed(cast: Cast, link: Link, weighing: str = "pca") -> IndexRun:
    system = services.make_system(**cast.wang.acting, survey_id=link.survey_id, title="景区 <b>")
    services.set_weighing(**cast.wang.acting, system_id=system.pk, weighing=weighing)
    run = services.ask_for_run(**cast.wang.acting, system_id=system.pk)
    services.carry_out_run(run.pk, "zh-hans")
    return run


def test_made_weighed_and_computed_by_clicks(cast: Cast, link: Link) -> None:
    answer(link, *visitors(30))
    wang = cast.wang.client()
    assert "还没有指标体系" in wang.get("/satisfaction/").content.decode()
    form = wang.get("/satisfaction/new/").content.decode()
    assert "满意吗" in form
    made = wang.post("/satisfaction/new/", {"survey": link.survey_id, "title": "景区指数"})
    system = IndicatorSystem.objects.get()
    assert made.headers["Location"] == f"/satisfaction/{system.pk}/"
    html = wang.get(f"/satisfaction/{system.pk}/").content.decode()
    assert all(title in html for title in ("环境", "讲解", "停车"))
    saved = wang.post(
        f"/satisfaction/{system.pk}/weights/",
        {"weighing": "hand", "counting": PARTS}
        | {f"w.{part}": "1" for part in PARTS}
        | {"w.env1": "5"},
    )
    assert saved.status_code == 302
    asked = wang.post(f"/satisfaction/{system.pk}/compute/", {})
    assert asked.headers["Location"] == f"/satisfaction/{system.pk}/runs/1/"
    assert "正在计算" in wang.get(f"/satisfaction/{system.pk}/runs/1/").content.decode()
    assert wang.post(f"/satisfaction/{system.pk}/compute/", {}).status_code == 409
    services.carry_out_run(IndexRun.objects.get().pk, "zh-hans")
    html = wang.get(f"/satisfaction/{system.pk}/runs/1/").content.decode()
    assert "依据 30 份完整回答" in html
    assert "sx-radar" in html
    assert "最值得改进" in html
    # Behind each item's figure stands what those said who rated it.
    behind = set(re.findall(rf"/satisfaction/{system.pk}/runs/1/answers/\?part=\w+", html))
    assert len(behind) == 12
    for address in behind:
        assert wang.get(address).status_code == 200
    listed = wang.get("/satisfaction/").content.decode()
    assert f"{IndexRun.objects.get().index:.1f}" in listed


def test_components_are_shown_where_they_give_the_weights(cast: Cast, link: Link) -> None:
    answer(link, *visitors(40))
    run = computed(cast, link)
    html = cast.wang.client().get(f"/satisfaction/{run.system_id}/runs/1/").content.decode()
    assert "旋转后的载荷" in html
    assert "景区 &lt;b&gt;" in html
    assert "nan" not in words(html)


def test_workbook_and_paper(cast: Cast, link: Link) -> None:
    answer(link, *visitors(40))
    run = computed(cast, link)
    wang = cast.wang.client()
    url = f"/satisfaction/{run.system_id}/runs/1/file/"
    book: Any = wang.get(f"{url}?format=xlsx")
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(book.streaming_content)))
    assert sheets.sheet_names == ["指数", "维度", "指标", "载荷", "总方差"]
    rows = sheets.get_sheet_by_name("指标").to_python()
    run.refresh_from_db()
    assert len(rows) == 13
    assert rows[1][5] == pytest.approx(run.result["items"][0]["weight"])
    paper = wang.get(f"{url}?format=pdf")
    assert paper.content[:5] == b"%PDF-"
    assert wang.get(f"{url}?format=doc").status_code == 404
    assert wang.get(url).status_code == 404


def test_figures_of_the_workbook_are_shown_as_people_read_them(cast: Cast, link: Link) -> None:
    answer(link, *visitors(40))
    run = computed(cast, link)
    url = f"/satisfaction/{run.system_id}/runs/1/file/?format=xlsx"
    book: Any = cast.wang.client().get(url)
    with zipfile.ZipFile(io.BytesIO(b"".join(book.streaming_content))) as parts:
        styles = parts.read("xl/styles.xml").decode()
        items = parts.read("xl/worksheets/sheet3.xml").decode()
    percent = re.search(r'numFmtId="(\d+)"[^>]*formatCode="0.0%"', styles)
    assert percent is not None
    cells = re.search(r"<cellXfs.*?</cellXfs>", styles, re.DOTALL)
    assert cells is not None
    shown = re.findall(r'<xf numFmtId="(\d+)"', cells.group())
    weight = re.search(r'<c r="F2" s="(\d+)"><v>(0\.\d+)', items)
    assert weight is not None
    assert shown[int(weight[1])] == percent[1]
    # In full all the same.
    run.refresh_from_db()
    assert float(weight[2]) == pytest.approx(run.result["items"][0]["weight"], abs=1e-12)


def test_weights_are_saved_and_used_in_one_click(cast: Cast, link: Link) -> None:
    answer(link, *visitors(12))
    system = services.make_system(**cast.wang.acting, survey_id=link.survey_id, title="景区")
    wang, url = cast.wang.client(), f"/satisfaction/{system.pk}/weights/"
    data = {"counting": PARTS, "then": "compute"} | {f"w.{part}": "1" for part in PARTS}
    # What has to be drawn first is named with the way there, and the choice is kept.
    refused = wang.post(url, {"weighing": "pls"} | data)
    assert refused.status_code == 422
    alert = re.search(r'role="alert".*?</p>', refused.content.decode(), re.DOTALL)
    assert alert is not None
    assert f'href="/satisfaction/{system.pk}/model/"' in alert.group()
    assert not IndexRun.objects.exists()
    asked = wang.post(url, {"weighing": "hand"} | data | {"w.env1": "5"})
    assert asked.headers["Location"] == f"/satisfaction/{system.pk}/runs/1/"
    run = IndexRun.objects.get()
    services.carry_out_run(run.pk, "zh-hans")
    run.refresh_from_db()
    assert run.weighing == "hand"
    assert run.result["items"][0]["weight"] == pytest.approx(5 / 16)


def test_only_indexes_weighed_alike_are_compared(cast: Cast, link: Link) -> None:
    answer(link, *visitors(20))
    first = computed(cast, link, "equal")
    acting = cast.wang.acting | {"system_id": first.system_id}
    for weighing in ("entropy", "entropy"):
        services.set_weighing(**acting, weighing=weighing)
        services.carry_out_run(services.ask_for_run(**acting).pk, "zh-hans")
    wang, url = cast.wang.client(), f"/satisfaction/{first.system_id}/"
    assert "之前没有可比的指数" in wang.get(f"{url}runs/2/").content.decode()
    assert "之前没有可比的指数" not in wang.get(f"{url}runs/3/").content.decode()
    html = wang.get(url).content.decode()
    drawn = re.search(r'class="sx-trend".*?</svg>', html, re.DOTALL)
    assert drawn is not None
    assert re.findall(r'class="axis"[^>]*>(\d+)<', drawn.group()) == ["2", "3"]
    assert "折线只连接" in html


def test_wrong_input_keeps_what_was_typed(cast: Cast, link: Link) -> None:
    wang = cast.wang.client()
    for data in (
        {},
        {"survey": "x", "title": "y"},
        {"survey": link.survey_id, "title": "长" * 121},
    ):
        assert wang.post("/satisfaction/new/", data).status_code == 422
    system = services.make_system(**cast.wang.acting, survey_id=link.survey_id, title="景区")
    weights = {f"w.{part}": "1" for part in PARTS}
    for wrong in ("abc", "-1", "1e9", "nan", ""):
        refused = wang.post(
            f"/satisfaction/{system.pk}/weights/",
            {"weighing": "hand", "counting": PARTS} | weights | {"w.env2": wrong},
        )
        assert refused.status_code == 422, wrong
        assert 'value="hand" checked' in refused.content.decode()
    assert wang.post(f"/satisfaction/{system.pk}/weights/", {"weighing": "x"}).status_code == 422
    system.refresh_from_db()
    assert (system.weighing, system.by_hand) == ("equal", {})


def test_those_who_only_look_are_offered_nothing_to_change(cast: Cast, link: Link) -> None:
    answer(link, *visitors(12))
    run = computed(cast, link, "equal")
    for path in ("", f"{run.system_id}/", f"{run.system_id}/runs/1/"):
        assert cast.wang.client().get(f"/satisfaction/{path}").status_code == 200
        # An agent does not see indexes at all.
        assert cast.lin.client().get(f"/satisfaction/{path}").status_code == 403
    for number in (2, 0, 99999999999):
        got = cast.wang.client().get(f"/satisfaction/{run.system_id}/runs/{number}/")
        assert got.status_code == 404


def test_pages_cost_the_same_however_many_runs(
    cast: Cast, link: Link, django_assert_max_num_queries: Any
) -> None:
    answer(link, *visitors(12))
    run = computed(cast, link, "equal")
    wang = cast.wang.client()
    wang.get(f"/satisfaction/{run.system_id}/runs/1/")
    with django_assert_max_num_queries(12):
        wang.get(f"/satisfaction/{run.system_id}/runs/1/")
    with django_assert_max_num_queries(14):
        wang.get(f"/satisfaction/{run.system_id}/")
