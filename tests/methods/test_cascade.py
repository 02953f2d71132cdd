"""Word of mouth: the courses' figures by hand, everybody counted once, and people simulated one by one."""

import doctest
import math
from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given as always
from hypothesis import settings
from hypothesis import strategies as st
from scipy import stats

from zhike.methods import cascade as module
from zhike.methods.cascade import (
    BRANCHES,
    PARAMETERS,
    RESULTS,
    Figure,
    Kind,
    cascade,
    cascade_interval,
)
from zhike.methods.errors import MethodError

ALL_ZERO = {name: Figure(0.0, "hand") for name in PARAMETERS}
SHOP = {
    "customers": 5000, "dissatisfied": 0.3, "complain": 0.25, "settled_quickly": 0.5, "settled_slowly": 0.2,
    "content_leave": 0.05, "content_stayers_tell": 5, "content_leavers_tell": 1,
    "quick_leave": 0.05, "quick_stayers_tell": 5, "quick_leavers_tell": 2,
    "slow_leave": 0.3, "slow_stayers_tell": 3, "slow_leavers_tell": 8,
    "unresolved_leave": 0.8, "unresolved_stayers_tell": 6, "unresolved_leavers_tell": 15,
    "silent_leave": 0.6, "silent_stayers_tell": 4, "silent_leavers_tell": 10,
    "bad_told_on": 0.2, "bad_told_on_to": 20, "good_told_on": 0.5, "good_told_on_to": 3,
    "customer_value": 400, "deterred": 0.01, "prospect_value": 150,
}  # fmt: skip


def figures(**changed: float) -> dict[str, Figure]:
    return {name: Figure(value, "hand") for name, value in (SHOP | changed).items()}


def drawn(seed: int) -> dict[str, Figure]:
    """Figures anywhere in their bounds, every tenth at an end."""
    chance = np.random.default_rng(seed)
    values = {}
    for name, kind in PARAMETERS.items():
        most = 1.0 if kind == Kind.SHARE else 50.0
        inside = float(chance.uniform(0, most))
        values[name] = float(chance.choice([0.0, most])) if chance.random() < 0.1 else inside
    values["settled_slowly"] *= 1 - values["settled_quickly"]
    return {name: Figure(value, "drawn") for name, value in values.items()}


SOME = st.integers(0, 2**32 - 1).map(drawn)


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("tells", "share", "on_to", "told"),
    [
        (10, 0.2, 20, 50),  # an unhappy one tells 10, of whom 20 % tell 20
        (6, 1, 5, 36),  # an unhappy one tells 6, who each tell 5
    ],
)
def test_one_unhappy_customer_reaches_as_many_as_the_courses_say(tells, share, on_to, told):
    given = {"customers": 1, "dissatisfied": 1, "silent_leave": 1, "silent_leavers_tell": tells}
    given |= {"bad_told_on": share, "bad_told_on_to": on_to}
    found = cascade(ALL_ZERO | {name: Figure(value, "course") for name, value in given.items()})
    assert (found.lost, found.told_badly, found.told_well) == (1, told, 0)


def test_one_happy_customer_reaches_as_many_as_the_courses_say():
    given = {"customers": 1, "content_stayers_tell": 5, "good_told_on": 1, "good_told_on_to": 3}
    found = cascade(ALL_ZERO | {name: Figure(value, "course") for name, value in given.items()})
    assert (found.lost, found.told_badly, found.told_well) == (0, 0, 20)


def test_a_shop_worked_by_hand():
    found = cascade(figures())
    # 1500 dissatisfied: 375 complain (187.5 quickly, 75 slowly, 112.5 not), 1125 are silent.
    sizes = {name: flow.customers for name, flow in found.branches.items()}
    assert sizes == pytest.approx(
        {"content": 3500, "quick": 187.5, "slow": 75, "unresolved": 112.5, "silent": 1125}
    )
    lost = 175 + 9.375 + 22.5 + 90 + 675
    assert found.lost == pytest.approx(lost)
    bad = 175 + 9.375 * 2 + 52.5 * 3 + 22.5 * 8 + 22.5 * 6 + 90 * 15 + 450 * 4 + 675 * 10
    assert found.told_badly == pytest.approx(bad * 5)
    assert found.told_well == pytest.approx((3325 * 5 + 178.125 * 5) * 2.5)
    assert found.deterred == pytest.approx(bad * 5 * 0.01)
    assert found.money_lost == pytest.approx(lost * 400)
    assert found.money_at_risk == pytest.approx(lost * 400 + bad * 5 * 0.01 * 150)
    assert found.branches["silent"].told == pytest.approx(450 * 4 + 675 * 10)
    assert found.figures["customers"].source == "hand"
    assert (found.n, found.excluded) == (0, {})


@settings(deadline=None)
@always(SOME)
def test_everybody_is_counted_once(given):
    found = cascade(given)
    customers = given["customers"].value
    flows = found.branches
    assert tuple(flows) == BRANCHES
    assert sum(flow.customers for flow in flows.values()) == pytest.approx(customers)
    for flow in flows.values():
        assert flow.stay + flow.leave == pytest.approx(flow.customers)
        assert min(astuple(flow)) >= 0
    unhappy = sum(flow.customers for name, flow in flows.items() if name != "content")
    assert unhappy == pytest.approx(customers * given["dissatisfied"].value)
    assert sum(flow.leave for flow in flows.values()) == pytest.approx(found.lost)
    bad = found.told_badly / (1 + given["bad_told_on"].value * given["bad_told_on_to"].value)
    good = found.told_well / (1 + given["good_told_on"].value * given["good_told_on_to"].value)
    assert sum(flow.told for flow in flows.values()) == pytest.approx(bad + good)
    assert found.money_lost + found.money_deterred == pytest.approx(found.money_at_risk)
    assert found.lost <= customers * (1 + 1e-12)


@settings(deadline=None, max_examples=50)
@always(SOME, st.sampled_from(sorted(PARAMETERS)))
def test_an_elasticity_is_what_a_small_change_does(given, name):
    # Down by a thousandth: the results are straight lines, so that the step's size is no matter.
    figure = given[name]
    usual, changed = (
        cascade(given),
        cascade(given | {name: replace(figure, value=figure.value * 0.999)}),
    )
    for result in RESULTS:
        before, after = getattr(usual, result), getattr(changed, result)
        elasticity = getattr(usual.elasticities[name], result)
        if before == 0:
            assert elasticity is None
        else:
            assert elasticity == pytest.approx(
                (before - after) / before / 0.001, abs=1e-6, rel=1e-6
            )


def test_elasticities_that_are_known_beforehand():
    found = cascade(figures()).elasticities
    for result in RESULTS:
        assert getattr(found["customers"], result) == pytest.approx(1)
    assert found["customer_value"].lost == 0
    assert found["customer_value"].money_at_risk + found[
        "prospect_value"
    ].money_at_risk == pytest.approx(1)
    assert found["deterred"].money_at_risk == pytest.approx(found["prospect_value"].money_at_risk)
    assert found["settled_quickly"].lost < 0
    assert found["complain"].lost < 0
    leaving = sum(found[f"{branch}_leave"].lost for branch in BRANCHES)
    assert leaving == pytest.approx(1)


def test_people_simulated_one_by_one_come_to_the_expected_figures():
    chance = np.random.default_rng(11)
    people, shop = 400_000, SHOP
    unhappy = chance.random(people) < shop["dissatisfied"]
    complains = unhappy & (chance.random(people) < shop["complain"])
    draw = chance.random(people)
    quick = complains & (draw < 0.5)
    slow = complains & (draw >= 0.5) & (draw < 0.7)
    branch = np.select([quick, slow, complains, unhappy], [1, 2, 3, 4], default=0)
    order = ("content", "quick", "slow", "unresolved", "silent")
    leave = chance.random(people) < np.array([shop[f"{name}_leave"] for name in order])[branch]
    mean = np.where(
        leave,
        np.array([shop[f"{name}_leavers_tell"] for name in order])[branch],
        np.array([shop[f"{name}_stayers_tell"] for name in order])[branch],
    )
    told = chance.poisson(mean)
    good = ~leave & (branch <= 1)
    badly = told[~good].sum() + chance.binomial(told[~good].sum(), 0.2) * 20
    well = told[good].sum() + chance.binomial(told[good].sum(), 0.5) * 3
    found = cascade(figures(customers=people))
    assert leave.sum() == pytest.approx(found.lost, rel=0.01)
    assert badly == pytest.approx(found.told_badly, rel=0.01)
    assert well == pytest.approx(found.told_well, rel=0.01)
    for name, count in zip(order, np.bincount(branch), strict=True):
        expected = found.branches[name].customers
        assert count == pytest.approx(expected, abs=4 * math.sqrt(expected))


@pytest.mark.parametrize(
    ("shape", "law"),
    [("uniform", stats.uniform(0.2, 0.6)), ("triangular", stats.triang(0.5, 0.2, 0.6))],
)
def test_with_one_range_the_interval_is_that_of_its_distribution(shape, law):
    # Lost = 1000 × share: the share's own quantiles, by scipy's laws.
    given = ALL_ZERO | {
        "customers": Figure(1000, "file"),
        "content_leave": Figure(0.5, "guess", 0.2, 0.8),
    }
    found = cascade_interval(given, seed=3, draws=100_000, shape=shape, level=0.9)
    lost = found.spreads["lost"]
    assert lost.expected == pytest.approx(500)
    assert [lost.low, lost.high] == pytest.approx((1000 * law.ppf([0.05, 0.95])).tolist(), abs=4)
    assert lost.mean == pytest.approx(1000 * law.mean(), abs=4)
    half = cascade_interval(given, seed=3, draws=100_000, shape=shape, level=0.5).spreads["lost"]
    assert [half.low, half.high] == pytest.approx((1000 * law.ppf([0.25, 0.75])).tolist(), abs=4)
    assert found.ranges == ("content_leave",)
    assert found.n == 100_000
    nothing = found.spreads["told_badly"]
    assert (nothing.low, nothing.mean, nothing.high) == (0, 0, 0)


def test_a_lopsided_triangle_has_its_peak_at_the_value():
    given = ALL_ZERO | {
        "customers": Figure(1000, "file"),
        "content_leave": Figure(0.3, "guess", 0.2, 0.8),
    }
    law = stats.triang(1 / 6, 0.2, 0.6)
    lost = cascade_interval(given, seed=5, draws=100_000).spreads["lost"]
    assert [lost.low, lost.high] == pytest.approx((1000 * law.ppf([0.025, 0.975])).tolist(), abs=4)
    inner = cascade_interval(given, seed=5, draws=100_000, level=0.8).spreads["lost"]
    assert [inner.low, inner.high] == pytest.approx((1000 * law.ppf([0.1, 0.9])).tolist(), abs=4)
    for peak in (0.2, 0.8):
        given["content_leave"] = Figure(peak, "guess", 0.2, 0.8)
        ends = cascade_interval(given, seed=5).spreads["lost"]
        assert 200 <= ends.low < ends.high <= 800


def test_a_seed_gives_the_same_interval_whatever_the_order_of_the_figures():
    given = figures()
    given["silent_leave"] = Figure(0.6, "guess", 0.4, 0.7)
    given["customer_value"] = Figure(400, "ledger", 300, 600)
    once = cascade_interval(given, seed=8)
    again = cascade_interval(dict(reversed(given.items())), seed=8)
    assert once == again
    assert cascade_interval(given, seed=0).options["seed"] == 0
    assert cascade_interval(given, seed=9).spreads != once.spreads
    assert once.ranges == ("silent_leave", "customer_value")
    for name, spread in once.spreads.items():
        assert spread.expected == pytest.approx(getattr(cascade(given), name))
    # These two do not touch what stays are told well, except by those who stay: none of the silent do.
    assert once.spreads["told_well"].low == once.spreads["told_well"].high


def test_a_wider_level_gives_a_wider_interval_within_the_ends_of_the_ranges():
    given = figures() | {"silent_leave": Figure(0.6, "guess", 0.4, 0.7)}
    wide = cascade_interval(given, seed=8, level=0.99).spreads["lost"]
    narrow = cascade_interval(given, seed=8, level=0.5).spreads["lost"]
    least = cascade(figures(silent_leave=0.4)).lost
    most = cascade(figures(silent_leave=0.7)).lost
    assert least <= wide.low < narrow.low < narrow.high < wide.high <= most


@pytest.mark.parametrize(
    ("name", "figure", "said"),
    [
        ("complain", Figure(1.01, "x"), "^complain: must lie between 0 and 1, got 1.01"),
        ("complain", Figure(-0.01, "x"), "^complain: must lie"),
        ("customers", Figure(-1, "x"), "^customers: must lie between 0"),
        ("customers", Figure(math.nan, "x"), "^customers: must lie"),
        ("customers", Figure(math.inf, "x"), "^customers: must lie"),
        ("customer_value", Figure(1.01e15, "x"), "^customer_value: must lie"),
        ("customers", Figure(1, "  "), "^customers: has no source"),
        ("complain", Figure(0.5, "x", 0.4), "^complain: has one end"),
        ("complain", Figure(0.5, "x", 0.6, 0.7), "^complain: is 0.5, outside of its own range"),
        ("complain", Figure(0.5, "x", 0.1, 0.4), "^complain: is 0.5, outside of its own range"),
        ("complain", Figure(0.5, "x", 0.1, 1.2), "^complain: must lie"),
        ("settled_slowly", Figure(0.51, "x"), "^settled_slowly: passes 1"),
        ("postmen", Figure(1, "x"), "^postmen: is no parameter"),
    ],
)
def test_a_figure_that_cannot_be_is_named(name, figure, said):
    with pytest.raises(MethodError, match=said):
        cascade(figures() | {name: figure})


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_no_figure_has_a_default(name):
    given = figures()
    del given[name]
    with pytest.raises(MethodError, match=f"^{name}: is not given"):
        cascade(given)


def test_shares_that_fill_the_whole_leave_nobody_unsettled():
    found = cascade(figures(settled_quickly=0.9, settled_slowly=0.1))
    assert found.branches["unresolved"].customers == pytest.approx(0, abs=1e-9)
    assert found.branches["unresolved"].customers >= 0
    assert cascade(figures(settled_quickly=0.7, settled_slowly=0.3)).lost > 0


def test_the_largest_figures_stay_numbers():
    largest = {name: 1.0 if kind == Kind.SHARE else 1e15 for name, kind in PARAMETERS.items()}
    largest["settled_slowly"] = 0
    found = cascade({name: Figure(value, "x") for name, value in largest.items()})
    assert math.isfinite(found.money_at_risk)


def test_what_the_draws_cannot_use_is_named():
    given = figures() | {"silent_leave": Figure(0.6, "guess", 0.4, 0.7)}
    with pytest.raises(MethodError, match="none has a range"):
        cascade_interval(figures(), seed=1)
    with pytest.raises(MethodError, match="none has a range"):
        cascade_interval(figures() | {"silent_leave": Figure(0.6, "x", 0.6, 0.6)}, seed=1)
    with pytest.raises(MethodError, match="seed"):
        cascade_interval(given, seed=-1)
    for draws in (99, 200_001):
        with pytest.raises(MethodError, match="draws"):
            cascade_interval(given, seed=1, draws=draws)
    unknown: Any = "normal"
    with pytest.raises(MethodError, match="shape"):
        cascade_interval(given, seed=1, shape=unknown)
    for level in (0, 1):
        with pytest.raises(MethodError, match="level"):
            cascade_interval(given, seed=1, level=level)
    both = given | {
        "settled_quickly": Figure(0.5, "x", 0.4, 0.7),
        "settled_slowly": Figure(0.2, "x", 0.1, 0.4),
    }
    with pytest.raises(MethodError, match=r"^settled_slowly: may pass 1"):
        cascade_interval(both, seed=1)
    both["settled_slowly"] = Figure(0.2, "x", 0.1, 0.3)
    assert cascade_interval(both, seed=1, draws=100).n == 100
