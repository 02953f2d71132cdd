"""Groups side by side: by unit, channel, time, tier and answer; hidden where they would tell single people."""

import io
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from tests.cast import Cast
from tests.satisfaction.scene import SCENIC, answer, visitors, words
from tests.surveys.scene import ZH, page, published, question
from zhike.core import clock
from zhike.core.errors import NotFound, RuleError
from zhike.methods.compare import difference_of_means
from zhike.satisfaction import services
from zhike.satisfaction.models import IndexRun, IndicatorSystem
from zhike.satisfaction.scopes import Scope
from zhike.surveys import services as surveys
from zhike.surveys.models import Link

pytestmark = pytest.mark.django_db

CAR = question(
    "car",
    "single",
    options=[{"key": "a", "text": {ZH: "货车"}}, {"key": "b", "text": {ZH: "客车"}}],
)
ASKED = SCENIC | {"sections": [*SCENIC["sections"], page("who", CAR)]}


@pytest.fixture
def link(cast: Cast) -> Link:
    return published(cast.zhoukou, ASKED)


@pytest.fixture
def system(cast: Cast, link: Link) -> IndicatorSystem:
    return services.make_system(**cast.wang.acting, survey_id=link.survey_id, title="景区")


def further(cast: Cast, link: Link, name: str, **more: Any) -> Link:
    return surveys.make_link(**cast.wang.acting, survey_id=link.survey_id, name=name, **more)


def run(cast: Cast, system: IndicatorSystem, who: Any = None, **scope: Any) -> IndexRun:
    asked = services.ask_for_run(
        **(who or cast.wang).acting, system_id=system.pk, scope=Scope(**scope)
    )
    services.carry_out_run(asked.pk, "zh-hans")
    asked.refresh_from_db()
    return asked


def told(found: IndexRun) -> dict[str, int]:
    return {one["title"]: one["n"] for one in found.result["groups"]["told"]}


def of_car(key: str, rows: list[dict[str, int]]) -> list[dict[str, Any]]:
    return [{**row, "car": key} for row in rows]


def test_answers_side_by_side_with_their_difference(
    cast: Cast, link: Link, system: IndicatorSystem
) -> None:
    first, second = (
        visitors(12),
        [{key: min(5, v + 1) for key, v in row.items()} for row in visitors(9, 8)],
    )
    answer(link, *of_car("a", first), *of_car("b", second))
    found = run(cast, system, by="answer", question="car")
    assert told(found) == {"货车": 12, "客车": 9}
    scores = [
        np.array([np.mean([(v - 1) * 25 for v in row.values()]) for row in rows])
        for rows in (first, second)
    ]
    rows = {one["title"]: one for one in found.result["groups"]["told"]}
    assert rows["货车"]["index"] == pytest.approx(scores[0].mean())
    expected = difference_of_means(scores[0], scores[1])
    assert rows["客车"]["difference"]["value"] == pytest.approx(expected.difference)
    assert rows["客车"]["difference"]["low"] == pytest.approx(expected.low)
    environment = np.mean([[(row[f"env{n}"] - 1) * 25 for n in range(1, 5)] for row in first])
    assert rows["货车"]["dimensions"]["environment"] == pytest.approx(environment)
    wang = cast.wang.client()
    html = wang.get(f"/satisfaction/{system.pk}/runs/1/").content.decode()
    assert "并排对比" in html
    assert "nan" not in words(html)
    book: Any = wang.get(f"/satisfaction/{system.pk}/runs/1/file/?format=xlsx")
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(book.streaming_content)))
    assert sheets.sheet_names[-1] == "并排对比"
    assert wang.get(f"/satisfaction/{system.pk}/runs/1/file/?format=pdf").content[:5] == b"%PDF-"


def test_units_roll_up_and_channels_stand_apart(
    cast: Cast, link: Link, system: IndicatorSystem
) -> None:
    counter = further(cast, link, "柜台", is_counter=True, unit_id=cast.zhoukou.pk)
    answer(link, *visitors(8))
    answer(counter, *visitors(7, 4))
    assert told(run(cast, system, by="channel")) == {"公开链接和海报": 8, "柜台平板": 7}
    assert told(run(cast, system, by="unit")) == {"周口站": 7, "未归部门": 8}
    assert run(cast, system, unit=cast.zhoukou.pk).n == 7
    assert run(cast, system, channel="open").n == 8
    with pytest.raises(RuleError) as refused:
        run(cast, system, unit=cast.shangqiu.pk)
    assert refused.value.code == "scope_wrong"


def test_months_follow_one_another(cast: Cast, link: Link, system: IndicatorSystem) -> None:
    now = clock.now().replace(day=15)
    for back, count in ((62, 6), (31, 7), (0, 8)):
        with clock.override(now - timedelta(days=back)):
            answer(link, *visitors(count, back + 1))
    found = run(cast, system, by="month")
    assert list(told(found).values()) == [6, 7, 8]
    differences = [one["difference"] for one in found.result["groups"]["told"]]
    assert differences[0] is None
    assert differences[2]["n"] == 7
    last = (now - timedelta(days=20)).date().isoformat()
    assert run(cast, system, since=last).n == 8


def test_small_groups_and_what_subtraction_would_leave(
    cast: Cast, link: Link, system: IndicatorSystem
) -> None:
    second, third = further(cast, link, "二"), further(cast, link, "三", is_counter=True)
    answer(link, *visitors(9))
    answer(second, *visitors(8, 4))
    answer(third, *visitors(3, 5))
    # Nine and eight by open links, three at the counter: told, seventeen would leave three.
    found = run(cast, system, by="channel")
    assert told(found) == {}
    assert found.result["groups"]["hidden"] == ["公开链接和海报", "柜台平板"]
    refused = run(cast, system, channel="open")
    assert refused.state == "refused"
    assert "不足 5 人" in refused.problem


def test_filters_that_overlap_do_not_add_up_to_single_people(
    cast: Cast, link: Link, system: IndicatorSystem
) -> None:
    counter = further(cast, link, "柜台", is_counter=True)
    answer(link, *of_car("a", visitors(7)), *of_car("b", visitors(9, 2)))
    answer(counter, *of_car("a", visitors(8, 3)), *of_car("b", visitors(2, 4)))
    # By channel: 16 and 10. By car: 15 and 11, but then car b at the counter would be two people.
    assert told(run(cast, system, by="channel")) == {"公开链接和海报": 16, "柜台平板": 10}
    assert told(run(cast, system, by="answer", question="car")) == {}
    # Another system of the same questionnaire does not know less.
    other = services.make_system(**cast.wang.acting, survey_id=link.survey_id, title="另一个")
    assert told(run(cast, other, by="answer", question="car")) == {}
    assert run(cast, other, channel="counter", answer="car|a").state == "refused"
    assert run(cast, other, channel="open", answer="car|a").n == 7


def test_who_changed_an_answer_is_new_to_earlier_figures(
    cast: Cast, link: Link, system: IndicatorSystem, given: Any
) -> None:
    answer(link, *visitors(12))
    assert run(cast, system).state == "done"
    one = link.responses.order_by("pk")[0]
    with given():
        link.responses.filter(pk=one.pk).update(
            answers={**one.answers, "env1": 1}, changed_at=clock.now() + timedelta(minutes=1)
        )
    refused = run(cast, system)
    assert (refused.state, "不足 5 人" in refused.problem) == ("refused", True)
    answer(link, *visitors(5, 8))
    # One who changed and five who came: six that are new.
    assert run(cast, system).n == 17


def test_an_index_told_meanwhile_is_minded(
    cast: Cast, link: Link, system: IndicatorSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = further(cast, link, "柜台", is_counter=True)
    answer(link, *of_car("a", visitors(7)), *of_car("b", visitors(9, 2)))
    answer(counter, *of_car("a", visitors(8, 3)), *of_car("b", visitors(2, 4)))
    other = services.make_system(**cast.wang.acting, survey_id=link.survey_id, title="另一个")
    asked = services.ask_for_run(
        **cast.wang.acting, system_id=other.pk, scope=Scope(by="answer", question="car")
    )
    from zhike.satisfaction.services import runs

    kept = runs._keep
    once: list[int] = []

    def keep(*args: Any) -> None:
        if not once:
            once.append(1)
            assert told(run(cast, system, by="channel")) != {}
        kept(*args)

    monkeypatch.setattr(runs, "_keep", keep)
    services.carry_out_run(asked.pk, "zh-hans")
    asked.refresh_from_db()
    assert told(asked) == {}


def test_ours_beside_a_rival_as_the_same_people_see_both(cast: Cast) -> None:
    rival = question(
        "riv", "rival", points=5, rival={ZH: "宏达"}, low={ZH: "差"}, high={ZH: "好"}, required=False,
        rows=[{"key": "a", "text": {ZH: "车质"}}, {"key": "b", "text": {ZH: "服务"}}],
    )  # fmt: skip
    link = published(
        cast.zhoukou,
        SCENIC | {"sections": [*SCENIC["sections"], page("riv", rival)]},
        token="riv000000000",
    )
    system = services.make_system(**cast.wang.acting, survey_id=link.survey_id, title="对手")
    rows: list[dict[str, Any]] = [dict(one) for one in visitors(20)]
    for number, row in enumerate(rows):
        row["riv"] = {"a": [4 + number % 2, 3]}
        # Three of them said nothing of the service: seventeen and twenty, and three are nobody's business.
        if number > 2:
            row["riv"]["b"] = [2, 2 + number % 3]
    answer(link, *rows)
    found = {one["title"]: one for one in run(cast, system).result["rivals"]}
    assert (found["车质"]["n"], found["车质"]["us"], found["车质"]["them"]) == (20, 87.5, 50.0)
    expected = difference_of_means(np.full(20, 50.0), np.array([75.0, 100.0] * 10), paired=True)
    assert found["车质"]["low"] == pytest.approx(expected.low)
    assert found["服务"] == {
        "asked": found["服务"]["asked"],
        "rival": "宏达",
        "title": "服务",
        "n": None,
    }
    html = cast.wang.client().get(f"/satisfaction/{system.pk}/runs/1/").content.decode()
    assert "领先对手且不是偶然：车质" in html
    assert "不显示" in html
    book: Any = cast.wang.client().get(f"/satisfaction/{system.pk}/runs/1/file/?format=xlsx")
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(book.streaming_content)))
    assert "我们与对手" in sheets.sheet_names
    # Two more say something of the service: of the five who came since, all do.
    answer(link, *({**one, "riv": {"a": [5, 3], "b": [4, 3]}} for one in visitors(7, 5)))
    again = {one["title"]: one for one in run(cast, system).result["rivals"]}
    assert (again["车质"]["n"], again["服务"]["n"]) == (27, None)


def test_asked_by_clicks(cast: Cast, link: Link, system: IndicatorSystem) -> None:
    answer(link, *of_car("a", visitors(7)), *of_car("b", visitors(9, 2)))
    wang = cast.wang.client()
    url = f"/satisfaction/{system.pk}/compare/"
    assert "货车" in wang.get(url).content.decode()
    for wrong in (
        {"by": "moon"},
        {"by": "answer"},
        {"since": "yesterday"},
        {"since": "2026-02-02", "until": "2026-01-01"},
        {"unit": str(cast.shangqiu.pk)},
        {"region": "99999999"},
        {"answer": "car|z"},
    ):
        assert wang.post(url, wrong).status_code == 422, wrong
    assert not IndexRun.objects.exists()
    asked = wang.post(url, {"by": "answer", "question": "car"})
    assert asked.headers["Location"] == f"/satisfaction/{system.pk}/runs/1/"
    services.carry_out_run(IndexRun.objects.get().pk, "zh-hans")
    html = wang.get(f"/satisfaction/{system.pk}/runs/1/").content.decode()
    assert "客车" in html
    # An index of a part is not the index of the list, nor a point of its line.
    assert "—" in wang.get("/satisfaction/").content.decode()
    assert cast.lin.client().get(url).status_code == 403
    with pytest.raises(NotFound):
        services.ask_for_run(**cast.wang.acting, system_id=987654, scope=Scope(by="unit"))
