"""Round steps for an axis."""

import math
from collections.abc import Sequence

_STEPS = (1, 2, 2.5, 5, 10)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round figures that reach from below `low` to above `high`."""
    if not high > low:
        spread = abs(low) or 1.0
        low, high = low - spread / 2, high + spread / 2
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * one for one in _STEPS if power * one >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(at * step, 12) for at in range(first, last + 1)]


def decimals(marks: Sequence[float]) -> int:
    """How many decimals tell the marks apart."""
    for places in range(6):
        if all(abs(round(mark, places) - mark) < 1e-9 for mark in marks):
            return places
    return 6


def mark_text(mark: float, marks: Sequence[float], *, percent: bool = False) -> str:
    if percent:
        hundreds = [100 * one for one in marks]
        return f"{100 * mark:.{decimals(hundreds)}f}%".replace("-", "−")
    return f"{mark:,.{decimals(marks)}f}".replace("-", "−")
