"""Messages toward customers: written with what caused them, delivered by a channel, never twice unawares.

A room puts a message into its unit of work: `put(unit, kind="email", …)`. A channel fills `CARRIERS` with how it
delivers. A job claims one message at a time and commits the claim before it calls the channel, so that after
`kill -9` it is known which messages may have gone out. Those are sent again only under a key the receiver
remembers; else their state is "unknown" and a person decides.
"""

from zhike.core.outbox.carriers import (
    CARRIERS,
    SUBJECTS,
    Answer,
    Away,
    Carrier,
    Later,
    Outgoing,
    Refused,
    Sent,
    Subject,
    SubjectLine,
    Uncertain,
)
from zhike.core.outbox.deciding import Decision, decide, may_decide
from zhike.core.outbox.events import MessageMoved
from zhike.core.outbox.letters import Letter, read_letter
from zhike.core.outbox.putting import move_to_unit, put, void
from zhike.core.outbox.receipts import note_delivery

__all__ = [
    "CARRIERS",
    "SUBJECTS",
    "Answer",
    "Away",
    "Carrier",
    "Decision",
    "Later",
    "Letter",
    "MessageMoved",
    "Outgoing",
    "Refused",
    "Sent",
    "Subject",
    "SubjectLine",
    "Uncertain",
    "decide",
    "may_decide",
    "move_to_unit",
    "note_delivery",
    "put",
    "read_letter",
    "void",
]
