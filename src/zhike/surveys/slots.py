"""What higher rooms say of questionnaires."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zhike.core.access import Grants
from zhike.core.registry import Slot
from zhike.core.work import Actor


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
class StandingOwner:
    """Who keeps standing sendings: `address(sending_id)` is the page of its rule, None when it keeps another."""

    key: str
    address: Callable[[int], str | None]


STANDING_OWNERS: Slot[StandingOwner] = Slot(
    "surveys.STANDING_OWNERS", "Who keeps rules that invite after an event", key=lambda o: o.key
)
