"""What the outbox tells the rooms that put messages into it, inside the unit of work that did it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MessageMoved:
    """A message went from one state to another. `words` say why, where there is something to say."""

    message_id: int
    kind: str
    subject_type: str
    subject_id: int | None
    before: str
    after: str
    words: str = ""
    # A person decided, rather than the channel.
    by_person: bool = False
