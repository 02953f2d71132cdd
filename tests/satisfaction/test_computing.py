"""An index against the arithmetic done by hand, and what must not change it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.satisfaction.scene import PARTS, SCENIC, visitors
from zhike.methods.errors import MethodError
from zhike.methods.scores import mean_score
from zhike.methods.weights_pca import pca_weights
from zhike.satisfaction.computing import TooFew, compute, digest_of
from zhike.satisfaction.structure import (
    Dimension,
    Item,
    from_json,
    from_questionnaire,
    items_of,
    to_json,
)
from zhike.surveys.definition import read

pytestmark = pytest.mark.once
STRUCTURE = from_questionnaire(read(SCENIC), "zh-hans")


def table(rows: list[dict[str, int]]) -> Any:
    return np.array([[row.get(part, np.nan) for part in PARTS] for row in rows], float)


def test_pages_become_dimensions_and_scales_items():
    assert [one.title for one in STRUCTURE] == ["环境", "服务", "价值"]
    assert [item.part for item in items_of(STRUCTURE)] == PARTS
    assert from_json(to_json(STRUCTURE)) == STRUCTURE


def test_equal_weights_by_hand():
    two = [Dimension("a", "甲", (Item("x", "X", 1, 5), Item("y", "Y", 1, 10)))]
    answers = np.array([[1, 10], [5, 10], [3, 5.5], [5, 1], [1, 1], [np.nan, 3]])
    found = compute(two, answers, "equal", {})
    # (0+100)/2, (100+100)/2, (50+50)/2, (100+0)/2, (0+0)/2
    assert found["index"] == pytest.approx((50 + 100 + 50 + 50 + 0) / 5)
    assert (found["n"], found["excluded"]) == (5, 1)
    assert found["raw"] is None
    assert [one["mean"] for one in found["items"]] == [3.0, 5.5]


def test_one_scale_tells_the_weighted_mean_as_asked():
    rows = table(visitors(40))
    found = compute(STRUCTURE, rows, "hand", dict.fromkeys(PARTS, 1) | {"env1": 9})
    weights = np.array([9, *[1] * 11]) / 20
    assert found["raw"] == pytest.approx(float((rows @ weights).mean()))
    assert found["index"] == pytest.approx(100 * (found["raw"] - 1) / 4)
    scores = np.round((rows @ weights - 1) / 4 * 100, 9)
    mean, sd = scores.mean(), scores.std(ddof=1)
    from scipy import stats

    reach = stats.t.ppf(0.975, 39) * sd / np.sqrt(40)
    assert (found["low"], found["high"]) == (
        pytest.approx(mean - reach),
        pytest.approx(mean + reach),
    )


def test_components_give_the_weights_of_the_method():
    rows = table(visitors(60))
    found = compute(STRUCTURE, rows, "pca", {})
    weights = pca_weights(rows, PARTS).weights
    assert {one["part"]: one["weight"] for one in found["items"]} == pytest.approx(weights)
    assert found["pca"]["components"] == 3
    assert len(found["pca"]["variance"]) == len(PARTS)
    assert found["pca"]["variance"][-1][2] == pytest.approx(1)
    by_hand = compute(STRUCTURE, rows, "hand", weights)
    assert by_hand["index"] == pytest.approx(found["index"])
    assert by_hand["pca"] is None


def test_dimensions_add_up_to_the_index():
    for weighing in ("equal", "pca", "entropy"):
        found = compute(STRUCTURE, table(visitors(50)), weighing, {})
        parts = [(one["weight"], one["index"]) for one in found["dimensions"]]
        assert sum(weight for weight, _index in parts) == pytest.approx(1)
        assert sum(weight * index for weight, index in parts) == pytest.approx(found["index"])
        service = found["dimensions"][1]
        assert service["index"] == max(one["index"] for one in found["dimensions"])


def test_a_single_item_is_its_mean_score():
    one = [Dimension("a", "甲", (Item("x", "X", 1, 5),))]
    answers = [1, 4, 5, 2, 3, 3]
    found = compute(one, np.array([[value] for value in answers], float), "equal", {})
    score = mean_score(answers, scale=(1, 5))
    assert found["raw"] == pytest.approx(score.estimate)
    assert found["low"] == pytest.approx(25 * (score.low - 1))


@given(st.permutations(range(30)))
def test_the_order_of_people_tells_nothing(order):
    rows = table(visitors(30))
    first, second = (compute(STRUCTURE, one, "pca", {}) for one in (rows, rows[order]))
    assert second["index"] == pytest.approx(first["index"])
    assert digest_of(rows) == digest_of(rows[order])


def test_another_answer_is_another_digest():
    rows = table(visitors(10))
    other = rows.copy()
    other[3, 2] = 6 - other[3, 2] if other[3, 2] != 3 else 1
    assert digest_of(rows) != digest_of(other)


def test_what_cannot_be_computed_is_refused():
    with pytest.raises(TooFew):
        compute(STRUCTURE, table(visitors(4)), "equal", {})
    alike = table(visitors(40))
    alike[:, 2] = 3
    for weighing in ("pca", "entropy"):
        with pytest.raises(MethodError) as refused:
            compute(STRUCTURE, alike, weighing, {})
        assert refused.value.what == "env3"
    assert compute(STRUCTURE, alike, "equal", {})["n"] == 40
