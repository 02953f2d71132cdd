"""How many agents a telephone line needs: Erlang B, C and A.

Calls come at random (Poisson), talking times are exponential, callers are served in order. Erlang C lets them wait
without end, Erlang A lets each give up after an exponential patience of their own, and so stays finite when calls
outnumber agents.

Sources: Erlang 1917; Palm 1957; Garnett, Mandelbaum, Reiman 2002, Manufacturing & Service Operations Management 4.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, share

MOST_AGENTS = 1_000_000
"""The search for a number of agents ends here."""
NOTHING = 1e-18
LONGEST_QUEUE = 2**21


@dataclass(frozen=True, slots=True)
class Staffing:
    """What a number of agents achieves. Times in seconds, the rest shares between 0 and 1.

    `service_level` is the share of all calls offered that are answered within the limit; who gave up is in the
    denominator. `service_level_of_answered` has only answered calls there. `average_wait_seconds` is over all
    calls, those given up included. With Erlang C nobody gives up: `abandonment` is 0 and both levels are equal.
    """

    method: str
    agents: int
    load: float
    wait_probability: float
    service_level: float
    service_level_of_answered: float
    occupancy: float
    average_wait_seconds: float
    abandonment: float
    agents_with_shrinkage: int
    calls: float
    interval_seconds: float
    aht_seconds: float
    within_seconds: float
    patience_seconds: float | None
    shrinkage: float

    @property
    def options(self) -> Mapping[str, object]:
        """The demand these agents were measured by."""
        return {
            "calls": self.calls,
            "interval_seconds": self.interval_seconds,
            "aht_seconds": self.aht_seconds,
            "within_seconds": self.within_seconds,
            "patience_seconds": self.patience_seconds,
            "shrinkage": self.shrinkage,
        }

    @property
    def n(self) -> None:
        """Reckoned from a stated demand: there is no sample."""
        return None

    @property
    def excluded(self) -> Mapping[str, int]:
        """Nothing: there is no sample."""
        return {}


@dataclass(frozen=True, slots=True)
class _Demand:
    """Checked input: calls a second, seconds of talking, the limit, patience or None for callers who never
    give up.
    """

    calls: float
    interval: float
    aht: float
    within: float
    patience: float | None
    shrinkage: float

    @property
    def load(self) -> float:
        return self.calls / self.interval * self.aht


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Shares of all calls: those that wait, that give up, that are answered, and that are so in time."""

    waits: float
    leaving: float
    answered: float
    in_time: float


def erlang_b(load: float, agents: int) -> float:
    """Chance that all of `agents` are busy where nobody may wait; `load` in erlangs (calls a second × seconds
    each).

    By the recursion over agents, which never leaves [0, 1] and so holds for thousands of them. Raises MethodError
    for a load not above 0 and for a negative number of agents.

    >>> round(erlang_b(10, 14), 5)
    0.05682
    """
    _above("load", load)
    _agents(agents, least=0)
    return _Blocked(load).of(agents)


def evaluate_staffing(
    agents: int,
    *,
    calls: float,
    interval_seconds: float,
    aht_seconds: float,
    within_seconds: float,
    patience_seconds: float | None = None,
    shrinkage: float = 0.0,
) -> Staffing:
    """What `agents` achieve with `calls` per `interval_seconds` of `aht_seconds` each.

    `within_seconds`, at least 0, is the limit of the service level. With `patience_seconds`, the mean after
    which a waiting caller gives up, this is Erlang A, without it Erlang C. `shrinkage`, 0 to below 1, is the
    share of paid time an agent is not at the telephone. All others above 0.

    Returns a `Staffing`. Raises MethodError for input out of range, and, with Erlang C, when agents do not
    outnumber the load: then the queue grows without end.

    >>> found = evaluate_staffing(14, calls=100, interval_seconds=1800, aht_seconds=180, within_seconds=20)
    >>> round(found.service_level, 6), round(found.average_wait_seconds, 3)
    (0.88835, 7.836)
    """
    demand = _demand(
        calls, interval_seconds, aht_seconds, within_seconds, patience_seconds, shrinkage
    )
    _agents(agents, least=1)
    return _result(demand, agents, erlang_b(demand.load, agents))


def staff(
    *,
    calls: float,
    interval_seconds: float,
    aht_seconds: float,
    target: float,
    within_seconds: float,
    patience_seconds: float | None = None,
    shrinkage: float = 0.0,
    most_occupied: float = 1.0,
    available: int | None = None,
) -> Staffing:
    """The smallest number of agents with a service level of at least `target`.

    Input as in `evaluate_staffing`; `target` between 0 and 1, both excluded; `most_occupied`, above 0 to 1,
    caps the share of time agents talk; `available`, at least 1, caps the agents at the telephones.

    Returns a `Staffing`. Raises MethodError for input out of range, and when not even the agents available
    meet the target: the sentence says what they achieve.

    >>> half_hour = dict(calls=100, interval_seconds=1800, aht_seconds=180)
    >>> found = staff(**half_hour, target=0.8, within_seconds=20, shrinkage=0.3)
    >>> found.agents, found.agents_with_shrinkage
    (14, 20)
    """
    demand = _demand(
        calls, interval_seconds, aht_seconds, within_seconds, patience_seconds, shrinkage
    )
    share("target", target)
    if not 0 < most_occupied <= 1:
        raise MethodError(
            "most_occupied", f"must lie above 0 and at most at 1, got {most_occupied:g}"
        )
    if available is not None and available < 1:
        raise MethodError("available", f"must be at least 1, got {available}")
    most = MOST_AGENTS if available is None else min(available, MOST_AGENTS)
    blocked = _Blocked(demand.load)

    def achieves(n: int) -> Staffing | None:
        if demand.patience is None and n <= demand.load:
            return None
        found = _result(demand, n, blocked.of(n))
        fits = found.service_level >= target and found.occupancy <= most_occupied + 1e-12
        return found if fits else None

    # More agents never make it worse: go up until it is enough, then halve the distance.
    low, high = 0, min(most, max(1, math.ceil(demand.load)))
    while (best := achieves(high)) is None:
        if high == most:
            raise MethodError(*_impossible(demand, most, blocked.of(most), target, most_occupied))
        low, high = high, min(most, high + max(1, math.ceil(high / 8)))
    while high - low > 1:
        middle = (low + high) // 2
        found = achieves(middle)
        if found is None:
            low = middle
        else:
            high, best = middle, found
    return best


class _Blocked:
    """Erlang B of one load for any number of agents, each counted once."""

    def __init__(self, load: float) -> None:
        self.load = load
        self.known = [1.0]

    def of(self, agents: int) -> float:
        for n in range(len(self.known), agents + 1):
            busy = self.load * self.known[-1]
            self.known.append(busy / (n + busy))
        return self.known[agents]


def _impossible(
    demand: _Demand, most: int, blocked: float, target: float, most_occupied: float
) -> tuple[str, str]:
    wanted = f"{target:.1%} within {demand.within:g} s"
    if most_occupied < 1:
        wanted += f" at an occupancy of at most {most_occupied:.1%}"
    if demand.patience is None and most <= demand.load:
        reach = f"a load of {demand.load:g} erlangs needs more than {math.floor(demand.load):.15g} at all"
    else:
        best = _result(demand, most, blocked)
        reach = f"they reach {best.service_level:.1%} at an occupancy of {best.occupancy:.1%}"
    return "available", f"{most} agents cannot give {wanted}: {reach}"


def _result(demand: _Demand, n: int, blocked: float) -> Staffing:
    load = demand.load
    if demand.patience is None:
        if n <= load:
            raise MethodError(
                "agents",
                f"{n} for a load of {load:g} erlangs: the queue grows without end; more agents, or patience",
            )
        waits = n * blocked / (n - load * (1 - blocked))
        level = 1 - waits * math.exp(-(n - load) * demand.within / demand.aht)
        found = _Outcome(waits, 0.0, 1.0, level)
        wait = waits * demand.aht / (n - load)
    else:
        found = _impatient(demand, demand.patience, n, blocked)
        wait = found.leaving * demand.patience
    return Staffing(
        "Erlang C" if demand.patience is None else "Erlang A",
        n,
        load,
        min(1.0, found.waits),
        min(1.0, found.in_time),
        min(1.0, found.in_time / found.answered),
        min(1.0, load * found.answered / n),
        wait,
        found.leaving,
        # A hair off before rounding up: 14 / 0.7 must stay 20.
        math.ceil(n / (1 - demand.shrinkage) * (1 - 1e-12)),
        demand.calls,
        demand.interval,
        demand.aht,
        demand.within,
        demand.patience,
        demand.shrinkage,
    )


def _impatient(demand: _Demand, patience: float, n: int, blocked: float) -> _Outcome:
    """What callers of limited patience meet with n agents.

    A caller who finds k others waiting is served after k + 1 departures from the queue, at rates nμ + kθ, …,
    nμ. In units of patience that time is −log of a beta variable (nμ/θ, k + 1), which settles the chance to be
    answered in time.
    """
    calls, capacity, leave = demand.calls / demand.interval, n / demand.aht, 1 / patience
    waiting, scale = _queue(calls, capacity, leave)
    # Shares of time with all agents busy and 0, 1, … waiting; the rest of time an agent is free.
    free, busy = (1 - blocked) * math.exp(-scale), blocked * waiting
    total = free + float(busy.sum())
    free, busy = free / total, busy / total
    k = np.arange(waiting.size)
    waits = float(busy.sum())
    leaving = float(leave * (busy @ k) / calls)
    # Answered calls are what keeps agents busy: this way few of many are counted without rounding.
    answered = free + n / demand.load * (waits - float(busy[0]))
    rounds = capacity / leave
    soon = -math.expm1(-demand.within * leave)
    served = rounds / (rounds + k + 1) * betainc(k + 1.0, rounds + 1, soon)
    return _Outcome(waits, min(1.0, leaving), answered, free + float(busy @ served))


def _queue(calls: float, capacity: float, leave: float) -> tuple[Floats, float]:
    """How often 0, 1, 2, … wait, until it no longer counts, all divided by e to the power of the second answer."""
    size = 64
    while size <= LONGEST_QUEUE:
        logs = np.cumsum(np.log(calls / (capacity + leave * np.arange(1, size))))
        scale = max(0.0, float(logs.max()))
        if logs[-1] < math.log(NOTHING) + scale:
            return np.exp(np.concatenate(([0.0], logs)) - scale), scale
        size *= 2
    raise MethodError(
        "patience_seconds",
        f"is so long that more than {LONGEST_QUEUE:,} callers would wait at a time",
    )


def _demand(
    calls: float,
    interval: float,
    aht: float,
    within: float,
    patience: float | None,
    shrinkage: float,
) -> _Demand:
    for name, value in (("calls", calls), ("interval_seconds", interval), ("aht_seconds", aht)):
        _above(name, value)
    if not 0 <= within < math.inf:
        raise MethodError("within_seconds", f"must be at least 0, got {within:g}")
    if patience is not None:
        _above("patience_seconds", patience)
    if not 0 <= shrinkage < 1:
        raise MethodError("shrinkage", f"must be at least 0 and below 1, got {shrinkage:g}")
    return _Demand(
        float(calls),
        float(interval),
        float(aht),
        float(within),
        None if patience is None else float(patience),
        float(shrinkage),
    )


def _above(what: str, value: float) -> None:
    if not 0 < value < math.inf:
        raise MethodError(what, f"must be above 0 and finite, got {value:g}")


def _agents(agents: int, *, least: int) -> None:
    if agents != int(agents) or not least <= agents <= MOST_AGENTS:
        raise MethodError(
            "agents", f"must be a whole number from {least} to {MOST_AGENTS:,}, got {agents}"
        )
