"""The service desk's list of cases."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhike.accounts.selectors import unit_names
from zhike.core import access, counts
from zhike.core.access import Grants
from zhike.desk.permissions import CREATE, EXPORT, VIEW, WORK
from zhike.desk.rules import STAGE_OF, UNDER_WAY, CaseState
from zhike.desk.selectors.scope import visible_cases
from zhike.desk.selectors.types import case_types
from zhike.desk.services.handling import METRIC
from zhike.desk.views.queue_list import listing_of, shown_rows


@dataclass(frozen=True)
class Pill:
    """A ready-made view above the list."""

    label: str
    url: str
    is_on: bool
    count: str = ""


def tab_counts(cells: list[counts.CountCell]) -> dict[str, int]:
    """From the counters alone: a page never counts rows for its tabs."""
    totals = {"open": 0, "all": 0}
    for cell in cells:
        if cell.state == CaseState.MERGED:
            continue
        stage = STAGE_OF[CaseState(cell.state)].value
        totals[stage] = totals.get(stage, 0) + cell.n
        totals["all"] += cell.n
        if CaseState(cell.state) in UNDER_WAY:
            totals["open"] += cell.n
    for state in CaseState:
        totals.setdefault(STAGE_OF[state].value, 0)
    return {key: max(0, value) for key, value in totals.items()}


def pills(request: HttpRequest, grants: Grants, cells: list[counts.CountCell]) -> list[Pill]:
    under_way = [c for c in cells if c.state in UNDER_WAY]
    mine = sum(c.n for c in under_way if c.owner_id == grants.user_id)
    nobody = sum(c.n for c in under_way if c.owner_id is None)
    complaints = sum(c.n for c in under_way if c.kind == "complaint")
    asked = {key: value for key, value in request.GET.items() if key not in ("after", "before")}
    here = reverse("desk:queue")
    ready: list[tuple[str, dict[str, str], str]] = [
        (_("My work"), {"owner": "me"}, str(max(0, mine))),
        (_("Nobody has it"), {"owner": "none"}, str(max(0, nobody))),
        (_("Due today"), {"due": "1"}, ""),
        (_("Open complaints"), {"type": "complaint"}, str(max(0, complaints))),
        (_("All"), {"tab": "all"}, ""),
    ]
    return [
        Pill(label, f"{here}?{urlencode(query)}", asked == query, count)
        for label, query, count in ready
    ]


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    cells = [] if "view_counts" in request.GET else counts.cells(METRIC, grants)
    return listing_of(request).respond(
        request,
        shown_rows(visible_cases(grants)),
        "desk/queue.html",
        grants=grants,
        counts=lambda: tab_counts(cells),
        export_url=reverse("desk:export") if grants.allows(EXPORT) else "",
        extra=queue_extra(request, grants, cells),
    )


def queue_extra(
    request: HttpRequest, grants: Grants, cells: list[counts.CountCell]
) -> dict[str, Any]:
    return {
        "pills": pills(request, grants, cells),
        "can_claim": grants.allows(WORK),
        "can_create": grants.allows(CREATE),
        "own_only": grants.own_only,
        "reader_id": grants.user_id,
        # Names that seldom change are not joined to every row.
        "type_labels": {kind.code: kind.label for kind in case_types(grants.stamp)},
        "unit_names": unit_names(grants),
        "create_url": reverse("desk:case-create") if grants.allows(CREATE) else "",
    }
