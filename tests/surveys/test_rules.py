"""What a key may mean in a later version, and what the builder's buttons do to a draft."""

from copy import deepcopy
from typing import Any

import pytest

from tests.surveys.conftest import choices, question, whole_draft
from zhike.surveys import drafting
from zhike.surveys.choices import SurveyState
from zhike.surveys.definition import Draft, next_key, problems, read
from zhike.surveys.drafting import Used, used_keys
from zhike.surveys.rules import clashes, may_become


def changed(**parts: Any) -> Draft:
    draft = whole_draft()
    for key, change in parts.items():
        at, place = drafting.question_at(draft, key)
        draft["sections"][at]["questions"][place] |= change
    return draft


def found(before: Draft, after: Draft) -> list[tuple[str, str, str]]:
    return [(one.question, one.what, one.part) for one in clashes(read(after), [read(before)])]


def test_words_may_be_corrected_and_questions_come_and_go() -> None:
    after = changed(
        q2={"text": {"zh-hans": "满意不满意？"}},
        q1={"options": choices("货运型", "客货两用", "其他")},
    )
    after["sections"][1]["questions"][1] = question("q4", "text", "还有呢？")
    assert found(whole_draft(), after) == []


@pytest.mark.parametrize(
    ("after", "clash"),
    [
        (changed(q3={"kind": "number"}), ("q3", "kind", "")),
        (changed(q2={"points": 10}), ("q2", "points", "")),
        (changed(q2={"kind": "matrix", "rows": choices("动力")}), ("q2", "kind", "")),
    ],
)
def test_kind_and_scale_of_a_key_stay(after: Draft, clash: Any) -> None:
    assert found(whole_draft(), after) == [clash]


def test_choices_rows_and_ends_do_not_change_places() -> None:
    swapped = changed(q1={"options": choices("客货两用", "货运")})
    assert found(whole_draft(), swapped) == [("q1", "option", "a"), ("q1", "option", "b")]
    ends = {"low": {"zh-hans": "差"}, "high": {"zh-hans": "好"}}
    turned = {"low": {"zh-hans": "好"}, "high": {"zh-hans": "差"}}
    assert found(changed(q2=ends), changed(q2=turned)) == [("q2", "ends", "")]
    reused = changed(
        q1={
            "options": [
                {"key": "a", "text": {"zh-hans": "客货两用"}},
                {"key": "c", "text": {"zh-hans": "其他"}},
            ]
        }
    )
    assert found(whole_draft(), {**reused, "quotas": []}) == [("q1", "option", "a")]


def test_every_earlier_version_counts_not_only_the_last() -> None:
    first, second = whole_draft(), changed(q3={"key": "q4"})
    third = changed(q3={"kind": "number"})
    assert [one.question for one in clashes(read(third), [read(first), read(second)])] == ["q3"]
    assert clashes(read(third), [read(second)]) == []


def test_states_follow_one_another() -> None:
    allowed = {(a, b) for a in SurveyState for b in SurveyState if may_become(a, b)}
    assert allowed == {("open", "closed"), ("closed", "open")}


def test_keys_are_given_once() -> None:
    assert [next_key(set("abc"), ""), next_key(set(), "q")] == ["d", "q1"]
    letters = set("abcdefghijklmnopqrstuvwxyz")
    assert next_key(letters) == "aa"
    published = used_keys([whole_draft()])
    draft = drafting.remove(whole_draft(), "q3")
    with_new, key = drafting.add_question(draft, "s2", question("", "text", "新的"), published)
    assert key == "q4"
    assert drafting.question_at(with_new, "q4") == (1, 1)
    assert drafting.add_section(draft, {}, published)["sections"][-1]["key"] == "s3"


def test_moving_a_question_beyond_its_page_takes_it_to_the_next() -> None:
    before = whole_draft()
    once = drafting.move(before, "q3", drafting.UP)
    assert [one["key"] for one in once["sections"][1]["questions"]] == ["q3", "q2"]
    twice = drafting.move(once, "q3", drafting.UP)
    assert drafting.question_at(twice, "q3") == (0, 1)
    back = drafting.move(twice, "q3", drafting.DOWN)
    assert back == once
    assert drafting.move(before, "q1", drafting.UP) == before
    assert drafting.move(before, "s2", drafting.DOWN) == before
    assert before == whole_draft()


def test_a_page_moved_before_the_one_it_asks_is_told_of() -> None:
    turned = drafting.move(whole_draft(), "s2", drafting.UP)
    places = [one.place for one in problems(turned)]
    assert "sections[0].when[0]" in places
    assert "sections[0].questions[0].text" in places


def test_a_duplicate_has_keys_of_its_own() -> None:
    draft = drafting.duplicate(whole_draft(), "s2", Used())
    assert [s["key"] for s in draft["sections"]] == ["s1", "s2", "s3"]
    assert [q["key"] for q in draft["sections"][2]["questions"]] == ["q4", "q5"]
    draft = drafting.duplicate(draft, "q1", Used())
    assert [q["key"] for q in draft["sections"][0]["questions"]] == ["q1", "q6"]
    assert problems(draft) == []


def test_a_question_under_a_new_key_is_named_by_it_everywhere() -> None:
    draft = whole_draft()
    new = drafting.change_question(draft, "q1", draft["sections"][0]["questions"][0], "q9")
    assert problems(new) == []
    assert new["sections"][1]["when"] == [{"question": "q9", "values": ["a"]}]
    assert new["sections"][1]["questions"][0]["text"]["zh-hans"] == "对{{q9}}满意吗？"
    assert new["quotas"][0]["question"] == "q9"


def test_leaving_a_language_leaves_its_words() -> None:
    only = drafting.in_languages(whole_draft(), ["en"])
    assert only["title"] == {"en": "Owners"}
    assert next(one.place for one in problems(only)) == "sections[0].questions[0].text"
    assert drafting.in_languages(whole_draft(), ["zh-hans", "en"]) == whole_draft()


def test_what_a_kind_is_not_asked_with_goes() -> None:
    full = question(
        "q1", "text", "说说", options=choices("一"), rows=choices("二"), points=7, low={"en": "x"},
        least=1.0, unit={"en": "y"}, rival={"en": "z"}, shuffle=True, help={"en": "h"}, required=True,
    )  # fmt: skip
    assert set(drafting.fitting(full)) == {"key", "kind", "text", "help", "required"}
    assert drafting.fitting({**full, "kind": "scale"})["points"] == 7
    assert drafting.fitting({"kind": "matrix", "text": {}})["points"] == 5
    assert deepcopy(full) == full
