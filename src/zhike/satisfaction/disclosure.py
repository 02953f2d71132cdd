"""Which groups may be told so that nobody's answers can be worked out from figures laid side by side. Pure.

Every figure that was told is a sum over a set of people. Whatever somebody adds and subtracts, two people who
stand in the same figures stay together in the result. So people are sorted into cells by the figures they stand
in, and a further figure is told only when every cell it is made of holds at least five, and every cell it splits
keeps at least five outside: then no combination of figures is about one to four people. Filters may overlap as
they like.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEWEST = 5
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Cells:
    """People by which told figures they stand in; all of them in one cell at first.

    What those of `named` answered is known to some by name and can be subtracted: only others hide one another.
    """

    def __init__(self, size: int, told: Iterable[Mask] = (), *, named: Mask | None = None) -> None:
        self._hiding = np.ones(size, np.bool_) if named is None else np.logical_not(named)
        self._cells: Ids = np.zeros(size, np.int64)
        # Whether anything at all was told of a cell.
        self._known = np.zeros(size, np.bool_)
        for mask in told:
            self.add(mask)

    def allows(self, mask: Mask) -> bool:
        """Whether a figure of these people may be told beside all that were."""
        if mask.sum() < FEWEST:
            return False
        hiding = self._cells[self._hiding]
        whole = np.bincount(hiding, minlength=int(self._cells.max()) + 1)
        inside = np.bincount(self._cells[self._hiding & mask], minlength=len(whole))
        known = np.bincount(self._cells[self._known], minlength=len(whole)) > 0
        rest = whole - inside
        if (inside[inside > 0] < FEWEST).any():
            return False
        # Of a cell nothing was told of yet, what stays outside cannot be found by subtraction.
        split = (inside > 0) & (rest > 0) & known
        return not (rest[split] < FEWEST).any()

    def add(self, mask: Mask) -> None:
        self._cells = _split(self._cells, mask)
        self._known |= mask

    def choose(self, groups: Sequence[Mask]) -> list[bool]:
        """Which of the groups are told: the largest first, each beside those before it."""
        told = [False] * len(groups)
        for place in sorted(range(len(groups)), key=lambda one: (-int(groups[one].sum()), one)):
            if groups[place].any() and self.allows(groups[place]):
                self.add(groups[place])
                told[place] = True
        return told


def choose_lists(
    sets: Sequence[Mask], *, there: Mask, sure: Mask, shown: Iterable[Mask] = ()
) -> list[bool]:
    """Of which sets the single answers may be listed, each beside those before it and those `shown` anyway.

    Everybody's answers are listed without saying whose: a list says of each row whether it is in the set, so rows
    are known up to cells, and those outside count as much as those inside. `there` are all whom nobody can name
    and whose answers are complete or may be, `sure` those of them whose answers certainly are: only they hide one
    another.
    """
    cells: Ids = np.zeros(len(there), np.int64)
    for mask in shown:
        cells = _split(cells, mask)
    chosen = []
    for mask in sets:
        size = int(cells.max(initial=0)) + 1
        touched = np.bincount(cells[there & mask], minlength=size) > 0
        inside = np.bincount(cells[sure & mask], minlength=size)
        beside = np.bincount(cells[there & ~mask], minlength=size) > 0
        outside = np.bincount(cells[sure & ~mask], minlength=size)
        is_few = (inside < FEWEST) | beside & (outside < FEWEST)
        is_listed = bool(mask.sum() >= FEWEST and not (touched & is_few).any())
        if is_listed:
            cells = _split(cells, mask)
        chosen.append(is_listed)
    return chosen


def _split(cells: Ids, mask: Mask) -> Ids:
    """Numbered without gaps, as by np.unique, but without sorting people."""
    split = cells * 2 + mask
    numbers = np.cumsum(np.bincount(split, minlength=1) > 0) - 1
    return np.asarray(numbers[split], np.int64)


@dataclass(frozen=True, slots=True)
class ToldPeople:
    """Whom an index was about: everybody used. Each row of `groups` (rows, people) is a way they were grouped,
    with the place of their told group, or -1."""

    ids: Ids
    groups: Ids

    @property
    def masks(self) -> list[Mask]:
        """Over `ids`: everybody, each told group in its order, each row beside a rival that was told."""
        found = [np.ones(len(self.ids), np.bool_)]
        for row in self.groups:
            found += [row == place for place in np.unique(row[row >= 0])]
        return found

    @property
    def sets(self) -> list[Ids]:
        return [self.ids[mask] for mask in self.masks]


def pack(told: ToldPeople) -> bytes:
    """Numbers of answers and of groups alone, a few kilobytes for a hundred thousand people."""
    steps = np.diff(told.ids, prepend=0)
    numbers = np.concatenate([[len(told.groups)], steps, told.groups.reshape(-1)])
    return zlib.compress(numbers.astype("<i8").tobytes(), 6)


def unpack(kept: bytes) -> ToldPeople:
    numbers = np.frombuffer(zlib.decompress(kept), "<i8").astype(np.int64)
    rows, numbers = int(numbers[0]), numbers[1:]
    steps = numbers[: len(numbers) // (rows + 1)]
    return ToldPeople(np.cumsum(steps), numbers[len(steps) :].reshape(rows, len(steps)))
