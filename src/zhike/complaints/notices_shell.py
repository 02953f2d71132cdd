"""Where notices are found: menu, case page, customer's timeline, search, export, the job that reminds."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.complaints import notice_tasks as _jobs  # noqa: F401  (known from the start)
from zhike.complaints import notice_templating as _filters  # noqa: F401
from zhike.complaints import notice_words
from zhike.complaints.choices import NoticeState
from zhike.complaints.notice_lists import NoticeExport
from zhike.complaints.permissions import ANSWER
from zhike.complaints.selectors.notices import METRIC, may_say, notices_of_case, visible_notices
from zhike.complaints.services import notice_recounting
from zhike.complaints.services.causes import MANAGE_SETTINGS
from zhike.complaints.services.notices import TIMELINE_KIND
from zhike.core import search
from zhike.core.access import Grants
from zhike.core.exporter.kinds import KINDS
from zhike.core.search.kinds import SEARCH_KINDS, Hit, Hits, SearchKind, excerpt
from zhike.core.shell import MENU, MenuEntry, OwnCount
from zhike.customers.models import TimelineEntry
from zhike.customers.slots import TIMELINE_KINDS, TimelineKind
from zhike.desk.models import Case
from zhike.desk.permissions import WORK
from zhike.desk.slots import ACTIONS, PANELS, CaseAction, CasePanel


def panel(case: Case, grants: Grants) -> Mapping[str, Any] | None:
    """The notices of a case; no card while there are none."""
    rows = notices_of_case(case.pk)
    if not rows:
        return None
    owed = sum(row.state == NoticeState.SENT for row in rows)
    return {"notices": rows, "owed": owed}


def send_url(case: Case, grants: Grants) -> str | None:
    if case.is_ended or not grants.allows(WORK) or not may_say(grants, case.owner_id):
        return None
    return reverse("notices:send", args=[case.number])


def _case_link(entry: TimelineEntry) -> str:
    # The page answers an id with a redirect to the number.
    return reverse("desk:case", args=[entry.object_id]) if entry.object_id else ""


def find_notices(grants: Grants, query: str, limit: int, before_id: int | None = None) -> Hits:
    rows = visible_notices(grants).only("number", "text", "state", "sent_at", "person_name")
    found = search.find_and_count(rows, query, limit, before_id)
    hits = [
        Hit(
            id=row.pk,
            title=excerpt(search.masked_numbers(row.text), query),
            excerpt=row.person_name,
            url=reverse("notices:notice", args=[row.number]),
            at=row.sent_at,
            number=row.number,
            tag=str(NoticeState(row.state).label),
        )
        for row in found.rows
    ]
    return Hits(hits, found.total)


def count_notices(grants: Grants, query: str) -> int:
    return search.count(visible_notices(grants), query)


def _fill_menu() -> None:
    MENU.fill(
        MenuEntry(
            "notices",
            _("Notices"),
            "clipboard-list",
            "notices:list",
            permission=ANSWER,
            group="today",
            order=40,
            own=OwnCount(METRIC, (NoticeState.SENT.value,)),
        )
    )
    MENU.fill(
        MenuEntry(
            "causes",
            _("Causes"),
            "git-branch",
            "notices:causes",
            permission=MANAGE_SETTINGS,
            group="admin",
            order=45,
        )
    )


def register() -> None:
    notice_words.register()
    _fill_menu()
    PANELS.fill(
        CasePanel(
            "complaints.notices",
            _("Notices"),
            "complaints/notices/_panel.html",
            panel,
            order=20,
            styles="complaints/notices.css",
        )
    )
    ACTIONS.fill(
        CaseAction(
            "complaints.send_notice",
            pgettext_lazy("verb", "Send a notice"),
            "clipboard-list",
            send_url,
            main=True,
            order=40,
        )
    )
    TIMELINE_KINDS.fill(
        TimelineKind(
            TIMELINE_KIND,
            _("Notice to a department"),
            "clipboard-list",
            "service",
            "warn",
            _case_link,
        )
    )
    SEARCH_KINDS.fill(
        SearchKind(
            "notice", _("Notices"), "clipboard-list", ANSWER, find_notices, count_notices, order=35
        )
    )
    KINDS.fill(NoticeExport())
    notice_recounting.register()
