"""The sentences of notices: lines of the case's record, and under the bell."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.complaints.cause_seeds import CAUSE_LABELS
from zhike.core import clock
from zhike.core.shell import NOTICES, Notice
from zhike.desk.slots import LINES, RecordLine

Words = Mapping[str, Any]


def _sent(data: Words, name: str) -> str:
    return _("%(name)s sent notice %(number)s to %(unit)s, %(person)s") % {**data, "name": name}


def _answered(data: Words, name: str) -> str:
    code = data.get("cause", "")
    causes = [str(one) for one in (CAUSE_LABELS.get(code, code), data.get("cause_text")) if one]
    until = date.fromisoformat(data["until"]) if data.get("until") else None
    return _(
        "%(name)s answered notice %(number)s. Cause: %(cause)s. "
        "Measure, by %(responsible)s until %(until)s"
    ) % {
        "name": name,
        "number": data["number"],
        # Their own words may end with a full stop of their own.
        "cause": _("; ").join(causes).rstrip(" .\u3002"),
        "responsible": data.get("responsible", ""),
        "until": f"{until:%m-%d}" if until else "",
    }


def _reminded(data: Words, name: str) -> str:
    return _("%(name)s reminded %(person)s of notice %(number)s (time %(count)s)") % {
        **data,
        "name": name,
    }


def _withdrawn(data: Words, name: str) -> str:
    return _("%(name)s withdrew notice %(number)s") % {**data, "name": name}


def _returned(data: Words, name: str) -> str:
    return _("%(name)s gave the answer to notice %(number)s back") % {**data, "name": name}


def _held(data: Words, name: str) -> str:
    return _("%(name)s checked notice %(number)s: the measure holds") % {**data, "name": name}


def _failed(data: Words, name: str) -> str:
    words = _("%(name)s checked notice %(number)s: the measure does not hold")
    return words % {**data, "name": name}


def _escalated(data: Words, name: str) -> str:
    told = _(", ").join(data.get("told") or [])
    if not told:
        words = _("Notice %(number)s is overdue; %(person)s has not answered")
        return words % data
    words = _("Notice %(number)s is overdue; %(person)s has not answered; told: %(told)s")
    return words % {**data, "told": told}


def _recounted(data: Words, name: str) -> str:
    words = {"number": data["number"]} | {
        key: f"{clock.local(datetime.fromisoformat(data[key])):%m-%d %H:%M}"
        for key in ("before", "after")
    }
    said = _("Notice %(number)s: due time of the answer moved from %(before)s to %(after)s") % words
    if plan := data.get("plan"):
        told = {"said": said, "plan": plan}
        return _("%(said)s, because the plan “%(plan)s” was changed") % told
    return said


RECORD = (
    ("notice_sent", "clipboard-list", _sent),
    ("notice_answered", "clipboard-check", _answered),
    ("notice_reminded", "bell-ringing", _reminded),
    ("notice_withdrawn", "ban", _withdrawn),
    ("notice_returned", "corner-up-left", _returned),
    ("notice_held", "checks", _held),
    ("notice_failed", "alert-triangle", _failed),
    ("notice_escalated", "alert-triangle", _escalated),
    ("notice_recounted", "clock", _recounted),
)
BELL = (
    ("notice_sent", gettext_lazy("%(name)s sent you notice %(number)s: %(text)s"), "clipboard-list"),
    ("notice_warn", gettext_lazy("The answer to notice %(number)s is due soon: %(text)s"), "hourglass"),
    ("notice_overdue", gettext_lazy("The answer to notice %(number)s is overdue: %(text)s"), "alert-triangle"),
    (
        "notice_escalated",
        gettext_lazy("%(person)s has not answered notice %(number)s; please see to it: %(text)s"),
        "alert-triangle",
    ),
    (
        "notice_late",
        gettext_lazy("%(person)s has not answered notice %(number)s yet; the superior knows: %(text)s"),
        "alert-triangle",
    ),
    (
        "notice_reminded",
        gettext_lazy("%(name)s waits for your answer to notice %(number)s: %(text)s"),
        "bell-ringing",
    ),
    ("notice_answered", gettext_lazy("%(name)s answered notice %(number)s: %(text)s"), "clipboard-check"),
    ("notice_returned", gettext_lazy("%(name)s gave the answer to %(number)s back: %(reason)s"), "corner-up-left"),
    ("notice_withdrawn", gettext_lazy("%(name)s withdrew notice %(number)s: %(reason)s"), "ban"),
    ("notice_held", gettext_lazy("%(name)s: the measure of notice %(number)s holds"), "checks"),
    ("notice_failed", gettext_lazy("%(name)s: the measure of notice %(number)s does not hold"), "alert-triangle"),
    ("notice_to_check", gettext_lazy("Does the measure of notice %(number)s hold? %(text)s"), "checkup-list"),
)  # fmt: skip


def register() -> None:
    for key, icon, sentence in RECORD:
        LINES.fill(RecordLine(f"complaints.{key}", icon, sentence))
    for key, words, icon in BELL:
        NOTICES.fill(Notice(f"complaints.{key}", words, icon))
