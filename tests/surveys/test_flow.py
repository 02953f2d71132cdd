"""The way through a questionnaire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.surveys.scene import AFTER_CONTACT, ZH, document, options, page, question
from zhike.surveys import flow
from zhike.surveys.definition import read

pytestmark = pytest.mark.once
SHORT = read(AFTER_CONTACT)
LONG = read(
    document(
        page("s1", question("kind", "single", options=options("car", "bus", "none"))),
        page(
            "s2",
            question("wheels", "number"),
            when=[{"question": "kind", "values": ["none"], "negated": True}],
        ),
        page(
            "s3",
            question("seats", "number", when=[{"question": "kind", "values": ["bus"]}]),
        ),
        page("s4", question("end", "text")),
    )
)


def test_a_page_comes_when_its_condition_holds():
    assert list(flow.pages(SHORT, {"q1": 2})) == [0, 1]
    assert list(flow.pages(SHORT, {"q1": 5})) == [0]
    assert flow.next_page(SHORT, {"q1": 2}, 0) == 1
    assert flow.next_page(SHORT, {"q1": 5}, 0) is None


def test_a_page_without_questions_is_passed_over():
    assert list(flow.pages(LONG, {"kind": "car"})) == [0, 1, 3]
    assert list(flow.pages(LONG, {"kind": "bus"})) == [0, 1, 2, 3]
    assert list(flow.pages(LONG, {"kind": "none"})) == [0, 3]
    assert flow.page_before(LONG, {"kind": "none"}, 3) == 0
    assert flow.page_before(LONG, {}, 0) is None


def test_what_lies_beside_the_way_is_no_answer():
    answers = {"kind": "none", "wheels": 4.0, "seats": 50.0, "end": "好", "end.words": "x"}
    assert flow.on_the_way(LONG, answers) == {"kind": "none", "end": "好", "end.words": "x"}


def test_not_answered_is_none_of_the_values():
    assert list(flow.pages(LONG, {})) == [0, 1, 3]


def test_earlier_answers_stand_in_later_words():
    text = SHORT.sections[1].questions[0].text
    assert flow.said(SHORT, text, {"q1": 2}, ZH) == "您给了 2 分,哪里没有做好?"
    assert flow.said(SHORT, text, {}, ZH) == "您给了 … 分,哪里没有做好?"
    named = read(
        document(
            page("s1", question("kind", "multiple", options=options("car", "bus"))),
            page("s2", question("why", "text", text={ZH: "为什么是{{ kind }}?"})),
        )
    )
    words = flow.said(named, named.sections[1].questions[0].text, {"kind": ["car", "bus"]}, ZH)
    assert words == "为什么是选项 car、选项 bus?"
    # What somebody wrote is quoted once, not read again.
    assert flow.said(SHORT, {ZH: "{{q1}}"}, {"q1": "{{q1}}"}, ZH) == "{{q1}}"


def test_a_language_without_words_falls_back():
    assert SHORT.words(SHORT.title, "en") == "Were you content?"
    assert SHORT.words(SHORT.thanks, "en") == "谢谢您,您的话我们逐条看。"


@given(st.text(min_size=1), st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=2))
def test_one_person_sees_one_order_and_last_choices_stay_last(seed, keys):
    (one,) = read(
        document(
            page(
                "s1",
                question(
                    "q",
                    "single",
                    shuffle=True,
                    options=options(*keys, "none", "other", none={"alone": True}),
                ),
            )
        )
    ).questions()
    found = [option.key for option in flow.offered(one, seed)]
    assert found == [option.key for option in flow.offered(one, seed)]
    assert sorted(found[:-1]) == sorted([*keys, "other"])
    assert found[-1] == "none"


def test_orders_differ_between_people():
    (one,) = read(
        document(page("s1", question("q", "single", shuffle=True, options=options(*"abcdef"))))
    ).questions()
    first = {flow.offered(one, f"person {number}")[0].key for number in range(200)}
    assert first == set("abcdef")


def test_a_quota_is_full_when_it_is_reached():
    limited = read(
        document(
            page("s1", question("sex", "single", options=options("f", "m"))),
            quotas=[{"question": "sex", "value": "f", "most": 3}],
        )
    )
    assert not flow.full(limited, {"sex": "f"}, {("sex", "f"): 2})
    assert flow.full(limited, {"sex": "f"}, {("sex", "f"): 3})
    assert not flow.full(limited, {"sex": "m"}, {("sex", "f"): 3})
    assert not flow.full(limited, {}, {("sex", "f"): 3})
