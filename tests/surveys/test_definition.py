"""A questionnaire as a document: read and written back, every fault of it named, drafts shaped."""

import json
from typing import Any

import pytest
from hypothesis import given as each
from hypothesis import settings as sized
from hypothesis import strategies as st

from tests.surveys.conftest import choices, question, whole_draft
from zhike.surveys.choices import QuestionKind
from zhike.surveys.definition import (
    Condition,
    Definition,
    DefinitionError,
    Option,
    Question,
    Quota,
    Section,
    document,
    problems,
    read,
    shaped,
)
from zhike.surveys.definition.parts import WITH_OPTIONS, WITH_POINTS, WITH_ROWS
from zhike.surveys.definition.reading import BRANCHING, values_of

WORDS = (
    st.text("好坏车abc 。?", min_size=1, max_size=12)
    .map(lambda t: " ".join(t.split()))
    .filter(bool)
)


def texts(languages: tuple[str, ...], *, needed: bool) -> st.SearchStrategy[dict[str, str]]:
    first = {languages[0]: WORDS}
    rest = dict.fromkeys(languages[1:], WORDS)
    if needed:
        return st.fixed_dictionaries(first, optional=rest)
    return st.fixed_dictionaries({}, optional={**first, **rest})


@st.composite
def options(draw: st.DrawFn, languages: tuple[str, ...], least: int) -> tuple[Option, ...]:
    count = draw(st.integers(least, 4))
    return tuple(
        Option(
            f"o{n}",
            draw(texts(languages, needed=True)),
            opens_text=draw(st.booleans()),
            alone=draw(st.booleans()),
        )
        for n in range(count)
    )


@st.composite
def one_question(
    draw: st.DrawFn,
    key: str,
    languages: tuple[str, ...],
    earlier: tuple[Question, ...],
    is_first: bool,
) -> Question:
    kinds = [one for one in QuestionKind.values if one != QuestionKind.CONTACT or is_first]
    kind = draw(st.sampled_from(kinds))
    plain: Any = {}
    if kind in WITH_OPTIONS:
        plain["options"] = draw(options(languages, 2))
    if kind in WITH_ROWS:
        plain["rows"] = draw(options(languages, 2))
    if kind in WITH_POINTS:
        plain["points"] = draw(st.sampled_from((5, 7, 10)))
    if kind == QuestionKind.RIVAL:
        plain["rival"] = draw(texts(languages, needed=True))
    if kind == QuestionKind.NUMBER:
        plain["least"], plain["most"] = -1.5, draw(st.floats(0, 1e9))
    if kind == QuestionKind.CONTACT:
        plain["asks"] = draw(
            st.sampled_from((("phone",), ("name", "email"), ("name", "phone", "email")))
        )
    branching = [one for one in earlier if one.kind in BRANCHING]
    is_asked_of_some = draw(st.booleans())
    if branching and is_asked_of_some:
        asked = draw(st.sampled_from(branching))
        offered = st.sampled_from(values_of(asked))
        values: set[str] = draw(st.sets(offered, min_size=1, max_size=3))
        plain["when"] = (Condition(asked.key, tuple(sorted(values)), draw(st.booleans())),)
    return Question(
        key=key,
        kind=kind,
        text=draw(texts(languages, needed=True)),
        help=draw(texts(languages, needed=False)),
        required=kind != QuestionKind.CONTACT and draw(st.booleans()),
        shuffle=draw(st.booleans()),
        **plain,
    )


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    codes = draw(st.permutations(["zh-hans", "zh-hant", "en"]))
    languages = tuple(codes[: draw(st.integers(1, 3))])
    sections: list[Section] = []
    asked: list[Question] = []
    for number in range(draw(st.integers(1, 3))):
        page: list[Question] = []
        for _ in range(draw(st.integers(1, 3))):
            key = f"q{len(asked) + len(page) + 1}"
            # One question for a contact is enough.
            is_first = not any(one.kind == QuestionKind.CONTACT for one in (*asked, *page))
            page.append(draw(one_question(key, languages, tuple(asked), is_first)))
        sections.append(
            Section(f"s{number + 1}", tuple(page), title=draw(texts(languages, needed=False)))
        )
        asked += page
    counted = [one for one in asked if one.kind in BRANCHING]
    quotas = (Quota(counted[0].key, values_of(counted[0])[0], 7),) if counted else ()
    return Definition(
        languages,
        draw(texts(languages, needed=True)),
        tuple(sections),
        intro=draw(texts(languages, needed=False)),
        quotas=quotas,
    )


@each(definitions())
@sized(max_examples=60, deadline=None)
def test_what_is_written_reads_back_the_same(definition: Definition) -> None:
    written = json.loads(json.dumps(document(definition)))
    assert read(written) == definition
    assert shaped(written) == written


def fault_of(change: Any) -> list[tuple[str, str]]:
    draft = whole_draft()
    change(draft)
    return [(one.place, one.at) for one in problems(draft)]


def put(section: int, place: int, **parts: Any) -> Any:
    def change(draft: dict[str, Any]) -> None:
        draft["sections"][section]["questions"][place] |= parts

    return change


def whole(**parts: Any) -> Any:
    return lambda draft: draft.update(parts)


FIRST, SECOND = "sections[0].questions[0]", "sections[1].questions[0]"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (whole(format=9), "format"),
        (whole(languages=[]), "languages"),
        (whole(languages=["zh-hans", "zh-hans"]), "languages"),
        (whole(languages=["klingon"]), "languages"),
        (whole(title={}), "title"),
        (whole(title={"zh-hans": "长" * 301}), "title"),
        (whole(title=5), "title"),
        (whole(sections=[]), "sections"),
        (whole(sections="none"), "sections"),
        (lambda d: d["sections"][0].update(questions=[]), "sections[0].questions"),
        (lambda d: d["sections"][1].update(key="s1"), "sections"),
        (put(1, 0, key="q1"), "questions"),
        (put(1, 0, key="Q 2"), f"{SECOND}.key"),
        (put(1, 0, kind="guess"), f"{SECOND}.kind"),
        (put(1, 0, kind=["scale"]), f"{SECOND}.kind"),
        (put(1, 0, text={}), f"{SECOND}.text"),
        (put(1, 0, text={"zh-hans": "{{q9}}"}), f"{SECOND}.text"),
        (put(1, 0, text={"zh-hans": "{{q2}}"}), f"{SECOND}.text"),
        (put(1, 0, points=6), f"{SECOND}.points"),
        (put(1, 0, points=True), f"{SECOND}.points"),
        (put(1, 0, required="yes"), f"{SECOND}.required"),
        (put(1, 0, options=choices("一", "二")), f"{SECOND}.options"),
        (put(0, 0, options=choices("一")), f"{FIRST}.options"),
        (put(0, 0, options=[{"key": "a", "text": {}}, *choices("一", "二")[1:]]), f"{FIRST}.options[0].text"),
        (put(0, 0, options=[*choices("一"), *choices("二")]), f"{FIRST}.options"),
        (put(0, 0, options=["一", "二"]), f"{FIRST}.options[0]"),
        (put(1, 0, kind="multiple", options=choices("一", "二"), most=3), f"{SECOND}.most"),
        (put(1, 0, kind="number", least=5, most=1), f"{SECOND}.most"),
        (put(1, 0, kind="number", least="1"), f"{SECOND}.least"),
        (put(1, 0, kind="number", least=float("nan")), f"{SECOND}.least"),
        (put(1, 0, kind="rival", rows=choices("一")), f"{SECOND}.rival"),
        (put(1, 0, asks=["phone"]), f"{SECOND}.asks"),
        (put(1, 0, kind="contact"), f"{SECOND}.asks"),
        (put(1, 0, kind="file", most=6), f"{SECOND}.most"),
        (put(1, 0, kind="file", most=1.5), f"{SECOND}.most"),
        (put(1, 0, kind="contact", asks=["name"]), f"{SECOND}.asks"),
        (put(1, 0, kind="contact", asks=["phone", "fax"]), f"{SECOND}.asks"),
        (put(1, 0, kind="contact", asks="phone"), f"{SECOND}.asks"),
        (put(1, 0, kind="contact", asks=["phone"], required=True), f"{SECOND}.required"),
        (lambda d: [put(n, 0, kind="contact", asks=["phone"])(d) for n in (0, 1)], "questions"),
        (put(1, 0, kind="matrix"), f"{SECOND}.rows"),
        (put(1, 0, kind="points", rows=choices("一")), f"{SECOND}.rows"),
        (put(1, 0, when=[{"question": "q2", "values": ["1"]}]), f"{SECOND}.when[0]"),
        (put(1, 0, when=[{"question": "q1", "values": ["z"]}]), f"{SECOND}.when[0]"),
        (put(1, 0, when=[{"question": "q1", "values": 5}]), f"{SECOND}.when[0]"),
        (put(1, 0, when=[{"question": "q1", "values": []}]), f"{SECOND}.when[0]"),
        (put(1, 0, when=["q1"]), f"{SECOND}.when[0]"),
        (whole(quotas=[{"question": "q3", "value": "a", "most": 1}]), "quotas[0]"),
        (whole(quotas=[{"question": "q1", "value": "a", "most": 0}]), "quotas[0].most"),
        (whole(quotas=[{"question": "q1", "value": "a", "most": 1.5}]), "quotas[0].most"),
    ],
)  # fmt: skip
def test_every_fault_is_named_by_its_place(change: Any, place: str) -> None:
    assert place in [where for where, _at in fault_of(change)]


def test_a_fault_is_told_by_page_and_question() -> None:
    found = problems({**whole_draft(), **_without_words()})
    assert [(str(one.at), one.sentence) for one in found] == [("第 2 页第 1 题", "请写上问题")]


def _without_words() -> dict[str, Any]:
    draft = whole_draft()
    draft["sections"][1]["questions"][0]["text"] = {}
    return {"sections": draft["sections"]}


def test_too_many_of_anything_are_refused() -> None:
    draft = whole_draft()
    draft["sections"] = [
        {"key": f"s{n}", "questions": [question(f"q{n}", "text", "说说")]} for n in range(31)
    ]
    assert problems(draft)[0].place == "sections"
    with pytest.raises(DefinitionError):
        shaped(draft)


@pytest.mark.parametrize(
    "hostile",
    [
        None, [], "x", 5, {}, {"format": 2}, {"languages": "zh-hans"}, {"languages": ["zh-hans", 5]},
        {"languages": ["zh-hans"], "title": ["x"]},
        {"languages": ["zh-hans"], "sections": {"a": 1}},
        {"languages": ["zh-hans"], "sections": [5]},
        {"languages": ["zh-hans"], "sections": [{"questions": [{"kind": {}}]}]},
        {"languages": ["zh-hans"], "sections": [
            {"questions": [{"kind": "text", "when": [{"question": {}, "values": [{}]}]}]}]},
        {"languages": ["zh-hans"], "sections": [{"questions": [{"kind": "text", "least": float("inf")}]}]},
        {"languages": ["zh-hans"], "sections": [{"questions": [{"kind": "text", "least": 10**400}]}]},
        {"languages": ["zh-hans"], "quotas": [{"question": "q1", "value": "a", "most": True}]},
        {"languages": ["zh-hans"], "titel": {"zh-hans": "x"}},
        {"languages": ["zh-hans"], "title": {"zh-hans": "长" * 5001}},
        {"languages": ["zh-hans"], "sections": [{"key": "s1"}, {"key": "s1"}]},
    ],
)  # fmt: skip
def test_what_is_no_questionnaire_is_refused_with_words(hostile: Any) -> None:
    with pytest.raises(DefinitionError) as refused:
        shaped(hostile)
    assert all(one.sentence for one in refused.value.problems)
    if hostile and isinstance(hostile, dict):
        assert isinstance(problems(hostile), list)


def test_a_draft_may_lack_words_and_is_given_keys() -> None:
    draft = shaped(
        {
            "languages": ["zh-hans"],
            "title": "调查",
            "sections": [
                {"questions": [
                    {"kind": "single", "options": [{"text": "好"}, {"text": "差", "key": "b"}]},
                    {"kind": "text", "key": "q1"},
                ]},
            ],
        }
    )  # fmt: skip
    first, second = draft["sections"][0]["questions"]
    assert (first["key"], second["key"], draft["sections"][0]["key"]) == ("q2", "q1", "s1")
    assert [one["key"] for one in first["options"]] == ["a", "b"]
    assert draft["title"] == {"zh-hans": "调查"}
    assert [one.place for one in problems(draft)] == [
        "sections[0].questions[0].text",
        "sections[0].questions[1].text",
    ]


def test_signs_no_database_takes_are_left_out() -> None:
    draft = shaped({**whole_draft(), "title": {"zh-hans": "车\x00主\ud800\x07 调\r\n查"}})
    assert draft["title"] == {"zh-hans": "车主 调\n查"}


def test_a_reading_of_a_draft_knows_which_way_a_page_is_shown() -> None:
    definition = read(whole_draft())
    assert definition.sections[1].when == (Condition("q1", ("a",)),)
    assert definition.words(definition.title, "en") == "Owners"
    assert definition.words(definition.sections[0].questions[0].text, "en") == "哪一款？"
    assert list(definition.questions())[1].scale == range(1, 6)
