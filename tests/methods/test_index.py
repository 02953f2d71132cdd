"""The index 0-100 by hand, by its definition written out, and what is refused."""

import doctest
import statistics
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.methods.pls_oracle import answers_with, satisfaction_answers
from zhike.methods import index
from zhike.methods.errors import MethodError
from zhike.methods.index import index_of_answers, index_of_means, model_indexes
from zhike.methods.pls import estimate, path_model

DATA, NAMES, BLOCKS, PATHS = satisfaction_answers()
FOUND = estimate(path_model(BLOCKS, PATHS), DATA, NAMES)
ANSWERS: list[list[float]] = [[8, 7, 9], [6, 7, 5], [9, 10, 8], [4, 3, 6], [7, 8, 8]]
NAN = float("nan")


def test_examples_in_the_text_run():
    assert doctest.testmod(index).failed == 0


def test_the_figure_reckoned_by_hand():
    found = index_of_means([8.2, 7.5, 7.9], [0.38, 0.32, 0.30], low=1, high=10)
    assert found.value == pytest.approx(76.51, abs=0.005)
    # In full: (3.116 + 2.4 + 2.37 - 1) / 9 = 6.886 / 9.
    assert found.value == pytest.approx(100 * 6.886 / 9, abs=1e-10)
    assert (found.form, found.n, found.notes) == ("given", None, ())


def test_weights_count_by_their_ratio_alone():
    one = index_of_means([8.2, 7.5, 7.9], [0.38, 0.32, 0.30], low=1, high=10)
    other = index_of_means([8.2, 7.5, 7.9], [38, 32, 30], low=1, high=10)
    assert one.value == pytest.approx(other.value, abs=1e-12)
    assert sum(other.weights.values()) == pytest.approx(1.0)


def test_the_acsi_form_divides_weights_by_the_sd_of_their_item():
    weights = [0.5, 0.3, 0.4]
    found = index_of_answers(ANSWERS, low=1, high=10, form="acsi", weights=weights)
    columns = list(zip(*ANSWERS, strict=True))
    raw = [w / statistics.stdev(column) for w, column in zip(weights, columns, strict=True)]
    mean = sum(r * statistics.fmean(c) for r, c in zip(raw, columns, strict=True)) / sum(raw)
    assert found.value == pytest.approx(100 * (mean - 1) / 9, abs=1e-10)
    assert list(found.weights.values()) == pytest.approx([r / sum(raw) for r in raw])


def test_equal_weights_are_the_mean_of_all_answers():
    found = index_of_answers(ANSWERS, low=1, high=10)
    assert found.value == pytest.approx(100 * (np.mean(ANSWERS) - 1) / 9, abs=1e-10)
    assert found.form == "equal"


def test_the_index_of_a_model_is_the_mean_of_its_scores_on_the_scale():
    found = model_indexes(FOUND, low=1, high=10)
    for block, items in BLOCKS.items():
        own = index_of_answers(
            DATA[:, [NAMES.index(item) for item in items]],
            low=1,
            high=10,
            form="acsi",
            weights=list(FOUND.weights[block].values()),
            names=items,
        )
        assert found[block].value == pytest.approx(own.value, abs=1e-10)
        assert found[block].weights == pytest.approx(own.weights)
        assert found[block].n == len(DATA)


def test_a_model_can_be_asked_for_equal_weights():
    found = model_indexes(FOUND, low=1, high=10, form="equal")["Quality"]
    own = DATA[:, [NAMES.index(item) for item in BLOCKS["Quality"]]]
    assert found.value == pytest.approx(100 * (own.mean() - 1) / 9, abs=1e-10)


def test_rows_with_a_missing_answer_or_no_weight_are_left_out_and_counted():
    rows: list[list[float]] = [*ANSWERS, [NAN, 1, 1], [1, 1, 1]]
    found = index_of_answers(rows, low=1, high=10, case_weights=[1] * 6 + [0])
    assert found.value == pytest.approx(index_of_answers(ANSWERS, low=1, high=10).value)
    assert found.n == 5
    assert found.excluded == {"an answer is missing": 1, "case weight 0": 1}


def test_an_item_that_counts_negatively_is_a_note():
    # Regression weights by hand: ((.6 - .06), (.1 - .36)) / .64, so the second item counts negatively.
    r = np.array([[1, 0.6, 0.6], [0.6, 1, 0.1], [0.6, 0.1, 1]])
    model = path_model({"X": ["a", "b"], "Y": ["c"]}, {"X": ["Y"]}, {"X": "B"})
    found = estimate(model, 5 + answers_with(r) / 2, list("abc"))
    shown = model_indexes(found, low=1, high=10)
    assert shown["X"].notes == ("item b has a negative weight",)
    assert shown["X"].weights == pytest.approx({"a": 0.54 / 0.28, "b": -0.26 / 0.28})
    assert shown["Y"].notes == ()


def test_an_index_off_the_scale_is_a_note():
    r = np.array([[1, 0.6, 0.6], [0.6, 1, 0.1], [0.6, 0.1, 1]])
    model = path_model({"X": ["a", "b"], "Y": ["c"]}, {"X": ["Y"]}, {"X": "B"})
    found = estimate(model, [9, 2, 5] + answers_with(r) / 2, list("abc"))
    shown = model_indexes(found, low=1, high=10)["X"]
    expected = 100 * (9 * 0.54 / 0.28 - 2 * 0.26 / 0.28 - 1) / 9
    assert shown.value == pytest.approx(expected)
    assert (
        shown.notes[1]
        == f"the index is {expected:.2f}, off the scale, since items count negatively"
    )


def test_weights_that_add_up_to_nothing_are_refused():
    column = np.array([1.0, 2.0, 4.0, 3.0, 5.0, 2.0, 6.0, 1.0])
    data = np.column_stack([column, 10 - column, column + [1, 0, 0, 0, 1, 0, 0, 0]])
    found = estimate(path_model({"X": ["a", "b"], "Y": ["c"]}, {"X": ["Y"]}), data, list("abc"))
    with pytest.raises(MethodError, match=r"block X: its weights do not add up to more than 0"):
        model_indexes(found, low=1, high=10)


scale = st.tuples(st.integers(0, 5), st.integers(6, 20))
answers = st.lists(st.lists(st.integers(6, 10), min_size=3, max_size=3), min_size=2, max_size=15)


@given(scale, answers, st.lists(st.floats(0.1, 9), min_size=3, max_size=3))
def test_an_index_lies_between_its_ends_and_its_best_and_worst_item(ends, rows, weights):
    low, high = ends[0], ends[1] + 10
    found = index_of_answers(rows, low=low, high=high, form="given", weights=weights)
    items = [100 * (m - low) / (high - low) for m in np.mean(rows, axis=0)]
    assert -1e-9 <= min(items) - 1e-9 <= found.value <= max(items) + 1e-9 <= 100 + 1e-8


@given(answers, st.floats(0.01, 50), st.floats(-50, 50))
def test_the_index_does_not_depend_on_the_units_of_the_scale(rows, unit, shift):
    moved = np.array(rows) * unit + shift
    there = index_of_answers(
        np.clip(moved, unit + shift, 10 * unit + shift), low=unit + shift, high=10 * unit + shift
    )
    assert there.value == pytest.approx(index_of_answers(rows, low=1, high=10).value, abs=1e-6)


@given(answers, st.data())
def test_a_weight_is_a_repetition_of_the_row(rows, data):
    times = data.draw(st.lists(st.integers(1, 4), min_size=len(rows), max_size=len(rows)))
    repeated = index_of_answers(np.repeat(rows, times, axis=0), low=1, high=10)
    weighted = index_of_answers(rows, low=1, high=10, case_weights=times)
    assert weighted.value == pytest.approx(repeated.value, abs=1e-9)
    assert weighted.n == len(rows)


@given(answers, st.data())
def test_a_weight_is_a_repetition_for_the_acsi_form_too(rows, data):
    if any(len(set(column)) == 1 for column in zip(*rows, strict=True)):
        return
    times = data.draw(st.lists(st.integers(1, 4), min_size=len(rows), max_size=len(rows)))
    asked: dict[str, Any] = {"low": 1, "high": 10, "form": "acsi", "weights": [1, 2, 3]}
    repeated = index_of_answers(np.repeat(rows, times, axis=0), **asked)
    weighted = index_of_answers(rows, case_weights=times, **asked)
    assert weighted.value == pytest.approx(repeated.value, abs=1e-9)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"low": 10, "high": 1}, r"scale: must run from a lower to a higher number, got 10 to 1"),
        ({"low": 5, "high": 5}, r"scale: must run"),
        ({"low": float("nan"), "high": 5}, r"scale: must run"),
        ({"high": 9}, r"answers: row 3, column 2 is 10, outside of 1 to 9"),
        ({"high": 9, "names": list("abc")}, r"answers: row 3, column b is 10, outside of 1 to 9"),
        ({"form": "mean"}, r"form: must be acsi, equal or given, got mean"),
        ({"form": "acsi"}, r"weights: are needed for the form acsi"),
        ({"form": "given"}, r"weights: are needed for the form given"),
        ({"weights": [1, 1, 1]}, r"weights: are not used with equal weights"),
        ({"form": "given", "weights": [1, 1]}, r"weights: 2 for 3 answers"),
        ({"form": "given", "weights": [1, -1, 1]}, r"weights: must be numbers of at least 0"),
        ({"case_weights": [0] * 5}, r"weights: are all 0"),
    ],
)
def test_wrong_wishes_are_refused(asked, message):
    with pytest.raises(MethodError, match=message):
        index_of_answers(ANSWERS, **({"low": 1, "high": 10} | asked))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1, NAN], [NAN, 2]], r"answers: 0 rows can be used"),
        ([[1, 2], [NAN, 2]], r"answers: 1 rows can be used"),
        ([[1, 2], [2, 2]], r"item 2: is constant: every answer is 2"),
    ],
)
def test_the_acsi_form_needs_answers_that_vary(rows, message):
    with pytest.raises(MethodError, match=message):
        index_of_answers(rows, low=1, high=5, form="acsi", weights=[1, 1])


@pytest.mark.parametrize(
    ("means", "asked", "message"),
    [
        ([8.2, NAN], {}, r"means: item 2 is missing"),
        ([8.2, 11], {}, r"means: row 2 is 11, outside of 1 to 10"),
        ([8.2, 0.5], {}, r"means: row 2 is 0.5, outside of 1 to 10"),
        ([8.2, 5], {"names": ["a"]}, r"names: 1 for 2 items"),
    ],
)
def test_wrong_means_are_refused(means, asked, message):
    with pytest.raises(MethodError, match=message):
        index_of_means(means, low=1, high=10, **asked)


@pytest.mark.parametrize(("low", "high"), [(1, 5), (8, 10)])
def test_a_model_of_another_scale_is_refused(low, high):
    with pytest.raises(MethodError, match=r"item i1: has mean .* outside of"):
        model_indexes(FOUND, low=low, high=high)


def test_a_model_brings_its_own_weights():
    with pytest.raises(MethodError, match=r"form: must be acsi or equal"):
        model_indexes(FOUND, low=1, high=10, form="given")
