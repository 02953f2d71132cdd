"""Path models against plain loops over scores, closed forms, and properties any estimation must have."""

import doctest
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.methods.pls_oracle import (
    answers_with,
    effects_by_walking,
    plain_pls,
    satisfaction_answers,
)
from zhike.methods import pls, pls_importance
from zhike.methods.errors import MethodError
from zhike.methods.pls import estimate, path_model, pls_options
from zhike.methods.pls_importance import importance_map

DATA, NAMES, BLOCKS, PATHS = satisfaction_answers()
MODEL = path_model(BLOCKS, PATHS)
SCHEMES = ("path", "factorial", "centroid")
TIGHT: dict[str, Any] = {"tolerance": 1e-13}
PAIR = {"X": ["x1", "x2", "x3"], "Y": ["y1", "y2"]}


def close(found, expected, within=1e-8):
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, abs=within), key


@pytest.mark.parametrize("module", [pls, pls_importance])
def test_examples_in_the_text_run(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("modes", [{}, {"Image": "B", "Loyalty": "B"}])
@pytest.mark.parametrize("scaling", ["standardized", "centered"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_figures_agree_with_plain_loops_over_scores(scheme, scaling, modes):
    found = estimate(
        path_model(BLOCKS, PATHS, modes),
        DATA,
        NAMES,
        options=pls_options(scheme=scheme, scaling=scaling, **TIGHT),
    )
    scores, weights, paths, r2 = plain_pls(
        BLOCKS, PATHS, modes, DATA, NAMES, scheme=scheme, standardize=scaling == "standardized"
    )
    close(found.paths, paths)
    close(found.r2, r2)
    for at, block in enumerate(BLOCKS):
        assert found.scores[:, at] == pytest.approx(scores[block], abs=1e-8)
        assert list(found.weights[block].values()) == pytest.approx(weights[block], abs=1e-8)
        for item in BLOCKS[block]:
            column = DATA[:, NAMES.index(item)]
            own = np.corrcoef(column, scores[block])[0, 1]
            assert found.loadings[block][item] == pytest.approx(own, abs=1e-8)
            assert found.communalities[item] == pytest.approx(own**2, abs=1e-8)
            for other in BLOCKS:
                r = np.corrcoef(column, scores[other])[0, 1]
                assert found.cross_loadings[item][other] == pytest.approx(r, abs=1e-8)


def test_the_three_schemes_are_told_apart():
    found = [estimate(MODEL, DATA, NAMES, options=pls_options(scheme=scheme)) for scheme in SCHEMES]
    weights = [[w for block in one.weights.values() for w in block.values()] for one in found]
    for a in range(3):
        for b in range(a):
            assert np.abs(np.subtract(weights[a], weights[b])).max() > 1e-5


def test_total_effects_add_up_every_way_through_the_model():
    found = estimate(MODEL, DATA, NAMES)
    close(found.total_effects, effects_by_walking(PATHS, found.paths), 1e-12)
    assert "Loyalty->Image" not in found.total_effects


def test_adjusted_r2_counts_the_blocks_that_explain():
    found = estimate(MODEL, DATA, NAMES)
    n = DATA.shape[0]
    assert found.r2_adjusted["Loyalty"] == pytest.approx(
        1 - (1 - found.r2["Loyalty"]) * (n - 1) / (n - 1 - 3)
    )


def test_single_items_are_an_ordinary_regression():
    blocks = {"A": ["i1"], "B": ["q1"], "C": ["l1"]}
    found = estimate(path_model(blocks, {"A": ["C"], "B": ["C"]}), DATA, NAMES)
    z = (DATA - DATA.mean(axis=0)) / DATA.std(axis=0, ddof=1)
    x, y = z[:, [NAMES.index("i1"), NAMES.index("q1")]], z[:, NAMES.index("l1")]
    slope, rest, *_ = np.linalg.lstsq(x, y, rcond=None)
    assert list(found.paths.values()) == pytest.approx(slope, abs=1e-12)
    assert found.r2["C"] == pytest.approx(1 - rest[0] / (y @ y), abs=1e-12)
    assert found.weights["A"] == {"i1": pytest.approx(1.0)}


def _two_blocks(seed=3, n=40):
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(n, 5)) @ rng.normal(size=(5, 5))
    return data, (data - data.mean(axis=0)) / data.std(axis=0, ddof=1)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_two_blocks_of_mode_a_are_the_first_singular_vectors(scheme):
    data, z = _two_blocks()
    r = z.T @ z / (len(z) - 1)
    u, _, v = np.linalg.svd(r[:3, 3:])
    found = estimate(
        path_model(PAIR, {"X": ["Y"]}),
        data,
        ["x1", "x2", "x3", "y1", "y2"],
        options=pls_options(scheme=scheme, **TIGHT),
    )
    for block, vector in (("X", u[:, 0]), ("Y", v[0])):
        own = np.array(list(found.weights[block].values()))
        assert abs(own @ vector) == pytest.approx(np.linalg.norm(own), abs=1e-10)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_two_blocks_of_mode_b_are_the_first_canonical_correlation(scheme):
    data, z = _two_blocks()
    qx, _ = np.linalg.qr(z[:, :3])
    qy, _ = np.linalg.qr(z[:, 3:])
    best = np.linalg.svd(qx.T @ qy)[1][0]
    found = estimate(
        path_model(PAIR, {"X": ["Y"]}, {"X": "B", "Y": "B"}),
        data,
        ["x1", "x2", "x3", "y1", "y2"],
        options=pls_options(scheme=scheme, **TIGHT),
    )
    assert abs(found.paths["X->Y"]) == pytest.approx(best, abs=1e-10)


LOADS = {"X": [0.8, 0.7, 0.6], "M": [0.9, 0.5, 0.7], "Y": [0.75, 0.85]}
FACTORS = np.array([[1, 0.5, 0.46], [0.5, 1, 0.59], [0.46, 0.59, 1]])
TRIPLE = {block: [f"{block}{at}" for at in range(len(own))] for block, own in LOADS.items()}
TRIPLE_NAMES = [item for items in TRIPLE.values() for item in items]
TRIPLE_PATHS = {"X": ["M", "Y"], "M": ["Y"]}


def _factor_answers():
    """Answers that fit a factor model exactly, with known loadings and correlations of factors."""
    loads = np.zeros((8, 3))
    for at, own in enumerate(LOADS.values()):
        loads[3 * at : 3 * at + len(own), at] = own
    r = loads @ FACTORS @ loads.T
    np.fill_diagonal(r, 1.0)
    return answers_with(r)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_consistent_estimates_find_the_factor_model_answers_were_made_from(scheme):
    found = estimate(
        path_model(TRIPLE, TRIPLE_PATHS),
        _factor_answers(),
        TRIPLE_NAMES,
        options=pls_options(scheme=scheme, consistent=True, **TIGHT),
    )
    assert found.correlations == pytest.approx(FACTORS, abs=1e-9)
    for block, own in LOADS.items():
        assert list(found.loadings[block].values()) == pytest.approx(own, abs=1e-9)
    slope = np.linalg.solve(FACTORS[:2, :2], FACTORS[:2, 2])
    close(found.paths, {"X->M": 0.5, "X->Y": slope[0], "M->Y": slope[1]})
    close(found.r2, {"M": 0.25, "Y": float(slope @ FACTORS[:2, 2])})
    assert found.notes == ()


def test_without_correction_the_same_answers_give_weaker_paths():
    found = estimate(path_model(TRIPLE, TRIPLE_PATHS), _factor_answers(), TRIPLE_NAMES)
    assert found.paths["X->M"] < 0.45
    assert abs(found.correlations[0, 2]) < 0.40


@pytest.mark.parametrize("scheme", SCHEMES)
def test_mode_b_finds_the_composites_answers_were_made_from(scheme):
    own = {
        "X": (np.array([0.5, 0.3, 0.4]), 0.3),
        "M": (np.array([0.7, -0.2, 0.5]), 0.2),
        "Y": (np.array([0.6, 0.6]), 0.1),
    }
    within = [np.full((w.size, w.size), r) + (1 - r) * np.eye(w.size) for w, r in own.values()]
    weights = [w / np.sqrt(w @ s @ w) for (w, _), s in zip(own.values(), within, strict=True)]
    r = np.zeros((8, 8))
    spans = [slice(0, 3), slice(3, 6), slice(6, 8)]
    for a in range(3):
        for b in range(3):
            across = FACTORS[a, b] * np.outer(within[a] @ weights[a], within[b] @ weights[b])
            r[spans[a], spans[b]] = within[a] if a == b else across
    found = estimate(
        path_model(TRIPLE, TRIPLE_PATHS, dict.fromkeys(TRIPLE, "B")),
        answers_with(r),
        TRIPLE_NAMES,
        options=pls_options(scheme=scheme, **TIGHT),
    )
    assert found.correlations == pytest.approx(FACTORS, abs=1e-9)
    for block, expected in zip(TRIPLE, weights, strict=True):
        assert list(found.weights[block].values()) == pytest.approx(expected, abs=1e-8)


def test_a_corrected_correlation_above_one_is_a_note():
    r = np.array([[1, 0.2, 0.5, 0.5], [0.2, 1, 0.5, 0.5], [0.5, 0.5, 1, 0.3], [0.5, 0.5, 0.3, 1]])
    model = path_model({"X": ["a", "b"], "Y": ["c", "d"]}, {"X": ["Y"]})
    found = estimate(model, answers_with(r), list("abcd"), options=pls_options(consistent=True))
    # By hand: weights are equal, so the correlation corrected is .5 / sqrt(.2 x .3).
    assert found.correlations[0, 1] == pytest.approx(0.5 / np.sqrt(0.06))
    assert found.notes[0].startswith(
        "corrected correlation of X and Y is 2.041, outside of [-1, 1]"
    )


def test_items_that_hang_together_too_little_are_refused_for_consistent_estimates():
    r = np.array([[1, -0.3, 0.4], [-0.3, 1, 0.4], [0.4, 0.4, 1]])
    model = path_model({"X": ["a", "b"], "Y": ["c"]}, {"X": ["Y"]})
    # By hand: with equal weights rho_A is 2 r / (1 + r).
    with pytest.raises(MethodError, match=r"block X: its items hang together too little .*-0.857"):
        estimate(model, answers_with(r), list("abc"), options=pls_options(consistent=True))


def test_a_block_asked_backwards_still_has_loadings_of_positive_sum():
    data = DATA.copy()
    for item in ("q1", "q2", "q3"):
        data[:, NAMES.index(item)] *= -1
    found = estimate(MODEL, data, NAMES)
    assert sum(found.loadings["Quality"].values()) > 0
    assert found.loadings["Quality"]["q4"] < 0
    assert found.paths["Image->Quality"] < 0


def test_items_that_cancel_out_in_the_first_sum_still_get_weights():
    column = np.array([1.0, 2.0, 4.0, 3.0, 5.0, 2.0, 6.0, 1.0])
    data = np.column_stack([column, -column, column**2])
    found = estimate(path_model({"X": ["a", "b"], "Y": ["c"]}, {"X": ["Y"]}), data, list("abc"))
    assert found.weights["X"]["a"] == pytest.approx(-found.weights["X"]["b"])
    assert found.loadings["X"]["a"] == pytest.approx(1.0)


def test_importance_in_points_is_the_regression_of_indexes():
    found = estimate(MODEL, DATA, NAMES)
    shown = importance_map(found, "Loyalty", low=1, high=10)
    indexes = {}
    for block, items in BLOCKS.items():
        raw = np.array(list(found.raw_weights[block].values()))
        mean = DATA[:, [NAMES.index(item) for item in items]] @ (raw / raw.sum())
        indexes[block] = (mean - 1) / 9 * 100
    assert set(shown.blocks) == {"Image", "Quality", "Value"}
    x = np.column_stack([indexes[b] for b in ("Image", "Quality", "Value")] + [np.ones(len(DATA))])
    slope = np.linalg.lstsq(x, indexes["Loyalty"], rcond=None)[0]
    assert shown.blocks["Value"].points == pytest.approx(slope[2], abs=1e-8)
    for block, place in shown.blocks.items():
        assert place.performance == pytest.approx(indexes[block].mean())
        assert place.importance == found.total_effects[f"{block}->Loyalty"]


@pytest.mark.parametrize(
    ("target", "message"), [("Price", "is no block"), ("Image", "no block leads to Image")]
)
def test_a_map_needs_a_target_that_others_lead_to(target, message):
    with pytest.raises(MethodError, match=message):
        importance_map(estimate(MODEL, DATA, NAMES), target, low=1, high=10)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_units_of_items_do_not_matter(data):
    size = len(NAMES)
    scale = np.array(data.draw(st.lists(st.floats(0.01, 100), min_size=size, max_size=size)))
    shift = np.array(data.draw(st.lists(st.floats(-100, 100), min_size=size, max_size=size)))
    plain, moved = estimate(MODEL, DATA, NAMES), estimate(MODEL, DATA * scale + shift, NAMES)
    close(moved.paths, plain.paths)
    for block in BLOCKS:
        close(moved.weights[block], plain.weights[block])
        close(moved.loadings[block], plain.loadings[block])


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(4)), st.permutations(range(len(NAMES))), st.randoms())
def test_order_of_blocks_columns_items_and_rows_does_not_matter(blocks, columns, random):
    order = [list(BLOCKS)[at] for at in blocks]
    rows = random.sample(range(len(DATA)), len(DATA))
    shuffled = {block: random.sample(BLOCKS[block], len(BLOCKS[block])) for block in order}
    found = estimate(
        path_model(shuffled, PATHS), DATA[rows][:, columns], [NAMES[at] for at in columns]
    )
    plain = estimate(MODEL, DATA, NAMES)
    close(found.paths, plain.paths)
    close(found.total_effects, plain.total_effects)
    for block in BLOCKS:
        close(found.weights[block], plain.weights[block])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=len(DATA), max_size=len(DATA)).filter(any))
def test_a_weight_is_a_repetition_of_the_row(times):
    if sum(1 for one in times if one) < len(NAMES) + 2:
        return
    weighted = estimate(MODEL, DATA, NAMES, case_weights=times)
    repeated = estimate(MODEL, np.repeat(DATA, times, axis=0), NAMES)
    close(weighted.paths, repeated.paths)
    close(weighted.means, repeated.means)
    close(weighted.r2, repeated.r2)
    assert weighted.n == sum(1 for one in times if one)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(SCHEMES), st.sampled_from(["A", "B"]))
def test_figures_keep_their_bounds_on_noise(seed, scheme, mode):
    data = np.random.default_rng(seed).integers(1, 6, size=(14, len(NAMES))).astype(float)
    model = path_model(BLOCKS, PATHS, dict.fromkeys(BLOCKS, mode))
    try:
        found = estimate(model, data, NAMES, options=pls_options(scheme=scheme))
    except MethodError as error:
        assert "still move" in str(error) or "constant" in str(error)  # noqa: PT017
        return
    assert all(0 <= value <= 1 for value in found.r2.values())
    assert all(abs(r) <= 1 + 1e-12 for item in found.cross_loadings.values() for r in item.values())
    assert all(sum(found.loadings[block].values()) > -1e-9 for block in BLOCKS)
    assert found.scores.std(axis=0, ddof=1) == pytest.approx(1.0)
    assert np.isfinite(found.scores).all()
