"""Weights of items: one record for all methods, and the two that need no computing (given, equal).

The other members of the family: `weights_pca` (from answers), `entropy` (from figures of several objects),
`ahp` (from judgements in pairs).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum, isfinite
from typing import Any, Generic, TypeVar

from zhike.methods.errors import MethodError

Details = TypeVar("Details", covariant=True)


@dataclass(frozen=True, slots=True)
class Weights(Generic[Details]):
    """What each item counts.

    `weights` are not negative and sum to 1. `n` is how many rows, objects or judges they came from (0 when
    nobody was asked), `excluded` how many of those were left out, by reason. `details` is the method's own
    record, None for given and equal weights.
    """

    weights: Mapping[str, float]
    method: str
    n: int
    details: Details
    options: Mapping[str, object] = field(default_factory=dict)
    excluded: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Level:
    """A dimension's share of the whole, and its items' shares of the dimension (they sum to 1)."""

    weight: float
    items: Mapping[str, float]


def names_of(what: str, given: Sequence[str], count: int | None = None) -> tuple[str, ...]:
    """`given` as a tuple, after looking at it: not one string, as many as needed, none empty, none twice.

    Raises MethodError naming `what` and the name that is wrong.
    """
    if isinstance(given, str):
        raise MethodError(what, "must be a list of names, not one text")
    names = tuple(given)
    if count is not None and len(names) != count:
        raise MethodError(what, f"{len(names)} names for {count}")
    for place, name in enumerate(names, 1):
        if not name.strip():
            raise MethodError(what, f"name {place} is empty")
        if name in names[: place - 1]:
            raise MethodError(what, f"“{name}” stands there twice")
    return names


def given_weights(weights: Mapping[str, float]) -> Weights[None]:
    """Weights somebody decided, brought to the sum 1.

    Parameters: `weights`, item → number of at least 0 in any unit (points, per cent); at least one above 0.
    Returns: Weights with method "given", n = 0; `options["sum"]` is the sum as it was given.
    Raises: MethodError for no items, a missing, infinite or negative weight (named), or only zeros.
    Missing values: refused.
    Source: none needed; the share of a whole.

    >>> given_weights({"speed": 60, "courtesy": 40}).weights
    {'speed': 0.6, 'courtesy': 0.4}
    """
    names = names_of("weights", tuple(weights))
    if not names:
        raise MethodError("weights", "names no item")
    for name in names:
        value = weights[name]
        if not isfinite(value) or value < 0:
            raise MethodError("weights", f"of “{name}” is {value:g}; needs a number of at least 0")
    try:
        whole = fsum(weights.values())
    except OverflowError as error:
        raise MethodError("weights", "are too large to be added") from error
    if whole == 0:
        raise MethodError("weights", "are all 0")
    parts = {name: weights[name] / whole for name in names}
    return Weights(parts, method="given", n=0, details=None, options={"sum": whole})


def equal_weights(items: Sequence[str]) -> Weights[None]:
    """Every item counts the same.

    Parameters: `items`, at least one name, none twice.
    Returns: Weights with method "equal", n = 0, each 1 / number of items.
    Raises: MethodError for no items or a name that is empty or stands there twice.
    Missing values: there are none.
    Source: none needed.

    >>> equal_weights(["speed", "courtesy"]).weights
    {'speed': 0.5, 'courtesy': 0.5}
    """
    names = names_of("items", items)
    if not names:
        raise MethodError("items", "names no item")
    return Weights({name: 1 / len(names) for name in names}, method="equal", n=0, details=None)


def compose(
    goal: Weights[Any], below: Mapping[str, Weights[Any]], *, method: str = "composed"
) -> Weights[Mapping[str, Level]]:
    """Weights of the items of a three-level system (goal → dimension → item).

    Parameters: `goal`, the weights of the dimensions; `below`, for each dimension the weights of its items;
    the methods may differ. `method` names the result.
    Returns: Weights of all items, weight of the dimension × weight within it; `details` is the system level
    by level, `n` the smallest n that any computed part rests on (0 when all were given).
    Raises: MethodError for a dimension that lacks its items or is unknown to the goal, and for an item that
    stands in two dimensions.
    Missing values: there are none.
    Source: Saaty 1980, The Analytic Hierarchy Process (composition of priorities).

    >>> goal = given_weights({"service": 3, "product": 1})
    >>> below = {"service": equal_weights(["speed", "courtesy"]), "product": equal_weights(["taste"])}
    >>> compose(goal, below).weights
    {'speed': 0.375, 'courtesy': 0.375, 'taste': 0.25}
    """
    for dimension in goal.weights:
        if dimension not in below:
            raise MethodError("below", f"lacks the items of “{dimension}”")
    for dimension in below:
        if dimension not in goal.weights:
            raise MethodError("below", f"“{dimension}” has no weight in the goal")
    composed: dict[str, float] = {}
    for dimension, weight in goal.weights.items():
        for item, local in below[dimension].weights.items():
            if item in composed:
                raise MethodError("below", f"“{item}” stands in two dimensions")
            composed[item] = weight * local
    asked = [part.n for part in (goal, *below.values()) if part.n]
    return Weights(
        weights=composed,
        method=method,
        n=min(asked, default=0),
        details={name: Level(goal.weights[name], below[name].weights) for name in goal.weights},
        options={"goal": goal.method, **{name: below[name].method for name in goal.weights}},
    )


def by_dimension(
    weights: Weights[Any], dimensions: Mapping[str, Sequence[str]]
) -> Mapping[str, Level]:
    """Weights of items, seen level by level: what a dimension counts, and each item within it.

    Parameters: `weights` of all items; `dimensions`, dimension → its items; together they must name every
    item of `weights` exactly once.
    Returns: dimension → Level. In a dimension whose items all count 0 they share it equally.
    Raises: MethodError naming the item that is unknown, left over or named twice, or the empty dimension.
    Missing values: there are none.
    Source: the inverse of `compose`.

    >>> found = by_dimension(given_weights({"a": 1, "b": 1, "c": 2}), {"x": ["a", "b"], "y": ["c"]})
    >>> found["x"]
    Level(weight=0.5, items={'a': 0.5, 'b': 0.5})
    """
    levels: dict[str, Level] = {}
    left = dict(weights.weights)
    for dimension, items in dimensions.items():
        names = names_of(dimension, items)
        if not names:
            raise MethodError("dimensions", f"“{dimension}” has no items")
        for name in names:
            if name not in left:
                why = "stands in two dimensions" if name in weights.weights else "has no weight"
                raise MethodError("dimensions", f"“{name}” {why}")
        found = {name: left.pop(name) for name in names}
        whole = fsum(found.values())
        local = {name: part / whole if whole else 1 / len(found) for name, part in found.items()}
        levels[dimension] = Level(whole, local)
    if left:
        raise MethodError("dimensions", f"none holds “{next(iter(left))}”")
    return levels
