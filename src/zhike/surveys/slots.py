"""What higher rooms say of questionnaires."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zhike.core.access import Grants
from zhike.core.registry import Slot
from zhike.core.work import Actor

if TYPE_CHECKING:
    from zhike.surveys.models import Survey


@dataclass(frozen=True)
class TextReader:
    """Looks through the words of a questionnaire before it is published, by their places.

    Raises what should not be said to a customer, unless `why_kept` answers it; returns what belongs into
    the record.
    """

    key: str
    look_through: Callable[[Actor, Grants, Mapping[str, str], str], dict[str, Any]]


TEXT_READERS: Slot[TextReader] = Slot(
    "surveys.TEXT_READERS", "Who looks through a questionnaire", key=lambda r: r.key
)


@dataclass(frozen=True)
class NextStep:
    """What may come of the answers to a questionnaire, offered above its results.

    `step(survey, grants)` gives address and words, None where there is nothing to offer.
    """

    key: str
    icon: str
    step: "Callable[[Survey, Grants], tuple[str, str] | None]"


NEXT_STEPS: Slot[NextStep] = Slot(
    "surveys.NEXT_STEPS", "What may come of the results of a questionnaire", key=lambda s: s.key
)


@dataclass(frozen=True)
class LiveReader:
    """What reads single answers, or figures of them, while a questionnaire takes answers.

    `hinders(survey_id)` says why its results cannot be kept until it is closed, None where they can.
    """

    key: str
    hinders: Callable[[int], str | None]


LIVE_READERS: Slot[LiveReader] = Slot(
    "surveys.LIVE_READERS", "What reads answers while they still come", key=lambda r: r.key
)


@dataclass(frozen=True)
class StandingOwner:
    """Who keeps standing sendings: `address(sending_id)` is the page of its rule, None when it keeps another.

    `once_more(invitation_ids)` are those that ask whether what the customer told us the first time was put right:
    they belong to that first contact, and how often is not counted against them.
    """

    key: str
    address: Callable[[int], str | None]
    once_more: Callable[[Collection[int]], Collection[int]]


STANDING_OWNERS: Slot[StandingOwner] = Slot(
    "surveys.STANDING_OWNERS", "Who keeps rules that invite after an event", key=lambda o: o.key
)
