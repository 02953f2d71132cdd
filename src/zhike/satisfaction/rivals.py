"""Ourselves beside a rival, as the same people answered about both. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zhike.methods.compare import difference_of_means
from zhike.methods.errors import MethodError
from zhike.methods.given import Floats
from zhike.satisfaction.disclosure import Cells, Ids, Mask
from zhike.surveys.choices import QuestionKind
from zhike.surveys.definition import Definition


@dataclass(frozen=True, slots=True)
class RivalRow:
    """A row of such a question; `low` and `high` are the ends of its scale."""

    question: str
    row: str
    asked: str
    rival: str
    title: str
    low: int
    high: int


def rival_rows(definition: Definition, language: str) -> list[RivalRow]:
    return [
        RivalRow(
            question.key,
            row.key,
            definition.words(question.text, language),
            definition.words(question.rival, language),
            definition.words(row.text, language),
            question.scale[0],
            question.scale[-1],
        )
        for question in definition.questions()
        if question.kind == QuestionKind.RIVAL
        for row in question.rows
    ]


def both_of(answers: Mapping[str, Any], one: RivalRow) -> tuple[float, float]:
    """What somebody answered about us and about them; NaN where a side is missing."""
    found = answers.get(one.question)
    pair = found.get(one.row) if isinstance(found, dict) else None
    if not isinstance(pair, list) or len(pair) != 2:
        return np.nan, np.nan
    us, them = (float(side) if isinstance(side, int) else np.nan for side in pair)
    return us, them


def beside_rivals(
    rows: Sequence[RivalRow], sides: Floats, used: Mask, cells: Cells
) -> tuple[list[dict[str, Any]], list[Ids]]:
    """`sides` (people, rows, 2) us and them on their own scales, NaN where missing; of the people `used`.

    Returns what is kept, and for each row told whom of those used it is about (0, others -1). It is told only
    where `cells` allow it beside all that was told.
    """
    kept: list[dict[str, Any]] = []
    about: list[Ids] = []
    for place, one in enumerate(rows):
        mask = np.asarray(used & ~np.isnan(sides[:, place]).any(axis=1), np.bool_)
        if not mask.any():
            continue
        told = {"asked": one.asked, "rival": one.rival, "title": one.title}
        if not cells.allows(mask):
            kept.append({**told, "n": None})
            continue
        cells.add(mask)
        about.append(np.where(mask[used], 0, -1).astype(np.int64))
        shares = 100 * (sides[mask, place] - one.low) / (one.high - one.low)
        kept.append({**told, **_told(shares)})
    return kept, about


def _told(shares: Floats) -> dict[str, Any]:
    us, them = shares[:, 0], shares[:, 1]
    found: dict[str, Any] = {
        "n": len(shares), "us": float(us.mean()), "them": float(them.mean()),
        "difference": float((us - them).mean()), "low": None, "high": None,
    }  # fmt: skip
    try:
        pair = difference_of_means(them, us, paired=True)
    except MethodError:
        # Everybody sees the same difference: there is no spread to tell an interval from.
        return found
    return {**found, "low": pair.low, "high": pair.high}
