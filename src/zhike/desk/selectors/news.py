"""What happened in a case since a version somebody has read."""

from typing import Any

from django.db.models import QuerySet

from zhike.core.access import Grants
from zhike.desk.choices import NEWS_KINDS
from zhike.desk.models import Case, CaseEvent
from zhike.desk.rules import excerpt
from zhike.desk.selectors.scope import visible_cases

MOST_NEWS = 50


def events_since(case: Case, seq: int) -> QuerySet[CaseEvent]:
    """All lines after version `seq`, oldest first."""
    rows = CaseEvent.objects.filter(case_id=case.pk, seq__gt=seq, voided_at__isnull=True)
    return rows.defer("folded", "bigrams").order_by("seq")


def missed_news(case: Case, seq: int, reader_id: int | None) -> list[dict[str, Any]]:
    """What the reader of version `seq` must know before answering; their own acts are no news to them."""
    rows = events_since(case, seq).filter(kind__in=NEWS_KINDS)
    if reader_id is not None:
        rows = rows.exclude(actor_id=reader_id, actor_kind="user")
    return [
        {
            "seq": event.seq,
            "kind": event.kind,
            "visibility": event.visibility,
            "name": event.actor_name,
            "by": event.actor_kind,
            "at": event.at.isoformat(),
            "text": excerpt(event.text, 400),
        }
        for event in rows[:MOST_NEWS]
    ]


def news_since(grants: Grants, case: Case, seq: int) -> list[CaseEvent]:
    """For pages that follow a case live: the lines after `seq`, if this person may (still) see the case."""
    if not visible_cases(grants).filter(pk=case.pk).exists():
        return []
    return list(events_since(case, seq)[:MOST_NEWS])
