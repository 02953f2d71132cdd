from collections.abc import Iterable
from typing import Any

from zhike.core.templating import component_from
from zhike.reference.models import ReferenceValue


@component_from("reference/_beside.html")
def references(rows: Iterable[ReferenceValue]) -> dict[str, Any]:
    """What others say, grouped by measure, with base and origin; nothing where nobody says anything.

    For a page that shows a figure of our own: `ui.references(selectors.beside(grants, "unhappy_heard"))`.
    """
    groups: dict[str, list[ReferenceValue]] = {}
    for row in rows:
        groups.setdefault(row.label, []).append(row)
    return {"groups": list(groups.items())}
