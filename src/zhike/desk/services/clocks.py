"""The due times of a case: which run, by which plan, from when, with which pauses, kept with their accounts.

What runs follows from the case (`running`); what higher rooms set running lies in `case.started`, a time for the
end that was set for this case alone in `case.own_time`, what a law sets in `case.legal`. The earliest due time is
the place in the queue. See docs/adr/0021, 0026 and 0032.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from zhike.core import clock
from zhike.core.calendar import Due, Interval, Unit
from zhike.core.calendar.own_time import OwnTime
from zhike.core.calendar.plan_book import Plan, PlanBook, load_plans
from zhike.core.models import DuePurpose
from zhike.desk.choices import CUSTOMERS_RIGHT, LegalKind
from zhike.desk.models import Case
from zhike.desk.rules import Span
from zhike.desk.slots import FIRST_CLOCKS

# What a case's clocks may be counted for.
STEPS = frozenset(
    {
        DuePurpose.LISTEN,
        DuePurpose.APOLOGISE,
        DuePurpose.FACTS,
        DuePurpose.ANSWER,
        DuePurpose.AGREE,
    }
)
PURPOSES = frozenset(
    {
        DuePurpose.FIRST_REPLY,
        DuePurpose.NEXT_REPLY,
        DuePurpose.TO_DEPARTMENT,
        DuePurpose.RESOLUTION,
        *STEPS,
        *LegalKind.values,
    }
)
LEGALLY_OWED = frozenset(LegalKind.values) - CUSTOMERS_RIGHT
# How a round of alarms notes that it warned (services/alarms.py).
WARNED = "warn"
# Names under which higher rooms set clocks running.
STEP, TO_DEPARTMENT = "step", DuePurpose.TO_DEPARTMENT.value
# In `case.told`: what had passed by then is told to nobody.
BEFORE = "before"
# Cases without a due time stand at the end of every queue.
NEVER = datetime(9000, 1, 1, tzinfo=UTC)


def spans_of(case: Case) -> list[Span]:
    return [
        Span(
            datetime.fromisoformat(row["start"]),
            None if row["end"] is None else datetime.fromisoformat(row["end"]),
            row["reason"],
        )
        for row in case.pauses
    ]


def keep_spans(case: Case, spans: list[Span]) -> None:
    case.pauses = [
        {
            "start": span.start.isoformat(),
            "end": None if span.end is None else span.end.isoformat(),
            "reason": span.reason,
        }
        for span in spans
    ]


# What runs


def running(case: Case) -> dict[str, datetime]:
    """Since when what is owed, in the order in which it is told; nothing once the case has ended."""
    if case.is_ended:
        return {}
    since = case.due_from or case.opened_at
    runs: dict[str, datetime] = {}
    if case.first_reply_at is None and case.reopened_count == 0:
        runs[DuePurpose.FIRST_REPLY] = since
    elif case.waiting_since is not None:
        runs[DuePurpose.NEXT_REPLY] = case.waiting_since
    runs |= _step(case, since)
    started = case.started or {}
    asked_elsewhere = case.to_department_at is not None or case.reopened_count > 0
    if not asked_elsewhere and TO_DEPARTMENT not in started:
        runs[DuePurpose.TO_DEPARTMENT] = since
    runs[DuePurpose.RESOLUTION] = since
    return runs | {kind: day_began(day) for kind, (day, _named) in legal_days(case).items()}


def legal_days(case: Case) -> dict[str, tuple[date, date | None]]:
    """Of what a law sets and still runs: the day it counts from, and the last one where a notice named it."""
    return {
        kind: (date.fromisoformat(since), date.fromisoformat(named) if named else None)
        for kind, (since, named) in (case.legal or {}).items()
    }


def day_began(day: date) -> datetime:
    return datetime.combine(day, time(), clock.zone()).astimezone(UTC)


def _step(case: Case, since: datetime) -> dict[str, datetime]:
    """The step that is due now, for kinds of case that go in steps."""
    first = FIRST_CLOCKS.get(case.type_id)
    if first is None:
        return {}
    purpose, moment = (case.started or {}).get(STEP) or (first.purpose, since.isoformat())
    return {purpose: datetime.fromisoformat(moment)} if purpose else {}


def start_clock(case: Case, name: str, purpose: str, since: datetime) -> None:
    """For higher rooms: from now on `purpose` runs under `name`; empty, nothing does. Then set the clocks."""
    case.started = {**(case.started or {}), name: [purpose, since.isoformat()]}


def pass_over_the_past(case: Case, now: datetime) -> None:
    """It came to us late already: who is told of that now would be told of hundreds. What lies ahead is told."""
    case.told = {**(case.told or {}), BEFORE: now.isoformat()}


def forget_started(case: Case) -> None:
    """A new round begins as a new case does."""
    case.started = None


# Computing


def compute_dues(case: Case, plans: PlanBook) -> dict[str, Due]:
    pauses = [Interval(span.start, span.end, span.reason) for span in spans_of(case)]
    legal = legal_days(case)
    dues: dict[str, Due] = {}
    for purpose, since in running(case).items():
        plan = plan_of(case, purpose, plans)
        if purpose in legal:
            # A law does not wait while we wait for the customer; a day that was named needs no plan.
            since_day, named = legal[purpose]
            plan = plan or (_no_plan(case, purpose, plans) if named else None)
            if plan is not None:
                dues[purpose] = plan.due_after(since_day, named)
        elif plan is not None:
            dues[str(purpose)] = plan.due(since, pauses)
    return dues


def _no_plan(case: Case, purpose: str, plans: PlanBook) -> Plan:
    hours = plans.calendars.schedule(case.unit_id)
    return Plan("", purpose, 1, Unit.CALENDAR_DAYS, schedule=hours)


def plan_of(case: Case, purpose: str, plans: PlanBook) -> Plan | None:
    plan = plans.find(
        purpose,
        subject=case.type_id,
        tier=case.customer_tier,
        channel=case.channel,
        unit_id=case.unit_id,
    )
    if case.own_time is None or not has_own_time(case, purpose):
        return plan
    hours = plans.calendars.schedule(case.unit_id)
    return OwnTime.from_json(case.own_time).in_place_of(plan, purpose, hours)


def has_own_time(case: Case, purpose: str) -> bool:
    """What was set for this case alone is set for its end; everything else goes by the plans."""
    return purpose == DuePurpose.RESOLUTION and case.own_time is not None


def set_clock(case: Case) -> None:
    """Compute all due times anew. Call after every change of state, kind, tier, unit or pause."""
    dues = {} if case.is_ended else compute_dues(case, load_plans())
    _keep(case, dues, {purpose: due.to_json() for purpose, due in dues.items()})


def stop_answered(case: Case) -> None:
    """Let go of what no longer runs, the rest stands: no plan is asked."""
    if case.clocks is None:
        set_clock(case)
        return
    runs = running(case)
    accounts = {name: account for name, account in case.clocks.items() if name in runs}
    _keep(case, {name: Due.from_json(account) for name, account in accounts.items()}, accounts)


def _keep(case: Case, dues: Mapping[str, Due], accounts: dict[str, Any]) -> None:
    ended = case.is_ended
    if not ended or case.clocks is None:
        case.clocks = accounts
    _keep_copies(case, dues)
    dues = {name: due for name, due in dues.items() if name not in CUSTOMERS_RIGHT}
    counted = [(due.at, place, name) for place, (name, due) in enumerate(dues.items()) if due.at]
    # Where all stand still, or none has a plan, what would be told first is named all the same.
    named = str(next(iter(dues), next(iter(running(case)), "")))
    what = min(counted)[2] if counted else named
    first = dues.get(what)
    case.due_what = what
    case.due_at = first.at if first else None
    case.due_warn_at = first.warn_at if first else None
    case.queue_at = case.due_at or NEVER
    case.alarm_at = next_alarm(case, dues.values())


def next_alarm(case: Case, dues: Iterable[Due]) -> datetime | None:
    """When somebody may have to be told next: of the clock's next stage, or of what waits for their hours."""
    moments = [moment for due in dues if (moment := _alarm_of(case, due)) is not None]
    return min(moments, default=None)


def _alarm_of(case: Case, due: Due) -> datetime | None:
    if due.at is None:
        return None
    told = (case.told or {}).get(due.purpose)
    if told is None or told["run"] != due.start.isoformat():
        return due.warn_at or due.at
    known = datetime.fromisoformat(told["next"]) if told["next"] else None
    if told["over"] == due.at.isoformat():
        return known
    # Not yet over, or moved since: the due time itself, wherever it is now, and before it the warning. A round for
    # another clock of the case leaves a note about this one too, before its own warning.
    warn_at = None if WARNED in told["said"] else due.warn_at
    return min(filter(None, (known, due.at, warn_at)))


def _keep_copies(case: Case, dues: Mapping[str, Due]) -> None:
    def at(*names: str) -> datetime | None:
        return next((dues[name].at for name in names if name in dues), None)

    runs = running(case)
    if DuePurpose.FIRST_REPLY in runs:
        case.first_reply_due_at = at(DuePurpose.FIRST_REPLY)
    if DuePurpose.RESOLUTION in runs:
        case.resolution_due_at = at(DuePurpose.RESOLUTION)
    case.next_reply_due_at = at(DuePurpose.NEXT_REPLY)
    case.department_due_at = at(DuePurpose.TO_DEPARTMENT)
    case.step_due_at = at(*sorted(STEPS))
    legal = [due.at for name, due in dues.items() if name in LEGALLY_OWED and due.at]
    case.legal_due_at = min(legal, default=None)


# Reading


def account_of(case: Case) -> dict[str, Any] | None:
    """How the earliest due time came about, as it was computed."""
    found: dict[str, Any] | None = (case.clocks or {}).get(case.due_what)
    return found


def explained(case: Case) -> Due | None:
    """Why the due time is what it is, as it was computed."""
    account = account_of(case)
    return Due.from_json(account) if account else None


def due_moments(case: Case) -> dict[str, datetime | None]:
    """What is due when; None while it stands still."""
    return {due.purpose: due.at for due in all_explained(case)}


def all_explained(case: Case) -> list[Due]:
    """Everything that runs, the earliest first; what stands still last."""
    runs = running(case)
    dues = [Due.from_json(account) for name, account in (case.clocks or {}).items() if name in runs]
    return sorted(dues, key=lambda due: due.at or NEVER)


def running_due(case: Case, kind: str) -> Due | None:
    """Of what a law sets, as it was computed; None where it does not run, or no plan fits."""
    account = (case.clocks or {}).get(kind)
    return Due.from_json(account) if account and kind in (case.legal or {}) else None


def all_owed(case: Case) -> list[Due]:
    """The same without what is the customer's right: of that nobody is warned."""
    return [due for due in all_explained(case) if due.purpose not in CUSTOMERS_RIGHT]


def is_counted_by(case: Case, plans: PlanBook) -> bool:
    """Do the due times follow from these plans? Words of the account count too: a plan was renamed."""
    dues = compute_dues(case, plans)
    return case.clocks == {purpose: due.to_json() for purpose, due in dues.items()}
