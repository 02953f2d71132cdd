"""How a case goes from state to state, with its clock; used by every service that moves one."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from zhike.desk import errors, rules
from zhike.desk.choices import EventKind, Visibility
from zhike.desk.events import CaseReopened
from zhike.desk.rules import CaseState, Mover
from zhike.desk.selectors.news import missed_news
from zhike.desk.services.clocks import (
    due_moments,
    forget_started,
    keep_spans,
    set_clock,
    spans_of,
)
from zhike.desk.services.handling import Handling

# What `check_words` returned of the reason; of most nothing.
NOTHING_SAID: Mapping[str, Any] = MappingProxyType({})


def hold_stale(act: Handling, expected_seq: int | None) -> None:
    """Refuse what was written on an older version as long as there is unread news in between."""
    if expected_seq is None or expected_seq >= act.case.seq:
        return
    news = missed_news(act.case, expected_seq, reader_id=act.actor.id)
    if news:
        raise errors.stale(news, act.case.seq)


def enter_state(
    act: Handling, target: CaseState, reason: str = "", words: Mapping[str, Any] = NOTHING_SAID
) -> None:
    """Into a state that is not an end: pauses begin and end with waiting for the customer, and nowhere else."""
    case = act.case
    source = case.case_state
    act.move(target)
    spans = spans_of(case)
    if target in rules.PAUSING:
        keep_spans(case, rules.begin_pause(spans, act.work.now, reason))
    elif source in rules.PAUSING:
        keep_spans(case, rules.end_pause(spans, act.work.now))
    if case.owner_id is None and act.mover is Mover.STAFF:
        act.own(act.actor.id, act.actor.name)
    set_clock(case)
    if target in rules.PAUSING:
        kind = EventKind.PAUSED
    elif source in rules.PAUSING:
        kind = EventKind.RESUMED
    else:
        kind = EventKind.STATE
    act.append(kind, data={"from": source.value, "to": target.value, "reason": reason, **words})


def set_clock_openly(act: Handling, **why: Any) -> bool:
    """Compute the due times anew after somebody changed what they rest on; what moves is said in the record."""
    case = act.case
    before = due_moments(case)
    set_clock(case)
    if case.is_ended:
        return False
    after = due_moments(case)
    moved = [
        {"what": what, "from": _iso(before[what]), "to": _iso(after[what])}
        for what in sorted(before.keys() & after.keys())
        if before[what] != after[what]
    ]
    if moved:
        act.append(EventKind.DUE, data={"moved": moved, **why})
    return bool(moved)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def wake(act: Handling, target: CaseState = CaseState.OPEN) -> None:
    """Back into our hands: a pause ends, the clock runs on."""
    act.move(target)
    keep_spans(act.case, rules.end_pause(spans_of(act.case), act.work.now))
    set_clock(act.case)


def reopen_now(act: Handling, reason: str, words: Mapping[str, Any] = NOTHING_SAID) -> None:
    """A new round: the clock of the end starts anew, the count of rounds grows."""
    case = act.case
    act.move(CaseState.OPEN)
    case.outcome, case.close_reason = "", ""
    case.reopened_count += 1
    case.due_from = act.work.now
    forget_started(case)
    set_clock(case)
    act.append(
        EventKind.REOPENED,
        data={"reason": reason, "round": case.reopened_count + 1, **words},
        visibility=Visibility.PUBLIC,
    )
    act.note_on_timeline("desk.reopened")
    act.work.publish(CaseReopened(case.pk, case.customer_id, reason))


def stop_clocks(act: Handling) -> None:
    """An ended case owes nothing and waits for nobody."""
    case = act.case
    keep_spans(case, rules.end_pause(spans_of(case), act.work.now))
    case.waiting_since = None
    case.unread_count = 0
    set_clock(case)
