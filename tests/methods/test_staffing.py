"""Staffing: published figures, the birth–death chain written out, textbook sums, a simulated telephone line."""

import doctest
import heapq
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, linalg, stats

from zhike.methods import staffing
from zhike.methods.errors import MethodError
from zhike.methods.staffing import erlang_b, evaluate_staffing, staff

HALF_HOUR = {"calls": 100, "interval_seconds": 1800, "aht_seconds": 180, "within_seconds": 20}


def test_the_published_figures_of_erlang_c():
    found = evaluate_staffing(14, **HALF_HOUR)
    assert found.wait_probability == pytest.approx(0.174132, abs=5e-7)
    assert found.service_level == pytest.approx(0.888350, abs=5e-7)
    assert found.occupancy == pytest.approx(0.714286, abs=5e-7)
    assert found.average_wait_seconds == pytest.approx(7.836, abs=5e-4)
    assert (found.abandonment, found.service_level_of_answered) == (0, found.service_level)
    assert (found.method, found.load) == ("Erlang C", 10)
    assert evaluate_staffing(13, **HALF_HOUR).service_level == pytest.approx(0.795595, abs=5e-7)


def test_the_published_number_of_agents():
    found = staff(**HALF_HOUR, target=0.8, shrinkage=0.3)
    assert (found.agents, found.agents_with_shrinkage) == (14, 20)


def test_the_published_figures_of_erlang_a():
    found = evaluate_staffing(14, **HALF_HOUR, patience_seconds=300)
    assert found.wait_probability == pytest.approx(0.145260, abs=5e-7)
    assert found.abandonment == pytest.approx(0.013984, abs=5e-7)
    assert found.average_wait_seconds == pytest.approx(4.195, abs=5e-4)
    assert found.method == "Erlang A"


@pytest.mark.parametrize(("load", "agents"), [(10, 14), (0.3, 4), (25, 20), (7, 0)])
def test_erlang_b_is_the_textbook_quotient_in_exact_fractions(load, agents):
    exact = Fraction(str(load))
    terms = [exact**k / math.factorial(k) for k in range(agents + 1)]
    assert erlang_b(load, agents) == pytest.approx(float(terms[-1] / sum(terms)), rel=1e-13)


def test_erlang_c_of_thousands_agrees_with_poisson_tails():
    load, agents = 10_000.0, 10_050
    blocked = stats.poisson.pmf(agents, load) / stats.poisson.cdf(agents, load)
    assert erlang_b(load, agents) == pytest.approx(blocked, rel=1e-8)
    found = evaluate_staffing(
        agents, calls=100_000, interval_seconds=1800, aht_seconds=180, within_seconds=20
    )
    waits = blocked / (1 - load / agents * (1 - blocked))
    assert found.wait_probability == pytest.approx(waits, rel=1e-8)


def chain(agents, calls, aht, patience, within, most=400):
    """M/M/n+M by its balance equations as a linear system, and each wait as an integral of its density."""
    rate, serve, leave = calls, 1 / aht, 1 / patience
    states = np.arange(most + 1)
    down = np.minimum(states, agents) * serve + np.maximum(states - agents, 0) * leave
    flow = np.diag(np.full(most, rate), 1) + np.diag(down[1:], -1)
    flow -= np.diag(flow.sum(axis=1))
    system = np.vstack([flow.T[:-1], np.ones(most + 1)])
    share = linalg.solve(system, np.append(np.zeros(most), 1.0))
    queued = np.maximum(states - agents, 0)
    answered = float(share @ np.minimum(states, agents)) * serve / rate
    in_time = float(share[:agents].sum())
    # The caller behind k others starts a chain of deaths of its own; patience ends it at the rate `leave`.
    for ahead in range(min(60, most - agents)):
        steps = agents * serve + leave * np.arange(ahead, -1, -1)
        moves = np.zeros((ahead + 3, ahead + 3))
        for at, out in enumerate(steps):
            moves[at, at] = -(out + leave)
            moves[at, at + 1] = out
            moves[at, ahead + 2] = leave
        in_time += float(share[agents + ahead] * linalg.expm(moves * within)[0, ahead + 1])
    return {
        "wait_probability": float(share[agents:].sum()),
        "abandonment": float(share @ queued) * leave / rate,
        "average_wait_seconds": float(share @ queued) / rate,
        "occupancy": float(share @ np.minimum(states, agents)) / agents,
        "service_level": in_time,
        "service_level_of_answered": in_time / answered,
    }


@pytest.mark.parametrize(
    ("agents", "calls", "aht", "patience", "within"),
    [(14, 100, 180, 300, 20), (8, 100, 180, 300, 20), (11, 100, 180, 40, 5), (1, 9, 200, 90, 0)],
)
def test_erlang_a_is_the_chain_of_births_and_deaths(agents, calls, aht, patience, within):
    found = evaluate_staffing(
        agents,
        calls=calls,
        interval_seconds=1800,
        aht_seconds=aht,
        within_seconds=within,
        patience_seconds=patience,
    )
    for name, wanted in chain(agents, calls / 1800, aht, patience, within).items():
        assert getattr(found, name) == pytest.approx(wanted, rel=1e-7, abs=1e-9), name


def simulated(agents, calls, rng, patience):
    """A telephone line call by call: waits, and who gave up."""
    arrivals = np.cumsum(rng.exponential(18.0, calls))
    talk = rng.exponential(180.0, calls)
    gives_up = rng.exponential(patience, calls) if patience else np.full(calls, np.inf)
    free_at = [0.0] * agents
    waits = np.empty(calls)
    left = np.zeros(calls, dtype=bool)
    for call in range(calls):
        start = max(arrivals[call], free_at[0])
        waits[call] = start - arrivals[call]
        if waits[call] > gives_up[call]:
            waits[call], left[call] = gives_up[call], True
        else:
            heapq.heapreplace(free_at, start + talk[call])
    return waits, left


@pytest.mark.parametrize("patience", [None, 120.0])
def test_a_simulated_line_does_as_foretold(patience):
    rng = np.random.default_rng(12)
    waits, left = simulated(12, 120_000, rng, patience)
    found = evaluate_staffing(12, **HALF_HOUR, patience_seconds=patience)
    in_time = ~left & (waits <= 20)
    assert in_time.mean() == pytest.approx(found.service_level, abs=0.02)
    assert left.mean() == pytest.approx(found.abandonment, abs=0.005)
    assert (waits > 0).mean() == pytest.approx(found.wait_probability, abs=0.025)
    assert waits.mean() == pytest.approx(found.average_wait_seconds, rel=0.15)
    assert in_time.sum() / (~left).sum() == pytest.approx(found.service_level_of_answered, abs=0.02)


def test_the_wait_under_erlang_c_integrates_to_its_mean():
    def beyond(seconds):
        return 1 - evaluate_staffing(13, **{**HALF_HOUR, "within_seconds": seconds}).service_level

    whole, _ = integrate.quad(beyond, 0, 3000, limit=200)
    assert whole == pytest.approx(evaluate_staffing(13, **HALF_HOUR).average_wait_seconds, rel=1e-6)


def test_endless_patience_is_erlang_c():
    patient = evaluate_staffing(14, **HALF_HOUR, patience_seconds=1e8)
    endless = evaluate_staffing(14, **HALF_HOUR)
    for name in ("wait_probability", "service_level", "average_wait_seconds", "occupancy"):
        assert getattr(patient, name) == pytest.approx(getattr(endless, name), rel=1e-4)


def test_no_patience_is_erlang_b():
    found = evaluate_staffing(14, **HALF_HOUR, patience_seconds=1e-6)
    assert found.abandonment == pytest.approx(erlang_b(10, 14), rel=1e-4)
    assert found.service_level == pytest.approx(1 - erlang_b(10, 14), rel=1e-4)


@given(
    calls=st.floats(0.5, 400),
    aht=st.floats(20, 900),
    target=st.floats(0.05, 0.99),
    within=st.floats(0, 120),
    patience=st.none() | st.floats(5, 2000),
    occupied=st.sampled_from([1.0, 0.85, 0.6]),
)
@settings(max_examples=120, deadline=None)
def test_one_agent_fewer_would_miss(calls, aht, target, within, patience, occupied):
    line = {
        "calls": calls,
        "interval_seconds": 1800,
        "aht_seconds": aht,
        "within_seconds": within,
        "patience_seconds": patience,
    }
    found = staff(**line, target=target, most_occupied=occupied)
    assert found.service_level >= target
    assert found.occupancy <= occupied + 1e-9
    assert 0 <= found.abandonment <= 1
    assert found.service_level <= found.service_level_of_answered <= 1
    assert found == evaluate_staffing(found.agents, **line)
    fewer = found.agents - 1
    if fewer >= 1 and (patience is not None or fewer > found.load):
        less = evaluate_staffing(fewer, **line)
        assert less.service_level < target or less.occupancy > occupied


@pytest.mark.parametrize("patience", [None, 300, 1])
def test_thousands_of_agents(patience):
    line = {**HALF_HOUR, "calls": 100_000, "patience_seconds": patience}
    found = staff(**line, target=0.8)
    assert found.service_level >= 0.8
    assert evaluate_staffing(found.agents - 1, **line).service_level < 0.8
    # Many agents share the ups and downs: hardly more than the load, in time fewer when callers leave.
    assert 0.8 * found.load < found.agents < 1.01 * found.load


def test_far_too_few_and_far_too_many_agents_break_nothing():
    few = evaluate_staffing(10, **{**HALF_HOUR, "calls": 100_000}, patience_seconds=300)
    assert few.occupancy == pytest.approx(1)
    assert few.abandonment == pytest.approx(1 - 10 / 10_000)
    assert few.average_wait_seconds == pytest.approx(300 * few.abandonment)
    assert few.service_level < 1e-3
    for patience in (None, 300):
        many = evaluate_staffing(5000, **HALF_HOUR, patience_seconds=patience)
        assert (many.service_level, many.wait_probability, many.average_wait_seconds) == (1, 0, 0)
        assert many.occupancy == pytest.approx(10 / 5000)


@pytest.mark.parametrize(
    ("shrinkage", "paid"), [(0, 14), (0.3, 20), (0.29, 20), (0.31, 21), (0.5, 28), (0.65, 40)]
)
def test_shrinkage_rounds_up_but_not_for_a_hair(shrinkage, paid):
    assert evaluate_staffing(14, **HALF_HOUR, shrinkage=shrinkage).agents_with_shrinkage == paid


def test_a_cap_on_occupancy_asks_for_more():
    assert staff(**HALF_HOUR, target=0.8, most_occupied=0.5).agents == 20
    assert staff(**HALF_HOUR, target=0.8, most_occupied=10 / 14).agents == 14


def test_an_impossible_target_says_what_can_be_had():
    with pytest.raises(
        MethodError, match=r"13 agents cannot give 80.0% within 20 s: they reach 79.6%"
    ):
        staff(**HALF_HOUR, target=0.8, available=13)
    with pytest.raises(MethodError, match="10 erlangs needs more than 10 at all"):
        staff(**HALF_HOUR, target=0.8, available=10)
    with pytest.raises(MethodError, match=r"1e\+299 erlangs needs more than 1e\+299 at all"):
        staff(calls=1e300, interval_seconds=1800, aht_seconds=180, within_seconds=20, target=0.8)
    with pytest.raises(MethodError, match=r"occupancy of at most 50.0%"):
        staff(**HALF_HOUR, target=0.8, available=15, most_occupied=0.5)
    with pytest.raises(MethodError, match="they reach"):
        staff(**HALF_HOUR, target=0.99, available=5, patience_seconds=300)
    assert staff(**HALF_HOUR, target=0.8, available=14).agents == 14


def test_a_queue_that_grows_without_end_is_refused():
    with pytest.raises(MethodError, match="grows without end"):
        evaluate_staffing(10, **HALF_HOUR)
    assert evaluate_staffing(11, **HALF_HOUR).service_level > 0
    with pytest.raises(MethodError, match="callers would wait at a time"):
        evaluate_staffing(5, **HALF_HOUR, patience_seconds=1e12)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"calls": 0}, "calls"),
        ({"calls": math.nan}, "calls"),
        ({"calls": math.inf}, "calls"),
        ({"interval_seconds": 0}, "interval_seconds"),
        ({"aht_seconds": -5}, "aht_seconds"),
        ({"within_seconds": -1}, "within_seconds"),
        ({"patience_seconds": 0}, "patience_seconds"),
        ({"shrinkage": 1}, "shrinkage"),
        ({"shrinkage": -0.1}, "shrinkage"),
        ({"target": 1}, "target"),
        ({"target": 0}, "target"),
        ({"most_occupied": 0}, "most_occupied"),
        ({"most_occupied": 1.1}, "most_occupied"),
        ({"available": 0}, "available"),
    ],
)
def test_input_out_of_range_is_refused(change, what):
    with pytest.raises(MethodError) as refused:
        staff(**{**HALF_HOUR, "target": 0.8, **change})
    assert refused.value.what == what


@pytest.mark.parametrize("agents", [0, -1, 2.5])
def test_agents_are_whole_and_at_least_one(agents):
    with pytest.raises(MethodError, match="whole number from 1"):
        evaluate_staffing(agents, **HALF_HOUR)
    with pytest.raises(MethodError):
        erlang_b(0, 3)
    with pytest.raises(MethodError):
        erlang_b(3, -1)


def test_the_examples_run():
    assert doctest.testmod(staffing).failed == 0
