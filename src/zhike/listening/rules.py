"""Ratings and their scales. A rating without its scale says nothing, so the two always come together."""

import re
from dataclasses import dataclass
from decimal import Decimal

_SCALE = re.compile(
    r"(-?\d{1,4}(?:\.\d{1,2})?)\s*(?:-|–|—|~|到|至|\.\.)\s*(-?\d{1,4}(?:\.\d{1,2})?)"
)
# Where a rating counts as low or high, on any scale.
LOW_RATIO = 0.34
HIGH_RATIO = 0.66


@dataclass(frozen=True)
class Scale:
    low: Decimal
    high: Decimal

    def __str__(self) -> str:
        return f"{_plain(self.low)}-{_plain(self.high)}"

    def holds(self, rating: Decimal) -> bool:
        return self.low <= rating <= self.high


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def read_scale(text: str) -> Scale | None:
    """`0-1`, `1~5`, `1 到 10`; None when it is not a scale."""
    match = _SCALE.fullmatch(text.strip().replace("～", "~").replace("－", "-"))
    if match is None:
        return None
    low, high = Decimal(match[1]), Decimal(match[2])
    return Scale(low, high) if low < high else None


def shown_rating(rating: Decimal | None, high: Decimal | None) -> str:
    """4 / 5; "" without a rating."""
    if rating is None or high is None:
        return ""
    return f"{_plain(rating)} / {_plain(high)}"
