"""What the search box finds on the desk: cases, and the words said in them."""

from django.utils.translation import gettext_lazy as _

from zhike.core import search
from zhike.core.access import Grants
from zhike.core.search.kinds import SEARCH_KINDS, Hit, SearchKind, excerpt
from zhike.desk.addresses import case_url
from zhike.desk.choices import State
from zhike.desk.models import CaseEvent
from zhike.desk.permissions import VIEW
from zhike.desk.selectors.scope import visible_cases, visible_events


def find_cases(grants: Grants, query: str, limit: int, before_id: int | None = None) -> list[Hit]:
    rows = visible_cases(grants).only(
        "number", "title", "state", "customer_name", "last_text", "last_event_at"
    )
    return [
        Hit(
            id=case.pk,
            title=case.title,
            excerpt=" · ".join(part for part in (case.customer_name, case.last_text) if part),
            url=case_url(case.number),
            at=case.last_event_at,
            number=case.number,
            tag=str(State(case.state).label),
        )
        for case in search.find(rows, query, limit, before_id)
    ]


def count_cases(grants: Grants, query: str, cap: int | None = None) -> int:
    return search.count(visible_cases(grants), query, cap)


def find_messages(
    grants: Grants, query: str, limit: int, before_id: int | None = None
) -> list[Hit]:
    rows = visible_events(grants).only("kind", "text", "at", "actor_name", "case_id")
    events: list[CaseEvent] = search.find(rows, query, limit, before_id)
    # Looked up afterwards: twenty rows by key are cheaper than a join in the search itself.
    cases = visible_cases(grants).only("number", "title").in_bulk({e.case_id for e in events})
    return [
        Hit(
            id=event.pk,
            title=cases[event.case_id].title,
            excerpt=excerpt(event.text, query),
            url=f"{case_url(cases[event.case_id].number)}#e{event.pk}",
            at=event.at,
            number=cases[event.case_id].number,
            tag=event.actor_name,
        )
        for event in events
        if event.case_id in cases
    ]


def count_messages(grants: Grants, query: str, cap: int | None = None) -> int:
    return search.count(visible_events(grants), query, cap)


def register() -> None:
    SEARCH_KINDS.fill(
        SearchKind("case", _("Cases"), "inbox", VIEW, find_cases, count_cases, order=20)
    )
    SEARCH_KINDS.fill(
        SearchKind(
            "message", _("Messages"), "messages", VIEW, find_messages, count_messages, order=30
        )
    )
