"""What higher rooms hang onto a customer's file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from zhike.core.access import Grants
from zhike.core.registry import Slot
from zhike.core.work import Actor
from zhike.customers.models import Customer, Segment, TimelineEntry

TIMELINE_GROUPS = ("talk", "service", "purchase", "care", "file")


@dataclass(frozen=True)
class TimelineKind:
    """How one kind of timeline entry is drawn; `link` gives the address of the thing it points to."""

    kind: str
    label: Any
    icon: str
    group: str = "service"
    tone: str = "mute"
    link: Callable[[TimelineEntry], str] | None = None
    # Where the stored title is a code and not a sentence.
    title: Callable[[TimelineEntry], str] | None = None


@dataclass(frozen=True)
class FilePanel:
    """A tab of the file page: `context` feeds `template`, a partial.

    `counted_by` is the key of the figure whose `total` is the number on the tab: both are on every
    page, and one statement answers both.
    """

    key: str
    label: Any
    template: str
    context: Callable[[HttpRequest, Customer, Grants], Mapping[str, Any]]
    counted_by: str = ""
    permission: str = ""
    order: int = 50


@dataclass(frozen=True)
class Figure:
    value: str
    caption: str = ""
    url: str = ""
    tone: str = ""
    # How many rows the panel lists that is `counted_by` this figure.
    total: int | None = None


@dataclass(frozen=True)
class FileFigure:
    """A key figure of the strip on the file page and of the five-second card."""

    key: str
    label: Any
    value: Callable[[Customer, Grants], Figure | None]
    permission: str = ""
    on_card: bool = False
    order: int = 50


@dataclass(frozen=True)
class FileAction:
    """A button in the head of the file page and of the card, such as "New case"."""

    key: str
    label: Any
    icon: str
    url: Callable[[Customer], str]
    permission: str = ""
    is_primary: bool = False
    order: int = 50


@dataclass(frozen=True)
class NoteReader:
    """Looks through what is noted about a customer, by field, and refuses what should not be said of one."""

    key: str
    look_through: Callable[[Actor, Grants, Mapping[str, str]], None]


@dataclass(frozen=True)
class Taken:
    """Motives with weights in any unit, and where they come from: `told` keeps survey, question, link and n."""

    motives: Sequence[tuple[str, float]]
    told: Mapping[str, Any]


@dataclass(frozen=True)
class MotiveSource:
    """Where the motives of a segment may be taken from: `options` are what somebody can choose there.

    `weigh` raises RuleError where too few have answered, or the choice is none of theirs.
    """

    key: str
    label: Any
    options: Callable[[Grants], Sequence[tuple[str, str]]]
    weigh: Callable[[Grants, str], Taken]


@dataclass(frozen=True)
class SegmentStep:
    """What may be done with the people of a segment: a button that offers `choices`, address and words of each.

    Nothing to choose from, no button.
    """

    key: str
    label: Any
    icon: str
    choices: Callable[[Grants, Segment], Sequence[tuple[str, str]]]


TIMELINE_KINDS: Slot[TimelineKind] = Slot(
    "customers.timeline.KINDS", "How timeline entries are drawn", key=lambda k: k.kind
)
PANELS: Slot[FilePanel] = Slot(
    "customers.file.PANELS", "Tabs of the customer's page", key=lambda p: p.key
)
FIGURES: Slot[FileFigure] = Slot(
    "customers.file.FIGURES", "Key figures of a customer", key=lambda f: f.key
)
ACTIONS: Slot[FileAction] = Slot(
    "customers.file.ACTIONS", "Buttons on a customer's page", key=lambda a: a.key
)
NOTE_READERS: Slot[NoteReader] = Slot(
    "customers.notes.READERS", "Who looks through what is noted", key=lambda r: r.key
)
MOTIVE_SOURCES: Slot[MotiveSource] = Slot(
    "customers.segments.MOTIVE_SOURCES",
    "Where motives of segments are taken from",
    key=lambda source: source.key,
)
SEGMENT_STEPS: Slot[SegmentStep] = Slot(
    "customers.segments.STEPS",
    "What may be done with the people of a segment",
    key=lambda step: step.key,
)
