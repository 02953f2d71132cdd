"""What a channel gives so that messages leave by it, and a room so that people find where they stand."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from zhike.core.access import Grants
from zhike.core.registry import Slot

# The job that delivers is given up after this and something; a call must come to an end well before.
LONGEST_CALL_SECONDS = 60.0
NO_KEY = timedelta(0)


@dataclass(frozen=True)
class Outgoing:
    """One message, ready to be handed over; `address` is in clear. `dedup_key` is the same on every try."""

    id: int
    kind: str
    address: str
    text: str
    dedup_key: str
    subject_type: str
    subject_id: int | None
    attempt: int
    timeout_seconds: float


@dataclass(frozen=True)
class Sent:
    """The receiver took it. `receipt` is its own name for the message; `delivered`, that it has arrived."""

    receipt: str = ""
    delivered: bool = False


@dataclass(frozen=True)
class Refused:
    """The receiver will never take it, and has not."""

    words: str


@dataclass(frozen=True)
class Later:
    """It was certainly not taken, and may be another time."""

    words: str
    after_seconds: float = 0.0


@dataclass(frozen=True)
class Away:
    """The receiver could not be reached at all: nothing to do with this message, and the others need not try."""

    words: str
    after_seconds: float = 0.0


@dataclass(frozen=True)
class Uncertain:
    """It was handed over, or may have been, and nobody said whether it was taken."""

    words: str


Answer: TypeAlias = Sent | Refused | Later | Away | Uncertain


@dataclass(frozen=True)
class Carrier:
    """A way out. `deliver` comes back within `timeout_seconds`, outside of any transaction.

    What it raises counts as `Uncertain`. `key_kept` is how long the receiver surely remembers a dedup key;
    zero when it takes none, and then nothing uncertain is ever sent again by itself.
    """

    kind: str
    label: Any
    deliver: Callable[[Outgoing], Answer]
    key_kept: timedelta = NO_KEY
    timeout_seconds: float = 30.0
    per_minute: int | None = None
    attempts: int = 10
    # A message older than this is not tried any more: late words may do harm.
    give_up_after: timedelta = timedelta(days=2)

    def __post_init__(self) -> None:
        if not 0 < self.timeout_seconds <= LONGEST_CALL_SECONDS:
            raise ValueError(f"{self.kind}: a call lasts at most {LONGEST_CALL_SECONDS:g} seconds.")
        if self.per_minute is not None and self.per_minute < 1:
            raise ValueError(f"{self.kind}: per_minute is at least 1, or None.")

    @property
    def has_dedup_key(self) -> bool:
        return self.key_kept > NO_KEY


@dataclass(frozen=True)
class SubjectLine:
    """Where a message stands: a case's number, and the way there."""

    label: str
    url: str


@dataclass(frozen=True)
class Subject:
    """What messages of a `subject_type` are about. `visible` names those this person may see."""

    subject_type: str
    visible: Callable[[Collection[int], Grants], Mapping[int, SubjectLine]]
    # Of those, whether this person may say what became of a message; besides who manages the outbox.
    may_decide: Callable[[int, Grants], bool]
    # Holds what the message stands in until the unit of work ends, before the message itself is touched.
    lock: Callable[[int], None] = lambda _subject_id: None
    # Puts into a text, only as it leaves, what nobody of the house shall read: a link that is somebody's own.
    complete: Callable[[int, str], str] = lambda _subject_id, text: text


CARRIERS: Slot[Carrier] = Slot(
    "core.outbox.CARRIERS", "How messages to customers leave the house", key=lambda c: c.kind
)
SUBJECTS: Slot[Subject] = Slot(
    "core.outbox.SUBJECTS", "What messages are about", key=lambda s: s.subject_type
)
