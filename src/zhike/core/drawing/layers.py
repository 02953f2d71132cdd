"""Where blocks and paths of a diagram lie: in layers from top to bottom, with few crossings.

After Sugiyama: a path that spans several layers gets a place in each of them, and between two layers of blocks
stands one of figures, where each path has a place for its own. So no path runs behind a block, and no two figures
lie on each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_SWEEPS = 24
# Places settle slowly along a long path.
_ROUNDS = 400
_GAP = 34.0


@dataclass
class Spot:
    """A place in a layer: a block, or a path on its way."""

    name: str
    layer: int
    width: float
    up: list["Spot"] = field(default_factory=list)
    down: list["Spot"] = field(default_factory=list)
    x: float = 0.0


@dataclass(frozen=True)
class Layout:
    """`blocks` by name; `ways` of each path from block to block; `labels` where its figure stands."""

    blocks: Mapping[str, Spot]
    ways: Mapping[tuple[str, str], Sequence[Spot]]
    labels: Mapping[tuple[str, str], Spot]
    layers: Sequence[Sequence[Spot]]
    width: float


def lay_out(
    ranks: Mapping[str, int],
    widths: Mapping[str, float],
    paths: Sequence[tuple[str, str]],
    label_width: float,
) -> Layout:
    """`ranks` count from 0 and grow along every path."""
    layers: list[list[Spot]] = [[] for _ in range(2 * max(ranks.values()) + 1)]
    blocks = {name: Spot(name, 2 * rank, widths[name]) for name, rank in ranks.items()}
    for spot in blocks.values():
        layers[spot.layer].append(spot)
    ways: dict[tuple[str, str], list[Spot]] = {}
    labels: dict[tuple[str, str], Spot] = {}
    for start, end in paths:
        first, last = blocks[start], blocks[end]
        # Figures stand in the layers between blocks; of a long path in the middle of its way.
        at_label = first.layer + 1 + 2 * ((last.layer - first.layer) // 4)
        way = [first]
        for layer in range(first.layer + 1, last.layer):
            spot = Spot("", layer, label_width if layer == at_label else 14.0)
            if layer == at_label:
                labels[start, end] = spot
            layers[layer].append(spot)
            way.append(spot)
        way.append(last)
        for above, below in pairwise(way):
            above.down.append(below)
            below.up.append(above)
        ways[start, end] = way
    ordered = _ordered(layers)
    _place(ordered)
    for _again in range(3):
        for way in ways.values():
            _straighten(way[1:-1], ordered)
    return Layout(blocks, ways, labels, ordered, _moved_to_zero(ordered))


def _ordered(layers: list[list[Spot]]) -> list[list[Spot]]:
    """Each layer by the middle of its neighbours, down and up again; the best of all rounds."""
    best, least = [list(layer) for layer in layers], _crossings(layers)
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        for layer in layers if downwards else reversed(layers):
            middles = _middles(layers, upwards=downwards)
            places = {id(spot): at for at, spot in enumerate(layer)}
            layer.sort(key=lambda spot: middles.get(id(spot), places[id(spot)]))
        found = _crossings(layers)
        if found < least:
            best, least = [list(layer) for layer in layers], found
    return best


def _middles(layers: list[list[Spot]], *, upwards: bool) -> dict[int, float]:
    places = {
        id(spot): (at + 0.5) / len(layer) for layer in layers for at, spot in enumerate(layer)
    }
    found = {}
    for layer in layers:
        for spot in layer:
            near = spot.up if upwards else spot.down
            if near:
                found[id(spot)] = sum(places[id(one)] for one in near) / len(near)
            else:
                found[id(spot)] = places[id(spot)]
    return found


def _crossings(layers: list[list[Spot]]) -> int:
    count = 0
    for layer, below in pairwise(layers):
        places = {id(spot): at for at, spot in enumerate(below)}
        ends = [sorted(places[id(one)] for one in spot.down) for spot in layer]
        for at, one in enumerate(ends):
            for other in ends[at + 1 :]:
                count += sum(a > b for a in one for b in other)
    return count


def _place(layers: Sequence[Sequence[Spot]]) -> None:
    """Sets x: near the middle of the neighbours, in order, without touching."""
    for layer in layers:
        x = 0.0
        for spot in layer:
            spot.x = x + spot.width / 2
            x += spot.width + _GAP
        shift = (x - _GAP) / 2
        for spot in layer:
            spot.x -= shift
    for sweep in range(_ROUNDS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wished = [_wish(spot) for spot in layer]
            _settle(layer, wished)


def _straighten(way: Sequence[Spot], layers: Sequence[Sequence[Spot]]) -> None:
    """One x for a whole path on its way, where the neighbours leave room for it."""
    least, most = float("-inf"), float("inf")
    for spot in way:
        layer = layers[spot.layer]
        at = next(place for place, one in enumerate(layer) if one is spot)
        if at > 0:
            left = layer[at - 1]
            least = max(least, left.x + (left.width + spot.width) / 2 + _GAP / 2)
        if at + 1 < len(layer):
            right = layer[at + 1]
            most = min(most, right.x - (right.width + spot.width) / 2 - _GAP / 2)
    if way and least <= most:
        middle = sum(spot.x for spot in way) / len(way)
        for spot in way:
            spot.x = min(max(middle, least), most)


def _moved_to_zero(layers: Sequence[Sequence[Spot]]) -> float:
    """Lets the leftmost begin at 0; the width of all."""
    low = min(spot.x - spot.width / 2 for layer in layers for spot in layer)
    high = max(spot.x + spot.width / 2 for layer in layers for spot in layer)
    for layer in layers:
        for spot in layer:
            spot.x -= low
    return high - low


def _wish(spot: Spot) -> float:
    """The middle of the neighbours; a path on its way pulls harder, so that it runs straight."""
    near = [*spot.up, *spot.down]
    if not near:
        return spot.x
    pulls = [
        1.0 if spot.name and one.name else 2.0 if spot.name or one.name else 8.0 for one in near
    ]
    return sum(one.x * pull for one, pull in zip(near, pulls, strict=True)) / sum(pulls)


def _settle(layer: Sequence[Spot], wished: Sequence[float]) -> None:
    """The places nearest to those wished for that keep order and distance (pooling neighbours that violate it)."""
    offsets, total = [0.0], 0.0
    for one, other in pairwise(layer):
        total += (one.width + other.width) / 2 + _GAP
        offsets.append(total)
    pools: list[tuple[float, int]] = []
    for wish, offset in zip(wished, offsets, strict=True):
        mean, size = wish - offset, 1
        while pools and pools[-1][0] > mean:
            before, many = pools.pop()
            mean = (before * many + mean * size) / (many + size)
            size += many
        pools.append((mean, size))
    at = 0
    for mean, size in pools:
        for spot, offset in zip(layer[at : at + size], offsets[at : at + size], strict=True):
            spot.x = mean + offset
        at += size
