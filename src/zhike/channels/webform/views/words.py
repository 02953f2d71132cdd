"""What the progress page says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.desk.choices import EventKind
from zhike.desk.rules import PublicStage
from zhike.desk.selectors.tracking import PublicCase, PublicLine, StageStep

HEADLINES: dict[PublicStage, Any] = {
    PublicStage.RECEIVED: gettext_lazy("We have received it"),
    PublicStage.TAKEN_UP: gettext_lazy("Somebody is looking after it"),
    PublicStage.IN_HAND: gettext_lazy("We are on it"),
    PublicStage.NEEDS_YOU: gettext_lazy("We need something from you"),
    PublicStage.YOUR_CONSENT: gettext_lazy("Do you agree with our proposal?"),
    PublicStage.DONE: gettext_lazy("It is done"),
}
SENTENCES: dict[PublicStage, Any] = {
    PublicStage.RECEIVED: gettext_lazy("It is being assigned; one person will look after it."),
    PublicStage.TAKEN_UP: gettext_lazy("You will hear from us here, and by telephone if needed."),
    PublicStage.IN_HAND: gettext_lazy("Every answer stands on this page."),
    PublicStage.NEEDS_YOU: gettext_lazy(
        "Please see the last message, and answer or add files below."
    ),
    PublicStage.YOUR_CONSENT: gettext_lazy("Please read the last message and tell us below."),
    PublicStage.DONE: gettext_lazy(
        "If it is not good after all, say so below: it is opened again."
    ),
}
LINE_WORDS: dict[str, Any] = {
    EventKind.URGE: gettext_lazy("You asked us to hurry."),
    EventKind.REOPENED: gettext_lazy("Taken up again."),
}


@dataclass(frozen=True)
class FileLine:
    name: str
    url: str
    size_bytes: int


@dataclass(frozen=True)
class MessageLine:
    is_ours: bool
    name: str
    at: datetime
    text: str
    files: list[FileLine]


@dataclass(frozen=True)
class StageLine:
    label: Any
    state: str
    at: datetime | None


@dataclass(frozen=True)
class TrackingView:
    number: str
    title: str
    owner_name: str
    headline: Any
    sentence: Any
    is_closed: bool
    stages: list[StageLine]
    messages: list[MessageLine]
    earlier: int | None


def tracking_view(shown: PublicCase, file_url: Callable[[int], str]) -> TrackingView:
    stage = shown.stage.stage
    return TrackingView(
        number=shown.case.number,
        title=shown.case.title,
        owner_name=shown.case.owner_name,
        headline=HEADLINES[stage],
        sentence=SENTENCES[stage],
        is_closed=shown.is_closed,
        stages=[_stage(step) for step in shown.stages],
        messages=[_message(line, file_url) for line in shown.lines],
        earlier=shown.before,
    )


def _stage(step: StageStep) -> StageLine:
    state = "ok" if step.is_done else "now" if step.is_now else "todo"
    return StageLine(step.label, state, step.at)


def _message(line: PublicLine, file_url: Callable[[int], str]) -> MessageLine:
    files = [FileLine(one.name, file_url(one.pk), one.size_bytes) for one in line.files]
    text = line.text or ("" if files else str(LINE_WORDS.get(line.kind, "")))
    name = line.name or _("Customer service")
    return MessageLine(line.is_ours, name, line.at, text, files)
