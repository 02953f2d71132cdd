"""What the search box finds on the desk: cases, and the words said in them."""

from django.utils.translation import gettext_lazy as _

from zhike.core import search
from zhike.core.access import Grants
from zhike.core.search.kinds import SEARCH_KINDS, Hit, Hits, SearchKind, excerpt
from zhike.desk.addresses import case_url
from zhike.desk.choices import State
from zhike.desk.permissions import VIEW
from zhike.desk.selectors.scope import visible_cases, visible_events


def find_cases(grants: Grants, query: str, limit: int, before_id: int | None = None) -> Hits:
    rows = visible_cases(grants).only(
        "number", "title", "state", "customer_name", "last_text", "last_from", "last_event_at"
    )
    found = search.find_and_count(rows, query, limit, before_id)
    hits = [
        Hit(
            id=case.pk,
            title=case.title,
            excerpt=" · ".join(part for part in (case.customer_name, case.last_words) if part),
            url=case_url(case.number),
            at=case.last_event_at,
            number=case.number,
            tag=str(State(case.state).label),
        )
        for case in found.rows
    ]
    return Hits(hits, found.total)


def count_cases(grants: Grants, query: str) -> int:
    return search.count(visible_cases(grants), query)


def find_messages(grants: Grants, query: str, limit: int, before_id: int | None = None) -> Hits:
    # The scope joins the case in any case.
    rows = visible_events(grants).select_related("case")
    rows = rows.only("kind", "text", "at", "actor_name", "case__number", "case__title")
    found = search.find_and_count(rows, query, limit, before_id)
    hits = [
        Hit(
            id=event.pk,
            title=event.case.title,
            excerpt=excerpt(event.text, query),
            url=f"{case_url(event.case.number)}#e{event.pk}",
            at=event.at,
            number=event.case.number,
            tag=event.actor_name,
        )
        for event in found.rows
    ]
    return Hits(hits, found.total)


def count_messages(grants: Grants, query: str) -> int:
    return search.count(visible_events(grants), query)


def register() -> None:
    SEARCH_KINDS.fill(
        SearchKind("case", _("Cases"), "inbox", VIEW, find_cases, count_cases, order=20)
    )
    SEARCH_KINDS.fill(
        SearchKind(
            "message", _("Messages"), "messages", VIEW, find_messages, count_messages, order=30
        )
    )
