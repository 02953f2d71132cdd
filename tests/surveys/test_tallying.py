"""What a response adds to the tallies, and that taking it off leaves nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.surveys.scene import EVERY_KIND
from zhike.surveys.definition import read
from zhike.surveys.tallying import counted, difference

pytestmark = pytest.mark.once
DEFINITION = read(EVERY_KIND)

ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "one": st.sampled_from(["a", "b", "other"]),
        "several": st.sampled_from([["a"], ["a", "b"], ["none"]]),
        "five": st.integers(1, 5),
        "nps": st.integers(0, 10),
        "grid": st.fixed_dictionaries(
            {}, optional={"x": st.integers(1, 5), "y": st.integers(1, 5)}
        ),
        "gap": st.fixed_dictionaries(
            {"x": st.tuples(st.integers(1, 7), st.none() | st.integers(1, 7))}
        ),
        "share": st.just({"x": 70, "y": 30, "z": 0}),
        "order": st.permutations(["a", "b", "c"]),
        "words": st.text(min_size=1),
        "age": st.floats(0, 120),
        "day": st.just("2026-01-01"),
    },
)


def test_one_response_of_every_kind():
    found = counted(
        DEFINITION,
        "complete",
        {
            "one": "b",
            "several": ["a", "b"],
            "five": 4,
            "grid": {"x": 1},
            "gap": {"x": [7, 3], "y": [None, 2]},
            "share": {"x": 70, "y": 30, "z": 0},
            "order": ["b", "a", "c"],
            "words": "好",
            "age": 35.0,
            "one.words": "不算",
        },
    )
    assert found == {
        ("", "complete"): (1, 0.0),
        ("one", ""): (1, 0.0),
        ("one", "b"): (1, 0.0),
        ("several", ""): (1, 0.0),
        ("several", "a"): (1, 0.0),
        ("several", "b"): (1, 0.0),
        ("five", ""): (1, 4.0),
        ("five", "4"): (1, 0.0),
        ("grid.x", ""): (1, 1.0),
        ("grid.x", "1"): (1, 0.0),
        ("gap.x.e", ""): (1, 7.0),
        ("gap.x.e", "7"): (1, 0.0),
        ("gap.x.p", ""): (1, 3.0),
        ("gap.x.p", "3"): (1, 0.0),
        ("gap.y.p", ""): (1, 2.0),
        ("gap.y.p", "2"): (1, 0.0),
        ("share", ""): (1, 0.0),
        ("share.x", ""): (1, 70.0),
        ("share.y", ""): (1, 30.0),
        ("share.z", ""): (1, 0.0),
        ("order", ""): (1, 0.0),
        ("order.b", ""): (1, 1.0),
        ("order.b", "1"): (1, 0.0),
        ("order.a", ""): (1, 2.0),
        ("order.a", "2"): (1, 0.0),
        ("order.c", ""): (1, 3.0),
        ("order.c", "3"): (1, 0.0),
        ("words", ""): (1, 0.0),
        ("age", ""): (1, 35.0),
    }


def test_answers_count_when_all_are_there():
    assert counted(DEFINITION, "partial", {"five": 4}) == {("", "partial"): (1, 0.0)}
    assert counted(DEFINITION, "full", {"five": 4}) == {("", "full"): (1, 0.0)}


@given(ANSWERS, ANSWERS)
def test_the_difference_leads_from_what_was_counted_to_what_is_true(old, new):
    before, after = counted(DEFINITION, "complete", old), counted(DEFINITION, "complete", new)
    change = difference(after, before)
    joined = dict(before)
    for key, (count, amount) in change.items():
        had = joined.get(key, (0, 0.0))
        joined[key] = (had[0] + count, had[1] + amount)
    left = {key: value for key, value in joined.items() if value[0]}
    assert left.keys() == after.keys()
    for key, (count, amount) in left.items():
        assert count == after[key][0]
        assert amount == pytest.approx(after[key][1], abs=1e-9)
    assert difference(after, after) == {}
