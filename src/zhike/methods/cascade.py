"""Word of mouth: what dissatisfied customers cost, and how many people hear of it.

A model of expected values, meant to be read: customers → content or dissatisfied → of these, complaining or
silent → of the complaints, settled quickly, settled slowly or not settled → of each branch, staying or leaving;
each outcome tells so many others, and some of those tell it on. Every figure comes from the caller with its
source; none has a default.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, share

Shape: TypeAlias = Literal["triangular", "uniform"]
LEAST_DRAWS, MOST_DRAWS = 100, 200_000
# No count of people or money is larger, and no product of a few such overflows.
MOST = 1e15

BRANCHES = ("content", "quick", "slow", "unresolved", "silent")
# Who stays in these has something good to tell; everybody else tells something bad.
TELL_GOOD = ("content", "quick")
RESULTS = ("lost", "told_badly", "told_well", "money_at_risk")


class Kind(StrEnum):
    """What a parameter is: a share lies in 0..1, the others are at least 0."""

    COUNT = "count"
    SHARE = "share"
    MONEY = "money"


def _parameters() -> dict[str, Kind]:
    found = dict.fromkeys(("customers",), Kind.COUNT)
    found |= dict.fromkeys(("dissatisfied", "complain", "settled_quickly"), Kind.SHARE)
    found["settled_slowly"] = Kind.SHARE
    for branch in BRANCHES:
        found[f"{branch}_leave"] = Kind.SHARE
        found[f"{branch}_stayers_tell"] = found[f"{branch}_leavers_tell"] = Kind.COUNT
    for news in ("bad", "good"):
        found[f"{news}_told_on"] = Kind.SHARE
        found[f"{news}_told_on_to"] = Kind.COUNT
    return found | {
        "customer_value": Kind.MONEY,
        "deterred": Kind.SHARE,
        "prospect_value": Kind.MONEY,
    }


# All that must be given; docs/methods/cascade.md says what each means.
PARAMETERS: Mapping[str, Kind] = MappingProxyType(_parameters())


@dataclass(frozen=True, slots=True)
class Figure:
    """A parameter's value, where it comes from, and the range it may lie in (both ends, or none)."""

    value: float
    source: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """Expected customers in a branch, those of them who stay and leave, and the people they tell at first hand."""

    customers: float
    stay: float
    leave: float
    told: float


@dataclass(frozen=True, slots=True)
class Elasticity:
    """By how many per cent each result changes per one per cent of a parameter; None where a result is 0."""

    lost: float | None
    told_badly: float | None
    told_well: float | None
    money_at_risk: float | None


@dataclass(frozen=True, slots=True)
class Cascade:
    """`lost` customers; `told_badly` and `told_well` people told at first and second hand (tellings: one person
    told twice counts twice); `deterred` of them; `money_at_risk` = lost × their value + deterred × theirs.
    `branches` sum to the customers; `figures` are what it was computed from. `n` is 0: nobody was sampled."""

    method: str
    options: Mapping[str, object]
    n: int
    excluded: Mapping[str, int]
    figures: Mapping[str, Figure]
    branches: Mapping[str, Flow]
    lost: float
    told_badly: float
    told_well: float
    deterred: float
    money_lost: float
    money_deterred: float
    money_at_risk: float
    elasticities: Mapping[str, Elasticity]


@dataclass(frozen=True, slots=True)
class Spread:
    """`expected` at the given values; mean, and ends of the interval, over the draws."""

    expected: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CascadeInterval:
    """`spreads` result → Spread; `ranges` are the parameters that were drawn; `n` counts the draws."""

    method: str
    options: Mapping[str, object]
    n: int
    excluded: Mapping[str, int]
    ranges: tuple[str, ...]
    spreads: Mapping[str, Spread]


def cascade(figures: Mapping[str, Figure]) -> Cascade:
    """Customers lost, people told and money at risk, step by step, and what each figure weighs.

    Parameters: `figures`, one Figure for every name in PARAMETERS: shares in 0..1, counts and money (in one
    currency) in 0..1e15; settled_quickly + settled_slowly is at most 1.
    Returns: Cascade. Elasticities are exact: each result is a straight line in any one parameter.
    Raises: MethodError naming the parameter that lacks, is unknown, out of its range or without a source.
    Missing values: refused; there are no defaults.
    Source: the structure of TARP 1979–1986, Consumer Complaint Handling in America; every figure: the caller.

    >>> every = {name: Figure(0, "example") for name in PARAMETERS}
    >>> found = cascade(every | {
    ...     "customers": Figure(1000, "shop file, 2025"),
    ...     "dissatisfied": Figure(0.2, "survey, n = 400"),
    ...     "complain": Figure(0.04, "course"),
    ...     "silent_leave": Figure(0.5, "survey"),
    ...     "silent_leavers_tell": Figure(10, "course"),
    ...     "bad_told_on": Figure(0.2, "course"),
    ...     "bad_told_on_to": Figure(20, "course"),
    ...     "customer_value": Figure(300, "ledger"),
    ... })
    >>> found.lost, found.told_badly, found.money_at_risk
    (96.0, 4800.0, 28800.0)
    >>> round(found.elasticities["complain"].lost, 4)
    -0.0417
    """
    known = _known(figures)
    values = {name: np.array([figure.value]) for name, figure in known.items()}
    found = {name: float(value[0]) for name, value in _results(values).items()}
    return Cascade(
        method="word of mouth, expected values",
        options={"told": "first and second hand"},
        n=0,
        excluded={},
        figures=known,
        branches={
            branch: Flow(
                **{
                    part: found[f"{branch}.{part}"]
                    for part in ("customers", "stay", "leave", "told")
                }
            )
            for branch in BRANCHES
        },
        lost=found["lost"],
        told_badly=found["told_badly"],
        told_well=found["told_well"],
        deterred=found["deterred"],
        money_lost=found["money_lost"],
        money_deterred=found["money_deterred"],
        money_at_risk=found["money_at_risk"],
        elasticities=_elasticities(known),
    )


def cascade_interval(
    figures: Mapping[str, Figure],
    *,
    seed: int,
    draws: int = 10_000,
    level: float = 0.95,
    shape: Shape = "triangular",
) -> CascadeInterval:
    """How far the results reach when the figures lie anywhere in their ranges.

    Parameters: `figures` as for `cascade`, at least one with a range. `seed`, ≥ 0: the same seed gives the same
    interval. `draws`, 100 to 200,000. `level`, the share of draws between the ends. `shape`: "triangular"
    (default) with its peak at the value, or "uniform". Parameters are drawn independently.
    Returns: CascadeInterval with the percentile interval of each of RESULTS.
    Raises: MethodError as `cascade`; naming the parameter whose range does not hold its value or leaves 0..1;
    where the two settled shares could together pass 1; where no range is given; for draws, level or seed out
    of bounds.
    Missing values: refused.
    Source: Monte Carlo by inversion of the distribution function.

    >>> every = {name: Figure(0, "example") for name in PARAMETERS}
    >>> every |= {"customers": Figure(100, "file"), "content_leave": Figure(0.2, "guess", 0.1, 0.3)}
    >>> found = cascade_interval(every, seed=1, shape="uniform").spreads["lost"]
    >>> round(found.expected), round(found.low), round(found.high)
    (20, 11, 29)
    """
    known = _known(figures)
    if seed < 0:
        raise MethodError("seed", f"must be at least 0, got {seed}")
    if not LEAST_DRAWS <= draws <= MOST_DRAWS:
        raise MethodError("draws", f"must lie between {LEAST_DRAWS} and {MOST_DRAWS}, got {draws}")
    if shape not in ("triangular", "uniform"):
        raise MethodError("shape", f"is “{shape}”, not one of “triangular”, “uniform”")
    tail = (1 - share("level", level)) / 2
    ranges = _ranges(known)
    chances = np.random.Generator(np.random.PCG64(seed)).random((len(ranges), draws))
    values = {name: np.array([figure.value]) for name, figure in known.items()}
    expected = _results(values)
    drawn = {
        name: _drawn(known[name], row, shape) for name, row in zip(ranges, chances, strict=True)
    }
    found = _results(values | drawn)
    spreads = {}
    for name in RESULTS:
        draws_of_it = np.broadcast_to(found[name], (draws,))
        low, high = np.quantile(draws_of_it, [tail, 1 - tail]).tolist()
        spreads[name] = Spread(float(expected[name][0]), float(draws_of_it.mean()), low, high)
    return CascadeInterval(
        method="word of mouth, Monte Carlo",
        options={"shape": shape, "level": level, "seed": seed},
        n=draws,
        excluded={},
        ranges=ranges,
        spreads=spreads,
    )


def _known(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """All parameters in their own order, looked at."""
    for name in figures:
        if name not in PARAMETERS:
            raise MethodError(name, "is no parameter of the cascade")
    known = {}
    for name, kind in PARAMETERS.items():
        if name not in figures:
            raise MethodError(name, "is not given, and has no default")
        figure = figures[name]
        if not figure.source.strip():
            raise MethodError(name, "has no source")
        if (figure.low is None) != (figure.high is None):
            raise MethodError(name, "has one end of a range; give both or none")
        most = 1.0 if kind == Kind.SHARE else MOST
        ends = [end for end in (figure.low, figure.value, figure.high) if end is not None]
        for end in ends:
            if not 0 <= end <= most:
                raise MethodError(name, f"must lie between 0 and {most:g}, got {end:g}")
        if ends != sorted(ends):
            raise MethodError(name, f"is {figure.value:g}, outside of its own range")
        known[name] = figure
    # Shares such as 0.9 and 0.1 may pass 1 in the last digit.
    if known["settled_quickly"].value + known["settled_slowly"].value > 1 + 1e-12:
        raise MethodError("settled_slowly", "passes 1 together with settled_quickly")
    return known


def _ranges(known: Mapping[str, Figure]) -> tuple[str, ...]:
    """The parameters to draw: those whose range has a width."""
    ranges = []
    for name, figure in known.items():
        if figure.low is not None and figure.high is not None and figure.low < figure.high:
            ranges.append(name)
    if not ranges:
        raise MethodError("figures", "none has a range to draw from")
    settled = known["settled_quickly"], known["settled_slowly"]
    if sum(figure.value if figure.high is None else figure.high for figure in settled) > 1 + 1e-12:
        raise MethodError(
            "settled_slowly", "may pass 1 together with settled_quickly; narrow a range"
        )
    return tuple(ranges)


def _results(given: Mapping[str, Floats]) -> dict[str, Floats]:
    """The model itself. Arrays go in and come out, one entry per draw."""
    dissatisfied = given["customers"] * given["dissatisfied"]
    complaints = dissatisfied * given["complain"]
    unsettled = np.maximum(1 - given["settled_quickly"] - given["settled_slowly"], 0.0)
    sizes = {
        "content": given["customers"] * (1 - given["dissatisfied"]),
        "quick": complaints * given["settled_quickly"],
        "slow": complaints * given["settled_slowly"],
        "unresolved": complaints * unsettled,
        "silent": dissatisfied * (1 - given["complain"]),
    }
    found: dict[str, Floats] = {}
    lost, bad, good = np.zeros(1), np.zeros(1), np.zeros(1)
    for branch, size in sizes.items():
        leave = size * given[f"{branch}_leave"]
        stay = size * (1 - given[f"{branch}_leave"])
        by_stayers = stay * given[f"{branch}_stayers_tell"]
        by_leavers = leave * given[f"{branch}_leavers_tell"]
        found |= {f"{branch}.customers": size, f"{branch}.stay": stay, f"{branch}.leave": leave}
        found[f"{branch}.told"] = by_stayers + by_leavers
        lost, bad = lost + leave, bad + by_leavers
        if branch in TELL_GOOD:
            good = good + by_stayers
        else:
            bad = bad + by_stayers
    found["lost"] = lost
    found["told_badly"] = bad * (1 + given["bad_told_on"] * given["bad_told_on_to"])
    found["told_well"] = good * (1 + given["good_told_on"] * given["good_told_on_to"])
    found["deterred"] = found["told_badly"] * given["deterred"]
    found["money_lost"] = lost * given["customer_value"]
    found["money_deterred"] = found["deterred"] * given["prospect_value"]
    found["money_at_risk"] = found["money_lost"] + found["money_deterred"]
    return found


def _elasticities(known: Mapping[str, Figure]) -> dict[str, Elasticity]:
    """A result is a straight line in each parameter p by itself, so p × slope is what is missing at p = 0."""
    names = tuple(known)
    without = {
        name: np.where(np.arange(len(names)) == place, 0.0, known[name].value)
        for place, name in enumerate(names)
    }
    here = _results({name: np.array([figure.value]) for name, figure in known.items()})
    there = _results(without)
    parts: dict[str, list[float | None]] = {}
    for result in RESULTS:
        whole = float(here[result][0])
        at_zero = np.broadcast_to(there[result], (len(names),)).tolist()
        parts[result] = [(whole - other) / whole if whole else None for other in at_zero]
    return {
        name: Elasticity(**{result: parts[result][place] for result in RESULTS})
        for place, name in enumerate(names)
    }


def _drawn(figure: Figure, chances: Floats, shape: Shape) -> Floats:
    """Values whose distribution function takes these chances."""
    low, peak, high = (
        figure.value if end is None else end for end in (figure.low, figure.value, figure.high)
    )
    if shape == "uniform":
        return low + chances * (high - low)
    rising = low + np.sqrt(chances * (high - low) * (peak - low))
    falling = high - np.sqrt((1 - chances) * (high - low) * (high - peak))
    return np.where(chances < (peak - low) / (high - low), rising, falling)
