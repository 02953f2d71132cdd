"""Figures as people read them."""

from zhike.core.drawing.kinds import Kind

DECIMALS = {"f1": 1, "f2": 2, "f3": 3, "f4": 4}
NOTHING = "–"


def shown(value: str | float | None, kind: Kind) -> str:
    """As text with the decimals of its column; a real minus sign, so that signs stand out in columns."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value
    return _number(float(value), kind).replace("-", "−")


def _number(value: float, kind: Kind) -> str:
    if kind == "percent":
        return f"{_rounded(100 * value, 1):.1f}%"
    if kind == "p":
        return "< 0.001" if value < 0.001 else f"{value:.3f}"
    if kind in DECIMALS:
        decimals = DECIMALS[kind]
        return f"{_rounded(value, decimals):,.{decimals}f}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,g}"


def _rounded(value: float, decimals: int) -> float:
    # Without the sign of a zero that rounding left.
    return round(value, decimals) + 0.0
