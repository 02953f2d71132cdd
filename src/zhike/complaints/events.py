"""What complaints tell the rooms above, inside the unit of work that did it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RoundOpened:
    """A customer was not content: the complaint begins again as this round."""

    case_id: int
    round: int


@dataclass(frozen=True)
class ComplaintArchived:
    case_id: int
    round: int


@dataclass(frozen=True)
class NoticeSent:
    notice_id: int
    case_id: int
