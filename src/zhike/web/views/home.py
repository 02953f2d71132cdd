"""My day: the one thing to do first and why, then the rest by time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.accounts.models import User
from zhike.core import access, clock
from zhike.core.access import Grants
from zhike.customers.models import Customer
from zhike.desk.models import Case
from zhike.desk.permissions import VIEW
from zhike.desk.selectors.queues import MyDay, first_to_do, my_day, my_day_rows
from zhike.desk.selectors.scope import HEAVY
from zhike.web import day
from zhike.web.day import Card, Item

SHOWN = 8
WAITING_SHOWN = 6


@dataclass(frozen=True)
class Block:
    """One stretch of the day's line."""

    key: str
    title: Any
    icon: str
    rows: Sequence[Item]
    count: int


def home(request: HttpRequest) -> HttpResponse:
    grants = access.grants_of(request.user)
    assert isinstance(request.user, User)
    now = clock.now()
    context: dict[str, Any] = {"now": now, "greeting": _greeting(now), "me": request.user}
    if grants.allows(VIEW):
        context |= _desk(grants, now)
    # Who has something to do is past the first steps; only an empty day is worth the question.
    is_busy = context.get("has_day") or context.get("unowned")
    context["first_steps"] = [] if is_busy else _first_steps(grants)
    return render(request, "web/home.html", context)


@dataclass(frozen=True)
class FirstStep:
    title: Any
    text: Any
    url: str
    icon: str


def _first_steps(grants: Grants) -> list[FirstStep]:
    """What to do in a house that has no customers yet; nothing for those who may not do it."""
    if not grants.allows("imports.run") or Customer.objects.exists():
        return []
    steps = [
        FirstStep(
            _("Bring in your customers"),
            _("From Excel or CSV, with your own headers. Nothing is written before the trial."),
            reverse("web:import-new") + "?kind=customers",
            "database-import",
        )
    ]
    if grants.allows("accounts.manage"):
        steps.append(
            FirstStep(
                _("Add your colleagues"),
                _("Everybody signs in with a number of their own."),
                reverse("accounts:person-create"),
                "users",
            )
        )
    if grants.allows("cases.create"):
        steps.append(
            FirstStep(
                _("Take in the first case"),
                _("Somebody called or came by? The customer's file is made as you type."),
                reverse("desk:case-create"),
                "inbox",
            )
        )
    steps.append(
        FirstStep(
            _("Show customers the form"),
            _("They write on this page themselves and follow their case there."),
            reverse("webform:form"),
            "message-circle",
        )
    )
    return steps


def _greeting(now: datetime) -> str:
    hour = clock.local(now).hour
    if hour < 5:
        return _("Good night")
    if hour < 11:
        return _("Good morning")
    if hour < 13:
        return _("Good day")
    return _("Good afternoon") if hour < 18 else _("Good evening")


def _desk(grants: Grants, now: datetime) -> dict[str, Any]:
    figures = my_day(grants, now)
    cases = _own_cases(grants, now, figures)
    words = day.step_words(cases)
    others = day.day_of(grants, now)
    items = [_case_item(case, words) for case in cases] + others.timed
    late = [item for item in items if item.at is not None and item.at <= now]
    ahead = [item for item in items if item.at is not None and item.at > now]
    late.sort(key=_by_time)
    ahead.sort(key=_by_time)
    today = [item for item in ahead if _is_of(now, item)]
    later = [item for item in ahead if not _is_of(now, item)]
    own = others.timed
    overdue = figures.overdue + sum(1 for item in own if item in late)
    due_today = figures.due_today + sum(1 for item in own if item in today)
    blocks = [
        Block("overdue", _("Overdue"), "alert-triangle", late[:SHOWN], overdue),
        Block("due_today", _("Due today"), "clock", today[:SHOWN], due_today),
        Block("later", _("Later"), "calendar", later[:SHOWN], len(later)),
    ]
    waiting = my_day_rows(grants, "waiting_for_me", now).order_by("waiting_since", "id")
    unowned = my_day_rows(grants, "unowned", now)
    first = _first(
        late, ahead, others.cards, first_to_do(grants, now) if not items else None, words
    )
    return {
        "figures": figures,
        "overdue": overdue,
        "due_today": due_today,
        "first": first,
        "blocks": [block for block in blocks if block.count],
        "cards": others.cards,
        "visits": others.visits,
        "owed": others.owed,
        "waiting": waiting[:WAITING_SHOWN] if figures.waiting_for_me else [],
        "unowned": unowned[:WAITING_SHOWN] if figures.unowned else [],
        "has_day": bool(overdue or due_today or figures.waiting_for_me),
    }


def _is_of(now: datetime, item: Item) -> bool:
    return item.at is not None and clock.local(item.at).date() == clock.local(now).date()


def _by_time(item: Item) -> tuple[datetime, bool]:
    assert item.at is not None
    return item.at, not item.why


def _own_cases(grants: Grants, now: datetime, figures: MyDay) -> list[Case]:
    """Overdue ones and those due today, with the pauses, which say why a clock stands still."""
    if not figures.overdue and not figures.due_today:
        return []
    return list(my_day_rows(grants, "until_evening", now).defer(None).defer(*HEAVY)[: 2 * SHOWN])


def _case_item(case: Case, words: dict[int, str]) -> Item:
    return Item(
        title=case.title,
        url=reverse("desk:case", args=[case.number]),
        what=words.get(case.pk) or case.get_due_what_display(),
        button=day.step_button(case, words),
        at=case.due_at,
        started=case.opened_at,
        name=case.customer_name,
        tier=case.customer_tier,
        number=case.number,
        more=case.last_words,
        why=_("The customer is waiting for your word.") if case.waiting_since else "",
        paused=case.is_paused,
    )


@dataclass(frozen=True)
class First:
    item: Item
    why: str


def _first(
    late: list[Item],
    today: list[Item],
    cards: list[Card],
    case: Case | None,
    words: dict[int, str],
) -> First | None:
    """The one thing to do first: past its time with somebody waiting, a decision others need, then by time."""
    waiting = next((item for item in late if item.why), None)
    if waiting is not None:
        return First(waiting, _("It is past its time. %(why)s") % {"why": waiting.why})
    if late:
        return First(late[0], _("It is past its time."))
    decision = next(
        (card.items[0] for card in cards if card.key == "approvals" and card.items), None
    )
    if decision is not None:
        return First(decision, str(decision.why))
    if today:
        return First(today[0], _("It falls due next. %(why)s") % {"why": today[0].why})
    if case is None:
        return None
    item = _case_item(case, words)
    return First(item, _("It falls due next. %(why)s") % {"why": item.why})
