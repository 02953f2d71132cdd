"""Newton's climb on surfaces whose peaks are known: bumps, ramps, plateaus, two hills."""

import numpy as np
import pytest

from zhike.methods.errors import MethodError
from zhike.methods.likelihood import CLOSE, maximise

NAMES = ("first", "second")


def curve_of(level):
    """A surface given in the logarithms, with slope and curvature there, told in the parameters themselves."""

    def curve(at):
        value, slope, bend = level(np.log(at))
        natural = slope / at
        return value, natural, bend / np.outer(at, at) - np.diag(natural / at)

    return curve


def bump(middle, sharp, height=0.0):
    sharp = np.asarray(sharp, dtype=float)

    def level(logs):
        off = logs - middle
        return height - 0.5 * float(off @ sharp @ off), -sharp @ off, -sharp

    return level


def hills(logs):
    """A low hill at (0, 0) and a high one at (4, 4), both of width 1."""
    value, slope, bend = 0.0, np.zeros(2), np.zeros((2, 2))
    for middle, height in ((0.0, 1.0), (4.0, 2.0)):
        off = logs - middle
        here = height * float(np.exp(-off @ off / 2))
        value += here
        slope = slope - here * off
        bend = bend + here * (np.outer(off, off) - np.eye(2))
    return value, slope, bend


def flattening(logs):
    """Rises for ever, less and less: 1 − e^−first."""
    fade = float(np.exp(-logs[0]))
    pull = -0.5 * float(logs[1]) ** 2
    bend = np.diag([-fade, -1.0])
    return 1 - fade + pull, np.array([fade, -logs[1]]), bend


def test_a_bump_is_climbed_and_its_width_told():
    sharp = np.array([[40.0, 12.0], [12.0, 9.0]])
    found = maximise("x", NAMES, curve_of(bump([1.2, -0.7], sharp, 5.0)), [np.ones(2)], 10)
    at = np.exp([1.2, -0.7])
    assert found.at == pytest.approx(at, rel=1e-8)
    assert found.loglik == pytest.approx(5.0)
    assert found.covariance == pytest.approx(np.linalg.inv(sharp) * np.outer(at, at), rel=1e-7)


def test_from_close_by_the_first_step_is_newtons_own_and_no_place_is_asked_twice():
    sharp = np.array([[40.0, 12.0], [12.0, 0.5 + 12**2 / 40]])
    asked = []

    def curve(at):
        asked.append(tuple(at))
        return curve_of(bump([1.2, -0.7], sharp))(at)

    start = np.exp([1.3, -0.9])
    near = maximise("x", NAMES, curve, [start], 1, ridge=CLOSE)
    # The start and the top: on a bump without higher curvature one step is enough.
    assert len(asked) == near.steps == len(set(asked)) == 2
    asked.clear()
    guessed = maximise("x", NAMES, curve, [start], 1)
    assert len(asked) == guessed.steps == len(set(asked)) > 2
    assert guessed.at == pytest.approx(near.at, rel=1e-7)


def test_a_start_that_is_not_as_close_as_said_still_leads_up():
    found = maximise("x", NAMES, curve_of(hills), [np.exp([2.2, 2.6])], 1, ridge=CLOSE)
    assert np.log(found.at) == pytest.approx([4, 4], abs=1e-4)


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_hills_the_higher_is_taken(order):
    starts = [np.exp([0.3, 0.2]), np.exp([3.8, 4.1])][::order]
    found = maximise("x", NAMES, curve_of(hills), starts, 1)
    assert np.log(found.at) == pytest.approx([4, 4], abs=1e-4)
    alone = maximise("x", NAMES, curve_of(hills), [starts[0] if order == 1 else starts[1]], 1)
    assert np.log(alone.at) == pytest.approx([0, 0], abs=1e-3)


def test_what_flattens_for_ever_is_no_peak_however_many_observations():
    def of_many(logs):
        value, slope, bend = flattening(logs)
        return 1e12 * value, 1e12 * slope, 1e12 * bend

    for level, n in ((flattening, 1), (of_many, 1e12)):
        with pytest.raises(MethodError, match="first runs away"):
            maximise("x", NAMES, curve_of(level), [np.ones(2)], n)


def test_a_peak_so_wide_that_it_says_nothing_is_none():
    wide = bump([1.0, 0.5], np.diag([1e-6, 1.0]))
    with pytest.raises(MethodError, match="flat along first"):
        maximise("x", NAMES, curve_of(wide), [np.exp([1.0, 0.5])], 1)
    found = maximise("x", NAMES, curve_of(bump([1.0, 0.5], np.diag([1e-3, 1.0]))), [np.ones(2)], 1)
    assert np.log(found.at) == pytest.approx([1, 0.5], abs=1e-4)


def test_a_peak_out_of_reach_and_a_start_without_value_are_told():
    far = bump([25.0, 0.0], np.eye(2))
    with pytest.raises(MethodError, match="first runs away"):
        maximise("x", NAMES, curve_of(far), [np.ones(2)], 1)

    def nowhere(at):
        return -np.inf, np.ones(2), np.eye(2)

    with pytest.raises(MethodError, match="cannot be computed"):
        maximise("x", NAMES, nowhere, [np.ones(2)], 1)
    with pytest.raises(MethodError, match="no start") as refused:
        maximise("x", NAMES, curve_of(far), [], 1)
    assert refused.value.what == "x"


def test_a_hole_in_the_surface_is_gone_around():
    def holed(at):
        if at[0] > 20:
            return -np.inf, np.full(2, np.nan), np.full((2, 2), np.nan)
        return curve_of(bump([2.5, 0.0], np.eye(2)))(at)

    found = maximise("x", NAMES, holed, [np.exp([-1.0, 3.0])], 1)
    assert np.log(found.at) == pytest.approx([2.5, 0], abs=1e-8)
