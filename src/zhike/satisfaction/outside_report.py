"""Our last index beside those others tell, and which of theirs contradict one another."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.core.drawing.draw import draw
from zhike.core.drawing.kinds import Bars
from zhike.core.drawing.shapes import Drawing
from zhike.satisfaction.models import IndexRun, OutsideIndex

MOST_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Outside:
    row: OutsideIndex
    # Somebody else says otherwise of the same name and time.
    is_contradicted: bool
    # Theirs less ours.
    beside_ours: float | None


@dataclass(frozen=True, slots=True)
class OutsideReport:
    rows: Sequence[Outside]
    ours: IndexRun | None
    drawing: Drawing


def outside_report(system_id: int, ours: IndexRun | None) -> OutsideReport | None:
    """The newest first. None where nobody else's figures stand here."""
    rows = list(
        OutsideIndex.objects.filter(system_id=system_id, ended_at__isnull=True).order_by(
            "-until", "name", "pk"
        )[:MOST_SHOWN]
    )
    if not rows:
        return None
    own = ours.index if ours is not None else None
    found = [
        Outside(
            row=row,
            is_contradicted=any(_contradicts(row, other) for other in rows),
            beside_ours=None if own is None else row.score - own,
        )
        for row in rows
    ]
    labels = [f"{row.name} ({row.origin[:12]})" for row in rows]
    values, marked = [row.score for row in rows], frozenset[int]()
    if ours is not None and own is not None:
        labels, values, marked = [_("Ours"), *labels], [own, *values], frozenset({0})
    text = "; ".join(f"{label} {value:.1f}" for label, value in zip(labels, values, strict=True))
    drawing = draw(Bars(_("Ours beside others"), text, labels, values, "f1", marked=marked))
    return OutsideReport(found, ours, drawing)


def _contradicts(row: OutsideIndex, other: OutsideIndex) -> bool:
    return (
        row.pk != other.pk
        and row.name == other.name
        and row.since <= other.until
        and other.since <= row.until
        and abs(row.score - other.score) >= 0.05
    )
