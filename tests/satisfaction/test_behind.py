"""The single answers behind a figure of an index: its own, and only where lists side by side point to nobody."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given as given_by
from hypothesis import settings
from hypothesis import strategies as st

from tests.api.test_api import Caller
from tests.cast import Cast
from tests.satisfaction.scene import answer, visitors
from tests.satisfaction.test_comparisons import ASKED, further, of_car, run
from tests.surveys.scene import ZH, page, published, question
from zhike.core import clock
from zhike.satisfaction import services
from zhike.satisfaction.disclosure import FEWEST, choose_lists
from zhike.satisfaction.models import IndicatorSystem
from zhike.surveys import single_answers
from zhike.surveys.models import Link

db = pytest.mark.django_db

WHY = question("why", "text", required=False)
WITH_WORDS = ASKED | {"sections": [*ASKED["sections"], page("end", WHY)]}
CLOSED = "暂不列出"


@pytest.fixture
def link(cast: Cast) -> Link:
    return published(cast.zhoukou, WITH_WORDS)


@pytest.fixture
def system(cast: Cast, link: Link) -> IndicatorSystem:
    return services.make_system(**cast.wang.acting, survey_id=link.survey_id, title="景区")


def saying(word: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each says a word of its own, so that a list tells whose it is."""
    return [{**row, "why": f"{word}{number:02d}。"} for number, row in enumerate(rows, 1)]


def listed(cast: Cast, system: IndicatorSystem, number: int, query: str = "") -> str:
    page = cast.wang.client().get(f"/satisfaction/{system.pk}/runs/{number}/answers/{query}")
    assert page.status_code == 200, page.status_code
    return str(page.content.decode())


def said(html: str) -> set[str]:
    return {
        word + number
        for word in ("甲", "乙", "丙")
        for number in (f"{n:02d}" for n in range(1, 30))
        if f"{word}{number}。" in html
    }


def words(word: str, count: int) -> set[str]:
    return {f"{word}{number:02d}" for number in range(1, count + 1)}


@db
def test_a_group_leads_to_its_own_answers(
    cast: Cast, link: Link, system: IndicatorSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(link, *of_car("a", saying("甲", visitors(12))), *of_car("b", saying("乙", visitors(9))))
    run(cast, system, by="answer", question="car")
    html = cast.wang.client().get(f"/satisfaction/{system.pk}/runs/1/").content.decode()
    assert f"/satisfaction/{system.pk}/runs/1/answers/?group=b" in html
    assert f"/satisfaction/{system.pk}/runs/1/answers/?part=env1" in html
    first, second = listed(cast, system, 1, "?group=a"), listed(cast, system, 1, "?group=b")
    assert said(first) == words("甲", 12)
    assert said(second) == words("乙", 9)
    assert "第 1 次指数所用的答卷 · 客车 · 9 人" in second
    # Who, when and by which link nobody reads; the one walked for longer lists says the same.
    assert link.name not in second
    monkeypatch.setattr(single_answers, "MOST_BY_NUMBER", 3)
    assert said(listed(cast, system, 1, "?group=b")) == words("乙", 9)


@db
def test_the_whole_is_listed_page_by_page_with_the_item_standing_out(
    cast: Cast, link: Link, system: IndicatorSystem
) -> None:
    answer(link, *of_car("a", saying("甲", visitors(24))))
    run(cast, system)
    html = listed(cast, system, 1, "?part=env2")
    assert "绿化 · 24 人" in html
    assert html.count("is-asked") == single_answers.PER_PAGE
    after = html.split("after=")[1].split('"')[0]
    rest = listed(cast, system, 1, f"?part=env2&after={after}")
    assert said(html) | said(rest) == words("甲", 24)
    assert not said(html) & said(rest)


@db
def test_what_is_no_figure_is_not_found(cast: Cast, link: Link, system: IndicatorSystem) -> None:
    answer(link, *of_car("a", visitors(9)))
    url = f"/satisfaction/{system.pk}/runs/1/answers/"
    services.ask_for_run(**cast.wang.acting, system_id=system.pk)
    wang = cast.wang.client()
    assert wang.get(url).status_code == 404
    from zhike.satisfaction.models import IndexRun

    services.carry_out_run(IndexRun.objects.get().pk, "zh-hans")
    assert wang.get(url).status_code == 200
    for wrong in ("?group=a", "?part=nothing", "?rival=0", "?rival=x", "?group=x%00"):
        assert wang.get(url + wrong).status_code == 404, wrong
    assert cast.lin.client().get(url).status_code == 403
    assert wang.get(f"/satisfaction/{system.pk}/runs/2/answers/").status_code == 404


@db
def test_who_came_since_is_not_told_by_what_a_list_leaves_out(
    cast: Cast, link: Link, system: IndicatorSystem
) -> None:
    answer(link, *of_car("a", saying("甲", visitors(12))))
    run(cast, system)
    assert said(listed(cast, system, 1)) == words("甲", 12)
    # Three came since, and four who left an item out: these are known by what they left out and hide nobody.
    partly = [{k: v for k, v in row.items() if k != "env1"} for row in visitors(4, 9)]
    answer(link, *of_car("a", saying("乙", visitors(3, 5))), *of_car("a", partly))
    html = listed(cast, system, 1)
    assert CLOSED in html
    assert said(html) == set()
    answer(link, *of_car("a", saying("丙", visitors(2, 6))))
    assert said(listed(cast, system, 1)) == words("甲", 12)


@db
def test_of_groups_that_make_up_the_whole_the_last_is_not_listed_while_few_came_since(
    cast: Cast, link: Link, system: IndicatorSystem
) -> None:
    answer(link, *of_car("a", saying("甲", visitors(12))), *of_car("b", saying("乙", visitors(9))))
    run(cast, system, by="answer", question="car")
    answer(link, *of_car("a", visitors(1, 7)))
    assert CLOSED in listed(cast, system, 1)
    assert said(listed(cast, system, 1, "?group=a")) == words("甲", 12)
    assert CLOSED in listed(cast, system, 1, "?group=b")


@db
def test_a_link_that_is_told_since_is_minded(
    cast: Cast, link: Link, system: IndicatorSystem
) -> None:
    counter = further(cast, link, "柜台", is_counter=True)
    answer(link, *of_car("a", saying("甲", visitors(12))), *of_car("b", visitors(9)))
    # Three of them at the counter, which is not told apart yet.
    answer(counter, *of_car("b", visitors(3, 4)))
    run(cast, system, by="answer", question="car")
    assert said(listed(cast, system, 1, "?group=a")) == words("甲", 12)
    answer(counter, *of_car("a", visitors(6, 8)))
    # Now the counter is listed too: of its nine, three would be known to be of the whole that was computed.
    own = f"/surveys/{link.survey_id}/results/answers/?link={counter.pk}"
    assert cast.wang.client().get(own).status_code == 200
    assert CLOSED in listed(cast, system, 1)
    assert said(listed(cast, system, 1, "?group=a")) == words("甲", 12)


@db
def test_who_changed_an_answer_is_left_out_and_hidden(
    cast: Cast, link: Link, system: IndicatorSystem, given: Any
) -> None:
    answer(link, *of_car("a", saying("甲", visitors(12))))
    run(cast, system)
    later = clock.now() + timedelta(minutes=1)
    with given():
        for one in link.responses.order_by("pk")[:5]:
            link.responses.filter(pk=one.pk).update(
                answers={**one.answers, "why": "改了"}, changed_at=later
            )
    html = listed(cast, system, 1)
    assert said(html) == words("甲", 12) - words("甲", 5)
    assert "另有 5 人后来改过答案" in html
    with given():
        one = link.responses.order_by("pk")[5]
        link.responses.filter(pk=one.pk).update(changed_at=later)
    assert said(listed(cast, system, 1)) == words("甲", 12) - words("甲", 6)
    with given():
        link.responses.filter(changed_at=later, pk__gt=link.responses.order_by("pk")[1].pk).update(
            changed_at=link.responses.order_by("pk")[8].changed_at
        )
    assert CLOSED in listed(cast, system, 1)


@db
def test_those_who_rated_a_rival_too(cast: Cast) -> None:
    rival = question(
        "riv", "rival", points=5, rival={ZH: "宏达"}, low={ZH: "差"}, high={ZH: "好"}, required=False,
        rows=[{"key": "a", "text": {ZH: "车质"}}, {"key": "b", "text": {ZH: "服务"}}],
    )  # fmt: skip
    sections = [*WITH_WORDS["sections"], page("riv", rival)]
    link = published(cast.zhoukou, WITH_WORDS | {"sections": sections}, token="riv000000000")
    system = services.make_system(**cast.wang.acting, survey_id=link.survey_id, title="对手")
    rows = of_car("a", saying("甲", visitors(12)))
    for row in rows:
        row["riv"] = {"a": [4, 3]}
    answer(link, *rows, *of_car("b", saying("乙", visitors(8))))
    run(cast, system, by="answer", question="car")
    html = listed(cast, system, 1, "?rival=0")
    assert said(html) == words("甲", 12)
    assert "车质（我们与宏达）" in html


@db
def test_for_other_programs(cast: Cast, link: Link, system: IndicatorSystem) -> None:
    answer(link, *of_car("a", saying("甲", visitors(12))), *of_car("b", saying("乙", visitors(9))))
    run(cast, system, by="answer", question="car")
    wang, path = Caller(cast.wang), f"/indexes/{system.pk}/runs/1/answers"
    _ok, found = wang.get(f"{path}?group=b")
    assert (found["people"], found["is_listed"], found["next"]) == (9, True, None)
    told = "".join(one["answer"] for row in found["items"] for one in row["said"])
    assert said(told) == words("乙", 9)
    assert wang.get(f"{path}?group=z")[0] == 404
    assert wang.get(f"{path}?rival=0")[0] == 404
    answer(link, *visitors(1, 7))
    _ok, found = wang.get(path)
    assert (found["is_listed"], found["items"]) == (False, [])


MASKS = st.lists(st.booleans(), min_size=24, max_size=24).map(lambda row: np.array(row, np.bool_))


@settings(max_examples=300)
@given_by(st.lists(MASKS, min_size=1, max_size=5), st.lists(MASKS, max_size=2), MASKS, MASKS)
def test_every_cell_a_list_makes_holds_nobody_or_five(
    sets: list[np.ndarray], shown: list[np.ndarray], some: np.ndarray, certain: np.ndarray
) -> None:
    """By counting each combination of lists one by one; `sure` are some of those who are there."""
    there, sure = some, some & certain
    chosen = [
        mask
        for mask, is_chosen in zip(
            sets, choose_lists(sets, there=there, sure=sure, shown=shown), strict=True
        )
        if is_chosen
    ]
    marks = np.array([*shown, *chosen], np.bool_).reshape(-1, 24).T
    for cell in np.unique(marks, axis=0):
        inside = (marks == cell).all(axis=1)
        before = (marks[:, : len(shown)] == cell[: len(shown)]).all(axis=1)
        is_made_by_lists = (inside & there).sum() != (before & there).sum()
        if (inside & there).any() and (is_made_by_lists or cell[len(shown) :].any()):
            assert (inside & sure).sum() >= FEWEST


def test_lists_one_thinks_of() -> None:
    everybody = np.ones(20, np.bool_)

    def first(count: int) -> np.ndarray:
        return np.arange(20) < count

    def lists(*sets: np.ndarray, sure: np.ndarray = everybody) -> list[bool]:
        return choose_lists(list(sets), there=everybody, sure=sure)

    assert lists(everybody, first(15), first(10)) == [True, True, True]
    # All but three; four; a list that cuts another into seven and three.
    assert lists(first(17), first(4), first(10)) == [False, False, True]
    assert lists(first(10), np.roll(first(10), 3)) == [True, False]
    # Ten outside, of whom only four certainly answered all.
    assert lists(first(10), sure=first(14)) == [False]
