"""The path model somebody states, and the options of its estimation: checked before any number is looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from zhike.methods.errors import MethodError

Kind = TypeVar("Kind", bound=StrEnum)


class Mode(StrEnum):
    """How a block's weights are found: A by correlation (reflective items), B by regression (formative items)."""

    A = "A"
    B = "B"


class Scheme(StrEnum):
    """How a block looks at its neighbours while the weights are found."""

    PATH = "path"
    FACTORIAL = "factorial"
    CENTROID = "centroid"


class Scaling(StrEnum):
    """Whether items enter with variance 1, or with the variance they were answered with."""

    STANDARDIZED = "standardized"
    CENTERED = "centered"


class Missing(StrEnum):
    """What stands for a missing answer: the item's mean, or nothing, and the row is left out."""

    MEAN = "mean"
    LISTWISE = "listwise"


@dataclass(frozen=True, slots=True)
class PathModel:
    """Blocks of items and the paths between them; made by `path_model`, which checks them.

    `blocks` maps a block to its items, `modes` each block to its mode, `paths` lists (from, to) in the order of
    the blocks pointed to. `order` holds the blocks so that every path leads from an earlier to a later one.
    """

    blocks: Mapping[str, tuple[str, ...]]
    modes: Mapping[str, Mode]
    paths: tuple[tuple[str, str], ...]
    order: tuple[str, ...]

    @property
    def items(self) -> tuple[str, ...]:
        """All items, block after block."""
        return tuple(item for items in self.blocks.values() for item in items)

    def sources(self, block: str) -> tuple[str, ...]:
        """The blocks with a path to this one."""
        return tuple(start for start, end in self.paths if end == block)

    def targets(self, block: str) -> tuple[str, ...]:
        """The blocks this one has a path to."""
        return tuple(end for start, end in self.paths if start == block)

    @property
    def explained(self) -> tuple[str, ...]:
        """The blocks at least one path leads to."""
        return tuple(block for block in self.blocks if self.sources(block))


@dataclass(frozen=True, slots=True)
class PlsOptions:
    """Options of an estimation, kept with its result.

    `tolerance` bounds the largest change of a weight from one round to the next; after `most_rounds` without
    getting there the estimation is given up. `consistent` asks for PLSc: correlations and loadings corrected
    for the unreliability of mode A blocks.
    """

    scheme: Scheme = Scheme.PATH
    scaling: Scaling = Scaling.STANDARDIZED
    missing: Missing = Missing.MEAN
    consistent: bool = False
    tolerance: float = 1e-7
    most_rounds: int = 300

    def __post_init__(self) -> None:
        if not 0 < self.tolerance < 1:
            raise MethodError("tolerance", f"must lie between 0 and 1, got {self.tolerance:g}")
        if self.most_rounds < 1:
            raise MethodError("most_rounds", f"must be at least 1, got {self.most_rounds}")
        if self.consistent and self.scaling is not Scaling.STANDARDIZED:
            raise MethodError("consistent", "is defined for standardized items only")


def pls_options(
    *,
    scheme: str = "path",
    scaling: str = "standardized",
    missing: str = "mean",
    consistent: bool = False,
    tolerance: float = 1e-7,
    most_rounds: int = 300,
) -> PlsOptions:
    """Options by their names, see PlsOptions.

    Raises MethodError naming an option that is unknown, out of range or at odds with another.

    >>> pls_options(scheme="centroid").scheme
    <Scheme.CENTROID: 'centroid'>
    """
    return PlsOptions(
        scheme=_choice("scheme", Scheme, scheme),
        scaling=_choice("scaling", Scaling, scaling),
        missing=_choice("missing", Missing, missing),
        consistent=consistent,
        tolerance=tolerance,
        most_rounds=most_rounds,
    )


def path_model(
    blocks: Mapping[str, Sequence[str]],
    paths: Mapping[str, Sequence[str]],
    modes: Mapping[str, str] | None = None,
) -> PathModel:
    """A checked path model.

    Parameters: `blocks` maps each block's name to its items, an item in one block only; `paths` maps a block to
    the blocks it leads to; `modes` maps a block to "A" (default) or "B".
    Returns a PathModel. Raises MethodError naming the block or item for: fewer than two blocks, a block without
    items or without a path, an item twice, an unknown block or mode, a path twice or from a block to itself,
    and paths that run in a circle, which is spelled out.
    Source: Tenenhaus, Esposito Vinzi, Chatelin, Lauro (2005), CSDA 48, 159-205.

    >>> model = path_model({"Image": ["i1", "i2"], "Loyalty": ["l1"]}, {"Image": ["Loyalty"]})
    >>> model.items, model.explained
    (('i1', 'i2', 'l1'), ('Loyalty',))
    """
    held = _checked_blocks(blocks)
    found = _checked_paths(paths, held)
    chosen = dict(modes or {})
    for block in chosen:
        _known("modes", block, held)
    order = _in_order(tuple(held), found)
    return PathModel(
        blocks=held,
        modes={block: _choice(f"mode of {block}", Mode, chosen.get(block, "A")) for block in held},
        paths=found,
        order=order,
    )


def _checked_blocks(blocks: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    if len(blocks) < 2:
        raise MethodError("blocks", f"a path needs two blocks, got {len(blocks)}")
    home: dict[str, str] = {}
    for block, items in blocks.items():
        if isinstance(items, str) or not items:
            raise MethodError(f"block {block}", "needs a list of at least one item")
        for item in items:
            if item in home:
                raise MethodError(
                    f"block {block}", f"item {item} stands already in block {home[item]}"
                )
            home[item] = block
    return {block: tuple(items) for block, items in blocks.items()}


def _checked_paths(
    paths: Mapping[str, Sequence[str]], blocks: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for start, ends in paths.items():
        _known("paths", start, blocks)
        if isinstance(ends, str):
            raise MethodError("paths", f"{start} needs a list of blocks it leads to")
        for end in ends:
            _known("paths", end, blocks)
            if (start, end) in found:
                raise MethodError("paths", f"{start} -> {end} is stated twice")
            found.append((start, end))
    for block in blocks:
        if not any(block in path for path in found):
            raise MethodError(f"block {block}", "has no path to or from another block")
    place = {block: at for at, block in enumerate(blocks)}
    return tuple(sorted(found, key=lambda path: (place[path[1]], place[path[0]])))


def _in_order(blocks: tuple[str, ...], paths: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Blocks with sources first; what cannot be ordered stands in a circle."""
    order: list[str] = []
    left = list(blocks)
    while left:
        ready = [b for b in left if not any(end == b and start in left for start, end in paths)]
        if not ready:
            raise MethodError("paths", f"run in a circle: {' -> '.join(_circle(left, paths))}")
        order += ready
        left = [block for block in left if block not in ready]
    return tuple(order)


def _circle(left: list[str], paths: tuple[tuple[str, str], ...]) -> list[str]:
    """Walk backwards among blocks that all have a source among themselves until one comes again."""
    walk = [left[0]]
    while walk.count(walk[-1]) == 1:
        walk.append(next(start for start, end in paths if end == walk[-1] and start in left))
    return walk[walk.index(walk[-1]) :][::-1]


def _known(what: str, block: str, blocks: Mapping[str, tuple[str, ...]]) -> None:
    if block not in blocks:
        raise MethodError(what, f"{block} is no block; there are {', '.join(blocks)}")


def _choice(what: str, kind: type[Kind], given: str) -> Kind:
    try:
        return kind(given)
    except ValueError as error:
        known = ", ".join(member.value for member in kind)
        raise MethodError(what, f"must be one of {known}, got {given}") from error
