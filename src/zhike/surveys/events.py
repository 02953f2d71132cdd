"""What questionnaires tell the rooms above, inside the unit of work that did it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ContactLeft:
    """Somebody left how to reach them, or wrote it anew; `response_id` may still be begun only."""

    contact_id: int
    response_id: int
    survey_id: int


@dataclass(frozen=True)
class NamedAnswerCounted:
    """A complete answer to a named invitation was counted; again each time its giver changed it."""

    invitation_id: int
    occasion: str
    revision: int


@dataclass(frozen=True)
class SurveyMoved:
    """It belongs to another unit now, and so does what was made of its answers."""

    survey_id: int
    unit_id: int
