"""Reading topics from the database. Plain functions, called in the executor threads of hub and stream."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Min, Q

from zhike.core.models import LiveEvent, LiveTopic

# Kind of the news that a person's sessions were ended: whoever streams to them looks at the session again.
SIGNED_OUT = "signed_out"
# SQLite allows 32,766 variables; shorter statements are planned faster on both databases.
NAMES_PER_QUERY = 400
SPANS_PER_QUERY = 50


@dataclass(frozen=True)
class Frame:
    """One piece of news, ready to be sent."""

    topic: str
    seq: int
    data: str

    @property
    def is_sign_out(self) -> bool:
        return self.topic.startswith("user:") and f'"kind":"{SIGNED_OUT}"' in self.data


def frame_of(topic: str, seq: int, kind: str, payload: Any) -> Frame:
    news = {"topic": topic, "seq": seq, "kind": kind, "payload": payload}
    return Frame(topic, seq, json.dumps(news, ensure_ascii=False, separators=(",", ":")))


def reset_frame(topic: str, seq: int) -> Frame:
    """Tells a listener that news it missed is gone: read the page again."""
    return frame_of(topic, seq, "reset", {})


def heads(names: Iterable[str]) -> dict[str, int]:
    """The last number of each topic; 0 for one that never had news."""
    wanted = list(names)
    found = dict.fromkeys(wanted, 0)
    for start in range(0, len(wanted), NAMES_PER_QUERY):
        part = wanted[start : start + NAMES_PER_QUERY]
        found.update(LiveTopic.objects.filter(name__in=part).values_list("name", "seq"))
    return found


def news(spans: Mapping[str, tuple[int, int]]) -> list[Frame]:
    """All news with `after < seq <= upto`, per topic in order."""
    asked = list(spans.items())
    frames: list[Frame] = []
    for start in range(0, len(asked), SPANS_PER_QUERY):
        part = asked[start : start + SPANS_PER_QUERY]
        condition = reduce(
            or_, (Q(topic=name, seq__gt=after, seq__lte=upto) for name, (after, upto) in part)
        )
        rows = LiveEvent.objects.filter(condition).order_by("topic", "seq")
        frames.extend(frame_of(*row) for row in rows.values_list("topic", "seq", "kind", "payload"))
    return frames


def since(name: str, after: int, limit: int = 500) -> list[Frame]:
    """The oldest `limit` pieces of news after a number; a reset if the next one is no longer kept."""
    head = heads([name])[name]
    if after == head:
        return []
    if after > head:
        # The listener is ahead of us: the database was restored from an older copy.
        return [reset_frame(name, head)]
    oldest = LiveEvent.objects.filter(topic=name, seq__gt=after).aggregate(Min("seq"))["seq__min"]
    if oldest != after + 1:
        return [reset_frame(name, head)]
    return news({name: (after, min(head, after + limit))})


class ChangeWatch:
    """Whether anybody committed since the last look. Belongs to one thread and its connection."""

    def __init__(self) -> None:
        self._version: tuple[int, int] | None = None

    def changed(self) -> bool:
        if connection.vendor != "sqlite":
            return True
        with connection.cursor() as cursor:
            # Counts commits by other connections; ours only reads. A new connection counts anew, so its
            # identity is part of the comparison.
            cursor.execute("PRAGMA data_version")
            version = (id(connection.connection), int(cursor.fetchone()[0]))
        if version == self._version:
            return False
        self._version = version
        return True
