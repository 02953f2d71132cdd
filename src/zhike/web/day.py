"""What one person's day is made of beside their cases: visits, notices, decisions, remedies to carry out.

Each source is one statement for few rows in the order of their time, found by an index of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.accounts.permissions import MANAGE_SETTINGS
from zhike.care.models import FollowUp
from zhike.care.models.visits import STILL_DUE
from zhike.care.permissions import FOLLOW_UP
from zhike.care.selectors import visible_follow_ups
from zhike.complaints.choices import ApprovalState, NoticeState, RemedyState
from zhike.complaints.models import Approval, Complaint, Notice, Remedy
from zhike.complaints.models.complaints import TO_ARCHIVE
from zhike.complaints.permissions import ANSWER, APPROVE, MANAGE_NOTICES
from zhike.complaints.selectors.notices import HEAVY, visible_notices
from zhike.complaints.selectors.remedies import visible_approvals, visible_remedies
from zhike.complaints.selectors.scope import visible_complaints
from zhike.complaints.templating import step_word
from zhike.core import clock
from zhike.core.access import Grants
from zhike.core.calendar.missing import Lacking, calendars_lacking_dates
from zhike.customers.choices import Tier
from zhike.desk.models import Case
from zhike.desk.permissions import WORK
from zhike.satisfaction.choices import ImprovementState
from zhike.satisfaction.models import Improvement
from zhike.satisfaction.permissions import VIEW as VIEW_SURVEYS
from zhike.satisfaction.selectors import people_with_improvements

# So many of each kind are looked at; more stand on its own list.
MOST = 9
_CASE_HEAVY = ("folded", "bigrams", "clocks", "pauses", "close_reason")


@dataclass(frozen=True)
class Item:
    """One thing to do. `what` says which kind of thing in a word or two, `why` what makes it urgent."""

    title: str
    url: str
    what: Any
    button: Any
    at: datetime | None = None
    started: datetime | None = None
    name: str = ""
    tier: str = ""
    number: str = ""
    more: str = ""
    why: Any = ""
    paused: bool = False

    @property
    def tier_label(self) -> str:
        return str(Tier(self.tier).label) if self.tier in Tier.values else ""


@dataclass(frozen=True)
class Card:
    """Things that wait for this person without a time of their own, or the team's that run late."""

    key: str
    title: Any
    icon: str
    url: str
    items: list[Item]
    # From how many; as words, for it may be "9+".
    count: str
    empty: Any = ""


@dataclass(frozen=True)
class Day:
    timed: list[Item] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    # How many visits, as words: "8+" when there are more than are looked at. Empty for who makes none.
    visits: str = ""
    # How many notices this person owes an answer to; empty when there are none.
    owed: str = ""


def day_of(grants: Grants, now: datetime) -> Day:
    own = visits(grants, now)
    owed = notices(grants, now)
    cards = [card for build in _CARDS if (card := build(grants, now)) is not None]
    return Day(
        [*own, *owed],
        cards,
        _counted(own)[1] if grants.allows(FOLLOW_UP) else "",
        _counted(owed)[1] if owed else "",
    )


def _end_of(now: datetime) -> date:
    return clock.local(now).date()


def visits(grants: Grants, now: datetime) -> list[Item]:
    """One's own follow-up visits of today and before."""
    if not grants.allows(FOLLOW_UP) or grants.user_id is None:
        return []
    rows = visible_follow_ups(grants).filter(STILL_DUE, assigned_id=grants.user_id)
    rows = rows.select_related("case").defer(*(f"case__{name}" for name in _CASE_HEAVY))
    found = rows.order_by("plan_at", "id")[:MOST]
    return [_visit(row) for row in found if clock.local(row.plan_at).date() <= _end_of(now)]


def _visit(row: FollowUp) -> Item:
    return Item(
        title=_("Follow-up visit: %(title)s") % {"title": row.case.title},
        url=reverse("care:visit", args=[row.pk]),
        what=_("Follow-up visit"),
        button=_("Call"),
        at=row.plan_at,
        started=row.made_at,
        name=row.customer_name,
        tier=row.customer_tier,
        number=row.case.number,
        more=row.best_time,
        why=_("The case is closed; whether the customer is content is still to be asked."),
    )


def notices(grants: Grants, now: datetime) -> list[Item]:
    """Notices this person owes an answer to, whenever they are due: another desk waits."""
    if not grants.allows(ANSWER) or grants.user_id is None:
        return []
    rows = Notice.objects.filter(
        person_id=grants.user_id, state=NoticeState.SENT, case__voided_at__isnull=True
    )
    return [_notice(row) for row in _with_case(rows).order_by("due_at", "id")[:MOST]]


def _with_case(rows: "QuerySet[Notice]") -> "QuerySet[Notice]":
    heavy = (f"case__{name}" for name in _CASE_HEAVY)
    return rows.select_related("case").defer(*HEAVY, *heavy)


def _notice(row: Notice) -> Item:
    return Item(
        title=_("Notice: %(title)s") % {"title": row.case.title},
        url=reverse("notices:notice", args=[row.number]),
        what=_("Answer owed"),
        button=_("Answer"),
        at=row.due_at,
        started=row.sent_at,
        number=row.number,
        why=_("%(name)s waits for your answer before they can go on with the customer.")
        % {"name": row.sent_by_name},
    )


def _counted(items: list[Item]) -> tuple[list[Item], str]:
    many = len(items) >= MOST
    return items[: MOST - 1], f"{MOST - 1}+" if many else str(len(items))


def approvals(grants: Grants, now: datetime) -> Card | None:
    """Decisions this person may take, those waiting longest first. Nobody decides on their own wish."""
    if not grants.allows(APPROVE):
        return None
    rows = visible_approvals(grants).filter(state=ApprovalState.OPEN)
    rows = rows.exclude(asked_by_id=grants.user_id).select_related("case", "remedy")
    rows = rows.defer(*(f"case__{name}" for name in _CASE_HEAVY)).order_by("id")
    items, count = _counted([_approval(row) for row in rows[:MOST]])
    return Card(
        "approvals",
        _("For me to decide"),
        "scale",
        reverse("approvals:list"),
        items,
        count,
        _("Nothing waits for your decision."),
    )


def _approval(row: Approval) -> Item:
    title = row.get_kind_display()
    if row.remedy is not None:
        title = f"{row.remedy.get_kind_display()} ¥{row.remedy.amount_cents / 100:,.2f}"
    return Item(
        title=title,
        url=reverse("approvals:decide", args=[row.pk]),
        what=row.get_kind_display(),
        button=_("Decide"),
        started=row.asked_at,
        name=row.asked_by_name,
        number=row.case.number,
        more=row.case.title,
        why=_("%(name)s cannot go on before you decide.") % {"name": row.asked_by_name},
    )


def remedies(grants: Grants, now: datetime) -> Card | None:
    """What was promised to customers of one's own cases and is still to be carried out."""
    if not grants.allows(WORK) or grants.user_id is None:
        return None
    rows = visible_remedies(grants).filter(
        state=RemedyState.APPROVED, case__owner_id=grants.user_id
    )
    rows = rows.select_related("case").defer(*(f"case__{name}" for name in _CASE_HEAVY))
    items, count = _counted([_remedy(row) for row in rows.order_by("-id")[:MOST]])
    if not items:
        return None
    url = f"{reverse('remedies:list')}?tab={RemedyState.APPROVED.value}"
    return Card("remedies", _("Remedies to carry out"), "heart-handshake", url, items, count)


def _remedy(row: Remedy) -> Item:
    return Item(
        title=_("%(kind)s: %(text)s") % {"kind": row.get_kind_display(), "text": row.text},
        url=reverse("desk:case", args=[row.case.number]),
        what=_("Remedy"),
        button=_("Carry out"),
        name=row.case.customer_name,
        tier=row.case.customer_tier,
        number=row.case.number,
    )


def late_notices(grants: Grants, now: datetime) -> Card | None:
    """Departments that let the desk wait: for those who keep an eye on notices."""
    if not grants.allows(MANAGE_NOTICES):
        return None
    rows = visible_notices(grants).filter(state=NoticeState.SENT, due_at__lte=now)
    items, count = _counted(
        [_late(row) for row in _with_case(rows).order_by("due_at", "id")[:MOST]]
    )
    if not items:
        return None
    url = f"{reverse('notices:list')}?tab=overdue"
    return Card("late-notices", _("Departments overdue"), "hourglass", url, items, count)


def _late(row: Notice) -> Item:
    return Item(
        title=row.case.title,
        url=reverse("notices:notice", args=[row.number]),
        what=_("Overdue"),
        button=_("Remind"),
        at=row.due_at,
        started=row.sent_at,
        name=row.person_name,
        number=row.number,
    )


def unconfirmed(grants: Grants, now: datetime) -> Card | None:
    """Closed complaints no visit can tell about any more: for whoever may archive them, the oldest first."""
    if not grants.allows(APPROVE):
        return None
    rows = visible_complaints(grants).filter(TO_ARCHIVE)
    items, count = _counted([_to_archive(row) for row in rows.order_by("pk")[:MOST]])
    if not items:
        return None
    url = f"{reverse('complaints:list')}?tab=to_archive"
    return Card("unconfirmed", _("To be archived without a visit"), "archive", url, items, count)


def _to_archive(row: Complaint) -> Item:
    return Item(
        title=row.case.title,
        url=reverse("desk:case", args=[row.case.number]),
        what=row.get_unconfirmed_display(),
        button=_("Archive"),
        started=row.case.closed_at,
        name=row.case.customer_name,
        tier=row.case.customer_tier,
        number=row.case.number,
        more=str(row.get_unconfirmed_display()),
    )


def missing_dates(grants: Grants, now: datetime) -> Card | None:
    """Calendars whose days off of this year or the next are not complete: for those who can enter them."""
    if not grants.allows(MANAGE_SETTINGS):
        return None
    lacking = calendars_lacking_dates(_end_of(now), grants.stamp)
    if not lacking:
        return None
    items, count = _counted([_lacking(one) for one in lacking[:MOST]])
    return Card(
        "missing-dates", _("Days off to enter"), "calendar", reverse("web:calendars"), items, count
    )


def _lacking(one: Lacking) -> Item:
    years = ", ".join(str(year) for year in one.years)
    return Item(
        title=_("%(calendar)s: days off of %(years)s") % {"calendar": one.name, "years": years},
        url=reverse("web:calendar-import-new", args=[one.calendar_id]),
        what=_("Calendar"),
        button=_("Import"),
        # The only word of the line below the title: what others put a number into.
        number=_("Until then due times in that year are provisional."),
    )


def improvements(grants: Grants, now: datetime) -> Card | None:
    """What this person sees to so that an index rises, the earliest day first."""
    if grants.user_id is None or grants.user_id not in people_with_improvements(grants.stamp):
        return None
    rows = Improvement.objects.filter(
        responsible_id=grants.user_id, state=ImprovementState.OPEN
    ).order_by("due", "id")
    items, count = _counted([_improvement(row, _end_of(now)) for row in rows[:MOST]])
    if not items:
        return None
    # Who does not see indexes has no list of them, only their own.
    can_list = grants.allows(VIEW_SURVEYS)
    url = reverse("satisfaction:improvements") if can_list else items[0].url
    return Card("improvements", _("Improvements I see to"), "target-arrow", url, items, count)


def _improvement(row: Improvement, today: date) -> Item:
    return Item(
        title=row.what,
        url=reverse("satisfaction:improvement", args=[row.pk]),
        what=_("Overdue") if row.due < today else _("Improvement"),
        button=_("See to it"),
        number=(_("overdue since %(day)s") if row.due < today else _("by %(day)s"))
        % {"day": row.due.isoformat()},
        more=row.item_title,
    )


_CARDS: tuple[Callable[[Grants, datetime], Card | None], ...] = (
    approvals,
    late_notices,
    remedies,
    unconfirmed,
    missing_dates,
    improvements,
)


def step_words(cases: list[Case]) -> dict[int, str]:
    """By case: the step a complaint is at, in place of the bare word for its due time. One statement."""
    ids = [case.pk for case in cases if case.type_id == "complaint"]
    if not ids:
        return {}
    by_id = {case.pk: case for case in cases}
    words = {}
    for row in Complaint.objects.filter(pk__in=ids):
        row.case = by_id[row.pk]
        words[row.pk] = step_word(row)
    return words


def step_button(case: Case, words: dict[int, str]) -> Any:
    if case.waiting_since:
        return _("Reply")
    return _("Next step") if case.pk in words else _("Go on")
