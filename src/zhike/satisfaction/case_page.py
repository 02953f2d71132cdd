"""What customers answered by name, on the page of its case; lines of the record, and of the customer's file."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.core import clock
from zhike.core.access import Grants
from zhike.customers.models import TimelineEntry
from zhike.customers.permissions import TEXT, may_reveal
from zhike.customers.slots import TIMELINE_KINDS, TimelineKind
from zhike.desk.models import Case
from zhike.desk.permissions import VIEW
from zhike.desk.slots import LINES, PANELS, CasePanel, RecordLine
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.rule_selectors import asked_about
from zhike.satisfaction.services.closing_loop import TIMELINE_KIND


def _panel(case: Case, grants: Grants) -> Mapping[str, Any] | None:
    asked = asked_about(case, get_language() or "")
    if not asked:
        return None
    return {
        "asked": asked,
        "reveal": may_reveal(grants, TEXT),
        "can_manage": grants.allows(MANAGE),
    }


def _low(data: Mapping[str, Any], name: str) -> str:
    return _("The customer gave a low score; %(number)s was opened") % {"number": data["number"]}


def _call_back(data: Mapping[str, Any], name: str) -> str:
    if "due" not in data:
        return _("The customer gave a low score; a call-back is owed")
    due = clock.local(datetime.fromisoformat(data["due"]))
    told = {"due": f"{due:%m-%d %H:%M}"}
    return _("The customer gave a low score; a call-back is owed by %(due)s") % told


def _changed(data: Mapping[str, Any], name: str) -> str:
    return _("The customer changed the answer; it now reads")


def _again(data: Mapping[str, Any], name: str) -> str:
    return _("The customer was asked once more and answered")


def _link(entry: TimelineEntry) -> str:
    return reverse("desk:case", args=[entry.object_id]) if entry.object_id else ""


def register() -> None:
    PANELS.fill(
        CasePanel(
            "satisfaction.answers",
            gettext_lazy("Customer's rating"),
            "satisfaction/_case_panel.html",
            _panel,
            permission=VIEW,
            order=35,
            styles="satisfaction/rules.css",
        )
    )
    for key, icon, sentence in (
        ("low", "mood-sad", _low),
        ("call_back", "phone-calling", _call_back),
        ("changed", "edit", _changed),
        ("again", "refresh", _again),
    ):
        LINES.fill(RecordLine(f"satisfaction.{key}", icon, sentence))
    TIMELINE_KINDS.fill(
        TimelineKind(
            TIMELINE_KIND,
            gettext_lazy("Answered a questionnaire"),
            "clipboard-list",
            group="care",
            link=_link,
        )
    )
