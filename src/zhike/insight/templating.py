"""Figures in words."""

from typing import Any

from zhike.core.templating import template_filter
from zhike.insight.counting import Tally
from zhike.insight.figures import Figure


def percent(numerator: int, denominator: int | None) -> str:
    """98.6%; a dash where there is nothing to measure."""
    return f"{100 * numerator / denominator:.1f}%" if denominator else "—"


@template_filter
def figure_value(tally: Tally, figure: Figure) -> str:
    """What stands in large: a count, an amount, a share."""
    from zhike.complaints.money import written

    if figure.amount:
        return written(tally.numerator)
    if figure.is_rate:
        return percent(tally.numerator, tally.denominator)
    return f"{tally.numerator:,}"


@template_filter
def figure_base(tally: Tally, figure: Figure) -> str:
    """Numerator and denominator of a share, the number of rows of an amount; empty where there is none."""
    if figure.is_rate:
        return f"{tally.numerator:,}/{tally.denominator:,}" if tally.denominator else ""
    return f"n = {len(tally.rows):,}" if figure.amount else ""


@template_filter
def iso(day: Any) -> str:
    return str(day.isoformat())


@template_filter
def paper_text(text: str) -> str:
    """Within quotation marks of a style sheet: no quotation mark, no backslash, no new line."""
    return " ".join(str(text).replace("\\", " ").replace('"', "”").split())
