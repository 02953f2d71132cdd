"""One box for everything: customers, cases, messages, feedback."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zhike.core import access
from zhike.core.search import terms
from zhike.core.search.kinds import COUNT_CAP, Hit, SearchKind, kinds_for

# Enough to recognise what one looks for; a kind's own page shows more.
ON_FIRST_PAGE = 8
ON_KIND_PAGE = 20


@dataclass(frozen=True)
class Group:
    kind: SearchKind
    hits: list[Hit]
    count: int

    @property
    def is_capped(self) -> bool:
        return self.count > COUNT_CAP

    @property
    def last_id(self) -> int:
        return self.hits[-1].id

    @property
    def has_more(self) -> bool:
        return len(self.hits) < self.count


def search(request: HttpRequest) -> HttpResponse:
    grants = access.grants_of(request.user)
    kinds = kinds_for(grants)
    query = request.GET.get("q", "").strip()[:200]
    chosen = next((kind for kind in kinds if kind.key == request.GET.get("kind")), None)
    before = _whole_number(request.GET.get("before", ""))
    groups: list[Group] = []
    if terms(query):
        for kind in [chosen] if chosen else kinds:
            limit = ON_KIND_PAGE if chosen else ON_FIRST_PAGE
            found = kind.find(grants, query, limit, before if chosen else None)
            groups.append(Group(kind, found.newest, found.total))
    context = {
        "query": query,
        "kinds": kinds,
        "chosen": chosen,
        "groups": groups,
        "found": sum(len(group.hits) for group in groups),
        "before": before,
        "cap": COUNT_CAP,
    }
    return render(request, "web/search.html", context)


def _whole_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
