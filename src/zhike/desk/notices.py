"""The sentences of the desk under the bell."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.core import clock
from zhike.core.models import DuePurpose
from zhike.core.shell import NOTICES, Notice
from zhike.desk.slots import LINES, RecordLine


def _escalated(data: Mapping[str, Any], name: str) -> str:
    what = [str(DuePurpose(one).label) for one in data["what"] if one in DuePurpose.values]
    return gettext("Overdue since %(due)s (%(what)s); goes to: %(people)s") % {
        "due": f"{clock.local(datetime.fromisoformat(data['due'])):%m-%d %H:%M}",
        "what": gettext(", ").join(what),
        "people": gettext(", ").join(data["told"]) or gettext("nobody"),
    }


def register() -> None:
    for kind, text, icon in (
        (
            "desk.handover",
            _("%(name)s handed %(number)s over to you: %(title)s"),
            "arrows-transfer-up",
        ),
        (
            "desk.taken_over",
            _("%(name)s passed your case %(number)s on: %(title)s"),
            "arrows-transfer-up",
        ),
        ("desk.mention", _("%(name)s asks you in %(number)s: %(text)s"), "at"),
        ("desk.urge", _("The customer asks for news of %(number)s: %(title)s"), "bell-ringing"),
        (
            "desk.dissatisfied",
            _("The customer is not content with %(number)s: %(title)s"),
            "mood-sad",
        ),
        ("desk.due_soon", _("%(number)s, %(what)s: due %(due)s. %(title)s"), "clock"),
        (
            "desk.due_over",
            _("%(number)s, %(what)s: overdue since %(due)s. %(title)s"),
            "alert-triangle",
        ),
    ):
        NOTICES.fill(Notice(kind, text, icon))
    LINES.fill(RecordLine("desk.escalated", "alert-triangle", _escalated))
