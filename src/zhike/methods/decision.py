"""A choice between options by weighted criteria, and how firmly the first place stands.

Several judges' orders are joined in `ranking`, their agreement is measured in `agreement`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, matrix, within
from zhike.methods.weights import Weights, given_weights, names_of

Normalisation: TypeAlias = Literal["min-max", "scale", "max", "sum"]
NORMALISATIONS = ("min-max", "scale", "max", "sum")
# Totals lie between 0 and 1; closer than this they are equal.
EQUAL = 1e-12


@dataclass(frozen=True, slots=True)
class Room:
    """How far one criterion's weight may move, the others keeping their proportions, with the same first place.

    Between `low` and `high` (0..1) the winner stays first. `low_rival` and `high_rival` overtake beyond them;
    None where the weight may go all the way to 0 or 1.
    """

    criterion: str
    weight: float
    low: float
    high: float
    low_rival: str | None
    high_rival: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """`totals` option → 0..1, `places` option → place from 1 (equals share the better one), `winners` all in
    the first place. `contributions` option → criterion → its part of the total. `room` has one entry per
    criterion when one option alone is first, else none: a tie has no room. `n` counts the options."""

    method: str
    options: Mapping[str, object]
    n: int
    excluded: Mapping[str, int]
    weights: Mapping[str, float]
    totals: Mapping[str, float]
    places: Mapping[str, int]
    winners: tuple[str, ...]
    contributions: Mapping[str, Mapping[str, float]]
    room: tuple[Room, ...]

    def tightest(self) -> Room | None:
        """The criterion whose weight needs to move least before another option is first; None if none can."""
        nearest, least = None, inf
        for room in self.room:
            for rival, end in ((room.low_rival, room.low), (room.high_rival, room.high)):
                if rival and abs(end - room.weight) < least:
                    nearest, least = room, abs(end - room.weight)
        return nearest


def weighted_decision(
    ratings: ArrayLike,
    choices: Sequence[str],
    weights: Weights[Any] | Mapping[str, float],
    *,
    costs: Collection[str] = (),
    normalisation: Normalisation = "min-max",
    scale: tuple[float, float] | None = None,
) -> Decision:
    """Options ordered by the weighted sum of their normalised ratings.

    Parameters: `ratings`, float array (options, criteria), columns in the order of `weights`; any unit.
    `choices`, the options' names, at least two. `weights` of the criteria, at least two, a record or numbers
    (brought to the sum 1). `costs`, criteria where less is better. `normalisation`: "min-max" (default) sends
    the worst option to 0 and the best to 1; "scale" uses the ends of the given `scale` for all, (low, high);
    "max" takes x / max, for costs min / x; "sum" x / Σx, for costs (1/x) / Σ(1/x).
    Returns: Decision.
    Raises: MethodError for a missing rating (option and criterion named), a criterion equal for all under
    "min-max", a value outside of the scale, a value "max" or "sum" cannot take, unknown costs, wrong shapes.
    Missing values: refused; an option cannot be compared on what is not known.
    Source: simple additive weighting: Hwang and Yoon 1981, Multiple Attribute Decision Making; the room of a
    weight: Triantaphyllou and Sánchez 1997, Decision Sciences 28:151–194.

    >>> found = weighted_decision(
    ...     [[4, 300], [5, 500], [2, 200]], ["repair", "replace", "refund"],
    ...     {"content": 60, "cost": 40}, costs=["cost"],
    ... )
    >>> found.winners, {name: round(total, 3) for name, total in found.totals.items()}
    (('repair',), {'repair': 0.667, 'replace': 0.6, 'refund': 0.4})
    >>> room = found.room[0]
    >>> round(room.low, 3), room.low_rival, round(room.high, 3), room.high_rival
    (0.333, 'refund', 0.667, 'replace')
    """
    found = matrix("ratings", ratings)
    names = names_of("choices", choices, found.shape[0])
    known = weights if isinstance(weights, Weights) else given_weights(weights)
    criteria = names_of("weights", tuple(known.weights), found.shape[1])
    if len(names) < 2 or len(criteria) < 2:
        raise MethodError("ratings", "a choice needs at least two options and two criteria")
    scaled = _normalised(found, _costs(costs, criteria), normalisation, scale, names, criteria)
    shares = np.array(list(known.weights.values()))
    parts = scaled * shares
    totals = parts.sum(axis=1)
    places = 1 + (totals[None, :] > totals[:, None] + EQUAL).sum(axis=1)
    leading = np.flatnonzero(places == 1)
    options: dict[str, object] = {"normalisation": normalisation, "costs": tuple(costs)}
    options |= {"weights": known.method} | ({} if scale is None else {"scale": scale})
    return Decision(
        method="weighted sum",
        options=options,
        n=len(names),
        excluded={},
        weights=dict(known.weights),
        totals=_named(names, totals),
        places=dict(zip(names, places.tolist(), strict=True)),
        winners=tuple(names[place] for place in leading),
        contributions={name: _named(criteria, parts[row]) for row, name in enumerate(names)},
        room=_rooms(scaled, shares, int(leading[0]), names, criteria) if len(leading) == 1 else (),
    )


def _named(names: tuple[str, ...], values: Floats) -> dict[str, float]:
    return dict(zip(names, values.tolist(), strict=True))


def _costs(costs: Collection[str], criteria: tuple[str, ...]) -> NDArray[np.bool_]:
    for cost in costs:
        if cost not in criteria:
            raise MethodError("costs", f"“{cost}” is none of the criteria")
    return np.array([criterion in costs for criterion in criteria])


def _normalised(
    found: Floats,
    is_cost: NDArray[np.bool_],
    normalisation: Normalisation,
    scale: tuple[float, float] | None,
    names: tuple[str, ...],
    criteria: tuple[str, ...],
) -> Floats:
    """Ratings on 0..1, more is better."""
    for row, column in np.argwhere(np.isnan(found)):
        raise MethodError(names[row], f"has no rating on “{criteria[column]}”")
    if normalisation not in NORMALISATIONS:
        raise MethodError("normalisation", f"is “{normalisation}”, not one of {NORMALISATIONS}")
    if (normalisation == "scale") != (scale is not None):
        raise MethodError("scale", "is given with the normalisation “scale”, and only with it")
    if normalisation == "min-max" or scale is not None:
        low, high = found.min(axis=0), found.max(axis=0)
        if scale is not None:
            if not -inf < scale[0] < scale[1] < inf:
                raise MethodError("scale", f"must rise, got {scale[0]:g} to {scale[1]:g}")
            within("ratings", found, *scale, names=criteria)
            low, high = np.full_like(low, scale[0]), np.full_like(high, scale[1])
        for column in np.flatnonzero(high - low <= EQUAL * np.abs(found).max(axis=0)):
            raise MethodError(criteria[column], "is the same for all options and decides nothing")
        spread: Floats = np.where(is_cost, high - found, found - low) / (high - low)
        return spread
    for row, column in np.argwhere((found < 0) | (is_cost & (found == 0))):
        least = "above 0" if is_cost[column] else "of at least 0"
        raise MethodError(
            criteria[column], f"of “{names[row]}” is {found[row, column]:g}; needs a number {least}"
        )
    for column in np.flatnonzero(found.max(axis=0) == 0):
        raise MethodError(criteria[column], "is 0 for all options")
    # Costs become gains by their smallest: 1 for the cheapest, so that no inverse can overflow.
    smallest = found.min(axis=0)
    gains: Floats = np.where(
        is_cost, smallest / np.where(is_cost, found, 1.0), found / found.max(axis=0)
    )
    return gains if normalisation == "max" else gains / gains.sum(axis=0)


def _rooms(
    scaled: Floats, shares: Floats, winner: int, names: tuple[str, ...], criteria: tuple[str, ...]
) -> tuple[Room, ...]:
    """With the weight t on one criterion, each total is t × own + (1 − t) × rest: a straight line in t, so each
    rival meets the winner at most once."""
    rooms = []
    for column, weight in enumerate(shares.tolist()):
        others = np.delete(shares, column)
        # A criterion that holds everything leaves no proportions; the others then rise alike.
        even = np.full_like(others, 1 / others.size)
        rest = np.delete(scaled, column, axis=1) @ (others / others.sum() if weight < 1 else even)
        ahead_alone = scaled[winner, column] - scaled[:, column]
        ahead_without = rest[winner] - rest
        low, high, low_rival, high_rival = 0.0, 1.0, None, None
        for rival in range(len(names)):
            alone, without = float(ahead_alone[rival]), float(ahead_without[rival])
            if without < -EQUAL and (meets := without / (without - alone)) > low:
                low, low_rival = meets, names[rival]
            if alone < -EQUAL and (meets := without / (without - alone)) < high:
                high, high_rival = meets, names[rival]
        rooms.append(Room(criteria[column], weight, low, high, low_rival, high_rival))
    return tuple(rooms)
