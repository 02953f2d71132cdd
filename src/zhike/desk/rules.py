"""What may happen to a case, and what its state is called. Pure: no Django, no clock.

The states and moves are one table; services ask it, tests walk it. Words of the screen are derived from states,
so that a new word never needs a new state.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from zhike.desk.data.goodbyes import GOODBYES


class CaseState(StrEnum):
    NEW = "new"
    OPEN = "open"
    # The only state in which the clock pauses.
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_DEPARTMENT = "waiting_department"
    WAITING_APPROVAL = "waiting_approval"
    WAITING_CONSENT = "waiting_consent"
    CLOSED = "closed"
    MERGED = "merged"


ENDED = frozenset({CaseState.CLOSED, CaseState.MERGED})
UNDER_WAY = frozenset(CaseState) - ENDED
PAUSING = frozenset({CaseState.WAITING_CUSTOMER})


class Mover(StrEnum):
    """On whose act a case moves."""

    STAFF = "staff"
    CUSTOMER = "customer"
    SYSTEM = "system"


@dataclass(frozen=True)
class Move:
    source: CaseState
    target: CaseState
    movers: frozenset[Mover]


_N, _O = CaseState.NEW, CaseState.OPEN
_WC, _WD = CaseState.WAITING_CUSTOMER, CaseState.WAITING_DEPARTMENT
_WA, _WK = CaseState.WAITING_APPROVAL, CaseState.WAITING_CONSENT
_C, _M = CaseState.CLOSED, CaseState.MERGED
_STAFF = frozenset({Mover.STAFF, Mover.SYSTEM})
_ANYONE = frozenset(Mover)

MOVES: dict[tuple[CaseState, CaseState], Move] = {
    (source, target): Move(source, target, movers)
    for source, targets, movers in (
        # Taken up; a case nobody has taken up cannot wait for anybody.
        (_N, (_O, _C, _M), _STAFF),
        # Given back to the queue; waiting; ended.
        (_O, (_N, _WC, _WD, _WA, _WK, _C, _M), _STAFF),
        # The customer's answer wakes it.
        (_WC, (_O,), _ANYONE),
        (_WC, (_C, _M), _STAFF),
        # An answer that is still owed must come, or be called off, before the case ends.
        (_WD, (_O, _WC, _M), _STAFF),
        (_WA, (_O, _M), _STAFF),
        (_WK, (_O,), _ANYONE),
        (_WK, (_C, _M), _STAFF),
        # Reopened by whoever is not content; a duplicate may be noticed late.
        (_C, (_O,), _ANYONE),
        (_C, (_M,), _STAFF),
    )
    for target in targets
}


def can_move(source: CaseState, target: CaseState, mover: Mover) -> bool:
    move = MOVES.get((source, target))
    return move is not None and mover in move.movers


def targets_of(source: CaseState, mover: Mover = Mover.STAFF) -> list[CaseState]:
    """Where a case may go from here, in the order of the states."""
    return [target for target in CaseState if can_move(source, target, mover)]


class Stage(StrEnum):
    """The tabs of the queue, and the words of the trade for a case's state."""

    TO_TAKE_UP = "to_take_up"
    IN_HAND = "in_hand"
    FOR_CUSTOMER = "for_customer"
    FOR_DEPARTMENT = "for_department"
    FOR_APPROVAL = "for_approval"
    FOR_CONSENT = "for_consent"
    CLOSED = "closed"
    MERGED = "merged"


STAGE_OF: dict[CaseState, Stage] = {
    CaseState.NEW: Stage.TO_TAKE_UP,
    CaseState.OPEN: Stage.IN_HAND,
    CaseState.WAITING_CUSTOMER: Stage.FOR_CUSTOMER,
    CaseState.WAITING_DEPARTMENT: Stage.FOR_DEPARTMENT,
    CaseState.WAITING_APPROVAL: Stage.FOR_APPROVAL,
    CaseState.WAITING_CONSENT: Stage.FOR_CONSENT,
    CaseState.CLOSED: Stage.CLOSED,
    CaseState.MERGED: Stage.MERGED,
}


class PublicStage(StrEnum):
    """What the customer is shown instead of a state."""

    RECEIVED = "received"
    TAKEN_UP = "taken_up"
    IN_HAND = "in_hand"
    NEEDS_YOU = "needs_you"
    YOUR_CONSENT = "your_consent"
    DONE = "done"


def public_path(state: CaseState, taken_up: bool) -> tuple[list[PublicStage], int]:
    """The customer's way from start to end, and the index of the step it is at.

    A step that is not on this case's way now (waiting for the customer) is not shown at all.
    """
    middle = {
        CaseState.WAITING_CUSTOMER: PublicStage.NEEDS_YOU,
        CaseState.WAITING_CONSENT: PublicStage.YOUR_CONSENT,
    }.get(state)
    path = [PublicStage.RECEIVED, PublicStage.TAKEN_UP, PublicStage.IN_HAND]
    if middle is not None:
        path.append(middle)
    path.append(PublicStage.DONE)
    if state in ENDED:
        return path, len(path) - 1
    if middle is not None:
        return path, 3
    if state is CaseState.NEW:
        return path, 1 if taken_up else 0
    return path, 2


@dataclass(frozen=True)
class Span:
    """A stretch in which the clock stood still; `end` None while it lasts."""

    start: datetime
    end: datetime | None
    reason: str = ""


def begin_pause(spans: Iterable[Span], at: datetime, reason: str) -> list[Span]:
    """One open span at most: a second wish to pause changes nothing."""
    known = list(spans)
    if known and known[-1].end is None:
        return known
    return [*known, Span(at, None, reason)]


def end_pause(spans: Iterable[Span], at: datetime) -> list[Span]:
    known = list(spans)
    if known and known[-1].end is None:
        known[-1] = Span(known[-1].start, max(at, known[-1].start), known[-1].reason)
    return known


# A subject, a last sentence: what a list shows of a text.
EXCERPT_LENGTH = 120


def excerpt(text: str, length: int = EXCERPT_LENGTH) -> str:
    """The text on one line, cut to `length` signs."""
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 1] + "…"


def is_goodbye(text: str) -> bool:
    """Nothing but thanks and farewell: such a word after the end does not reopen a case."""
    rest = text.strip().lower()
    if not rest or len(rest) > 40:
        return False
    for word in GOODBYES:
        rest = rest.replace(word, " ")
    return not any(sign.isalnum() for sign in rest)
