"""The sentences of the desk under the bell."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.core import clock
from zhike.core.models import DuePurpose
from zhike.core.shell import NOTICES, Notice
from zhike.desk.choices import LegalKind
from zhike.desk.slots import LINES, RecordLine


def _escalated(data: Mapping[str, Any], name: str) -> str:
    what = [str(DuePurpose(one).label) for one in data["what"] if one in DuePurpose.values]
    return gettext("Overdue since %(due)s (%(what)s); goes to: %(people)s") % {
        "due": f"{clock.local(datetime.fromisoformat(data['due'])):%m-%d %H:%M}",
        "what": gettext(", ").join(what),
        "people": gettext(", ").join(data["told"]) or gettext("nobody"),
    }


def _legal(data: Mapping[str, Any]) -> dict[str, str]:
    kind, until = data["kind"], data.get("until")
    return {
        "kind": str(LegalKind(kind).label) if kind in LegalKind.values else kind,
        "since": data["from"],
        "due": f"{clock.local(datetime.fromisoformat(until)):%Y-%m-%d %H:%M}" if until else "—",
        "source": data.get("source") or "—",
    }


def _legal_started(data: Mapping[str, Any], name: str) -> str:
    said = gettext("%(name)s started the legal time “%(kind)s” from %(since)s, due %(due)s") % {
        "name": name,
        **_legal(data),
    }
    notice = " ".join(filter(None, (data.get("authority"), data.get("reference"))))
    return gettext("%(said)s (%(more)s)") % {
        "said": said,
        "more": notice or data.get("source") or "—",
    }


def _legal_done(data: Mapping[str, Any], name: str) -> str:
    words = {"name": name, "done": data.get("done") or "—", **_legal(data)}
    if data.get("late"):
        return gettext("%(name)s: “%(kind)s” done on %(done)s, late; it was due %(due)s") % words
    if data.get("late") is None:
        return gettext("%(name)s: “%(kind)s” done on %(done)s; no due time was known") % words
    return gettext("%(name)s: “%(kind)s” done on %(done)s, in time; it was due %(due)s") % words


def _legal_off(data: Mapping[str, Any], name: str) -> str:
    return gettext("%(name)s: “%(kind)s” does not apply") % {"name": name, **_legal(data)}


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
    for key, icon, sentence in (
        ("desk.escalated", "alert-triangle", _escalated),
        ("desk.legal_started", "scale", _legal_started),
        ("desk.legal_done", "circle-check", _legal_done),
        ("desk.legal_off", "scale", _legal_off),
    ):
        LINES.fill(RecordLine(key, icon, sentence))
