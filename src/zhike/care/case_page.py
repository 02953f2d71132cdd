"""What visits show on the page of a case: a card at its side, lines of the record; and in the customer's file."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.care.choices import Result
from zhike.care.permissions import FOLLOW_UP
from zhike.care.selectors import visits_of
from zhike.care.services.recording import TIMELINE_KIND
from zhike.core import clock
from zhike.core.access import Grants
from zhike.customers.models import TimelineEntry
from zhike.customers.permissions import TEXT, may_reveal
from zhike.customers.slots import TIMELINE_KINDS, TimelineKind
from zhike.desk.models import Case
from zhike.desk.permissions import VIEW
from zhike.desk.slots import LINES, PANELS, CasePanel, RecordLine


def _panel(case: Case, grants: Grants) -> Mapping[str, Any] | None:
    visits = visits_of(case)
    if not visits:
        return None
    return {
        "visits": visits,
        "can_record": grants.allows(FOLLOW_UP),
        "reveal": may_reveal(grants, TEXT),
    }


def _attempt(data: Mapping[str, Any], name: str) -> str:
    return _("%(name)s called for the follow-up; nobody was reached") % {"name": name}


def _result(data: Mapping[str, Any], name: str) -> str:
    return _("%(name)s recorded the follow-up visit: %(result)s") % {
        "name": name,
        "result": Result(data["result"]).label,
    }


def _called_off(data: Mapping[str, Any], name: str) -> str:
    return _("%(name)s called the follow-up visit off") % {"name": name}


def _reassigned(data: Mapping[str, Any], name: str) -> str:
    return _("%(name)s gave the follow-up visit to %(to)s") % {"name": name, "to": data["to"]}


def _recounted(data: Mapping[str, Any], name: str) -> str:
    words = {
        key: f"{clock.local(datetime.fromisoformat(data[key])):%m-%d %H:%M}"
        for key in ("before", "after")
    }
    said = _("Due time of the follow-up visit moved from %(before)s to %(after)s") % words
    if plan := data.get("plan"):
        told = {"said": said, "plan": plan}
        return _("%(said)s, because the plan “%(plan)s” was changed") % told
    return said


def _link(entry: TimelineEntry) -> str:
    return reverse("care:visit", args=[entry.object_id]) if entry.object_id else ""


def _title(entry: TimelineEntry) -> str:
    return str(Result(entry.title).label) if entry.title in Result.values else entry.title


def register() -> None:
    PANELS.fill(
        CasePanel(
            "care.visits",
            gettext_lazy("Follow-up visits"),
            "care/_case_panel.html",
            _panel,
            permission=VIEW,
            order=30,
            styles="care/care.css",
        )
    )
    for key, icon, sentence in (
        ("attempt", "phone-off", _attempt),
        ("result", "heart-handshake", _result),
        ("called_off", "ban", _called_off),
        ("reassigned", "arrows-transfer-up", _reassigned),
        ("recounted", "clock", _recounted),
    ):
        LINES.fill(RecordLine(f"care.{key}", icon, sentence))
    TIMELINE_KINDS.fill(
        TimelineKind(
            TIMELINE_KIND,
            gettext_lazy("Follow-up visit"),
            "heart-handshake",
            group="care",
            tone="ok",
            link=_link,
            title=_title,
        )
    )
