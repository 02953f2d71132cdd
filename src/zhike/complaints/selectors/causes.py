"""The tree of causes as people choose from it."""

from dataclasses import dataclass
from typing import Any

from zhike.complaints.models import Cause
from zhike.core import settled
from zhike.core.access import Grants


@dataclass(frozen=True)
class CauseNode:
    """A cause in reading order. `is_offered` is False below one that is switched off too."""

    cause: Cause
    depth: int
    is_offered: bool


def cause_tree(stamp: str = "") -> list[CauseNode]:
    """All causes, each one's own below it. One statement; none under a known stamp."""
    return settled.kept(stamp, ("causes",), _read_tree)


def _read_tree() -> list[CauseNode]:
    below: dict[int | None, list[Cause]] = {}
    for row in Cause.objects.order_by("place", "pk"):
        below.setdefault(row.parent_id, []).append(row)
    nodes: list[CauseNode] = []

    def walk(parent_id: int | None, depth: int, offered: bool) -> None:
        for row in below.get(parent_id, ()):
            is_offered = offered and row.is_active
            nodes.append(CauseNode(row, depth, is_offered))
            walk(row.pk, depth + 1, is_offered)

    walk(None, 0, True)
    return nodes


def causes_by_id(grants: Grants) -> dict[int, Cause]:
    return {node.cause.pk: node.cause for node in cause_tree(grants.stamp)}


def offered_causes(stamp: str = "") -> list[tuple[str, Any]]:
    """Those that can be chosen, with an indent for each level."""
    return [
        (str(node.cause.pk), "\u3000" * node.depth + str(node.cause.label))
        for node in cause_tree(stamp)
        if node.is_offered
    ]
