"""Control charts: Montgomery's cans, limits by hand, every rule against a look at one window after another."""

import doctest
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.methods.known import CANS
from zhike.methods import control
from zhike.methods.control import control_chart, nelson, western
from zhike.methods.errors import MethodError


def test_the_published_chart_of_the_cans():
    chart = control_chart(CANS, [50] * 30, kind="p")
    assert chart.center == pytest.approx(0.2313, abs=5e-5)
    assert [round(float(limit[0]), 4) for limit in (chart.lcl, chart.ucl)] == [0.0524, 0.4102]
    assert chart.flagged["1"] == (15, 23)
    assert not chart.in_control
    assert (chart.n, chart.excluded, chart.without) == (30, {}, ())


def test_the_published_revised_limits():
    chart = control_chart(CANS, [50] * 30, kind="p", without=[23, 15])
    assert round(chart.center, 4) == 0.2150
    assert [round(float(limit[0]), 4) for limit in (chart.lcl, chart.ucl)] == [0.0407, 0.3893]
    # Montgomery goes on: with the new limits sample 21 is beyond them too.
    assert chart.flagged["1"] == (15, 21, 23)
    assert chart.excluded == {"left out of the center": 2}
    assert chart.without == (15, 23)
    assert chart.values.size == 30


def test_an_np_chart_is_the_p_chart_times_the_size():
    p = control_chart(CANS, [50] * 30, kind="p", rules="nelson")
    np_ = control_chart(CANS, [50] * 30, kind="np", rules="nelson")
    for name in ("center", "values", "sigma", "lcl", "ucl"):
        assert getattr(np_, name) == pytest.approx(50 * getattr(p, name))
    assert np_.flagged == p.flagged


def test_limits_follow_each_points_size():
    chart = control_chart([3, 10, 2], [20, 100, 40], kind="p")
    center = 15 / 160
    half = [3 * math.sqrt(center * (1 - center) / size) for size in (20, 100, 40)]
    assert chart.center == pytest.approx(center)
    assert chart.ucl == pytest.approx([center + reach for reach in half])
    assert chart.lcl == pytest.approx([max(0, center - reach) for reach in half])
    assert chart.lcl[0] == 0
    assert chart.lcl[1] > 0


def test_limits_of_c_u_and_g_by_hand():
    c = control_chart([9, 16, 11], kind="c")
    assert (c.center, c.ucl[0], c.lcl[0]) == (
        12,
        pytest.approx(12 + 3 * math.sqrt(12)),
        12 - 3 * 12**0.5,
    )
    u = control_chart([9, 16.5, 11], [3, 4, 2.5], kind="u")
    assert u.center == pytest.approx(36.5 / 9.5)
    assert u.values == pytest.approx([3, 4.125, 4.4])
    assert u.ucl == pytest.approx([36.5 / 9.5 + 3 * math.sqrt(36.5 / 9.5 / s) for s in (3, 4, 2.5)])
    g = control_chart([20, 35, 5], kind="g")
    assert (g.center, g.ucl[0], g.lcl[0]) == (20, pytest.approx(20 + 3 * math.sqrt(420)), 0)


def test_a_given_center_needs_no_estimate():
    chart = control_chart([9, 1, 4], kind="c", center=4)
    assert (chart.center, chart.center_given) == (4, True)
    assert (chart.ucl[0], chart.lcl[0]) == (10, 0)
    assert not control_chart([9, 1, 4], kind="c").center_given
    share = control_chart([5, 1], [10, 40], kind="p", center=0.2)
    assert share.sigma == pytest.approx([math.sqrt(0.016), math.sqrt(0.004)])
    assert control_chart([5, 1], [10, 10], kind="np", center=2).sigma[0] == pytest.approx(
        math.sqrt(1.6)
    )


def test_rule_1_is_strict_whatever_rounding_does():
    # 3 sigma is 0.09 exactly: 19 of 100 lies on the limit, 20 beyond; in binary the limit is a hair off.
    chart = control_chart([19, 20, 1, 0], [100] * 4, kind="p", center=0.1)
    assert chart.flagged["1"] == (2, 4)
    assert control_chart([10, 11], kind="c", center=4).flagged["1"] == (2,)
    # One fifth of 225, sigma 6: 63 lies on the limit, though its distance comes out a hair above 3 sigma.
    assert control_chart([63, 64], [225, 225], kind="p", center=0.2).flagged["1"] == (2,)


def test_a_point_on_the_center_but_for_rounding_ends_a_run():
    # 3 of 10 is below 0.1 + 0.2 by rounding alone.
    low = [2] * 4 + [3] + [2] * 4
    assert control_chart(low, [10] * 9, kind="p", center=0.1 + 0.2).flagged["4"] == ()
    assert control_chart([2] * 9, [10] * 9, kind="p", center=0.1 + 0.2).flagged["4"] == (8, 9)


def on_scale(z):
    """Rules see values around 10 with a sigma of 2: exact in binary for halves."""
    z = np.array(z, dtype=float)
    return 10 + 2 * z, 10.0, np.full(z.size, 2.0)


def windows(z, length, fits):
    """Positions from 1 of points that end a window of `length` points for which `fits` says yes."""
    return [end for end in range(length, len(z) + 1) if fits(z[end - length : end])]


def several(z, length, needed, beyond):
    """Points beyond on one side that end a window, cut short at the beginning, with enough such points."""

    def fits(window, side):
        return side * window[-1] > beyond and sum(side * v > beyond for v in window) >= needed

    ends = range(1, len(z) + 1)
    return [
        end for end in ends if any(fits(z[max(0, end - length) : end], side) for side in (1, -1))
    ]


def alternates(window):
    return all(
        (b - a) * (c - b) < 0 for a, b, c in zip(window, window[1:], window[2:], strict=False)
    )


def steady(window):
    pairs = list(itertools.pairwise(window))
    return all(a < b for a, b in pairs) or all(a > b for a, b in pairs)


def one_side(window):
    return all(v > 0 for v in window) or all(v < 0 for v in window)


def checked_western(z):
    return {
        "1": [at for at, v in enumerate(z, 1) if abs(v) > 3],
        "2": several(z, 3, 2, 2),
        "3": several(z, 5, 4, 1),
        "4": windows(z, 8, one_side),
    }


def checked_nelson(z):
    return {
        "1": [at for at, v in enumerate(z, 1) if abs(v) > 3],
        "2": windows(z, 9, one_side),
        "3": windows(z, 6, steady),
        "4": windows(z, 14, alternates),
        "5": several(z, 3, 2, 2),
        "6": several(z, 5, 4, 1),
        "7": windows(z, 15, lambda w: all(abs(v) <= 1 for v in w)),
        "8": windows(z, 8, lambda w: all(abs(v) > 1 for v in w)),
    }


halves = st.integers(-8, 8).map(lambda half: half / 2)
series = st.one_of(
    st.lists(halves, min_size=2, max_size=40),
    st.lists(st.sampled_from([0.5, 1.0, 1.5, 2.5, 0.0]), min_size=2, max_size=40),
    st.lists(st.sampled_from([-1.0, -0.5, 0.5, 1.0]), min_size=14, max_size=40),
    st.lists(st.sampled_from([-1.5, 1.5, 3.5, -2.5]), min_size=8, max_size=40),
    st.lists(st.integers(1, 6), min_size=14, max_size=40).map(
        lambda jumps: [(-1) ** at * jump / 2 for at, jump in enumerate(jumps)]
    ),
    st.lists(st.sampled_from([0.0, 0.5, 0.5, 0.5]), min_size=6, max_size=16).map(
        lambda steps: [sum(steps[: at + 1]) - 2 for at in range(len(steps))]
    ),
)


@given(series, st.booleans())
@settings(max_examples=400, deadline=None)
def test_rules_flag_what_a_look_at_every_window_finds(z, mirrored):
    z = [-v for v in z] if mirrored else z
    for rules, checked in ((western, checked_western), (nelson, checked_nelson)):
        found = rules(*on_scale(z))
        assert {name: (np.flatnonzero(hit) + 1).tolist() for name, hit in found.items()} == checked(
            z
        )


@pytest.mark.parametrize(
    ("rule", "z", "flagged"),
    [
        ("2", [2.5, 0, 2.5], [3]),
        ("2", [2.5, 2.5, 0], [2]),
        ("2", [2.5, -2.5, 2.0], []),
        ("3", [1.5, 1.5, 0, 1.5, 1.5], [5]),
        ("3", [1.5, 1.5, 1.5, 1.5, 0.5], [4]),
        ("3", [1.5, 1.5, 1.5, 1, 1], []),
        ("4", [0.5] * 8, [8]),
        ("4", [0.5] * 4 + [0] + [0.5] * 7, []),
        ("4", [0.5] * 7 + [-0.5], []),
    ],
)
def test_western_rules_in_the_small(rule, z, flagged):
    assert (np.flatnonzero(western(*on_scale(z))[rule]) + 1).tolist() == flagged


@pytest.mark.parametrize(
    ("rule", "z", "flagged"),
    [
        ("2", [-0.5] * 9, [9]),
        ("2", [-0.5] * 8, []),
        ("3", [0, 0.5, 1, 1.5, 2, 2.5], [6]),
        ("3", [0, 0.5, 1, 1, 1.5, 2, 2.5], []),
        ("4", [0.5, -0.5] * 7, [14]),
        ("4", [0.5, -0.5] * 6 + [0.5], []),
        # One step the wrong way, and counting begins anew.
        ("4", [0.5, -0.5] * 4 + [-0.8, 0.5, -0.5, 0.5, -0.5, 0.5, -0.5, 0.5], []),
        ("7", [0.5, -1.0] * 7 + [0], [15]),
        ("7", [0.5, -1.0] * 7 + [1.5], []),
        ("8", [1.5, -1.5] * 4, [8]),
        ("8", [1.5, -1.5] * 3 + [1.5, 1.0], []),
    ],
)
def test_nelsons_rules_in_the_small(rule, z, flagged):
    assert (np.flatnonzero(nelson(*on_scale(z))[rule]) + 1).tolist() == flagged


def test_points_on_an_estimated_center_end_a_run():
    # The centre is exactly 10: sums of whole numbers, so the fifth point lies on it.
    counts = [11, 11, 11, 11, 10, 11, 11, 11, 11, 4, 8]
    assert control_chart(counts, kind="c", rules="western").center == 10
    assert control_chart(counts, kind="c").flagged["4"] == ()


GOOD = {"x": [3, 4, 5], "size": [10, 10, 10], "kind": "p"}


@pytest.mark.parametrize(
    ("change", "what", "why"),
    [
        ({"kind": "x"}, "kind", "not x"),
        ({"rules": "mine"}, "rules", "not mine"),
        ({"x": [3]}, "x", "at least 2"),
        ({"x": [3, math.nan, 5]}, "x", "row 2 is nan: missing"),
        ({"x": [3, 4.5, 5]}, "x", "row 2 is 4.5: no whole"),
        ({"x": [3, -1, 5]}, "x", "row 2 is -1: below"),
        ({"x": [3, 11, 5]}, "x", "row 2 is 11: more than its size"),
        ({"size": None}, "size", "needed"),
        ({"size": [10, 10]}, "size", "has 2 rows"),
        ({"size": [10, 0, 10]}, "size", "row 2 is 0"),
        ({"size": [10, 10.5, 10]}, "size", "row 2 is 10.5"),
        ({"size": [10, math.nan, 10]}, "size", "row 2 is nan"),
        ({"kind": "np", "size": [10, 10, 12]}, "size", "row 3 is 12"),
        ({"kind": "c"}, "size", "no meaning"),
        ({"kind": "g"}, "size", "no meaning"),
        ({"x": [0, 0, 0]}, "center", "no variation"),
        ({"x": [10, 10, 10]}, "center", "no variation"),
        ({"kind": "np", "center": 10}, "center", "between 0 and 10"),
        ({"center": 1.0}, "center", "between 0 and 1"),
        ({"center": math.nan}, "center", "no variation"),
        ({"kind": "u", "center": math.inf}, "center", "above 0"),
        ({"without": [4]}, "without", "4 is no position"),
        ({"without": [0]}, "without", "0 is no position"),
        ({"without": [1, 2]}, "without", "fewer than two"),
        ({"without": [1], "center": 0.4}, "without", "no meaning"),
    ],
)
def test_unusable_input_is_refused(change, what, why):
    with pytest.raises(MethodError, match=why) as refused:
        control_chart(**{**GOOD, **change})
    assert refused.value.what == what


def test_the_examples_run():
    assert doctest.testmod(control).failed == 0
