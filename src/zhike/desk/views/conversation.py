"""A case's record in the words of the page: who said what, what was done, what may be looked at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.core import clock
from zhike.core.files.store import SHOWN_INLINE
from zhike.core.models import DuePurpose, OutboxState
from zhike.desk.choices import (
    Channel,
    Delivery,
    EventKind,
    LinkKind,
    Outcome,
    Priority,
    State,
    Visibility,
)
from zhike.desk.deliveries import NEEDS_SOMEBODY, deliveries_of, heard_up_to, topic_of
from zhike.desk.models import Attachment, Case, CaseEvent
from zhike.desk.slots import LINES

ICONS = {
    EventKind.OPENED: "inbox",
    EventKind.CLAIM: "hand-grab",
    EventKind.HANDOVER: "arrows-transfer-up",
    EventKind.STATE: "status-change",
    EventKind.PAUSED: "player-pause",
    EventKind.RESUMED: "clock",
    EventKind.CLOSED: "circle-check",
    EventKind.REOPENED: "rotate-2",
    EventKind.URGE: "bell-ringing",
    EventKind.CUSTOMER_NAMED: "user-circle",
    EventKind.TYPE: "tag",
    EventKind.PRIORITY: "flag",
    EventKind.UNIT: "sitemap",
    EventKind.TITLE: "edit",
    EventKind.MERGE: "git-merge",
    EventKind.SPLIT: "scissors",
    EventKind.LINK: "link",
    EventKind.PARENT: "sitemap",
    EventKind.ATTACHMENT: "paperclip",
    EventKind.TRACKING: "key",
    EventKind.DUE: "clock",
    EventKind.VOIDED: "ban",
}
LOOKS = {
    EventKind.MESSAGE_IN: "theirs",
    EventKind.DISSATISFIED: "theirs",
    EventKind.REPLY: "mine",
    EventKind.NOTE: "note",
    EventKind.CALL: "call",
}
CUSTOMER = gettext_lazy("Customer")


@dataclass(frozen=True)
class FileView:
    name: str
    url: str
    size_bytes: int
    is_picture: bool


@dataclass(frozen=True)
class Sending:
    """A reply on its way by a channel: `topic` tells when `refresh_url` has something new to show."""

    state: str
    label: Any
    needs_somebody: bool
    url: str
    refresh_url: str
    topic: str
    since: int


@dataclass(frozen=True)
class Entry:
    seq: int
    look: str
    icon: str
    name: str
    at: datetime
    text: str
    sentence: str = ""
    delivery: str = ""
    # How far a channel has come with it; then `delivery` is empty.
    sending: "Sending | None" = None
    # The number of another case this line is about.
    other: str = ""
    # Words of the day, on the first line of a day.
    day: str = ""
    files: list[FileView] = field(default_factory=list)
    # Words of the list of phrases that stayed, and why.
    kept: str = ""


def file_view(attachment: Attachment) -> FileView:
    return FileView(
        name=attachment.name,
        url=reverse("desk:file", args=[attachment.pk]),
        size_bytes=attachment.size_bytes,
        is_picture=attachment.content_type in SHOWN_INLINE,
    )


def entries_of(
    events: Iterable[CaseEvent],
    files: Iterable[Attachment] = (),
    *,
    sendings: Mapping[int, Sending] | None = None,
    customer_name: str = "",
    after_day: date | None = None,
) -> list[Entry]:
    """The lines to show. A day is announced when it differs from the one before (`after_day` at the start)."""
    by_event: dict[int, list[FileView]] = {}
    for attachment in files:
        by_event.setdefault(attachment.event_id, []).append(file_view(attachment))
    shown: list[Entry] = []
    day = after_day
    for event in events:
        today = clock.local(event.at).date()
        announced = "" if today == day else spoken_day(today)
        day = today
        entry = _entry(event, by_event.get(event.pk, []), announced, customer_name)
        if sendings and event.pk in sendings:
            entry = replace(entry, delivery="", sending=sendings[event.pk])
        shown.append(entry)
    return shown


def sendings_of(case: Case, events: Iterable[CaseEvent]) -> dict[int, Sending]:
    """How far channels have come with these lines."""
    # First the number, then the rows: what comes between is told, not missed.
    shown = [event for event in events if event.delivered == Delivery.OUTBOX]
    since = heard_up_to(case.pk) if shown else 0
    return {
        event_id: Sending(
            state=row.state,
            label=OutboxState(row.state).label,
            needs_somebody=row.state in NEEDS_SOMEBODY,
            url=reverse("web:outbox-message", args=[row.pk]),
            refresh_url=reverse("desk:delivery", args=[case.number, event_id]),
            topic=topic_of(case.pk),
            since=since,
        )
        for event_id, row in deliveries_of(shown).items()
    }


def spoken_day(day: date) -> str:
    """11-23 星期一"""
    written = f"{day:%m-%d}" if day.year == clock.today().year else f"{day:%Y-%m-%d}"
    return f"{written} {date_format(day, 'l')}"


def _entry(event: CaseEvent, files: list[FileView], day: str, customer_name: str) -> Entry:
    kind = EventKind(event.kind)
    look = LOOKS.get(kind, "system")
    reason = event.data.get("reason")
    name = speaker_of(event, customer_name)
    text = event.text or (str(reason) if look == "system" and reason else "")
    if event.voided_at is not None:
        text = _("Withdrawn")
    elif event.data.get("erased"):
        text = _("Removed on request")
    elif event.data.get("ended"):
        text = _("Deleted after its time")
    return Entry(
        seq=event.seq,
        look=look,
        icon=_icon(event, kind),
        name=name,
        at=event.at,
        text=text,
        sentence=sentence_of(event, name),
        delivery=_delivery(event) if look == "mine" else "",
        other=_other_number(kind, event.data),
        day=day,
        files=files,
        kept=_kept(event.data) if event.voided_at is None else "",
    )


def _kept(data: dict[str, Any]) -> str:
    said = [str(one.get("said", "")) for one in data.get("phrases", [])]
    if not said:
        return ""
    return _("Kept %(said)s: %(why)s") % {
        "said": _(", ").join(f"“{one}”" for one in dict.fromkeys(said)),
        "why": data.get("why_kept", ""),
    }


def _icon(event: CaseEvent, kind: EventKind) -> str:
    line = LINES.get(event.data.get("line")) if kind is EventKind.FURTHER else None
    return line.icon if line is not None else ICONS.get(kind, "info-circle")


def speaker_of(event: CaseEvent, customer_name: str = "") -> str:
    """Whose words these are: what staff wrote down for a customer is the customer's."""
    if event.data.get("written_down"):
        return str(event.data.get("caller") or customer_name or CUSTOMER)
    if event.actor_kind == "customer" and event.actor_name in ("", "customer"):
        return customer_name or str(CUSTOMER)
    if event.actor_kind == "system":
        # A part of the program; what it is called stands in the log.
        return _("The system")
    return event.actor_name


def _other_number(kind: EventKind, data: dict[str, Any]) -> str:
    """The case a line speaks of, so that it can be opened from there."""
    if kind == EventKind.MERGE:
        return str(data.get("from") or data.get("into") or "")
    if kind in (EventKind.SPLIT, EventKind.LINK, EventKind.PARENT):
        return str(data.get("to") or data.get("from") or "")
    return str(data.get("split_from") or "") if kind == EventKind.OPENED else ""


def _delivery(event: CaseEvent) -> str:
    if event.visibility != Visibility.PUBLIC or not event.delivered:
        return ""
    return str(Delivery(event.delivered).label)


def _label(choices: Any, value: object) -> str:
    try:
        return str(choices(value).label)
    except ValueError:
        return str(value or "")


def sentence_of(event: CaseEvent, name: str) -> str:
    """What happened, in one sentence. What was said stands below it, not in it."""
    build = _SENTENCES.get(EventKind(event.kind))
    return build(event.data, name) if build else _label(EventKind, event.kind)


def _further(data: dict[str, Any], name: str) -> str:
    line = LINES.get(data.get("line"))
    return line.sentence(data, name) if line is not None else name


def _handover(data: dict[str, Any], name: str) -> str:
    return _("%(name)s handed it over to %(other)s") % {
        "name": name,
        "other": data.get("to_name") or _("the queue"),
    }


def _state(data: dict[str, Any], name: str) -> str:
    return _("%(name)s: %(state)s") % {"name": name, "state": _label(State, data.get("to"))}


def _closed(data: dict[str, Any], name: str) -> str:
    if not data.get("outcome"):
        return _("%(name)s closed it") % {"name": name}
    outcome = _label(Outcome, data["outcome"])
    return _("%(name)s closed it: %(outcome)s") % {"name": name, "outcome": outcome}


def _link(data: dict[str, Any], name: str) -> str:
    pattern = (
        _("%(name)s undid the link: %(kind)s")
        if data.get("from")
        else _("%(name)s linked it: %(kind)s")
    )
    return pattern % {"name": name, "kind": _label(LinkKind, data.get("kind"))}


def _parent(data: dict[str, Any], name: str) -> str:
    pattern = (
        _("%(name)s put it under another case")
        if data.get("to")
        else _("%(name)s took it out from under another case")
    )
    return pattern % {"name": name}


def _due(data: dict[str, Any], name: str) -> str:
    # Lines of earlier versions name one due time, and not of what.
    said = []
    for one in data.get("moved", [data]):
        words = {"before": _minute(one.get("from")), "after": _minute(one.get("to"))}
        what = one.get("what")
        if what in DuePurpose.values:
            words["what"] = str(DuePurpose(what).label)
            said.append(_("%(what)s: due time moved from %(before)s to %(after)s") % words)
        else:
            said.append(_("Due time moved from %(before)s to %(after)s") % words)
    told = _(", ").join(said)
    if plan := data.get("plan"):
        words = {"said": told, "plan": plan}
        return _("%(said)s, because the plan “%(plan)s” was changed") % words
    return told


def _minute(moment: object) -> str:
    if not moment:
        return _("none")
    return f"{clock.local(datetime.fromisoformat(str(moment))):%m-%d %H:%M}"


def _call(data: dict[str, Any], name: str) -> str:
    if not data.get("reached", True):
        return _("Called, not reached")
    return _("The customer called") if data.get("incoming") else _("Called the customer")


def _merge(data: dict[str, Any], name: str) -> str:
    pattern = _("%(name)s merged in") if data.get("from") else _("%(name)s merged it into")
    return pattern % {"name": name}


def _priority(data: dict[str, Any], name: str) -> str:
    return _("%(name)s set the priority: %(priority)s") % {
        "name": name,
        "priority": _label(Priority, data.get("to")),
    }


def _title(data: dict[str, Any], name: str) -> str:
    return _("%(name)s changed the subject from “%(before)s”") % {
        "name": name,
        "before": data.get("from", ""),
    }


def _plain(pattern: Any) -> Any:
    return lambda data, name: str(pattern) % {"name": name}


_SENTENCES: dict[EventKind, Any] = {
    EventKind.OPENED: _plain(gettext_lazy("%(name)s opened the case")),
    EventKind.MESSAGE_IN: lambda data, name: _label(Channel, data.get("channel")),
    EventKind.REPLY: lambda data, name: "",
    EventKind.NOTE: lambda data, name: "",
    EventKind.CALL: _call,
    EventKind.CLAIM: _plain(gettext_lazy("%(name)s took it up")),
    EventKind.HANDOVER: _handover,
    EventKind.STATE: _state,
    EventKind.PAUSED: _plain(gettext_lazy("The clock pauses")),
    EventKind.RESUMED: _plain(gettext_lazy("The clock runs on")),
    EventKind.CLOSED: _closed,
    EventKind.REOPENED: _plain(gettext_lazy("%(name)s reopened it")),
    EventKind.URGE: _plain(gettext_lazy("%(name)s asks for news")),
    EventKind.DISSATISFIED: lambda data, name: _("is not content"),
    EventKind.CUSTOMER_NAMED: _plain(gettext_lazy("%(name)s named the customer")),
    EventKind.TYPE: _plain(gettext_lazy("%(name)s changed the type")),
    EventKind.PRIORITY: _priority,
    EventKind.UNIT: _plain(gettext_lazy("%(name)s moved it to another unit")),
    EventKind.TITLE: _title,
    EventKind.MERGE: _merge,
    EventKind.SPLIT: _plain(gettext_lazy("%(name)s split off")),
    EventKind.LINK: _link,
    EventKind.PARENT: _parent,
    EventKind.ATTACHMENT: _plain(gettext_lazy("%(name)s added a file")),
    EventKind.TRACKING: _plain(gettext_lazy("%(name)s issued a new query code")),
    EventKind.DUE: _due,
    EventKind.FURTHER: _further,
    EventKind.VOIDED: _plain(gettext_lazy("Its import was undone")),
}
