"""What higher rooms hang onto the desk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zhike.core.access import Grants
from zhike.core.registry import Slot
from zhike.desk.models import Case


@dataclass(frozen=True)
class ClosingGate:
    """`reasons(case, grants)` names in whole sentences what must be done before the case may be closed."""

    key: str
    reasons: Callable[[Case, Grants], list[str]]


@dataclass(frozen=True)
class DeliveryAdapter:
    """A channel that carries public replies to customers. `address` returns a sealed one, or None."""

    key: str
    label: Any
    address: Callable[[Case], str | None]


@dataclass(frozen=True)
class CasePanel:
    """A card at the side of the case page: `context` feeds `template`, a partial.

    One at the `top` stands above the facts and is sent again with each piece of news: its outermost element
    has an id and `data-replace`. The others are fetched together after the page, and again with each piece of
    news, so that a page costs no more for having many of them.
    """

    key: str
    label: Any
    template: str
    context: Callable[[Case, Grants], Mapping[str, Any] | None]
    permission: str = ""
    order: int = 50
    top: bool = False
    # A stylesheet of its own, as in `static(…)`.
    styles: str = ""


@dataclass(frozen=True)
class CaseAction:
    """A button, or a line under "More", in the head of a case. `url` is None when it does not fit now."""

    key: str
    label: Any
    icon: str
    url: Callable[[Case, Grants], str | None]
    main: bool = False
    order: int = 50


@dataclass(frozen=True)
class StateWord:
    """What a higher room calls the state of a closed case: `word(case)` is a label and its icon, or None."""

    key: str
    word: Callable[[Case], tuple[str, str] | None]


@dataclass(frozen=True)
class RecordLine:
    """How a line of kind `further` reads: `sentence(data, name)` without what was said, which stands below it."""

    key: str
    icon: str
    sentence: Callable[[Mapping[str, Any], str], str]


@dataclass(frozen=True)
class FirstClock:
    """Cases of `type_code` go in steps: `purpose` is the due plan of the first, from the opening on.

    Which step is due later its room says by `clocks.start_clock`.
    """

    type_code: str
    purpose: str


FIRST_CLOCKS: Slot[FirstClock] = Slot(
    "desk.case.FIRST_CLOCKS", "Kinds of case that go in steps", key=lambda clock: clock.type_code
)
GATES: Slot[ClosingGate] = Slot(
    "desk.closing.GATES", "What must be done before a case is closed", key=lambda g: g.key
)
ADAPTERS: Slot[DeliveryAdapter] = Slot(
    "desk.reply.ADAPTERS", "Channels that carry public replies", key=lambda a: a.key
)
PANELS: Slot[CasePanel] = Slot(
    "desk.case.PANELS", "Cards at the side of a case", key=lambda p: p.key
)
ACTIONS: Slot[CaseAction] = Slot(
    "desk.case.ACTIONS", "Buttons in the head of a case", key=lambda a: a.key
)
STATE_WORDS: Slot[StateWord] = Slot(
    "desk.case.STATE_WORDS", "Names of what follows closing", key=lambda word: word.key
)
LINES: Slot[RecordLine] = Slot(
    "desk.case.LINES", "Lines of a record that higher rooms write", key=lambda line: line.key
)
