"""Counts that stay cheap on millions of rows: exact to a cap, then "10,000+"."""

from dataclasses import dataclass

from zhike.core.listing.parts import Rows

CAP = 10_000


@dataclass(frozen=True)
class Count:
    value: int
    # There are more than `value`; how many was not counted.
    is_capped: bool = False

    def __str__(self) -> str:
        return f"{self.value:,}{'+' if self.is_capped else ''}"

    def __bool__(self) -> bool:
        return self.value > 0


def capped_count(rows: Rows, cap: int = CAP) -> Count:
    """Reads at most `cap` + 1 rows: the subquery carries the limit, not the outer count."""
    found = rows.order_by().values("pk")[: cap + 1].count()
    return Count(cap, is_capped=True) if found > cap else Count(found)
