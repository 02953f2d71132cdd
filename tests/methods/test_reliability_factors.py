"""Fitness for factors, components, varimax and confirmatory loadings against published figures and second ways."""

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from tests.methods.holzinger_swineford import BLOCKS, CORRELATIONS, NAMES, SDS, N
from zhike.methods import reliability_confirmatory, reliability_factors
from zhike.methods.errors import MethodError
from zhike.methods.reliability_confirmatory import confirm
from zhike.methods.reliability_factors import adequacy, components
from zhike.methods.reliability_moments import moments_of_answers, moments_of_correlations
from zhike.methods.varimax import varimax

PUPILS = moments_of_correlations(CORRELATIONS, N, NAMES, SDS)


def noise(seed, n=40, size=6):
    rng = np.random.default_rng(seed)
    return moments_of_answers(rng.normal(size=(n, size)) @ rng.normal(size=(size, size)))


@pytest.mark.parametrize("module", [reliability_factors, reliability_confirmatory])
def test_examples_in_the_text_run(module):
    assert doctest.testmod(module).failed == 0


def test_the_nine_tests_have_the_published_adequacy():
    found = adequacy(PUPILS)
    assert round(found.kmo, 3) == 0.752
    assert round(found.chi2, 2) == 904.10
    assert (found.df, found.n) == (36, 301)
    assert found.p == pytest.approx(stats.chi2.sf(found.chi2, 36))


def test_kmo_compares_with_correlations_of_what_regressions_leave():
    """Partial correlations a second way: correlate the residuals of two items on all others."""
    rng = np.random.default_rng(3)
    data = rng.normal(size=(50, 5)) @ rng.normal(size=(5, 5))
    r, partial = np.array(np.corrcoef(data.T)), np.zeros((5, 5))
    for a in range(5):
        for b in range(a):
            others = np.column_stack([np.ones(50), np.delete(data, [a, b], axis=1)])
            left = [
                data[:, at] - others @ np.linalg.lstsq(others, data[:, at], rcond=None)[0]
                for at in (a, b)
            ]
            partial[a, b] = partial[b, a] = np.corrcoef(*left)[0, 1]
    np.fill_diagonal(r, 0.0)
    found = adequacy(moments_of_answers(data, list("abcde")))
    shared, own = (r**2).sum(axis=0), (partial**2).sum(axis=0)
    assert found.kmo == pytest.approx(shared.sum() / (shared.sum() + own.sum()), abs=1e-10)
    assert list(found.kmo_items.values()) == pytest.approx(shared / (shared + own), abs=1e-10)


def test_bartlett_of_two_items_by_hand():
    found = adequacy(moments_of_correlations([[1, 0.6], [0.6, 1]], 50))
    assert found.chi2 == pytest.approx(-(49 - 9 / 6) * np.log(1 - 0.36))
    assert found.df == 1
    assert found.kmo == pytest.approx(0.5)


def test_bartlett_is_about_right_when_nothing_is_correlated():
    rng = np.random.default_rng(5)
    found = [adequacy(moments_of_answers(rng.normal(size=(60, 4)))).p for _ in range(400)]
    assert stats.kstest(found, "uniform").pvalue > 0.001


@pytest.mark.parametrize(
    ("r", "n", "message"),
    [
        ([[1.0]], 9, r"items: at least two are needed"),
        ([[1, 0.5], [0.5, 1]], 2, r"n: must be at least 3"),
        (np.eye(3), 3, r"n: 3 respondents are too few for 3 items"),
        (np.eye(3), 9, r"item 1: has no correlation with any other"),
        ([[1, 0.5, 0.5], [0.5, 1, 1], [0.5, 1, 1]], 9, r"item 3: is given exactly by the items"),
    ],
)
def test_items_unfit_for_adequacy_are_refused(r, n, message):
    with pytest.raises(MethodError, match=message):
        adequacy(moments_of_correlations(r, n))


def test_components_rebuild_the_correlations():
    found = components(PUPILS, kept=9)
    assert found.loadings @ found.loadings.T == pytest.approx(PUPILS.correlations, abs=1e-10)
    assert found.rotated @ found.rotated.T == pytest.approx(PUPILS.correlations, abs=1e-10)
    assert found.eigenvalues == pytest.approx(
        sorted(np.roots(np.poly(PUPILS.correlations)).real, reverse=True), abs=1e-6
    )
    assert sum(found.eigenvalues) == pytest.approx(9.0)


def test_the_nine_tests_fall_into_their_three_groups():
    found = components(PUPILS)
    assert (found.kept, found.rule) == (3, "eigenvalue above 1")
    home = np.abs(found.rotated).argmax(axis=1)
    assert home.tolist() == [1, 1, 1, 0, 0, 0, 2, 2, 2]
    assert (found.rotated.sum(axis=0) > 0).all()
    assert found.communalities["x4"] == pytest.approx((found.rotated[3] ** 2).sum())


def test_the_total_variance_table_adds_up():
    found = components(PUPILS)
    table = found.table
    assert [row.component for row in table] == list(range(1, 10))
    assert [row.eigenvalue for row in table] == list(found.eigenvalues)
    assert table[1].cumulative == pytest.approx((table[0].eigenvalue + table[1].eigenvalue) / 9)
    assert table[8].cumulative == pytest.approx(1.0)
    assert [row.rotated for row in table[:3]] == pytest.approx((found.rotated**2).sum(axis=0))
    assert table[2].rotated_share == pytest.approx(table[2].rotated / 9)
    assert table[2].rotated_cumulative == pytest.approx(table[2].cumulative)
    assert (table[3].rotated, table[3].rotated_share, table[3].rotated_cumulative) == (None,) * 3


def test_at_least_one_component_is_kept():
    found = components(moments_of_correlations(np.eye(3), 9))
    assert found.kept == 1
    with pytest.raises(MethodError, match=r"items: at least two"):
        components(PUPILS.of(["x1"]))
    for kept in (0, 10):
        with pytest.raises(MethodError, match=rf"kept: must lie between 1 and 9, got {kept}"):
            components(PUPILS, kept=kept)


def simplicity(loadings):
    """What varimax makes large: the variance of squared loadings, rows taken to length 1."""
    rows = loadings / np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    return float((rows**2).var(axis=0).sum())


@pytest.mark.parametrize("seed", range(6))
def test_varimax_of_two_components_is_the_best_of_all_angles(seed):
    plain = components(noise(seed), kept=2)
    best = max(
        simplicity(plain.loadings @ np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]]))
        for t in np.linspace(0, np.pi / 2, 20_001)
    )
    assert simplicity(plain.rotated) == pytest.approx(best, abs=1e-7)
    assert simplicity(plain.rotated) >= best - 1e-12


@pytest.mark.parametrize("seed", range(6))
def test_varimax_of_three_components_leaves_no_better_turn_nearby(seed):
    found = components(noise(seed, size=8), kept=3).rotated
    top = simplicity(found)
    for axis in ([0, 1], [0, 2], [1, 2]):
        for angle in (-0.3, -0.01, 0.01, 0.3):
            turn = np.eye(3)
            c, s = np.cos(angle), np.sin(angle)
            turn[np.ix_(axis, axis)] = [[c, -s], [s, c]]
            assert simplicity(found @ turn) < top


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 10**6),
    st.permutations(range(3)),
    st.lists(st.sampled_from([-1, 1]), min_size=3, max_size=3),
)
def test_varimax_does_not_depend_on_signs_and_keeps_communalities(seed, order, signs):
    plain = components(noise(seed), kept=3)
    assert (plain.rotated**2).sum(axis=1) == pytest.approx((plain.loadings**2).sum(axis=1))
    found = varimax(plain.rotated[:, order] * signs).loadings
    assert found == pytest.approx(plain.rotated, abs=1e-6)
    sums = (found**2).sum(axis=0)
    assert (np.diff(sums) <= 1e-9).all()
    assert (found.sum(axis=0) > -1e-8).all()


def test_varimax_without_normalizing_lets_large_rows_count_more():
    plain = components(PUPILS, kept=3).loadings
    raw, even = varimax(plain, kaiser=False).loadings, varimax(plain).loadings
    assert np.abs(raw - even).max() > 1e-4
    assert (raw**2).var(axis=0).sum() > (even**2).var(axis=0).sum()


def test_the_nine_tests_have_the_published_confirmatory_model():
    found = confirm(PUPILS, BLOCKS)
    # As lavaan prints them for this data (standardized solution; correlations of factors; test of the model).
    published = [0.772, 0.424, 0.581, 0.852, 0.855, 0.838, 0.570, 0.723, 0.665]
    flat = [value for own in found.loadings.values() for value in own.values()]
    assert flat == pytest.approx(published, abs=0.0006)
    assert found.correlations[0, 1] == pytest.approx(0.459, abs=0.0006)
    assert found.correlations[0, 2] == pytest.approx(0.471, abs=0.0006)
    assert found.correlations[1, 2] == pytest.approx(0.283, abs=0.0006)
    assert round(found.chi2, 3) == 85.306
    assert (found.df, found.notes) == (24, ())
    assert found.p == pytest.approx(stats.chi2.sf(found.chi2, 24))


def test_confirmatory_loadings_find_the_model_correlations_were_made_from():
    loads = np.zeros((6, 2))
    loads[:3, 0], loads[3:5, 1], loads[5, 1] = [0.9, -0.4, 0.6], [0.8, 0.7], 0.3
    r = loads @ np.array([[1, -0.35], [-0.35, 1]]) @ loads.T
    np.fill_diagonal(r, 1.0)
    found = confirm(
        moments_of_correlations(r, 200, list("abcdef")), {"F": list("abc"), "G": list("def")}
    )
    assert list(found.loadings["F"].values()) == pytest.approx([0.9, -0.4, 0.6], abs=1e-5)
    assert list(found.loadings["G"].values()) == pytest.approx([0.8, 0.7, 0.3], abs=1e-5)
    assert found.correlations[0, 1] == pytest.approx(-0.35, abs=1e-5)
    assert found.chi2 == pytest.approx(0, abs=1e-6)
    assert found.p == pytest.approx(1.0)


def test_a_factor_of_one_item_is_that_item():
    found = confirm(PUPILS, {"visual": NAMES[:3], "one": ["x4"]})
    assert found.loadings["one"] == {"x4": pytest.approx(1.0)}
    assert found.df == 2

    # Two ways to the same likelihood: numerical differences instead of the gradient.
    def discrepancy(x):
        loads = np.zeros((4, 2))
        loads[:3, 0], loads[3, 1] = x[:3], 1
        implied = loads @ np.array([[1, x[6]], [x[6], 1]]) @ loads.T + np.diag([*x[3:6], 0])
        r = PUPILS.of([*NAMES[:3], "x4"]).correlations
        return (
            np.linalg.slogdet(implied)[1]
            + np.trace(np.linalg.solve(implied, r))
            - np.linalg.slogdet(r)[1]
            - 4
        )

    least = optimize.minimize(
        discrepancy,
        [0.6] * 3 + [0.6] * 3 + [0.3],
        method="Nelder-Mead",
        options={"maxiter": 20_000, "maxfev": 20_000, "xatol": 1e-9, "fatol": 1e-13},
    )
    assert found.chi2 == pytest.approx(301 * least.fun, abs=1e-5)


def test_a_model_at_the_edge_of_what_is_possible_is_a_note():
    r = np.array([[1, 0.9, 0.8], [0.9, 1, 0.5], [0.8, 0.5, 1]])
    found = confirm(moments_of_correlations(r, 100, list("abc")), {"F": list("abc")})
    assert found.notes == (
        "the unique variance of a is at its least: the factor model does not fit",
    )
    same = np.full((4, 4), 0.6) + 0.4 * np.eye(4)
    pairs = confirm(
        moments_of_correlations(same, 100, list("abcd")), {"F": list("ab"), "G": list("cd")}
    )
    assert pairs.notes == ("F and G cannot be told apart: their factors correlate fully",)


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ({"F": ["x1", "x2"]}, r"blocks: 1 more figures are asked for than 2 items can tell"),
        ({"F": []}, r"block F: needs a list"),
        ({"F": "x1"}, r"block F: needs a list|items: "),
        ({"F": ["x1", "x2", "x3"], "G": ["x3", "x4"]}, r"items: x3 is named twice"),
        ({"F": ["x1", "x2", "y"]}, r"items: y is none of"),
    ],
)
def test_wrong_factors_are_refused(blocks, message):
    with pytest.raises(MethodError, match=message):
        confirm(PUPILS, blocks)


def test_copies_are_refused_for_factors():
    r = [[1, 0.5, 0.5], [0.5, 1, 1], [0.5, 1, 1]]
    with pytest.raises(MethodError, match=r"items: some are given exactly by others"):
        confirm(moments_of_correlations(r, 99, list("abc")), {"F": list("abc")})
