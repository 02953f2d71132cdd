"""Results from tallies, against the answers themselves; and who must not be told apart."""

import random
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given as generated
from hypothesis import strategies as st

from tests.cast import Cast
from tests.guards import given
from tests.surveys.scene import (
    EVERY_KIND,
    ZH,
    document,
    options,
    page,
    publish,
    published,
    question,
)
from zhike.core import clock
from zhike.methods.scores import csat, mean_score, nps
from zhike.surveys.figures import FEWEST, results_of, told_apart
from zhike.surveys.models import Link, Response
from zhike.surveys.services.answers import Sent, new_ref, save, way_of
from zhike.surveys.services.counting import count_some


def fill(link: Link, *rows: dict[str, Any]) -> None:
    way = way_of(link.token)
    for answers in rows:
        save(way, new_ref(), way.version_id, Sent(frozenset(answers), answers, ZH, 0))
    while count_some():
        pass


def by_key(link: Link, link_id: int | None = None) -> dict[str, Any]:
    found = results_of(link.survey, ZH, link_id)
    return {one.question.key: one for one in found.questions}


@pytest.mark.django_db
def test_figures_are_those_of_the_answers(cast: Cast) -> None:
    link = published(cast.zhoukou, EVERY_KIND)
    chance = random.Random(7)
    rows = []
    for _number in range(40):
        row: dict[str, Any] = {
            "one": chance.choice(["a", "b", "other"]),
            "several": chance.choice([["a"], ["a", "b"], ["none"]]),
            "five": chance.randint(1, 5),
            "nps": chance.randint(0, 10),
            "ces": chance.randint(1, 7),
            "grid": {"x": chance.randint(1, 5), "y": chance.randint(1, 5)},
            "gap": {"x": [chance.randint(1, 7), chance.randint(1, 7)]},
            "rival": {"x": [chance.randint(1, 7), chance.randint(1, 7)]},
            "share": {"x": 70, "y": 30, "z": 0},
            "order": chance.sample(["a", "b", "c"], 3),
            "age": float(chance.randint(18, 80)),
            "words": "好",
        }
        rows.append({key: value for key, value in row.items() if chance.random() < 0.9})
    fill(link, *rows)
    found = by_key(link)

    def given_to(key: str) -> list[Any]:
        return [row[key] for row in rows if key in row]

    five, (part,) = given_to("five"), found["five"].parts
    assert part.n == found["five"].n == len(five)
    assert part.mean.estimate == pytest.approx(mean_score(five, scale=(1, 5)).estimate)
    assert part.mean.low == pytest.approx(mean_score(five, scale=(1, 5)).low)
    assert part.content.estimate == pytest.approx(csat(five).estimate)
    assert [bar.count for bar in part.bars] == [five.count(value) for value in range(1, 6)]
    assert found["nps"].parts[0].nps.estimate == pytest.approx(nps(given_to("nps")).estimate)
    assert found["ces"].parts[0].content is None
    (pair,) = [one for one in found["gap"].pairs if one.label == "选项 x"]
    sides = [row["x"] for row in given_to("gap")]
    expected, perceived = (sum(side[at] for side in sides) / len(sides) for at in (0, 1))
    assert pair.difference == pytest.approx(perceived - expected)
    (rival,) = found["rival"].pairs
    sides = [row["x"] for row in given_to("rival")]
    ours, theirs = (sum(side[at] for side in sides) / len(sides) for at in (0, 1))
    assert rival.difference == pytest.approx(ours - theirs)
    assert {bar.value: bar.count for bar in found["several"].parts[0].bars} == {
        key: sum(key in row for row in given_to("several")) for key in ("a", "b", "none")
    }
    assert [round(part.average) for part in found["share"].parts] == [70, 30, 0]
    places = {
        key: sum(row.index(key) + 1 for row in given_to("order")) / len(given_to("order"))
        for key in "abc"
    }
    assert [part.label for part in found["order"].parts] == [
        f"选项 {key}" for key in sorted(places, key=lambda key: places[key])
    ]
    ages = given_to("age")
    assert found["age"].parts[0].average == pytest.approx(sum(ages) / len(ages))
    assert found["words"].n == len(given_to("words"))
    assert found["day"].n == 0


@pytest.mark.django_db
def test_under_five_answers_nothing_is_told(cast: Cast) -> None:
    link = published(cast.zhoukou, document(page("s1", question("q", "nps"))))
    fill(link, *[{"q": 9}] * (FEWEST - 1))
    found = results_of(link.survey, ZH)
    assert (found.complete, found.is_told, found.questions) == (4, False, [])
    fill(link, {"q": 9})
    found = results_of(link.survey, ZH)
    assert (found.complete, found.is_told) == (5, True)
    # All the same: an interval without width is no certainty, and says so.
    assert found.questions[0].parts[0].nps.notes


@pytest.mark.django_db
def test_a_link_is_told_apart_where_nobody_is_left_over(cast: Cast) -> None:
    link = published(cast.zhoukou, document(page("s1", question("q", "nps"))))
    with given():
        other = Link.objects.create(
            survey=link.survey, token="other0000000", name="后门", made_at=clock.now()
        )
    fill(link, *[{"q": 9}] * 8)
    fill(other, *[{"q": 1}] * 3)
    assert [one.is_told for one in results_of(link.survey, ZH).links] == [False, False]
    fill(other, *[{"q": 1}] * 2)
    assert [one.is_told for one in results_of(link.survey, ZH).links] == [True, True]
    assert by_key(link, other.pk)["q"].parts[0].nps.estimate == -100
    assert results_of(link.survey, ZH).complete == 13


@pytest.mark.django_db
def test_questions_and_choices_of_earlier_versions_stay_in_the_results(cast: Cast) -> None:
    link = published(
        cast.zhoukou,
        document(
            page("s1", question("a", "single", options=options("x", "y")), question("b", "nps"))
        ),
    )
    fill(link, *[{"a": "x", "b": 10}] * 5)
    publish(link.survey, document(page("s1", question("a", "single", options=options("y", "z")))))
    fill(link, *[{"a": "z"}] * 2)
    found = by_key(link)
    assert {bar.label: bar.count for bar in found["a"].parts[0].bars} == {
        "选项 y": 0,
        "选项 z": 2,
        "选项 x": 5,
    }
    assert found["b"].n == 5
    assert Response.objects.count() == 7


@pytest.mark.django_db
def test_a_page_of_results_costs_the_same_however_many_answered(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    link = published(cast.zhoukou, EVERY_KIND)
    fill(link, *[{"five": value % 5 + 1, "nps": 9} for value in range(30)])
    results_of(link.survey, ZH)
    # Tallies, versions, tallies by link, links.
    with django_assert_num_queries(4):
        results_of(link.survey, ZH)


@pytest.mark.once
@generated(st.dictionaries(st.integers(1, 8), st.integers(0, 20), max_size=8))
def test_no_subtraction_leaves_fewer_than_five(counts: dict[int, int]) -> None:
    told = told_apart(counts)
    assert all(counts[pk] >= FEWEST for pk in told)
    whole = sum(counts.values())
    # Whoever knows the whole and any of what is told.
    for size in range(len(told) + 1):
        for known in combinations(sorted(told), size):
            left = whole - sum(counts[pk] for pk in known)
            assert left == 0 or left >= FEWEST or whole < FEWEST
    # Nothing is hidden without need.
    if all(n == 0 or n >= FEWEST for n in counts.values()):
        assert told == {pk for pk, n in counts.items() if n}
