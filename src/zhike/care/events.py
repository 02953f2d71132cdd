"""What follow-up visits tell the rooms above, inside the unit of work that did it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class VisitCarriedOut:
    """The customer was reached; `result` is one of `choices.Result`."""

    follow_up_id: int
    case_id: int
    customer_id: int
    result: str
