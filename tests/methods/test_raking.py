"""Raking: the margins are met, the weights are those of another algorithm, and what cannot be is named."""

import doctest
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from zhike.methods import raking
from zhike.methods.errors import MethodError
from zhike.methods.raking import rake

NAN = float("nan")
AGES = ["young"] * 30 + ["mid"] * 50 + ["old"] * 20
SEXES = (["f"] * 20 + ["m"] * 10) + (["f"] * 35 + ["m"] * 15) + (["f"] * 5 + ["m"] * 15)
ANSWERS = {"age": AGES, "sex": SEXES}
TARGETS = {"age": {"young": 0.4, "mid": 0.35, "old": 0.25}, "sex": {"f": 0.51, "m": 0.49}}


def refused(what, why, *args, **options):
    with pytest.raises(MethodError) as caught:
        rake(*args, **options)
    assert caught.value.what == what
    assert why in caught.value.why


def test_examples_in_the_docstrings_run():
    tried = doctest.testmod(raking)
    assert tried.attempted > 1
    assert tried.failed == 0


def test_the_weighted_shares_are_the_targets():
    found = rake(ANSWERS, TARGETS)
    assert found.converged
    assert found.largest_gap <= 1e-8
    assert found.weights.mean() == pytest.approx(1)
    for variable, labels in ANSWERS.items():
        for category, target in TARGETS[variable].items():
            inside = np.array(labels) == category
            assert found.weights[inside].sum() / 100 == pytest.approx(target, abs=1e-7)
    young = found.margins[0]
    assert (young.variable, young.category, young.count) == ("age", "young", 30)
    assert (young.before, young.target) == (0.3, 0.4)
    assert young.after == pytest.approx(0.4)


def test_the_weights_minimise_the_divergence_as_newtons_method_finds_it():
    # The dual of raking: log weights are sums of one number per category; solved for their margins.
    kinds = sorted(set(zip(AGES, SEXES, strict=True)))
    counts = np.array([Counter(zip(AGES, SEXES, strict=True))[kind] for kind in kinds])
    columns = np.array(
        [
            [kind[0] == age for age in TARGETS["age"]] + [kind[1] == sex for sex in TARGETS["sex"]]
            for kind in kinds
        ],
        dtype=float,
    )
    aims = np.array([*TARGETS["age"].values(), *TARGETS["sex"].values()]) * 100

    def dual(effects):
        weights = np.exp(columns @ effects)
        return counts @ weights - aims @ effects, columns.T @ (counts * weights) - aims

    solved = optimize.minimize(dual, np.zeros(5), jac=True, method="BFGS", options={"gtol": 1e-9})
    theirs = dict(zip(kinds, np.exp(columns @ solved.x), strict=True))
    found = rake(ANSWERS, TARGETS).weights
    expected = [theirs[kind] for kind in zip(AGES, SEXES, strict=True)]
    assert found == pytest.approx(expected, rel=1e-6)


def test_one_variable_is_target_over_share():
    found = rake({"age": AGES}, {"age": TARGETS["age"]})
    expected = {"young": 0.4 / 0.3, "mid": 0.35 / 0.5, "old": 0.25 / 0.2}
    assert found.weights == pytest.approx([expected[age] for age in AGES])
    assert found.iterations == 1
    worth = 100**2 / sum(expected[age] ** 2 for age in AGES)
    assert found.effective_n == pytest.approx(worth)
    assert found.design_effect == pytest.approx(100 / worth)


def test_targets_may_be_counts_of_the_population():
    counts = {"age": {"young": 8000, "mid": 7000, "old": 5000}, "sex": {"f": 102, "m": 98}}
    assert rake(ANSWERS, counts).weights == pytest.approx(rake(ANSWERS, TARGETS).weights)


def test_answers_that_fit_already_keep_their_weights():
    found = rake({"sex": ["f", "m"]}, {"sex": {"f": 1, "m": 1}})
    assert found.weights.tolist() == [1, 1]
    assert (found.iterations, found.design_effect) == (0, 1)


def test_base_weights_are_where_it_begins():
    base = np.where(np.array(AGES) == "old", 2.0, 1.0) * np.linspace(1, 2, 100)
    found = rake(ANSWERS, TARGETS, base_weights=base)
    assert found.largest_gap <= 1e-8
    # Within a kind the weights stay in the proportion of the base weights.
    ratio = found.weights / base
    for kind in set(zip(AGES, SEXES, strict=True)):
        inside = [at for at in range(100) if (AGES[at], SEXES[at]) == kind]
        assert np.ptp(ratio[inside]) < 1e-9
    before = {each.category: each.before for each in found.margins}
    assert before["old"] == pytest.approx(base[80:].sum() / base.sum())


def test_a_base_weight_is_a_repetition():
    times = np.array([1, 2] * 50)
    one = rake(ANSWERS, TARGETS, base_weights=times)
    repeated = {name: list(np.repeat(labels, times)) for name, labels in ANSWERS.items()}
    other = rake(repeated, TARGETS)
    each = one.weights / times
    assert np.repeat(each, times) * 1.5 == pytest.approx(other.weights)


def test_trimming_keeps_the_bounds_and_meets_the_margins_where_it_can():
    plain = rake(ANSWERS, TARGETS)
    assert plain.weights.max() > 1.6
    found = rake(ANSWERS, TARGETS, trim=(0.3, 1.5))
    assert found.weights.max() <= 1.5
    assert found.weights.min() >= 0.3
    assert found.weights.mean() == pytest.approx(1)
    assert found.converged
    assert found.trimmed == (found.weights >= 1.5).sum() > 0
    assert plain.trimmed == 0


def test_trimming_too_hard_leaves_a_gap_and_says_so():
    found = rake(ANSWERS, TARGETS, trim=(0.9, 1.1))
    assert not found.converged
    assert found.largest_gap > 0.01
    assert found.weights.min() >= 0.9
    assert found.weights.max() <= 1.1
    assert found.weights.mean() == pytest.approx(1)
    gaps = [abs(each.after - each.target) for each in found.margins]
    assert found.largest_gap == pytest.approx(max(gaps))
    assert found.iterations < 1000
    assert rake(ANSWERS, TARGETS, trim=(1, 1)).weights == pytest.approx(np.ones(100))


def test_trimming_of_base_weights_alone_scales_the_rest():
    # 0.2 and 1.8 cut at 1.5: the small ones rise to 0.5 so that the mean stays 1.
    found = rake(
        {"sex": ["f", "f", "m", "m"]},
        {"sex": {"f": 1, "m": 1}},
        base_weights=[1, 9, 1, 9],
        trim=(0, 1.5),
    )
    assert found.weights == pytest.approx([0.5, 1.5, 0.5, 1.5])
    assert (found.trimmed, found.iterations, found.converged) == (2, 0, True)


def test_one_pass_may_be_enough():
    found = rake({"age": AGES}, {"age": TARGETS["age"]}, most_iterations=1)
    assert (found.converged, found.iterations) == (True, 1)


def test_bounds_that_nobody_reaches_change_nothing():
    assert rake(ANSWERS, TARGETS, trim=(0.01, 50)).weights == pytest.approx(
        rake(ANSWERS, TARGETS).weights, abs=1e-7
    )


def test_margins_that_contradict_each_other_are_refused():
    # All women are old and all men young, but the targets want more women than old people.
    answers = {"age": ["old", "old", "young"], "sex": ["f", "f", "m"]}
    targets = {"age": {"old": 0.5, "young": 0.5}, "sex": {"f": 0.7, "m": 0.3}}
    refused("age", "off after 50 passes", answers, targets, most_iterations=50)


def test_empty_cells_and_unknown_labels_are_named():
    sex = {"sex": {"f": 0.5, "m": 0.5}}
    refused("sex", "nobody answered from m", {"sex": ["f", "f"]}, sex)
    refused("sex", "row 2: x has no target", {"sex": ["f", "x", "m"]}, sex)
    refused("sex", "row 3 is empty", {"sex": ["f", "m", ""]}, sex)
    refused("sex", "row 1 is empty", {"sex": [None, "m", "f"]}, sex)
    refused("sex", "row 1 is empty", {"sex": [NAN, "m", "f"]}, sex)
    refused("sex", "target of m must be above 0", {"sex": ["f", "m"]}, {"sex": {"f": 1, "m": 0}})
    refused("targets of sex", "no number", {"sex": ["f"]}, {"sex": {"f": "half"}})
    refused("sex", "target of m must be above 0", {"sex": ["f", "m"]}, {"sex": {"f": 1, "m": NAN}})


def test_other_bad_input_is_named():
    one = ({"sex": ["f", "m"]}, {"sex": {"f": 1, "m": 1}})
    refused("targets", "(age)", {**one[0], "age": ["x", "x"]}, one[1])
    refused("targets", "same variables", {}, {})
    refused("age", "1 answers", {**one[0], "age": ["x"]}, {**one[1], "age": {"x": 1}})
    refused("weights", "1 for 2", *one, base_weights=[1])
    refused("base_weights", "row 2 is 0", *one, base_weights=[1, 0])
    refused("trim", "low ≤ 1 ≤ high", *one, trim=(1.2, 3))
    refused("trim", "low ≤ 1 ≤ high", *one, trim=(0.5, 0.9))
    refused("trim", "low ≤ 1 ≤ high", *one, trim=(-0.5, 2))
    refused("tolerance", "between 0 and 1", *one, tolerance=0)
    refused("tolerance", "between 0 and 1", *one, tolerance=1)
    refused("most_iterations", "at least 1", *one, most_iterations=0)


@settings(max_examples=60)
@given(
    cells=st.lists(st.integers(1, 20), min_size=6, max_size=6),
    first=st.lists(st.floats(0.1, 1), min_size=2, max_size=2),
    second=st.lists(st.floats(0.1, 1), min_size=3, max_size=3),
    seed=st.integers(0, 1000),
)
def test_any_full_table_can_be_raked_in_any_order_of_rows(cells, first, second, seed):
    kinds = [(a, b) for a in "xy" for b in "pqr"]
    rows = [kind for kind, count in zip(kinds, cells, strict=True) for _ in range(count)]
    targets = {
        "one": dict(zip("xy", first, strict=True)),
        "two": dict(zip("pqr", second, strict=True)),
    }
    answers = {"one": [a for a, _ in rows], "two": [b for _, b in rows]}
    found = rake(answers, targets)
    assert found.largest_gap <= 1e-8
    assert (found.weights > 0).all()
    # Raking keeps the odds ratios of the table.
    order = np.random.default_rng(seed).permutation(len(rows))
    mixed = rake({name: [labels[at] for at in order] for name, labels in answers.items()}, targets)
    assert mixed.weights == pytest.approx(found.weights[order])
    by_kind = {kind: found.weights[rows.index(kind)] for kind in kinds}
    for b, c in pairwise("pqr"):
        assert by_kind["x", b] * by_kind["y", c] == pytest.approx(
            by_kind["x", c] * by_kind["y", b], rel=1e-6
        )


def test_a_million_answers():
    rng = np.random.default_rng(1)
    answers = {
        "tier": rng.choice(list("abc"), 1_000_000, p=[0.6, 0.3, 0.1]).tolist(),
        "channel": rng.choice(list("pq"), 1_000_000).tolist(),
    }
    found = rake(answers, {"tier": {"a": 1, "b": 1, "c": 1}, "channel": {"p": 3, "q": 7}})
    assert found.converged
    assert found.n == 1_000_000
