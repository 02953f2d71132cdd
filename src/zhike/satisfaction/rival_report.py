"""Ourselves beside a rival as it is read: drawn, in a table, and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from zhike.core.drawing.draw import draw
from zhike.core.drawing.kinds import Bars
from zhike.core.drawing.shapes import Drawing


@dataclass(frozen=True, slots=True)
class RivalReport:
    rows: Sequence[Mapping[str, Any]]
    drawing: Drawing | None
    sentences: Sequence[str]


def rival_report(result: Mapping[str, Any]) -> RivalReport | None:
    rows = result.get("rivals")
    if not rows:
        return None
    told = [one for one in rows if one["n"] is not None]
    return RivalReport(rows, _drawing(told) if told else None, _sentences(told))


def _drawing(told: Sequence[Mapping[str, Any]]) -> Drawing:
    """The difference of each row: to the right we are ahead."""
    labels = [f"{one['title']} ({one['rival']})" for one in told]
    return draw(
        Bars(
            _("We less the rival"),
            "; ".join(f"{one['title']} {one['difference']:+.1f}" for one in told),
            labels,
            [one["difference"] for one in told],
            "f1",
            [
                (one["difference"], one["difference"])
                if one["low"] is None
                else (one["low"], one["high"])
                for one in told
            ],
            frozenset(n for n, one in enumerate(told) if one["difference"] < 0),
        )
    )


def _sentences(told: Sequence[Mapping[str, Any]]) -> list[str]:
    found = []
    ahead = [o["title"] for o in told if o["low"] is not None and o["low"] > 0]
    behind = [o["title"] for o in told if o["high"] is not None and o["high"] < 0]
    if ahead:
        found.append(
            _("Ahead of the rival, more than chance: %(items)s.") % {"items": ", ".join(ahead)}
        )
    if behind:
        found.append(
            _("Behind the rival, more than chance: %(items)s.") % {"items": ", ".join(behind)}
        )
    if told and not (ahead or behind):
        found.append(_("No difference from the rival is certainly more than chance."))
    return found
