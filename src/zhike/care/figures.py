"""The follow-up rate (M6): how many of the visits owed reached the customer, and what came of them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet, Sum

from zhike.care.choices import State
from zhike.care.models import FollowUp
from zhike.care.rules import ANSWERED, Result, Share
from zhike.care.selectors import visible_follow_ups
from zhike.core.access import Grants

OWED = ~Q(state=State.CALLED_OFF)
CONDITIONS = {
    "owed": OWED,
    "reached": Q(result__in=ANSWERED),
    "content": Q(result=Result.CONTENT),
    "partly": Q(result=Result.PARTLY),
    "not_content": Q(result=Result.NOT_CONTENT),
    "unreachable": Q(result=Result.UNREACHABLE),
    "still_open": Q(state=State.DUE),
    "in_time": Q(state=State.DONE, done_at__lte=F("due_at")),
    "called_off": Q(state=State.CALLED_OFF),
}


@dataclass(frozen=True)
class Figures:
    """Figures of a window, with the rows behind each number.

    Counted are visits whose due time lies in [start, end), whenever they were made. Those called off (the
    customer came back first, or a supervisor said so) are owed no more and stand apart. Reached means
    answered: content, partly or not content. Unreachable are those tried often enough over enough days;
    like those still open they are owed and not reached.
    """

    start: datetime
    end: datetime
    owed: int
    reached: int
    content: int
    partly: int
    not_content: int
    unreachable: int
    still_open: int
    in_time: int
    called_off: int
    # Calls of all visits of the window, those in which somebody answered included.
    attempts: int
    rows: QuerySet[FollowUp]

    @property
    def rate(self) -> Share:
        """Reached ÷ owed: the follow-up rate."""
        return Share(self.reached, self.owed)

    @property
    def content_share(self) -> Share:
        """Content ÷ reached."""
        return Share(self.content, self.reached)

    @property
    def in_time_share(self) -> Share:
        """Recorded by the due time ÷ owed."""
        return Share(self.in_time, self.owed)

    def rows_of(self, name: str) -> QuerySet[FollowUp]:
        """The visits behind one figure, by its name."""
        return self.rows.filter(CONDITIONS[name])

    def ids_of(self, name: str) -> list[int]:
        return list(self.rows_of(name).order_by("id").values_list("pk", flat=True))


def figures(grants: Grants, start: datetime, end: datetime) -> Figures:
    """One statement over the visits due in [start, end) within reach."""
    rows = visible_follow_ups(grants).filter(due_at__gte=start, due_at__lt=end)
    wanted = {name: Count("pk", filter=condition) for name, condition in CONDITIONS.items()}
    found = rows.aggregate(**wanted, tried=Sum("attempts", filter=OWED))
    tried = found.pop("tried") or 0
    return Figures(start=start, end=end, attempts=tried, rows=rows, **found)
