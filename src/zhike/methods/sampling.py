"""Whom to ask and how many: sample sizes, quotas, draws that can be repeated, response rates.

Weights against non-response are in `raking`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf

import numpy as np
from numpy.typing import NDArray

from zhike.methods.errors import MethodError
from zhike.methods.given import share
from zhike.methods.scores import normal_quantile

# Sizes that are whole but for rounding are not rounded up once more.
HAIR = 1e-9
# Products of two counts must fit whole numbers of 64 bits.
MOST_POSITIONS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class SampleSize:
    """`n` answers are needed, `ask` people to be asked for them; `reachable` says whether there are so many.

    `exact` is the size before rounding up; `infinite` the one without a finite population.
    """

    method: str
    options: dict[str, object]
    n: int
    excluded: dict[str, int]
    exact: float
    infinite: float
    ask: int
    reachable: bool


@dataclass(frozen=True, slots=True)
class Quotas:
    """How many of each stratum; `exact` the proportional shares, `raised` the strata lifted to the minimum."""

    method: str
    options: dict[str, object]
    n: int
    excluded: dict[str, int]
    quotas: dict[str, int]
    exact: dict[str, float]
    raised: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draw:
    """Drawn positions, from 0, rising; `inverse_chances` (N / n of the stratum) are their design weights."""

    method: str
    options: dict[str, object]
    n: int
    excluded: dict[str, int]
    positions: tuple[int, ...]
    inverse_chances: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ResponseRates:
    """Shares (0..1) by the name of their definition; those that need `eligible_ratio` only when it is given."""

    method: str
    options: dict[str, object]
    n: int
    excluded: dict[str, int]
    rates: dict[str, float]


def sample_size_for_share(
    margin: float,
    *,
    expected: float = 0.5,
    population: int | None = None,
    response_ratio: float = 1.0,
    level: float = 0.95,
) -> SampleSize:
    """How many answers a share needs so that its normal interval reaches no further than ± `margin`.

    Parameters: `margin` in (0, 1), 0.05 = five points; `expected` the share awaited, in (0, 1), 0.5 asks for most;
    `population` how many there are; `response_ratio` how many of those asked answer, in (0, 1]; `level` in (0, 1).
    Returns a SampleSize. Raises MethodError for values outside of these ranges.
    Source: Cochran 1977, ch. 4: n0 = z² p (1 - p) / margin², n = n0 / (1 + (n0 - 1) / N).

    >>> sample_size_for_share(0.05).n, sample_size_for_share(0.05, population=1000, response_ratio=0.2).ask
    (385, 1390)
    """
    z = normal_quantile(level)
    share("margin", margin)
    share("expected", expected)
    infinite = z * z * expected * (1 - expected) / margin**2
    exact = infinite
    if population is not None:
        exact = infinite / (1 + (infinite - 1) / _whole("population", population, least=1))
    return _size(
        "sample_size_for_share",
        {"margin": margin, "expected": expected},
        (infinite, exact),
        population,
        response_ratio,
        level,
    )


def sample_size_for_mean(
    margin: float,
    sd: float,
    *,
    population: int | None = None,
    response_ratio: float = 1.0,
    level: float = 0.95,
) -> SampleSize:
    """How many answers a mean needs so that its normal interval reaches no further than ± `margin`.

    Parameters: `margin` and `sd` (standard deviation awaited) in the unit of the answers, above 0; others as in
    `sample_size_for_share`. Returns a SampleSize. Raises MethodError for values outside of these ranges.
    Source: Cochran 1977, ch. 4: n0 = (z sd / margin)², n = n0 / (1 + n0 / N).

    >>> sample_size_for_mean(0.2, 1.0).n
    97
    """
    z = normal_quantile(level)
    for what, value in (("margin", margin), ("sd", sd)):
        if not 0 < value < inf:
            raise MethodError(what, f"must be more than 0 and finite, got {value:g}")
    infinite = (z * sd / margin) ** 2
    exact = infinite
    if population is not None:
        exact = infinite / (1 + infinite / _whole("population", population, least=1))
    return _size(
        "sample_size_for_mean",
        {"margin": margin, "sd": sd},
        (infinite, exact),
        population,
        response_ratio,
        level,
    )


def quotas(total: int, strata: Mapping[str, int], *, minimum: int = 0) -> Quotas:
    """Shares out `total` interviews among strata in proportion to their sizes, by largest remainders.

    Parameters: `total` whole, 1 to the sum of the sizes; `strata` size of each, whole, at least 0; `minimum` for
    every stratum, where it has so many. Equal remainders go to the larger stratum, then to the earlier one.
    Returns Quotas that sum to `total`, none above its stratum's size. Reckoned in whole numbers, without rounding.
    Raises MethodError for sizes that are no counts, a total beyond them, or minima beyond the total.
    Source: Hamilton's method of largest remainders.

    >>> quotas(10, {"north": 500, "south": 300, "isle": 20}, minimum=2).quotas
    {'north': 5, 'south': 3, 'isle': 2}
    """
    sizes = {name: _whole(f"stratum {name}", size, least=0) for name, size in strata.items()}
    everybody = sum(sizes.values())
    if not 1 <= _whole("total", total, least=1) <= everybody:
        raise MethodError("total", f"is {total}, but the strata hold {everybody}")
    floors = {name: min(size, _whole("minimum", minimum, least=0)) for name, size in sizes.items()}
    if sum(floors.values()) > total:
        raise MethodError("minimum", f"{minimum} in every stratum makes more than {total} in all")
    raised: set[str] = set()
    while True:
        # Those lifted to their floor leave less to the others, which may lift more of them.
        left = total - sum(floors[name] for name in raised)
        free = sum(size for name, size in sizes.items() if name not in raised)
        lifted = {
            name
            for name, size in sizes.items()
            if name not in raised and size * left < floors[name] * free
        }
        if not lifted:
            break
        raised |= lifted
    found = {
        name: floors[name] if name in raised else size * left // max(free, 1)
        for name, size in sizes.items()
    }
    places = {name: at for at, name in enumerate(sizes)}
    by_remainder = sorted(
        (name for name in sizes if name not in raised),
        key=lambda name: (-(sizes[name] * left % max(free, 1)), -sizes[name], places[name]),
    )
    for name in by_remainder[: total - sum(found.values())]:
        found[name] += 1
    return Quotas(
        "largest_remainder",
        {"total": total, "minimum": minimum},
        total,
        {},
        found,
        {name: total * size / everybody for name, size in sizes.items()},
        tuple(name for name in sizes if name in raised),
    )


def stratified_draw(strata: Sequence[str], wanted: Mapping[str, int], *, seed: int) -> Draw:
    """Draws so many positions of every stratum, each set of them with the same chance.

    Parameters: `strata` the stratum of each position, length N; `wanted` how many of each, at least 0 and at
    most its size; strata that are not named are not drawn from (counted in `excluded`); `seed` at least 0.
    Returns a Draw; the same input and seed give the same positions on every machine and with every numpy, for it
    is made from the raw stream of PCG64. One stratum for all makes it a simple random sample.
    Raises MethodError for an unknown stratum, or more wanted than there are, naming it.

    >>> stratified_draw(["a", "a", "b", "a", "b"], {"a": 2, "b": 1}, seed=7).n
    3
    """
    if not strata:
        raise MethodError("strata", "are empty")
    labels, codes = np.unique(np.asarray(strata, dtype=np.str_), return_inverse=True)
    sizes = dict(zip(labels.tolist(), np.bincount(codes).tolist(), strict=True))
    for name, count in wanted.items():
        if not 0 <= _whole(f"stratum {name}", count, least=0) <= sizes.get(name, 0):
            raise MethodError(f"stratum {name}", f"{count} wanted, {sizes.get(name, 0)} there")
    if sum(wanted.values()) == 0:
        raise MethodError("wanted", "asks for nobody")
    keys = _bits(seed).random_raw(len(codes))
    # By stratum, then by key, then by place: the first so many of every stratum are drawn.
    order = np.lexsort((keys, codes))
    counts = np.array([sizes[name] for name in labels.tolist()])
    take = np.array([wanted.get(name, 0) for name in labels.tolist()])
    begins = np.cumsum(counts) - counts
    rank = np.arange(len(codes)) - np.repeat(begins, counts)
    positions = np.sort(order[rank < np.repeat(take, counts)])
    inverse = counts[codes[positions]] / take[codes[positions]]
    unnamed = sum(size for name, size in sizes.items() if name not in wanted)
    return Draw(
        "stratified_draw",
        {"seed": seed, "wanted": dict(wanted)},
        int(positions.size),
        {"not_wanted": int(unnamed)},
        tuple(positions.tolist()),
        tuple(inverse.tolist()),
    )


def systematic_draw(size: int, wanted: int, *, seed: int) -> Draw:
    """Draws `wanted` of `size` positions at equal steps from a random start.

    Parameters: `size` positions, at most 2 thousand million; `wanted` 1 to `size`; `seed` at least 0.
    Returns a Draw. The step size / wanted need not be whole: every position has exactly the chance wanted / size.
    Sorting the list first (by unit, by tier) spreads the sample over it; a list that repeats itself at the step
    would mislead. The same on every machine, as in `stratified_draw`. Raises MethodError outside of these ranges.
    Source: systematic sampling with fractional interval, Cochran 1977, ch. 8.

    >>> np.diff(systematic_draw(12, 4, seed=1).positions).tolist()
    [3, 3, 3]
    """
    if not 1 <= _whole("size", size, least=1) <= MOST_POSITIONS:
        raise MethodError("size", f"must be at most {MOST_POSITIONS:,}, got {size:,}")
    if _whole("wanted", wanted, least=1) > size:
        raise MethodError("wanted", f"{wanted} of {size} positions")
    start = _below(size, seed)
    positions = (start + size * np.arange(wanted, dtype=np.int64)) // wanted
    return Draw(
        "systematic_draw",
        {"seed": seed, "size": size, "wanted": wanted},
        wanted,
        {},
        tuple(positions.tolist()),
        (size / wanted,) * wanted,
    )


def response_rates(
    complete: int,
    *,
    partial: int = 0,
    refused: int = 0,
    not_reached: int = 0,
    other: int = 0,
    unknown: int = 0,
    not_eligible: int = 0,
    eligible_ratio: float | None = None,
) -> ResponseRates:
    """How many of those asked answered, under the names of AAPOR's definitions.

    Parameters: counts of people, at least 0: answered in full, in part, refused, not reached, eligible but lost
    for another reason, not known whether eligible, known not to be; `eligible_ratio` awaited share of eligible
    ones among the unknown, 0..1. Partial and unknown are never silently taken as answers.
    Returns ResponseRates with `answered_of_asked` (in full or part, of all asked), RR1 and RR2 (unknown as
    eligible, without and with partial ones), RR5 and RR6 (unknown as not eligible), RR3 and RR4 (a share of them,
    only with `eligible_ratio`), COOP1, COOP2, REF1, CON1.
    Raises MethodError for counts below 0, or when nobody eligible was asked.
    Source: AAPOR, Standard Definitions.

    >>> found = response_rates(60, partial=10, refused=20, not_reached=10, unknown=25)
    >>> found.rates["RR1"], found.rates["RR2"], found.rates["RR5"]
    (0.48, 0.56, 0.6)
    """
    groups = {
        "complete": complete,
        "partial": partial,
        "refused": refused,
        "not_reached": not_reached,
        "other": other,
        "unknown": unknown,
        "not_eligible": not_eligible,
    }
    for what, count in groups.items():
        _whole(what, count, least=0)
    if eligible_ratio is not None:
        share("eligible_ratio", eligible_ratio, inclusive=True)
    if sum(groups.values()) == unknown + not_eligible:
        raise MethodError("complete", "nobody known to be eligible was asked")
    return ResponseRates(
        "response_rates",
        {"eligible_ratio": eligible_ratio, "counts": groups},
        sum(groups.values()),
        {"not_eligible": not_eligible},
        _rates(groups, eligible_ratio),
    )


def _rates(groups: dict[str, int], eligible_ratio: float | None) -> dict[str, float]:
    complete, unknown, refused = groups["complete"], groups["unknown"], groups["refused"]
    answered = complete + groups["partial"]
    reached = answered + refused + groups["other"]
    eligible = reached + groups["not_reached"]
    rates = {
        "answered_of_asked": answered / sum(groups.values()),
        "RR1": complete / (eligible + unknown),
        "RR2": answered / (eligible + unknown),
        "RR5": complete / eligible,
        "RR6": answered / eligible,
        "REF1": refused / (eligible + unknown),
        "CON1": reached / (eligible + unknown),
    }
    if eligible_ratio is not None:
        likely = eligible + unknown * eligible_ratio
        rates["RR3"], rates["RR4"] = complete / likely, answered / likely
    if reached > 0:
        rates["COOP1"], rates["COOP2"] = complete / reached, answered / reached
    return dict(sorted(rates.items()))


def _size(
    method: str,
    options: dict[str, object],
    sizes: tuple[float, float],
    population: int | None,
    response_ratio: float,
    level: float,
) -> SampleSize:
    if not 0 < response_ratio <= 1:
        raise MethodError("response_ratio", f"must be above 0, at most 1, got {response_ratio:g}")
    infinite, exact = sizes
    n = max(1, ceil(exact - HAIR * exact))
    ask = ceil(n / response_ratio * (1 - HAIR))
    known = {"population": population, "response_ratio": response_ratio, "level": level}
    return SampleSize(
        method,
        {**options, **known},
        n,
        {},
        exact,
        infinite,
        ask,
        population is None or ask <= population,
    )


def _whole(what: str, value: float, *, least: int) -> int:
    if not value >= least or value == inf or value != int(value):
        raise MethodError(what, f"must be a whole number of at least {least}, got {value}")
    return int(value)


def _bits(seed: int) -> np.random.PCG64:
    return np.random.PCG64(_whole("seed", seed, least=0))


def _below(size: int, seed: int) -> int:
    """A whole number from 0 to below `size`, each with the same chance."""
    bits = _bits(seed)
    # Raw values beyond the last whole multiple of `size` would favour small numbers.
    fair = 2**64 - 2**64 % size
    drawn: NDArray[np.uint64] = bits.random_raw(64)
    return next(int(raw) % size for raw in drawn if int(raw) < fair)
