"""What the desk tells the rooms above, inside the unit of work that did it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CaseOpened:
    case_id: int
    customer_id: int | None
    type_code: str
    channel: str


@dataclass(frozen=True)
class MessageReceived:
    case_id: int
    event_id: int
    customer_id: int | None


@dataclass(frozen=True)
class ReplySent:
    """A public word to the customer. `is_first` stops the clock of the first reply."""

    case_id: int
    event_id: int
    customer_id: int | None
    is_first: bool


@dataclass(frozen=True)
class CaseClosed:
    case_id: int
    customer_id: int | None
    outcome: str
    # Imported as closed: it ended elsewhere.
    is_history: bool = False


@dataclass(frozen=True)
class CaseReopened:
    case_id: int
    customer_id: int | None
    reason: str


@dataclass(frozen=True)
class CaseHandedOver:
    case_id: int
    from_user_id: int | None
    to_user_id: int | None
    reason: str


@dataclass(frozen=True)
class CaseMoved:
    """To another unit: whoever keeps rows beside a case keeps them in its unit."""

    case_id: int
    from_unit_id: int
    to_unit_id: int


@dataclass(frozen=True)
class CaseTypeChanged:
    case_id: int
    before: str
    after: str


@dataclass(frozen=True)
class CustomerNamed:
    """A case that belonged to nobody, or to somebody else, now belongs to this customer."""

    case_id: int
    customer_id: int
    before_id: int | None


@dataclass(frozen=True)
class CasesMerged:
    into_id: int
    from_id: int


@dataclass(frozen=True)
class LegalClockStarted:
    """A time a law sets runs; `kind` is one of `choices.LegalKind`."""

    case_id: int
    clock_id: int
    kind: str


@dataclass(frozen=True)
class LegalClockEnded:
    """`is_late` None: it does not apply, or there was no due time."""

    case_id: int
    clock_id: int
    kind: str
    result: str
    is_late: bool | None


@dataclass(frozen=True)
class CaseVoided:
    case_id: int
