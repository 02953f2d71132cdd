"""Follow-up visits as rules: states, results, when somebody counts as unreachable. Pure: no Django, no clock."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class State(StrEnum):
    DUE = "due"
    DONE = "done"
    CALLED_OFF = "called_off"


class Result(StrEnum):
    CONTENT = "content"
    PARTLY = "partly"
    NOT_CONTENT = "not_content"
    UNREACHABLE = "unreachable"


# The customer answered; only these count as reached.
ANSWERED = (Result.CONTENT, Result.PARTLY, Result.NOT_CONTENT)
# Not wholly content: we look again when so many working days have passed.
AGAIN_AFTER_DAYS = 3
# Ways out of a complaint after which there is nobody to ask.
NOT_VISITED_WAYS = frozenset({"anonymous", "prank"})


class QuestionKind(StrEnum):
    YES_NO = "yes_no"
    SCORE = "score"
    TEXT = "text"


SCORES = range(1, 6)


def is_wanted(
    *, is_switched_on: bool, has_customer: bool, way_out: str, is_merged: bool = False
) -> bool:
    """Does closing this case make a visit?"""
    return is_switched_on and has_customer and not is_merged and way_out not in NOT_VISITED_WAYS


@dataclass(frozen=True)
class Tries:
    """Calls of one visit in which nobody was reached."""

    count: int
    days: int

    @classmethod
    def on(cls, days: Collection[date]) -> "Tries":
        return cls(len(days), (max(days) - min(days)).days + 1 if days else 0)

    def suffice(self, attempts: int, days: int) -> bool:
        return self.count >= attempts and self.days >= days


@dataclass(frozen=True)
class Share:
    """A figure that says what it is a share of."""

    numerator: int
    denominator: int

    @property
    def ratio(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None

    @property
    def percent(self) -> int | None:
        """Rounded half up; None when there is nothing to divide by."""
        if not self.denominator:
            return None
        return (200 * self.numerator + self.denominator) // (2 * self.denominator)
