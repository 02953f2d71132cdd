"""Importance and performance: each quadrant, each crosshair, ties on a line, importance derived in two ways."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.methods import importance as module
from zhike.methods.errors import MethodError
from zhike.methods.importance import ipa, place_items

NAN = float("nan")
QUADRANTS = {
    (True, True): "keep_up",
    (True, False): "concentrate_here",
    (False, False): "low_priority",
    (False, True): "possible_overkill",
}


def refused(what, why, call, *args, **options):
    with pytest.raises(MethodError) as caught:
        call(*args, **options)
    assert caught.value.what == what
    assert why in caught.value.why


def people(n=60, k=4, seed=1):
    rng = np.random.default_rng(seed)
    seen = np.clip(np.round(rng.normal([2, 3, 3.5, 4.2], 1, (n, k))), 1, 5)
    stated = np.clip(np.round(rng.normal([4.5, 2, 4, 3], 0.8, (n, k))), 1, 5)
    outcome = seen @ [0.8, 0.1, 0.5, 0.0] + rng.normal(0, 0.5, n)
    return seen, stated, outcome


def test_examples_in_the_docstrings_run():
    tried = doctest.testmod(module)
    assert tried.attempted > 1
    assert tried.failed == 0


def test_the_four_quadrants():
    found = place_items(
        [4.8, 4.6, 2.0, 2.2], [4.5, 2.0, 1.5, 4.4], names=["care", "wait", "signs", "gifts"]
    )
    assert [item.quadrant for item in found.items] == [
        "keep_up",
        "concentrate_here",
        "low_priority",
        "possible_overkill",
    ]
    assert found.of("concentrate_here") == ("wait",)
    assert found.of("low_priority") == ("signs",)
    assert [item.name for item in place_items([1, 2], [1, 2]).items] == ["1", "2"]
    assert found.importance_line == pytest.approx(3.4)
    assert found.performance_line == pytest.approx(3.1)
    assert (found.method, found.n) == ("ipa", 4)


def test_the_three_crosshairs():
    weight, seen = [4.0, 4.5], [4.0, 4.6]
    means = place_items(weight, seen)
    assert [item.quadrant for item in means.items] == ["low_priority", "keep_up"]
    middle = place_items(
        weight, seen, crosshair="midpoints", importance_scale=(1, 7), performance_scale=(0, 10)
    )
    assert (middle.importance_line, middle.performance_line) == (4, 5)
    assert [item.quadrant for item in middle.items] == ["concentrate_here", "concentrate_here"]
    usual = place_items(weight, seen, crosshair="midpoints")
    assert (usual.importance_line, usual.performance_line) == (3, 3)
    drawn = place_items(weight, seen, crosshair="given", lines=(4.2, 3.0))
    assert (drawn.importance_line, drawn.performance_line) == (4.2, 3.0)
    assert [item.quadrant for item in drawn.items] == ["possible_overkill", "keep_up"]
    assert drawn.options["crosshair"] == "given"


def test_on_a_line_counts_as_high_and_is_said():
    found = place_items([3.0, 3.0, 4.0], [2.0, 5.0, 3.0], crosshair="given", lines=(3.0, 3.0))
    assert [item.quadrant for item in found.items] == [
        "concentrate_here",
        "keep_up",
        "keep_up",
    ]
    assert [item.on_line for item in found.items] == [
        ("importance",),
        ("importance",),
        ("performance",),
    ]
    assert found.options["on_line"] == "high"
    low = place_items([2.0], [3.0], crosshair="given", lines=(3.0, 3.0)).items[0]
    assert (low.quadrant, low.on_line) == ("possible_overkill", ("performance",))
    # The mean of three equal figures may miss them by a binary digit; they lie on it nevertheless.
    equal = place_items([0.1 + 0.2, 0.3, 0.3], [1, 2, 3])
    assert all("importance" in item.on_line for item in equal.items)


@given(
    figures=st.lists(st.tuples(st.floats(1, 5), st.floats(1, 5)), min_size=1, max_size=15),
    lines=st.tuples(st.floats(1, 5), st.floats(1, 5)),
)
def test_every_item_lies_where_the_lines_say(figures, lines):
    weight, seen = zip(*figures, strict=True)
    found = place_items(weight, seen, crosshair="given", lines=lines)
    for item in found.items:
        if abs(item.importance - lines[0]) > 1e-6 and abs(item.performance - lines[1]) > 1e-6:
            side = (item.importance > lines[0], item.performance > lines[1])
            assert item.quadrant == QUADRANTS[side]
            assert item.on_line == ()


def test_stated_importance_uses_every_answer():
    seen, stated, _ = people()
    seen[0, 1], stated[3, 2] = NAN, NAN
    found = ipa(seen, importance=stated, names=list("abcd"))
    assert [item.performance for item in found.items] == pytest.approx(np.nanmean(seen, axis=0))
    assert [item.importance for item in found.items] == pytest.approx(np.nanmean(stated, axis=0))
    assert found.importance_line == pytest.approx(np.nanmean(stated, axis=0).mean())
    assert found.performance_line == pytest.approx(np.nanmean(seen, axis=0).mean())
    assert found.excluded == {"missing_performance": 1, "missing_importance": 1}
    assert found.options["importance"] == "stated"
    assert found.n == 60
    assert [item.name for item in found.items] == list("abcd")


def test_importance_derived_by_correlation():
    seen, _, outcome = people()
    found = ipa(seen, outcome=outcome)
    expected = [np.corrcoef(seen[:, at], outcome)[0, 1] for at in range(4)]
    assert [item.importance for item in found.items] == pytest.approx(expected)
    assert found.options["importance"] == "derived_correlation"
    assert found.options["importance_scale"] is None


def test_importance_derived_by_standardised_coefficients():
    seen, _, outcome = people()
    standard = (seen - seen.mean(0)) / seen.std(0)
    expected = np.linalg.lstsq(standard, (outcome - outcome.mean()) / outcome.std(), rcond=None)[0]
    found = ipa(seen, outcome=outcome, derived="coefficient")
    assert [item.importance for item in found.items] == pytest.approx(expected)
    assert found.options["importance"] == "derived_coefficient"


def test_derived_importance_uses_complete_rows_and_means_every_answer():
    seen, _, outcome = people()
    seen[0, 1], outcome[5] = NAN, NAN
    found = ipa(seen, outcome=outcome)
    kept = [at for at in range(60) if at not in (0, 5)]
    assert found.items[2].importance == pytest.approx(
        np.corrcoef(seen[kept, 2], outcome[kept])[0, 1]
    )
    assert found.items[2].performance == pytest.approx(seen[:, 2].mean())
    assert found.excluded == {"missing_performance": 1, "incomplete_rows": 2}


def test_persons_without_any_answer_are_not_counted():
    seen, stated, _ = people(5)
    seen[1] = NAN
    assert ipa(seen, importance=stated).n == 4


def test_crosshair_and_lines_pass_through():
    seen, stated, _ = people()
    middle = ipa(seen, importance=stated, crosshair="midpoints", importance_scale=(1, 7))
    assert (middle.importance_line, middle.performance_line) == (4, 3)
    drawn = ipa(seen, importance=stated, crosshair="given", lines=(2, 2.5))
    assert (drawn.importance_line, drawn.performance_line) == (2, 2.5)


def test_bad_answers_are_named():
    seen, stated, outcome = people()
    named = {"names": ["care", "wait", "signs", "gifts"]}
    high = seen.copy()
    high[4, 2] = 6
    refused("performance", "row 5, column signs is 6", ipa, high, importance=stated, **named)
    refused("importance", "row 5, column signs is 6", ipa, seen, importance=high, **named)
    assert ipa(high, importance=stated, performance_scale=(1, 7)).n == 60
    lacking = seen.copy()
    lacking[:, 1] = NAN
    refused("performance", "nobody answered on wait", ipa, lacking, importance=stated, **named)
    refused("importance", "nobody answered on wait", ipa, seen, importance=lacking, **named)
    refused("importance", "3 columns for 4", ipa, seen, importance=stated[:, :3])
    refused("importance", "neither", ipa, seen)
    refused("importance", "give one", ipa, seen, importance=stated, outcome=outcome)
    refused("derived", "known are", ipa, seen, outcome=outcome, derived="shapley")
    refused("crosshair", "no mid-point", ipa, seen, outcome=outcome, crosshair="midpoints")
    constant = seen.copy()
    constant[:, 0] = 3
    refused("care", "is 3 in every row", ipa, constant, outcome=outcome, **named)
    refused("outcome", "59 rows for 60", ipa, seen, outcome=outcome[1:])
    refused("outcome", "5 complete rows for 4 items", ipa, seen[:5], outcome=outcome[:5])


def test_bad_figures_are_named():
    refused("importance", "of 2 is missing", place_items, [1, NAN], [1, 2])
    refused("performance", "of b is missing", place_items, [1, 2], [1, NAN], names=["a", "b"])
    refused("importance", "1 figures for 2", place_items, [1], [1, 2])
    refused("names", "1 for 2", place_items, [1, 2], [1, 2], names=["a"])
    refused("lines", "needs them", place_items, [1], [1], crosshair="given")
    refused("lines", "belong to", place_items, [1], [1], lines=(1, 2))
    refused("lines", "two numbers", place_items, [1], [1], crosshair="given", lines=(1, NAN))
    refused("crosshair", "known are", place_items, [1], [1], crosshair="median")
    for scale in ("importance_scale", "performance_scale"):
        refused(scale, "lowest", place_items, [1], [1], crosshair="midpoints", **{scale: (5, 1)})
        refused(scale, "lowest", place_items, [1], [1], crosshair="midpoints", **{scale: (2, 2)})
