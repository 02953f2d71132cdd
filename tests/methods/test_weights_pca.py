"""Weights from principal components, against other ways to the same figures."""

import doctest
import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given as always
from hypothesis import settings
from hypothesis import strategies as st

from zhike.methods import varimax as varimax_module
from zhike.methods import weights_pca
from zhike.methods.errors import MethodError
from zhike.methods.varimax import varimax
from zhike.methods.weights_pca import pca_weights


def survey(seed: int, persons: int = 120, items: int = 7, themes: int = 3) -> np.ndarray:
    """Answers in which every item belongs to one of the themes, more or less."""
    chance = np.random.default_rng(seed)
    pattern = np.zeros((themes, items))
    pattern[np.arange(items) % themes, np.arange(items)] = chance.uniform(0.6, 1.2, items)
    pattern += chance.normal(0, 0.1, pattern.shape)
    return chance.normal(size=(persons, themes)) @ pattern + 0.6 * chance.normal(
        size=(persons, items)
    )


def names(count: int) -> list[str]:
    return [f"q{number}" for number in range(1, count + 1)]


def rotated_by_svd(loadings: np.ndarray) -> np.ndarray:
    """Varimax the other way: all components at once by singular values, rows scaled (Kaiser)."""
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    scaled, turn = loadings / length, np.eye(loadings.shape[1])
    for _ in range(5000):
        turned = scaled @ turn
        target = turned**3 - turned * (turned**2).mean(axis=0)
        left, _, right = np.linalg.svd(scaled.T @ target)
        turn = left @ right
    return loadings @ turn


def spread_of_squares(loadings: np.ndarray) -> float:
    return float((loadings**2).var(axis=0).sum())


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(weights_pca).failed == 0
    assert doctest.testmod(varimax_module).failed == 0


def test_two_items_share_one_component_evenly():
    found = pca_weights([[1, 2], [2, 1], [3, 5], [4, 3]], ["a", "b"])
    assert found.weights == pytest.approx({"a": 0.5, "b": 0.5})
    assert found.details.components == 1


@pytest.mark.parametrize("seed", range(6))
def test_weights_are_those_of_an_independent_computation(seed):
    answers = survey(seed)
    correlations = np.corrcoef(answers, rowvar=False)
    # Components by singular values of the standardised answers instead of eigenvalues of the correlations.
    standard = (answers - answers.mean(axis=0)) / answers.std(axis=0, ddof=1)
    _, singular, axes = np.linalg.svd(standard, full_matrices=False)
    values = singular**2 / (len(answers) - 1)
    kept = int((values > 1).sum())
    turned = rotated_by_svd((axes[:kept].T) * np.sqrt(values[:kept]))
    shares = (turned**2).sum(axis=0) / answers.shape[1]
    expected = np.abs(turned) @ shares / (np.abs(turned) @ shares).sum()

    found = pca_weights(answers, names(7))
    assert found.details.components == kept >= 2
    assert list(found.weights.values()) == pytest.approx(expected.tolist(), abs=1e-9)
    assert [row.eigenvalue for row in found.details.variance] == pytest.approx(values.tolist())
    assert sum(row.eigenvalue for row in found.details.variance) == pytest.approx(
        np.trace(correlations)
    )
    after = [row.eigenvalue for row in found.details.rotated_variance]
    assert after == pytest.approx(sorted((turned**2).sum(axis=0), reverse=True))


def test_the_variance_table_adds_up_before_and_after_the_turn():
    found = pca_weights(survey(3), names(7)).details
    kept = found.components
    assert [row.component for row in found.variance] == list(range(1, 8))
    assert found.variance[-1].cumulative == pytest.approx(1)
    for table in (found.variance, found.rotated_variance):
        running = 0.0
        for row in table:
            running += row.share
            assert row.share == pytest.approx(row.eigenvalue / 7)
            assert row.cumulative == pytest.approx(running)
    assert found.rotated_variance[-1].cumulative == pytest.approx(
        found.variance[kept - 1].cumulative
    )
    assert found.rotated_variance[0].eigenvalue < found.variance[0].eigenvalue
    for item, loadings in found.rotated_loadings.items():
        assert sum(part**2 for part in loadings) == pytest.approx(found.communalities[item])
        assert sum(part**2 for part in found.loadings[item]) == pytest.approx(
            found.communalities[item]
        )


def test_one_component_of_equally_related_items_gives_equal_weights_and_the_known_eigenvalue():
    # With all correlations r, the first eigenvalue is 1 + (p − 1) r; here r is exactly 1/2.
    base = np.array(list(itertools.product([-1.0, 1.0], repeat=4)))
    found = pca_weights(base[:, :3] + base[:, 3:], ["a", "b", "c"])
    assert found.details.components == 1
    assert found.details.variance[0].eigenvalue == pytest.approx(2.0)
    assert list(found.weights.values()) == pytest.approx([1 / 3] * 3)
    assert found.details.loadings["a"] == pytest.approx((math.sqrt(2 / 3),))


def test_two_separate_themes_are_found_whatever_axes_the_eigenvalues_choose():
    # Two pairs, correlated 1/2 within and 0 between: eigenvalues 1.5, 1.5, 0.5, 0.5 with no axes of their own.
    base = np.array(list(itertools.product([-1.0, 1.0], repeat=6)))
    answers = np.column_stack(
        [
            base[:, 0] + base[:, 1],
            base[:, 0] + base[:, 2],
            base[:, 3] + base[:, 4],
            base[:, 3] + base[:, 5],
        ]
    )
    found = pca_weights(answers, names(4))
    assert found.details.components == 2
    rows = np.abs(list(found.details.rotated_loadings.values()))
    assert np.sort(rows, axis=1) == pytest.approx(np.tile([0, math.sqrt(0.75)], (4, 1)), abs=1e-9)
    assert list(found.weights.values()) == pytest.approx([0.25] * 4)


@settings(max_examples=25, deadline=None)
@always(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_items_and_their_units_do_not_matter(seed, chance):
    answers = survey(seed, persons=60, items=6, themes=2)
    usual = pca_weights(answers, names(6)).weights
    order = chance.sample(range(6), 6)
    changed = answers[chance.sample(range(60), 60)][:, order] * [3, 0.01, 10, 1, 2, 500] + [
        0,
        5,
        9,
        -3,
        1,
        7,
    ]
    found = pca_weights(changed, [names(6)[place] for place in order]).weights
    assert found == pytest.approx(usual, abs=1e-8)
    assert math.fsum(found.values()) == pytest.approx(1)
    assert min(found.values()) >= 0


def test_an_item_asked_the_other_way_round_keeps_its_weight():
    answers = survey(5)
    turned = answers * [1, -1, 1, 1, -1, 1, 1]
    assert pca_weights(turned, names(7)).weights == pytest.approx(
        pca_weights(answers, names(7)).weights
    )


def test_a_weight_of_three_is_the_same_person_three_times():
    answers, counts = survey(6, persons=40), np.arange(40) % 4
    weighted = pca_weights(answers, names(7), case_weights=counts)
    repeated = pca_weights(np.repeat(answers, counts, axis=0), names(7))
    assert weighted.weights == pytest.approx(repeated.weights)
    assert weighted.n == 30
    assert repeated.n == 60
    assert weighted.excluded == {"weight 0": 10}


def test_who_has_not_answered_all_is_left_out_and_counted():
    answers = survey(7)
    answers[[3, 50], [0, 6]] = np.nan
    found = pca_weights(answers, names(7))
    assert found.n == 118
    assert found.excluded == {"missing": 2}
    whole = answers[~np.isnan(answers).any(axis=1)]
    assert found.weights == pca_weights(whole, names(7)).weights


def test_loadings_face_one_way_and_stand_in_the_order_of_their_variance():
    for seed in range(8):
        details = pca_weights(survey(seed), names(7)).details
        for table in (details.loadings, details.rotated_loadings):
            assert (np.array(list(table.values())).sum(axis=0) > 0).all()
        after = [row.eigenvalue for row in details.rotated_variance]
        assert after == sorted(after, reverse=True)


def test_options_change_what_they_say_and_are_recorded():
    answers = survey(8)
    usual = pca_weights(answers, names(7))
    two = pca_weights(answers, names(7), components=1)
    assert usual.options["components"] == "eigenvalue above 1"
    assert two.options["components"] == 1
    assert two.details.components == 1
    loadings = np.array([row[0] for row in two.details.loadings.values()])
    assert list(two.weights.values()) == pytest.approx(
        (np.abs(loadings) / np.abs(loadings).sum()).tolist()
    )
    summed = pca_weights(answers, names(7), absolute="sum")
    rows = np.array(list(summed.details.rotated_loadings.values()))
    shares = np.array([row.share for row in summed.details.rotated_variance])
    expected = np.abs(rows @ shares)
    assert list(summed.weights.values()) == pytest.approx((expected / expected.sum()).tolist())
    assert summed.weights != pytest.approx(usual.weights, abs=1e-4)
    plain = pca_weights(answers, names(7), kaiser=False)
    assert plain.options["kaiser"] is False
    best = spread_of_squares(np.array(list(plain.details.rotated_loadings.values())))
    assert best >= spread_of_squares(np.array(list(usual.details.rotated_loadings.values())))


@pytest.mark.parametrize("kaiser", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_no_turn_of_a_pair_spreads_the_loadings_further_than_varimax(seed, kaiser):
    loadings = np.random.default_rng(seed).normal(size=(9, 3))
    found = varimax(loadings, kaiser=kaiser)
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True)) if kaiser else 1.0
    best = spread_of_squares(found.loadings / length)
    assert found.turn.T @ found.turn == pytest.approx(np.eye(3))
    assert found.loadings == pytest.approx(loadings @ found.turn)
    for first, second in itertools.combinations(range(3), 2):
        for angle in np.linspace(-math.pi / 2, math.pi / 2, 181):
            turn = np.eye(3)
            turn[[first, first, second, second], [first, second, first, second]] = [
                math.cos(angle), -math.sin(angle), math.sin(angle), math.cos(angle),
            ]  # fmt: skip
            assert spread_of_squares(found.loadings @ turn / length) <= best + 1e-9


def test_varimax_takes_an_item_of_no_component_and_refuses_what_it_cannot_turn():
    found = varimax([[0.7, 0.7], [0.0, 0.0], [0.7, -0.7]])
    assert found.loadings[1].tolist() == [0.0, 0.0]
    with pytest.raises(MethodError, match="missing"):
        varimax([[0.7, math.nan], [1.0, 2]])
    with pytest.raises(MethodError, match="3 components of 2 items"):
        varimax([[1, 2, 3], [3, 2, 1]])


def test_items_that_cannot_be_weighed_are_named():
    answers = survey(9)
    constant = answers.copy()
    constant[:, 2] = 4
    with pytest.raises(MethodError, match=r"^q3: is the same in all rows"):
        pca_weights(constant, names(7))
    twice = answers.copy()
    twice[:, 5] = 10 - 2 * answers[:, 1]
    with pytest.raises(MethodError, match=r"^q6: says exactly what “q2” says"):
        pca_weights(twice, names(7))
    total = answers.copy()
    total[:, 6] = answers[:, 0] + answers[:, 3]
    with pytest.raises(MethodError, match=r"^q7: follows from q1, q4;"):
        pca_weights(total, names(7))


def test_a_constant_item_far_from_zero_is_still_constant():
    answers = survey(9)
    answers[:, 0] = 0.1 + 0.2
    answers[::2, 0] = 0.3
    with pytest.raises(MethodError, match=r"^q1: is the same"):
        pca_weights(answers, names(7))


def test_too_few_rows_too_few_items_and_no_correlation_are_refused():
    answers = survey(10)
    with pytest.raises(MethodError, match="7 complete rows for 7 items"):
        pca_weights(answers[:7], names(7))
    assert pca_weights(answers[:8], names(7)).n == 8
    with pytest.raises(MethodError, match="at least two items"):
        pca_weights(answers[:, :1], ["q1"])
    every = np.array(list(itertools.product([1.0, 2.0], repeat=3)))
    with pytest.raises(MethodError, match="uncorrelated"):
        pca_weights(every, names(3))
    with pytest.raises(MethodError, match="between 1 and 7, got 8"):
        pca_weights(answers, names(7), components=8)
    with pytest.raises(MethodError, match="between 1 and 7, got 0"):
        pca_weights(answers, names(7), components=0)
    unknown: Any = "none"
    with pytest.raises(MethodError, match="absolute"):
        pca_weights(answers, names(7), absolute=unknown)
    with pytest.raises(MethodError, match="row 1, column 1 is infinite"):
        pca_weights([[math.inf, 1], [1.0, 2], [2.0, 2]], ["a", "b"])
