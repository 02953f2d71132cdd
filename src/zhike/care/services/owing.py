"""When a visit is due: by the plans, or within a time that was set for this call alone; the earliest counts.

`FollowUp.owed` has an entry for each time it came to be owed: {"since", "name"}, with "amount" and "unit" when
whoever owes it set a time (`OwnTime`), else by the plans. Empty: by the plans since it was made.
"""

from datetime import UTC, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from zhike.care.models import FollowUp
from zhike.care.rules import AGAIN_AFTER_DAYS, Result
from zhike.core.calendar import Due, Unit, due_at
from zhike.core.calendar.own_time import OwnTime
from zhike.core.calendar.plan_book import PlanBook

PURPOSE = "follow_up"
_NEVER = datetime(9000, 1, 1, tzinfo=UTC)


def owed_within(own: OwnTime, since: datetime) -> dict[str, Any]:
    return {"since": since.isoformat(), **own.to_json()}


def owe_too(visit: FollowUp, own: OwnTime | None, since: datetime) -> bool:
    """There is one more reason to make it. False where it is due no earlier: by the plans it is owed already."""
    entries = visit.owed or [_by_plan(visit, visit.made_at)]
    if own is not None:
        visit.owed = [*entries, owed_within(own, since)]
    elif all(_is_own(entry) for entry in entries):
        visit.owed = [*entries, _by_plan(visit, since)]
    else:
        return False
    return True


def is_by_own_time(visit: FollowUp, due: Due) -> bool:
    return any(_is_own(entry) and entry["name"] == due.rule for entry in visit.owed or ())


def _is_own(entry: dict[str, Any]) -> bool:
    return "amount" in entry


def _by_plan(visit: FollowUp, since: datetime) -> dict[str, Any]:
    return {"since": since.isoformat(), "name": (visit.due_explanation or {}).get("rule", "")}


def marked(rows: QuerySet[FollowUp]) -> QuerySet[Any]:
    """`looks_again`: the one before it found something missing, so no plan sets its time."""
    before = FollowUp.objects.filter(
        case=OuterRef("case"),
        round=OuterRef("round"),
        sequence=OuterRef("sequence") - 1,
        result=Result.PARTLY,
    )
    return rows.annotate(looks_again=Exists(before))


def due_of(visit: FollowUp, channel: str, plans: PlanBook, *, looks_again: bool = False) -> Due:
    """`channel` is that of the case, `looks_again` that of `marked`."""
    entries = visit.owed or [_by_plan(visit, visit.made_at)]
    dues = [_due(visit, channel, plans, entry, looks_again) for entry in entries]
    return min(dues, key=lambda due: due.at or _NEVER)


def _due(
    visit: FollowUp, channel: str, plans: PlanBook, entry: dict[str, Any], looks_again: bool
) -> Due:
    start = datetime.fromisoformat(entry["since"])
    if looks_again and not _is_own(entry):
        return due_again(visit, start, plans).named(entry["name"], PURPOSE)
    plan = plans.find(
        PURPOSE,
        subject=visit.type_code,
        tier=visit.customer_tier,
        channel=channel,
        unit_id=visit.unit_id,
    )
    hours = plans.calendars.schedule(visit.unit_id)
    if _is_own(entry):
        plan = OwnTime.from_json(entry).in_place_of(plan, PURPOSE, hours)
    if plan is not None:
        return plan.due(start)
    # Without a plan of its own it is owed all the same: within one working day.
    return due_at(hours, start, 1, Unit.BUSINESS_DAYS).named("", PURPOSE)


def due_again(visit: FollowUp, start: datetime, plans: PlanBook) -> Due:
    """Of a visit that follows one after which something was missing; no plan is asked."""
    hours = plans.calendars.schedule(visit.unit_id)
    return due_at(hours, start, AGAIN_AFTER_DAYS, Unit.BUSINESS_DAYS)


def put_due(visit: FollowUp, due: Due) -> None:
    assert due.at is not None, "no pause was given"
    visit.due_at, visit.due_warn_at = due.at, due.warn_at
    visit.due_explanation = due.to_json()
    # Another time agreed with the customer stands.
    visit.plan_at = visit.next_try_at or due.at


def move_due(visit: FollowUp, due: Due, now: datetime) -> None:
    visit.remind_at = bell(visit, due, moved=True, now=now)
    put_due(visit, due)


def bell(visit: FollowUp, due: Due, *, moved: bool, now: datetime) -> datetime | None:
    """It rings for the time agreed if there is one; rung already, it rings again only for what lies ahead anew."""
    if visit.next_try_at is not None:
        return visit.remind_at
    moment = due.warn_at or due.at
    if visit.remind_at is not None:
        return moment
    return moment if moved and moment is not None and moment > now else None
