"""The bootstrap against estimates of the resampled rows one by one; its draws against the generator's rule."""

import doctest
from typing import Any

import numpy as np
import pytest

from tests.methods.pls_oracle import answers_with, satisfaction_answers
from zhike.methods import pls_bootstrap
from zhike.methods.errors import MethodError
from zhike.methods.index import model_indexes
from zhike.methods.pls import estimate, path_model, pls_options
from zhike.methods.pls_bootstrap import bootstrap, case_counts

DATA, NAMES, BLOCKS, PATHS = satisfaction_answers(n=80)
MODEL = path_model(BLOCKS, PATHS)


def one_by_one(model, options, seed, resamples, case_weights=None):
    """Estimates of each resample's rows, repeated as often as drawn."""
    (counts,) = case_counts(len(DATA), resamples, seed, resamples)
    weights = np.ones(len(DATA)) if case_weights is None else case_weights
    return [
        estimate(model, DATA, NAMES, options=options, case_weights=row * weights) for row in counts
    ]


def same(spread, values, estimate_):
    assert spread.estimate == pytest.approx(estimate_, abs=1e-12)
    assert spread.mean == pytest.approx(np.mean(values), abs=1e-7)
    assert spread.sd == pytest.approx(np.std(values, ddof=1), abs=1e-7)
    assert spread.t == pytest.approx(estimate_ / np.std(values, ddof=1), rel=1e-5)
    assert spread.low == pytest.approx(np.percentile(values, 2.5), abs=1e-7)
    assert spread.high == pytest.approx(np.percentile(values, 97.5), abs=1e-7)


def test_examples_in_the_text_run():
    assert doctest.testmod(pls_bootstrap).failed == 0


@pytest.mark.parametrize(
    ("modes", "options"),
    [
        ({}, {}),
        ({"Image": "B", "Quality": "B"}, {"scheme": "factorial"}),
        ({"Loyalty": "B"}, {"scheme": "centroid", "scaling": "centered"}),
        ({}, {"consistent": True}),
    ],
)
def test_stacked_resamples_agree_with_estimates_one_by_one(modes, options):
    model, chosen = path_model(BLOCKS, PATHS, modes), pls_options(tolerance=1e-10, **options)
    found = bootstrap(model, DATA, NAMES, options=chosen, resamples=60, seed=5, scale=(1, 10))
    each = one_by_one(model, chosen, 5, 60)
    own = estimate(model, DATA, NAMES, options=chosen)
    assert (found.requested, found.converged, found.failed, found.n) == (60, 60, {}, 80)
    for path in found.paths:
        same(found.paths[path], [one.paths[path] for one in each], own.paths[path])
    for effect in found.total_effects:
        values = [one.total_effects[effect] for one in each]
        same(found.total_effects[effect], values, own.total_effects[effect])
    assert found.r2.keys() == own.r2.keys()
    for block in found.r2:
        same(found.r2[block], [one.r2[block] for one in each], own.r2[block])
    for item in BLOCKS["Quality"]:
        for name in ("weights", "loadings"):
            values = [getattr(one, name)["Quality"][item] for one in each]
            same(getattr(found, name)["Quality"][item], values, getattr(own, name)["Quality"][item])
    levels = [model_indexes(one, low=1, high=10) for one in each]
    for block, shown in model_indexes(own, low=1, high=10).items():
        same(found.index[block], [one[block].value for one in levels], shown.value)


def test_case_weights_count_in_every_resample():
    weights = np.where(np.arange(80) % 3 == 0, 2.5, 0.5)
    chosen = pls_options(tolerance=1e-10)
    found = bootstrap(
        MODEL, DATA, NAMES, options=chosen, case_weights=weights, resamples=40, seed=2
    )
    each = one_by_one(MODEL, chosen, 2, 40, weights)
    own = estimate(MODEL, DATA, NAMES, options=chosen, case_weights=weights)
    same(
        found.paths["Image->Value"],
        [e.paths["Image->Value"] for e in each],
        own.paths["Image->Value"],
    )


def words_of_pcg64(seed, count):
    """The generator's words by its published rule: a 128-bit step, then xor of halves and a turn."""
    state = np.random.PCG64(seed).state["state"]
    value, step, whole = state["state"], state["inc"], 1 << 128
    words = []
    for _ in range(count):
        value = (value * 0x2360ED051FC65DA44385DF649FCCF645 + step) % whole
        folded, turn = (value >> 64) ^ (value & (1 << 64) - 1), value >> 122
        words.append(((folded >> turn) | (folded << (64 - turn))) & (1 << 64) - 1)
    return words


@pytest.mark.parametrize("n", [7, 8])
def test_draws_follow_from_the_seed_by_whole_numbers_alone(n):
    (counts,) = case_counts(n, 5, 42, 5)
    words, size = words_of_pcg64(42, 20), (n + 1) // 2
    for at, row in enumerate(counts):
        mine = words[at * size : (at + 1) * size]
        halves = [word >> 32 for word in mine] + [word & 0xFFFFFFFF for word in mine]
        cases = [half * n >> 32 for half in halves[:n]]
        assert row.tolist() == [cases.count(case) for case in range(n)]


def test_every_resample_draws_n_cases_and_every_case_is_as_likely():
    counts = np.concatenate(list(case_counts(50, 4000, 9, 1000)))
    assert (counts.sum(axis=1) == 50).all()
    # Mean 1 and variance 1 - 1/n of a multinomial count; bounds of four standard errors.
    assert counts.mean(axis=0) == pytest.approx(1.0, abs=4 / np.sqrt(4000))
    assert counts.var() == pytest.approx(1 - 1 / 50, abs=0.02)


def test_the_size_of_stacks_does_not_change_a_draw():
    whole = np.concatenate(list(case_counts(33, 20, 1, 20)))
    assert (np.concatenate(list(case_counts(33, 20, 1, 3))) == whole).all()


@pytest.mark.parametrize(("name", "value"), [("_HELD", 300), ("_MOST_PRODUCTS", 0)])
def test_memory_limits_change_how_but_not_what(monkeypatch, name, value):
    plain = bootstrap(MODEL, DATA, NAMES, resamples=25, seed=3, scale=(1, 10))
    monkeypatch.setattr(pls_bootstrap, name, value)
    found = bootstrap(MODEL, DATA, NAMES, resamples=25, seed=3, scale=(1, 10))
    for path, spread in plain.paths.items():
        assert found.paths[path].sd == pytest.approx(spread.sd, abs=1e-12)
        assert found.paths[path].low == pytest.approx(spread.low, abs=1e-12)
    assert found.index["Image"].sd == pytest.approx(plain.index["Image"].sd, abs=1e-10)


def test_the_same_seed_gives_the_same_figures_and_another_does_not():
    one, again, other = (bootstrap(MODEL, DATA, NAMES, resamples=30, seed=s) for s in (4, 4, 5))
    assert one == again
    assert one.paths != other.paths


def test_resamples_with_a_constant_item_are_counted_and_not_used():
    data = np.delete(DATA, range(20, 80), axis=0)
    at = NAMES.index("v1")
    data[:, at] = 5.0
    data[3, at] = 6.0
    found = bootstrap(
        MODEL, data, NAMES, resamples=200, seed=8, options=pls_options(most_rounds=9999)
    )
    (counts,) = case_counts(20, 200, 8, 200)
    lost = int((counts[:, 3] == 0).sum())
    assert lost > 40
    assert found.failed["constant item"] == lost
    assert found.converged + sum(found.failed.values()) == 200
    assert all(np.isfinite([s.mean, s.sd, s.low, s.high]).all() for s in found.paths.values())


def test_resamples_that_do_not_settle_are_counted_by_block():
    own = estimate(MODEL, DATA, NAMES)
    found = bootstrap(
        MODEL, DATA, NAMES, resamples=100, seed=1, options=pls_options(most_rounds=own.rounds)
    )
    assert found.converged < 100
    assert set(found.failed) <= set(BLOCKS)
    assert found.converged + sum(found.failed.values()) == 100


def test_resamples_whose_weights_give_no_index_are_counted_by_block():
    # Regression weights by hand: (.545, -.5) / .99, so their sum is above 0, but hardly.
    r = np.array([[1, 0.1, 0.5], [0.1, 1, -0.45], [0.5, -0.45, 1]])
    model = path_model({"X": ["a", "b"], "Y": ["c"]}, {"X": ["Y"]}, {"X": "B"})
    asked: dict[str, Any] = {
        "data": 5 + answers_with(r) / 2,
        "names": list("abc"),
        "resamples": 100,
        "seed": 1,
    }
    found = bootstrap(model, **asked, scale=(1, 10))
    assert 10 < found.failed["X"] < 60
    assert found.converged == 100 - found.failed["X"]
    assert bootstrap(model, **asked).failed == {}


def test_signs_of_resamples_follow_the_sample():
    data = DATA.copy()
    for item in ("q1", "q4"):
        data[:, NAMES.index(item)] = 11 - data[:, NAMES.index(item)]
    mixed = bootstrap(MODEL, data, NAMES, resamples=200, seed=1)
    own = estimate(MODEL, data, NAMES)
    # Two items for and two against: the sum of loadings is near 0, so by it alone signs would flip by chance.
    assert 0 < sum(own.loadings["Quality"].values()) < 0.2
    plain = bootstrap(MODEL, DATA, NAMES, resamples=200, seed=1)
    assert mixed.paths["Image->Quality"].sd == pytest.approx(
        plain.paths["Image->Quality"].sd, abs=1e-6
    )


def test_what_cannot_vary_has_no_t():
    found = bootstrap(MODEL, DATA, NAMES, resamples=20, seed=1)
    only = found.loadings["Value"]["v1"]
    assert (only.sd, only.t) == (0.0, None)
    assert only.estimate == pytest.approx(1.0)
    assert found.index == {}


def test_wider_confidence_gives_wider_intervals():
    narrow, wide = (
        bootstrap(MODEL, DATA, NAMES, resamples=200, seed=1, confidence=c) for c in (0.8, 0.99)
    )
    for path, spread in narrow.paths.items():
        assert wide.paths[path].low < spread.low < spread.high < wide.paths[path].high


def test_the_spread_agrees_with_the_standard_error_of_a_correlation():
    rng = np.random.default_rng(1)
    x = rng.normal(size=400)
    data = np.column_stack([x, 0.5 * x + np.sqrt(0.75) * rng.normal(size=400)])
    model = path_model({"X": ["x"], "Y": ["y"]}, {"X": ["Y"]})
    found = bootstrap(model, data, ["x", "y"], resamples=4000, seed=1).paths["X->Y"]
    expected = (1 - found.estimate**2) / np.sqrt(400 - 3)
    assert found.sd == pytest.approx(expected, rel=0.12)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"resamples": 1}, r"resamples: at least 2 are needed, got 1"),
        ({"resamples": 100_001}, r"resamples: at most 100000 are drawn, got 100001"),
        ({"seed": -1}, r"seed: must be at least 0"),
        ({"confidence": 1.0}, r"confidence: must lie between 0 and 1"),
        ({"scale": (10, 1)}, r"scale: must run from a lower to a higher number"),
        ({"scale": (1, 5)}, r"item i1: has mean .* outside of 1 to 5"),
    ],
)
def test_wrong_wishes_are_refused(asked, message):
    with pytest.raises(MethodError, match=message):
        bootstrap(MODEL, DATA, NAMES, **({"resamples": 10} | asked))


def test_a_bootstrap_with_hardly_a_resample_left_is_refused():
    data = np.array([[0.0, 1.0], [0.0, 2.0], [0.0, 4.0], [1.0, 3.0]])
    model = path_model({"X": ["x"], "Y": ["y"]}, {"X": ["Y"]})
    seed, kept = next(
        (seed, kept)
        for seed in range(1000)
        for (counts,) in [case_counts(4, 2, seed, 2)]
        if (kept := sum(len(set(data[row > 0, 0])) == 2 for row in counts)) < 2
    )
    with pytest.raises(MethodError, match=rf"resamples: only {kept} of 2 converged"):
        bootstrap(model, data, ["x", "y"], resamples=2, seed=seed)
