"""Questionnaires that may be read out, on the page of a follow-up visit."""

from collections.abc import Mapping
from typing import Any

from zhike.care.models import FollowUp
from zhike.care.permissions import FOLLOW_UP
from zhike.care.slots import VISIT_PANELS, VisitPanel
from zhike.core.access import Grants
from zhike.satisfaction.services.in_call import offers_for


def _panel(visit: FollowUp, grants: Grants) -> Mapping[str, Any] | None:
    offers = offers_for(visit) if visit.is_due and grants.allows(FOLLOW_UP) else ()
    return {"offers": offers} if offers else None


def register() -> None:
    VISIT_PANELS.fill(
        VisitPanel(
            "satisfaction.in_call",
            "satisfaction/_visit_panel.html",
            _panel,
            styles="satisfaction/rules.css",
        )
    )
