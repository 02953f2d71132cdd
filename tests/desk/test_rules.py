"""The table of states, walked whole; pauses; words that end a talk."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given as generated
from hypothesis import strategies as st

from zhike.desk.choices import PUBLIC_STAGE_LABELS, STAGE_LABELS, State
from zhike.desk.rules import (
    ENDED,
    MOVES,
    PAUSING,
    STAGE_OF,
    CaseState,
    Mover,
    Span,
    Stage,
    begin_pause,
    can_move,
    end_pause,
    excerpt,
    is_goodbye,
    public_path,
    targets_of,
)

# Written down a second time, by hand, as sentences of the trade: who may bring a case from where to where.
STAFF_MOVES = {
    "new": {"open", "closed", "merged"},
    "open": {
        "new", "waiting_customer", "waiting_department", "waiting_approval", "waiting_consent",
        "closed", "merged",
    },
    "waiting_customer": {"open", "closed", "merged"},
    "waiting_department": {"open", "waiting_customer", "merged"},
    "waiting_approval": {"open", "merged"},
    "waiting_consent": {"open", "closed", "merged"},
    "closed": {"open", "merged"},
    "merged": set(),
}  # fmt: skip
CUSTOMER_MOVES = {("waiting_customer", "open"), ("waiting_consent", "open"), ("closed", "open")}


@pytest.mark.parametrize(("source", "target"), list(product(CaseState, CaseState)))
def test_every_pair_is_as_agreed(source: CaseState, target: CaseState):
    assert can_move(source, target, Mover.STAFF) == (target in STAFF_MOVES[source])
    assert can_move(source, target, Mover.SYSTEM) == (target in STAFF_MOVES[source])
    assert can_move(source, target, Mover.CUSTOMER) == ((source, target) in CUSTOMER_MOVES)


def test_nothing_stays_and_every_state_can_be_reached_and_left():
    assert all(source is not target for source, target in MOVES)
    assert {target for _, target in MOVES} == set(CaseState)
    assert {source for source, _ in MOVES} == set(CaseState) - {CaseState.MERGED}
    assert targets_of(CaseState.MERGED) == []


def test_only_waiting_for_the_customer_pauses():
    assert {CaseState.WAITING_CUSTOMER} == PAUSING


def test_every_state_has_its_words():
    assert set(STAGE_OF) == set(CaseState)
    assert set(STAGE_LABELS) == set(Stage)
    assert {s.value for s in CaseState} == set(State.values)
    assert all(str(label) for label in PUBLIC_STAGE_LABELS.values())


@pytest.mark.parametrize("state", list(CaseState))
@pytest.mark.parametrize("taken_up", [True, False])
def test_the_customer_always_stands_on_one_step(state: CaseState, taken_up: bool):
    path, now = public_path(state, taken_up)
    assert path[0] == "received"
    assert path[-1] == "done"
    assert 0 <= now < len(path)
    assert (now == len(path) - 1) == (state in ENDED)


@generated(st.lists(st.tuples(st.booleans(), st.integers(0, 5000)), max_size=30))
def test_pauses_stay_in_order_and_at_most_the_last_is_open(steps: list[tuple[bool, int]]):
    at = datetime(2026, 11, 23, 8, tzinfo=UTC)
    spans: list[Span] = []
    for begins, minutes in steps:
        at += timedelta(minutes=minutes)
        spans = begin_pause(spans, at, "r") if begins else end_pause(spans, at)
        assert all(span.end is not None for span in spans[:-1])
        assert all(span.end is None or span.end >= span.start for span in spans)
        ends = [span.end for span in spans if span.end is not None]
        starts = [span.start for span in spans][1:]
        assert all(end <= start for end, start in zip(ends, starts, strict=False))


@pytest.mark.parametrize(
    "text",
    ["谢谢", "好的，谢谢您！", "OK", "收到，辛苦了。", "Thank you very much!", "嗯嗯", "👍 好的"],
)
def test_thanks_and_farewell(text: str):
    assert is_goodbye(text)


@pytest.mark.parametrize(
    "text", ["", "谢谢，但是又坏了", "好的车", "不好", "什么时候到", "ok?什么", "谢" * 50]
)
def test_everything_else_is_a_matter(text: str):
    assert not is_goodbye(text)


@generated(st.text(max_size=300), st.integers(1, 120))
def test_an_excerpt_is_one_line_and_short(text: str, length: int):
    cut = excerpt(text, length)
    assert len(cut) <= length
    assert cut.split() == " ".join(cut.split()).split()
