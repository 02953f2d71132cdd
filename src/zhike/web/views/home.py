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

SHOWN = 8
WAITING_SHOWN = 6


@dataclass(frozen=True)
class Block:
    """One stretch of the day's line."""

    key: str
    title: Any
    icon: str
    rows: Sequence[Case]
    count: int


def home(request: HttpRequest) -> HttpResponse:
    grants = access.grants_of(request.user)
    assert isinstance(request.user, User)
    now = clock.now()
    context: dict[str, Any] = {"now": now, "greeting": _greeting(now), "me": request.user}
    if grants.allows(VIEW):
        context |= _desk(grants, now)
    context["first_steps"] = _first_steps(grants)
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
    first = first_to_do(grants, now)
    blocks = [
        _block(grants, now, "overdue", _("Overdue"), "alert-triangle", figures.overdue),
        _block(grants, now, "due_today", _("Due today"), "clock", figures.due_today),
    ]
    waiting = my_day_rows(grants, "waiting_for_me", now).order_by("waiting_since", "id")
    unowned = my_day_rows(grants, "unowned", now)
    return {
        "figures": figures,
        "first": first,
        "why": _why_first(first, now) if first else "",
        "blocks": [block for block in blocks if block.count],
        "waiting": waiting[:WAITING_SHOWN] if figures.waiting_for_me else [],
        "unowned": unowned[:WAITING_SHOWN] if figures.unowned else [],
        "has_day": _has_day(figures),
    }


def _has_day(figures: MyDay) -> bool:
    return bool(figures.overdue or figures.due_today or figures.waiting_for_me)


def _block(grants: Grants, now: datetime, key: str, title: Any, icon: str, count: int) -> Block:
    # With the pauses, which say why a clock stands still.
    rows = my_day_rows(grants, key, now).defer(None).defer(*HEAVY)[:SHOWN] if count else []
    return Block(key, title, icon, list(rows), count)


def _why_first(case: Case, now: datetime) -> str:
    """Why this one comes first, in one sentence of facts."""
    if case.due_at is not None and case.due_at <= now:
        if case.waiting_since is not None:
            return _("It is past its time and the customer is waiting for your word.")
        return _("It is past its time.")
    if case.waiting_since is not None:
        return _("It falls due next, and the customer is waiting for your word.")
    return _("It falls due next.")
