"""What is taken as an answer, and what is refused with which sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.surveys.scene import EVERY_KIND, document, options, page, question
from zhike.surveys.answering import LONGEST_WORDS, take
from zhike.surveys.definition import Question, read

pytestmark = pytest.mark.once
DEFINITION = read(EVERY_KIND)


def asked(kind: str, **more: object) -> Question:
    (found,) = read(document(page("s1", question("q", kind, **more)))).questions()
    return found


def taken(one: Question, /, **posted: str | list[str]) -> object:
    lists = {
        name.replace("__", "."): value if isinstance(value, list) else [value]
        for name, value in posted.items()
    }
    found = take([one], lists)
    assert not found.problems, found.problems
    return found.answers.get(one.key)


def refused(one: Question, /, **posted: str | list[str]) -> str:
    lists = {
        name.replace("__", "."): value if isinstance(value, list) else [value]
        for name, value in posted.items()
    }
    found = take([one], lists)
    assert not found.answers
    return found.problems[one.key]


def test_each_kind_gives_an_answer_of_its_form():
    key = DEFINITION.question
    assert taken(key("one"), one="b") == "b"
    assert taken(key("several"), several=["b", "a"]) == ["a", "b"]
    assert taken(key("five"), five="5") == 5
    assert taken(key("ten"), ten="10") == 10
    assert taken(key("nps"), nps="0") == 0
    assert taken(key("ces"), ces="7") == 7
    assert taken(key("grid"), grid__x="1", grid__y="5") == {"x": 1, "y": 5}
    assert taken(key("gap"), gap__x__e="7", gap__x__p="3") == {"x": [7, 3]}
    assert taken(key("rival"), rival__x__us="2") == {"x": [2, None]}
    assert taken(key("share"), share__x="70", share__y="30") == {"x": 70, "y": 30, "z": 0}
    assert taken(key("order"), order__a="3", order__b="1", order__c="2") == ["b", "c", "a"]
    assert taken(key("words"), words=" 很好\n谢谢 ") == "很好\n谢谢"
    assert taken(key("age"), age="３５") == 35.0
    assert taken(key("day"), day="2026-02-28") == "2026-02-28"


@pytest.mark.parametrize("one", list(DEFINITION.questions()), ids=lambda one: one.key)
def test_nothing_is_no_answer_and_a_fault_only_where_one_is_required(one: Question):
    assert take([one], {}).answers == {}
    assert take([one], {}).problems == {}
    wanted = Question(**{name: getattr(one, name) for name in one.__slots__} | {"required": True})
    assert set(take([wanted], {}).problems) == {one.key}
    assert take([wanted], {}, may_stop=True).problems == {}


def test_what_was_not_offered_is_refused():
    assert refused(asked("single", options=options("a", "b")), q="c")
    assert refused(asked("multiple", options=options("a", "b")), q=["a", "z"])
    for bad in ("0", "6", "-1", "2.5", "x", "５", "1" * 400, "²"):
        assert refused(asked("scale", points=5), q=bad)
    assert refused(asked("nps"), q="11")
    assert refused(asked("ces"), q="0")
    assert refused(asked("matrix", points=5, rows=options("x")), q__x="9")
    assert refused(asked("gap", points=5, rows=options("x")), q__x__e="9")


def test_choices_have_their_bounds():
    bounded = asked("multiple", options=options("a", "b", "c"), least=2, most=2)
    assert "2" in refused(bounded, q="a")
    assert "2" in refused(bounded, q=["a", "b", "c"])
    assert taken(bounded, q=["c", "a"]) == ["a", "c"]
    alone = asked("multiple", options=options("a", "none", none={"alone": True}), least=2)
    assert taken(alone, q="none") == ["none"]
    assert refused(alone, q=["a", "none"])


def test_a_hundred_points_are_a_hundred_points():
    one = asked("points", rows=options("x", "y"))
    assert "30" in refused(one, q__x="50", q__y="20")
    assert "20" in refused(one, q__x="50", q__y="70")
    assert refused(one, q__x="-50", q__y="150")
    assert refused(one, q__x="33.3", q__y="66.7")


def test_every_line_has_a_place_of_its_own():
    one = asked("rank", options=options("a", "b"))
    assert refused(one, q__a="1")
    assert refused(one, q__a="1", q__b="1")
    assert refused(one, q__a="1", q__b="3")


def test_required_lines_are_all_answered():
    grid = asked("matrix", points=5, rows=options("x", "y"), required=True)
    assert "1" in refused(grid, q__x="3")
    gap = asked("gap", points=5, rows=options("x"), required=True)
    assert refused(gap, q__x__e="3")


def test_numbers_and_days_have_bounds():
    age = asked("number", least=0, most=120)
    for bad in ("abc", "1e5", "nan", "121", "-1", "1" * 30, "1.12345678", "inf"):
        assert refused(age, q=bad)
    for bad in ("2026-02-30", "gestern", "0001-01-01", "9999-01-01"):
        assert refused(asked("date"), q=bad)


def test_own_words_go_with_the_choice_that_opens_them():
    one = DEFINITION.question("one")
    found = take([one], {"one": ["other"], "one.words": ["我另有看法"]})
    assert found.answers == {"one": "other", "one.words": "我另有看法"}
    assert take([one], {"one": ["a"], "one.words": ["丢掉"]}).answers == {"one": "a"}


def test_words_have_a_length_and_no_hidden_signs():
    words = asked("text")
    assert refused(words, q="字" * (LONGEST_WORDS + 1))
    assert taken(words, q="好" * LONGEST_WORDS) == "好" * LONGEST_WORDS
    assert taken(words, q="a\x00b\u202ec\r\nd") == "abc\nd"


@given(
    st.dictionaries(
        st.sampled_from(
            [part for one in DEFINITION.questions() for part in (*one.parts(), one.key)]
        ),
        st.lists(st.text(max_size=8) | st.sampled_from(["a", "1", "5", "100", "2026-01-01"])),
    )
)
def test_whatever_is_sent_each_question_is_answered_or_refused_never_both(posted):
    found = take(list(DEFINITION.questions()), posted)
    keys = {one.key for one in DEFINITION.questions()}
    assert not set(found.problems) & set(found.answers)
    assert {key.removesuffix(".words") for key in found.answers} | set(found.problems) <= keys
    assert all(found.problems.values())
