"""Where the phrases of the list stand in a text.

Every phrase becomes paths through one automaton, walked from each sign of the text as far as it goes. There is
no going back, and a path has at most `LONGEST_WORDING` signs, so time grows with the length of the text alone,
whatever the patterns are.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Any

from zhike.core.signs import plain
from zhike.desk.phrases.language import parse, sign_of
from zhike.desk.phrases.quoting import quoted

# Between two clauses. A short phrase torn apart by one of these is none: 不，可能要等.
_CLAUSE = frozenset("，,、。！!？?；;：:…—\n\r")
# A longer one is not made up by accident.
_SHORT = 4
# Nodes of the automaton kept at a time; what a hostile list would add beyond is made again when needed.
_MOST_NODES = 20_000


class PhraseKind(StrEnum):
    # Never said to a customer.
    FORBIDDEN = "forbidden"
    # Never said of a customer either, unless in their own words, between quotation marks.
    LABEL = "label"


class Place(StrEnum):
    """Where a text goes: out to a customer, to people of another department, or among colleagues."""

    OUTGOING = "outgoing"
    # Asked like what goes out, but it tells what was said: nothing between quotation marks is asked.
    NOTICE = "notice"
    NOTE = "note"


_ASKED = {
    Place.OUTGOING: frozenset({PhraseKind.FORBIDDEN, PhraseKind.LABEL}),
    Place.NOTICE: frozenset({PhraseKind.FORBIDDEN, PhraseKind.LABEL}),
    Place.NOTE: frozenset({PhraseKind.LABEL}),
}


@dataclass(frozen=True)
class Entry:
    """A phrase of the list. `why` may be a lazy translation; a hit that touches one of `exceptions` is none."""

    id: int
    pattern: str
    kind: PhraseKind
    exceptions: tuple[str, ...] = ()
    why: Any = ""
    better: str = ""


@dataclass(frozen=True)
class Hit:
    """`text[start:end]` is what was said."""

    start: int
    end: int
    said: str
    entry: Entry


@dataclass(frozen=True)
class _Sign:
    sign: str
    at: int
    # Whether clauses meet between this sign and the one before.
    parted: bool


@dataclass(frozen=True)
class _Goal:
    """What it means to arrive: a phrase, or one of the surroundings in which it is harmless."""

    entry: int
    is_exception: bool


class _Node:
    __slots__ = ("goals", "moves", "places")

    def __init__(self, places: frozenset[int], goals: tuple[_Goal, ...]) -> None:
        self.places = places
        self.goals = goals
        self.moves: dict[str, _Node | None] = {}


class _Automaton:
    """All patterns side by side. Nodes are made when a text first leads there, and shared by all readers."""

    def __init__(self) -> None:
        self._steps: list[dict[str, list[int]]] = []
        self._further: list[int | None] = []
        self._goals: dict[int, _Goal] = {}
        self._starts: list[int] = []
        self._nodes: dict[frozenset[int], _Node] = {}
        self.root = _Node(frozenset(), ())

    def _place(self) -> int:
        self._steps.append({})
        self._further.append(None)
        return len(self._steps) - 1

    def add(self, written: str, goal: _Goal) -> None:
        here = self._place()
        self._starts.append(here)
        for part in parse(written).parts:
            after = self._place()
            for choice in part:
                self._add_choice(choice, here, after)
            here = after
        self._goals[here] = goal

    def _add_choice(self, choice: str, here: int, after: int) -> None:
        if not choice:
            self._further[here] = after
            return
        at = here
        for sign in choice[:-1]:
            following = self._place()
            self._steps[at].setdefault(sign, []).append(following)
            at = following
        self._steps[at].setdefault(choice[-1], []).append(after)

    def close(self) -> None:
        """Every pattern is in: build the start."""
        self.root = self._node(self._starts)

    def _node(self, places: Iterable[int]) -> _Node:
        reached: set[int] = set()
        for place in places:
            at: int | None = place
            while at is not None and at not in reached:
                reached.add(at)
                at = self._further[at]
        key = frozenset(reached)
        node = self._nodes.get(key)
        if node is None:
            goals = tuple(self._goals[place] for place in sorted(key) if place in self._goals)
            node = self._nodes[key] = _Node(key, goals)
        return node

    def step(self, node: _Node, sign: str) -> _Node | None:
        if sign in node.moves:
            return node.moves[sign]
        if len(self._nodes) > _MOST_NODES:
            self._nodes = {}
            self.root = _Node(self.root.places, self.root.goals)
        after = [one for place in node.places for one in self._steps[place].get(sign, ())]
        node.moves[sign] = self._node(after) if after else None
        return node.moves[sign]


class Finder:
    """Finds the phrases of one list."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries: Sequence[Entry] = tuple(entries)
        self._automaton = _Automaton()
        for number, entry in enumerate(self.entries):
            self._automaton.add(entry.pattern, _Goal(number, False))
            for exception in entry.exceptions:
                self._automaton.add(exception, _Goal(number, True))
        self._automaton.close()

    def find(self, text: str, place: Place) -> list[Hit]:
        """Every hit from left to right; of two that overlap the first, of two that begin together the longer."""
        asked = _ASKED[place]
        found: dict[int, list[tuple[int, int]]] = {}
        harmless: dict[int, list[tuple[int, int]]] = {}
        for goal, start, end in self._arrivals(text):
            if self.entries[goal.entry].kind in asked:
                spans = harmless if goal.is_exception else found
                spans.setdefault(goal.entry, []).append((start, end))
        if not found:
            return []
        inside = quoted(text)
        hits: list[Hit] = []
        for number, said in found.items():
            entry = self.entries[number]
            for start, end in _untouched(said, harmless.get(number, [])):
                may_quote = entry.kind is PhraseKind.LABEL or place is Place.NOTICE
                if may_quote and inside[start] and inside[end - 1]:
                    continue
                if _is_whole(text, start, end):
                    hits.append(Hit(start, end, text[start:end], entry))
        return list(_apart(hits))

    def _arrivals(self, text: str) -> Iterator[tuple[_Goal, int, int]]:
        """The longest way of each goal from each sign."""
        signs = _signs(text)
        for first in range(len(signs)):
            # Within a run of one sign the first says it all.
            if first and signs[first].sign == signs[first - 1].sign and not signs[first].parted:
                continue
            ends = self._walk(signs, first)
            start = signs[first].at
            for goal, end in ends.items():
                yield goal, start, end

    def _walk(self, signs: list[_Sign], first: int) -> Mapping[_Goal, int]:
        automaton = self._automaton
        node = automaton.step(automaton.root, signs[first].sign)
        ends: dict[_Goal, int] = {}
        said, parted = 1, 0
        at = first
        while node is not None:
            # A sign written twice or more (冷静静静) counts once.
            fits = [goal for goal in node.goals if _holds_together(goal, said, parted)]
            for goal in fits:
                ends[goal] = signs[at].at + 1
            at += 1
            if at >= len(signs):
                break
            sign = signs[at]
            after = automaton.step(node, sign.sign)
            while after is None and sign.sign == signs[at - 1].sign and not sign.parted:
                for goal in fits:
                    ends[goal] = sign.at + 1
                at += 1
                if at >= len(signs):
                    return ends
                sign = signs[at]
                after = automaton.step(node, sign.sign)
            said += 1
            parted += sign.parted
            node = after
        return ends


def _holds_together(goal: _Goal, said: int, parted: int) -> bool:
    """Whether signs with clause marks between them are one phrase: none, or all (冷，静), or it is a long one."""
    if parted == 0:
        return True
    return not goal.is_exception and (said >= _SHORT or parted == said - 1)


def _signs(text: str) -> list[_Sign]:
    """The signs that count, each with its place; blanks, punctuation and emoji fall away."""
    found: list[_Sign] = []
    parted = False
    for at, written in enumerate(text):
        sign = sign_of(written)
        if sign:
            found.append(_Sign(sign, at, parted))
            parted = False
        elif written in _CLAUSE:
            parted = True
    return found


def _untouched(
    spans: list[tuple[int, int]], harmless: list[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Spans that share no sign with a harmless one; both lists come by their starts."""
    starts = [start for start, _end in harmless]
    reaches = list(accumulate((end for _start, end in harmless), max))
    for start, end in spans:
        before = bisect_left(starts, end)
        if not before or reaches[before - 1] <= start:
            yield start, end


def _is_latin(written: str) -> bool:
    sign = plain(written)
    return sign.isascii() and sign.isalnum()


def _is_whole(text: str, start: int, end: int) -> bool:
    """Latin letters are found as words only: no label in "usb"."""
    before = start > 0 and _is_latin(text[start - 1]) and _is_latin(text[start])
    after = end < len(text) and _is_latin(text[end]) and _is_latin(text[end - 1])
    return not before and not after


def _apart(hits: list[Hit]) -> Iterator[Hit]:
    reached = 0
    for hit in sorted(hits, key=lambda one: (one.start, -one.end, one.entry.id)):
        if hit.start >= reached:
            yield hit
            reached = hit.end
