"""Reliability against published figures of nine tests of ability, second computations, and bounds."""

import doctest
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.methods.holzinger_swineford import BLOCKS, CORRELATIONS, NAMES, SDS, N
from tests.methods.pls_oracle import answers_with, satisfaction_answers
from zhike.methods import reliability, reliability_moments
from zhike.methods.errors import MethodError
from zhike.methods.pls import estimate, path_model, pls_options
from zhike.methods.reliability import (
    average_variance,
    cronbach_alpha,
    htmt,
    moments_of_answers,
    moments_of_correlations,
    reliability_of_items,
    reliability_of_model,
    rho_a,
    rho_c,
)

NAN = float("nan")
DATA, ITEMS, PLS_BLOCKS, PATHS = satisfaction_answers()
MODEL = path_model(PLS_BLOCKS, PATHS)


PUPILS = moments_of_correlations(CORRELATIONS, N, NAMES, SDS)


@pytest.mark.parametrize("module", [reliability, reliability_moments])
def test_examples_in_the_text_run(module):
    assert doctest.testmod(module).failed == 0


def test_the_nine_tests_have_the_published_composite_reliability():
    found = reliability_of_items(PUPILS, BLOCKS)
    # Loadings of a confirmatory factor analysis, as lavaan prints and semTools and psych use them.
    assert [round(block.rho_c, 3) for block in found.blocks.values()] == [0.626, 0.885, 0.691]
    assert [round(block.alpha_raw, 3) for block in found.blocks.values()] == [0.626, 0.883, 0.688]
    assert found.loadings_from == "confirmatory factor analysis, maximum likelihood"
    assert (found.n, found.discriminant) == (301, dict.fromkeys(BLOCKS, True))
    assert found.fornell_larcker["visual"]["textual"] == pytest.approx(0.459, abs=0.0005)
    assert found.fornell_larcker["speed"]["visual"] == pytest.approx(0.471, abs=0.0005)
    assert found.fornell_larcker["textual"]["textual"] == pytest.approx(
        np.sqrt(found.blocks["textual"].ave)
    )


def test_the_published_loadings_alone_give_the_published_composite_reliability():
    published = {
        "visual": [0.772, 0.424, 0.581],
        "textual": [0.852, 0.855, 0.838],
        "speed": [0.570, 0.723, 0.665],
    }
    # The loadings are printed with three decimals, so the last decimal of the outcome is not certain.
    found = [rho_c(own) for own in published.values()]
    assert found == pytest.approx([0.626, 0.885, 0.691], abs=0.001)


def test_raw_alpha_is_that_of_the_answers_by_plain_statistics():
    rows = DATA[:, [ITEMS.index(item) for item in PLS_BLOCKS["Quality"]]]
    columns = [list(column) for column in rows.T]
    own = sum(statistics.variance(column) for column in columns)
    total = statistics.variance([sum(row) for row in rows])
    k = len(columns)
    expected = k / (k - 1) * (1 - own / total)
    assert cronbach_alpha(moments_of_answers(rows)) == pytest.approx(expected, abs=1e-12)


def test_standardized_alpha_follows_from_the_mean_correlation():
    rows = DATA[:, [ITEMS.index(item) for item in PLS_BLOCKS["Quality"]]]
    r = np.corrcoef(rows.T)
    mean = r[np.triu_indices(4, 1)].mean()
    found = cronbach_alpha(moments_of_answers(rows), standardized=True)
    assert found == pytest.approx(4 * mean / (1 + 3 * mean), abs=1e-12)


def test_equal_loadings_make_all_reliabilities_agree():
    # By hand for k items of loading l: r = l^2, reliability k r / (1 + (k - 1) r).
    r = np.full((4, 4), 0.49) + 0.51 * np.eye(4)
    expected = 4 * 0.49 / (1 + 3 * 0.49)
    moments = moments_of_correlations(r, 50)
    assert cronbach_alpha(moments, standardized=True) == pytest.approx(expected)
    assert rho_c([0.7] * 4) == pytest.approx(expected)
    assert rho_a(r, [1, 1, 1, 1]) == pytest.approx(expected)
    assert average_variance([0.7] * 4) == pytest.approx(0.49)
    found = reliability_of_items(moments_of_correlations(r, 50, list("abcd")), {"F": list("abcd")})
    assert found.blocks["F"].rho_c == pytest.approx(expected, abs=1e-6)


def test_rho_a_is_the_reliability_of_a_factor_model_whose_weights_are_its_loadings():
    # With weights along the loadings, rho_A is (w'l)^2 for a score of variance 1: Dijkstra and Henseler (2015).
    loads = np.array([0.9, 0.6, 0.7])
    r = np.outer(loads, loads)
    np.fill_diagonal(r, 1.0)
    w = loads / np.sqrt(loads @ r @ loads)
    assert rho_a(r, 3.0 * loads) == pytest.approx(float(w @ loads) ** 2, abs=1e-12)


def test_htmt_is_its_definition_written_out():
    found = htmt(PUPILS, BLOCKS)
    r = CORRELATIONS
    for a, one in enumerate(BLOCKS):
        for b, other in enumerate(BLOCKS):
            if a >= b:
                continue
            across = [
                abs(r[i, j]) for i in range(3 * a, 3 * a + 3) for j in range(3 * b, 3 * b + 3)
            ]
            inside = [
                [abs(r[i, j]) for i in range(3 * x, 3 * x + 3) for j in range(3 * x, i)]
                for x in (a, b)
            ]
            expected = statistics.fmean(across) / statistics.geometric_mean(
                [statistics.fmean(inside[0]), statistics.fmean(inside[1])]
            )
            assert found[f"{one}|{other}"] == pytest.approx(expected, abs=1e-12)
    assert len(found) == 3


def test_htmt_by_sign_lets_opposite_correlations_cancel():
    r = np.eye(4)
    r[0, 1] = r[1, 0] = r[2, 3] = r[3, 2] = 0.5
    r[0, 2] = r[2, 0] = 0.2
    r[1, 3] = r[3, 1] = -0.2
    blocks, moments = (
        {"A": ["a", "b"], "B": ["c", "d"]},
        moments_of_correlations(r, 99, list("abcd")),
    )
    assert htmt(moments, blocks)["A|B"] == pytest.approx(0.2)
    assert htmt(moments, blocks, signed=True)["A|B"] == pytest.approx(0.0)


def test_a_block_of_one_item_counts_with_its_correlation_alone():
    found = htmt(PUPILS, {"one": ["x1"], "two": ["x2"], "many": ["x4", "x5"]})
    r = CORRELATIONS
    assert found["one|two"] == pytest.approx(r[0, 1])
    assert found["one|many"] == pytest.approx(r[0, 3:5].mean() / np.sqrt(r[3, 4]))


def test_the_reliability_of_a_model_uses_its_loadings_and_weights():
    result = estimate(MODEL, DATA, ITEMS)
    found = reliability_of_model(result)
    assert found.loadings_from == "PLS path model"
    own = found.blocks["Quality"]
    loads = list(result.loadings["Quality"].values())
    rows = DATA[:, [ITEMS.index(item) for item in PLS_BLOCKS["Quality"]]]
    assert own.rho_c == pytest.approx(rho_c(loads))
    assert own.ave == pytest.approx(statistics.fmean(x * x for x in loads))
    assert own.rho_a == pytest.approx(
        rho_a(np.corrcoef(rows.T), list(result.weights["Quality"].values()))
    )
    assert own.alpha_raw == pytest.approx(cronbach_alpha(moments_of_answers(rows)))
    lone = found.blocks["Value"]
    assert (lone.items, lone.alpha_raw, lone.rho_c, lone.rho_a, lone.ave) == (1, *[None] * 4)
    assert found.fornell_larcker["Image"]["Loyalty"] == pytest.approx(result.correlations[0, 3])
    assert found.discriminant["Value"] is None
    assert len(found.htmt) == 6


def test_formative_blocks_have_no_reliability_of_reflective_ones():
    found = reliability_of_model(
        estimate(path_model(PLS_BLOCKS, PATHS, {"Image": "B"}), DATA, ITEMS)
    )
    assert found.blocks["Image"].alpha_raw is not None
    assert (found.blocks["Image"].rho_c, found.blocks["Image"].rho_a) == (None, None)
    assert found.blocks["Quality"].rho_c is not None


def test_consistent_loadings_say_so():
    found = reliability_of_model(estimate(MODEL, DATA, ITEMS, options=pls_options(consistent=True)))
    assert found.loadings_from == "PLS path model, consistent"


def test_blocks_that_measure_the_same_are_not_distinct():
    rng = np.random.default_rng(2)
    one = rng.normal(size=200)
    data = one[:, None] + 0.9 * rng.normal(size=(200, 4))
    blocks = {"A": ["a", "b"], "B": ["c", "d"]}
    found = reliability_of_items(moments_of_answers(data, list("abcd")), blocks)
    assert found.discriminant == {"A": False, "B": False}
    assert found.htmt["A|B"] > 0.9


def test_a_block_is_distinct_only_if_it_is_from_every_other():
    # Two of three factors correlate by .95, more than the root of their items' common variance (.8).
    factors = np.array([[1, 0.95, 0.1], [0.95, 1, 0.1], [0.1, 0.1, 1]])
    loads = np.kron(np.eye(3), np.full((3, 1), 0.8))
    r = loads @ factors @ loads.T
    np.fill_diagonal(r, 1.0)
    blocks = {"A": list("abc"), "B": list("def"), "C": list("ghi")}
    found = reliability_of_items(moments_of_correlations(r, 200, list("abcdefghi")), blocks)
    assert found.discriminant == {"A": False, "B": False, "C": True}


def test_corrected_loadings_above_one_leave_figures_undefined():
    # By hand: weights along (.8, .2) give rho_A .76788 x .12371 / .08503 = 1.117 and a loading of 1.095.
    r = np.array([[1, 0.3, 0.8], [0.3, 1, 0.2], [0.8, 0.2, 1]])
    model = path_model({"X": ["a", "b"], "Y": ["c"]}, {"X": ["Y"]})
    found = reliability_of_model(
        estimate(model, answers_with(r), list("abc"), options=pls_options(consistent=True))
    )
    assert (found.blocks["X"].rho_c, found.blocks["X"].ave) == (None, None)
    assert found.blocks["X"].rho_a == pytest.approx(1.117, abs=0.0005)
    assert found.notes[0] == "rho_A of X is 1.117, above 1"
    assert found.notes[-1].startswith("X has a corrected loading above 1")


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 6), st.floats(0.01, 100), st.floats(-99, 99))
def test_reliability_does_not_depend_on_units_or_order(seed, k, unit, shift):
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(20, 1)) + rng.normal(size=(20, k))
    plain, moved = moments_of_answers(data), moments_of_answers(data[::-1, ::-1] * unit + shift)
    for standardized in (False, True):
        one = cronbach_alpha(plain, standardized=standardized)
        assert one <= 1 + 1e-12
        assert one == pytest.approx(cronbach_alpha(moved, standardized=standardized), abs=1e-7)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=8))
def test_composite_reliability_and_variance_keep_their_bounds(loads):
    if not any(abs(x) < 0.99 for x in loads):
        return
    assert 0 <= rho_c(loads) <= 1
    assert min(x * x for x in loads) - 1e-12 <= average_variance(loads) <= 1
    assert rho_c(loads) == pytest.approx(rho_c([-x for x in loads]))


def test_rows_with_a_missing_answer_are_left_out_and_counted():
    gaps = np.vstack([DATA, np.full((2, 10), NAN)])
    gaps[3, 2] = NAN
    found = moments_of_answers(gaps, ITEMS)
    whole = moments_of_answers(np.delete(DATA, 3, axis=0), ITEMS)
    assert (found.n, found.excluded) == (len(DATA) - 1, {"an answer is missing": 3})
    assert (found.correlations == whole.correlations).all()
    assert whole.sds == pytest.approx(np.delete(DATA, 3, axis=0).std(axis=0, ddof=1))
    assert whole.correlations == pytest.approx(np.corrcoef(np.delete(DATA, 3, axis=0).T))


def test_numbers_of_any_size_have_moments():
    data = DATA * np.logspace(-150, 150, 10)
    assert moments_of_answers(data).correlations == pytest.approx(np.corrcoef(DATA.T), abs=1e-12)
    assert np.isfinite(cronbach_alpha(moments_of_answers(data)))


@pytest.mark.parametrize(
    ("answers", "names", "message"),
    [
        ([[1, 2], [2, 2], [3, 2]], ["a", "b"], r"item b: is constant: every answer is 2"),
        ([[1, NAN], [2, NAN], [3, NAN]], ["a", "b"], r"item b: nobody answered it"),
        ([[1, 2], [2, 3], [3, NAN]], ["a", "b"], r"answers: 2 complete rows, at least 3"),
        ([[1, 2], [2, 3], [3, 5]], ["a", "a"], r"names: a stands there twice"),
        ([[1, 2], [2, 3], [3, 5]], ["a"], r"answers: has 2 columns, but 1 names"),
        ([[1, "x"], [2, 3]], [], r"answers: holds something that is no number"),
    ],
)
def test_unusable_answers_are_refused(answers, names, message):
    with pytest.raises(MethodError, match=message):
        moments_of_answers(answers, names)


@pytest.mark.parametrize(
    ("r", "n", "sds", "message"),
    [
        ([[1, 0.5]], 9, None, r"correlations: has 1 rows and 2 columns"),
        ([[1, NAN], [NAN, 1]], 9, None, r"correlations: holds a missing value"),
        ([[1, 0.5], [0.4, 1]], 9, None, r"correlations: is not symmetric"),
        ([[1, 0.5], [0.5, 0.9]], 9, None, r"correlations: needs 1 on its diagonal"),
        ([[1, 1.5], [1.5, 1]], 9, None, r"correlations: holds values outside of -1 to 1"),
        ([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]], 9, None, r"cannot come from data"),
        ([[1, 0.5], [0.5, 1]], 2, None, r"n: must be at least 3, got 2"),
        ([[1, 0.5], [0.5, 1]], 9, [1, 0], r"sds: needs 2 numbers above 0"),
        ([[1, 0.5], [0.5, 1]], 9, [1], r"sds: needs 2 numbers above 0"),
    ],
)
def test_a_matrix_that_is_none_of_correlations_is_refused(r, n, sds, message):
    with pytest.raises(MethodError, match=message):
        moments_of_correlations(r, n, sds=sds)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cronbach_alpha(PUPILS.of(["x1"])), r"items: alpha needs at least two"),
        (
            lambda: cronbach_alpha(moments_of_correlations(np.eye(2), 9)),
            r"sds: raw alpha needs the items' standard deviations",
        ),
        (
            lambda: cronbach_alpha(
                moments_of_correlations([[1, -1], [-1, 1]], 9), standardized=True
            ),
            r"items: 1, 2 cancel each other out",
        ),
        (lambda: rho_c([0.5, 1.2]), r"loadings: must lie between -1 and 1"),
        (lambda: rho_c([0.5, NAN]), r"loadings: must lie between -1 and 1"),
        (lambda: rho_c([1, -1]), r"loadings: leave nothing to compare"),
        (lambda: average_variance([]), r"loadings: needs at least 1"),
        (lambda: rho_a(np.eye(3), [1, 1]), r"correlations: needs 2 rows and columns"),
        (lambda: rho_a(np.eye(2), [1, 0]), r"weights: at least two must differ from 0"),
        (lambda: rho_a([[1, -1], [-1, 1]], [1, 1]), r"weights: give a score without variance"),
        (lambda: PUPILS.of(["x1", "x99"]), r"items: x99 is none of x1, x2"),
        (lambda: PUPILS.of(["x1", "x1"]), r"items: x1 is named twice"),
        (
            lambda: htmt(moments_of_correlations(np.eye(3), 9), {"A": ["1", "2"], "B": ["3"]}),
            r"block A: its items have nothing in common",
        ),
        (
            lambda: reliability_of_model(
                estimate(
                    path_model({"X": ["a", "b"], "Y": ["c"]}, {"X": ["Y"]}),
                    [[1, 9, 2], [2, 8, 4], [4, 6, 3], [3, 7, 5], [5, 5, 1], [2, 8, 3]],
                    list("abc"),
                )
            ),
            r"block X: items a, b cancel each other out",
        ),
    ],
)
def test_what_cannot_be_reckoned_is_refused(call, message):
    with pytest.raises(MethodError, match=message):
        call()
