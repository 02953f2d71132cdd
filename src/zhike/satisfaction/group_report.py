"""Groups side by side as they are read: drawn, in a table, and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.core.drawing.draw import draw
from zhike.core.drawing.kinds import Bars, Lines, Series
from zhike.core.drawing.shapes import Drawing
from zhike.satisfaction.choices import SideBySide
from zhike.satisfaction.grouping import IN_TIME


@dataclass(frozen=True, slots=True)
class GroupReport:
    heading: str
    told: Sequence[Mapping[str, Any]]
    hidden: Sequence[str]
    drawing: Drawing | None
    is_in_time: bool
    # (title, index of each told group) of every dimension.
    dimensions: Sequence[tuple[str, Sequence[float]]]
    sentences: Sequence[str]


def group_report(result: Mapping[str, Any], words: Sequence[str] = ()) -> GroupReport | None:
    """`words` tell the scope; the last of them says what stands side by side, the question where it is one."""
    groups = result.get("groups")
    if not groups:
        return None
    told, by = groups["told"], groups["by"]
    label = str(SideBySide(by).label)
    return GroupReport(
        heading=words[-1] if words else _("side by side: %(what)s") % {"what": label},
        told=told,
        hidden=groups["hidden"],
        drawing=_drawing(label, told, by) if told else None,
        is_in_time=by in IN_TIME,
        dimensions=[
            (one["title"], [group["dimensions"][one["key"]] for group in told])
            for one in result["dimensions"]
        ],
        sentences=_sentences(groups),
    )


def _drawing(label: str, told: Sequence[Mapping[str, Any]], by: str) -> Drawing:
    titles = [one["title"] for one in told]
    text = "; ".join(f"{one['title']} {one['index']:.1f}" for one in told)
    if by in IN_TIME and len(told) > 1:
        return draw(
            Lines(
                _("Index over time"),
                text,
                titles,
                [
                    Series(_("Index"), [one["index"] for one in told]),
                    Series(_("Low end"), [one["low"] for one in told], "limit"),
                    Series(_("High end"), [one["high"] for one in told], "limit"),
                ],
                "f1",
            )
        )
    return draw(
        Bars(
            label,
            text,
            titles,
            [one["index"] for one in told],
            "f1",
            [(one["low"], one["high"]) for one in told],
        )
    )


def _sentences(groups: Mapping[str, Any]) -> list[str]:
    told, found = groups["told"], []
    if len(told) > 1 and groups["by"] not in IN_TIME:
        ordered = sorted(told, key=lambda one: one["index"])
        found.append(
            _("Of the groups “%(best)s” stands highest (%(high).1f), “%(worst)s” lowest (%(low).1f).")
            % {
                "best": ordered[-1]["title"], "high": ordered[-1]["index"],
                "worst": ordered[0]["title"], "low": ordered[0]["index"],
            }
        )  # fmt: skip
    sure = [one["title"] for one in told if one["difference"] and one["difference"]["holds"]]
    if len(told) > 1:
        found.append(
            _("Differences that are more than chance, although several were looked at: %(groups)s.")
            % {"groups": ", ".join(sure)}
            if sure
            else _("None of the differences is certainly more than chance.")
        )
    if groups["hidden"]:
        found.append(
            ngettext(
                "%(count)s group is not told: fewer than five people, or other figures would give them away.",
                "%(count)s groups are not told: fewer than five people, or other figures would give them away.",
                len(groups["hidden"]),
            )
            % {"count": len(groups["hidden"])}
        )
    return found
