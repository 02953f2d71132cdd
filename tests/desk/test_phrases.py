"""The language of the list, and what is found by it: places, spellings, quotation marks, hostile texts."""

import time
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.desk.test_phrases_corpus import builtin_finder, sentences
from zhike.desk.phrases import Entry, Finder, PatternError, PhraseKind, Place, exceptions_of, parse

BUILTIN = builtin_finder()
MARKED = [one for name in ("first", "second") for one in sentences(name) if one.spans]
# What may stand between the signs of a phrase and hide nothing.
BETWEEN = st.sampled_from(
    [" ", "　", "\t", "·", "-", "－", "*", "~", "_", "|", "/", "\u200b", "😀"]
)


def finder(pattern: str, *exceptions: str, kind: PhraseKind = PhraseKind.FORBIDDEN) -> Finder:
    return Finder([Entry(1, pattern, kind, exceptions)])


def found(pattern: str, text: str, *exceptions: str) -> list[str]:
    return [hit.said for hit in finder(pattern, *exceptions).find(text, Place.OUTGOING)]


# The language


def test_choices_and_optional_parts() -> None:
    for text in ("您可能不明白", "你可能不太明白"):
        assert found("[您|你]可能不[太|]明白", f"嗯，{text}，对吧") == [text]
    assert found("[您|你]可能不[太|]明白", "他可能不明白，您可能很明白") == []


def test_full_width_brackets_are_brackets() -> None:
    assert found("［您｜你］不懂", "你不懂") == ["你不懂"]
    assert found("【您｜你】不懂", "您不懂") == ["您不懂"]


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("", "empty"),
        ("，。 ！", "empty"),
        ("[]", "empty"),
        ("[您|]", "optional"),
        ("[您|][太|]", "optional"),
        ("[您|你可能", "bracket"),
        ("您|你可能", "bracket"),
        ("您]可能", "bracket"),
        ("[您[好|]|你]可能", "inside"),
        ("不" * 41, "too_long"),
        ("不" * 201, "too_long"),
        ("[" + "|".join(["冷静点儿"] * 3 + [f"话{n}" for n in range(90)]) + "]", "too_long"),
    ],
)
def test_what_cannot_be_looked_for_is_refused(pattern: str, code: str) -> None:
    with pytest.raises(PatternError) as refused:
        parse(pattern)
    assert refused.value.code == code


@given(st.text(alphabet="[]|您你可不懂 ，x", max_size=60))
def test_a_pattern_is_refused_or_means_something(pattern: str) -> None:
    try:
        parsed = parse(pattern)
    except PatternError:
        return
    assert 1 <= parsed.shortest() <= parsed.longest() <= 40
    # The wording of the first choices is found.
    said = "".join(part[0] or part[-1] for part in parsed.parts)
    assert found(pattern, said), (pattern, said)


def test_exceptions_come_one_a_line_or_by_semicolons() -> None:
    assert exceptions_of("冷静期; 冷静处理\n\n you may；") == ("冷静期", "冷静处理", "you may")


# Spellings


@pytest.mark.parametrize(
    "text",
    [
        "不可能", "不 可 能", "不　可　能", "不-可-能", "不，可，能", "不。可。能", "不...可...能",
        "不可可能", "不不不可能能", "【不可能】", "不\n可\n能", "不\u200b可能",
    ],
)  # fmt: skip
def test_a_phrase_is_found_however_it_is_spelt(text: str) -> None:
    assert len(found("不可能", text)) == 1


def test_traditional_signs_and_widths() -> None:
    assert found("您肯定搞错了", "我說您肯定搞錯了") == ["您肯定搞錯了"]
    assert found("你不懂", "妳不懂") == ["妳不懂"]
    assert found("sb", "ＳＢ客户") == ["ＳＢ"]


def test_latin_words_are_found_whole() -> None:
    assert found("sb", "usb 接口 sbs") == []
    assert found("calm down", "Please CALM  down!") == ["CALM  down"]
    assert found("calm down", "becalm down, calm downs") == []


def test_a_short_phrase_is_none_across_clauses() -> None:
    assert found("不可能", "我说不，可能要等两天") == []
    assert found("你应该", "寄给你，应该明天到") == []


def test_surroundings_make_it_harmless() -> None:
    assert found("请[您|]冷静", "请您冷静，请冷静期内退货", "冷静期") == ["请您冷静"]
    # But not when clauses meet in them.
    assert found("难缠", "不，难缠得很", "不难缠") == ["难缠"]


def test_of_two_that_begin_together_the_longer_is_told() -> None:
    both = Finder(
        [Entry(1, "你应该", PhraseKind.FORBIDDEN), Entry(2, "你应该[早|]", PhraseKind.FORBIDDEN)]
    )
    assert [(h.said, h.entry.id) for h in both.find("你应该早说", Place.OUTGOING)] == [
        ("你应该早", 2)
    ]


# Quotation marks


@pytest.mark.parametrize("pair", ["“”", "‘’", "「」", "『』", '""', "《》", "＂＂"])
def test_a_label_in_quotation_marks_is_somebody_elses(pair: str) -> None:
    labels = finder("找茬", kind=PhraseKind.LABEL)
    text = f"客户说{pair[0]}别找茬{pair[1]}，已记下"
    assert labels.find(text, Place.NOTE) == []
    assert labels.find(text, Place.OUTGOING) == []
    assert [hit.start for hit in labels.find(f"{text}；这人找茬", Place.NOTE)] == [len(text) + 3]


def test_forbidden_phrases_hurt_in_quotation_marks_too() -> None:
    assert found("不可能", "我们说“不可能”就是不可能") == ["不可能", "不可能"]


@pytest.mark.parametrize(
    "text",
    ["客户“找茬", "客户”找茬“", '客户"找茬', '说"一\n找茬"', "“a”找茬“b”", "don't找茬, it's"],
)
def test_a_mark_left_open_quotes_nothing(text: str) -> None:
    assert len(finder("找茬", kind=PhraseKind.LABEL).find(text, Place.NOTE)) == 1


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(["“”", "「」", "『』"]))
def test_no_label_is_told_within_quotation_marks(before: str, after: str, pair: str) -> None:
    marks = dict.fromkeys(map(ord, "“”‘’「」『』《》〝〞﹁﹂﹃﹄"), "")
    before, after = before.translate(marks), after.translate(marks)
    quote = f"{pair[0]}神经病、刁民、无理取闹{pair[1]}"
    hits = BUILTIN.find(before + quote + after, Place.NOTE)
    inside = range(len(before) + 1, len(before) + len(quote) - 1)
    assert not [hit for hit in hits if hit.start in inside and hit.end - 1 in inside]


# Properties


@given(st.text(max_size=200))
def test_places_point_at_the_text(text: str) -> None:
    text = f"{text}您肯定搞错了{text}"
    hits = BUILTIN.find(text, Place.OUTGOING)
    assert all(text[hit.start : hit.end] == hit.said for hit in hits)
    assert all(one.end <= other.start for one, other in pairwise(hits))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(MARKED), st.data())
def test_signs_between_hide_nothing(sentence, data: st.DataObject) -> None:
    start, end = sentence.spans[0]
    said = sentence.text[start:end]
    torn = "".join(sign + data.draw(st.text(BETWEEN, max_size=2)) for sign in said)
    if any(sign.isascii() and sign.isalpha() for sign in said):
        # Latin letters must keep to their words.
        torn = said.replace(" ", "  ")
    text = sentence.text[:start] + torn + sentence.text[end:]
    hits = BUILTIN.find(text, sentence.place)
    assert any(hit.start < start + len(torn) and hit.end > start for hit in hits), text


@given(st.sampled_from("，。！；：…\n"), st.integers(1, 5))
def test_one_clause_mark_does_not_hide_a_longer_phrase(mark: str, at: int) -> None:
    said = "您肯定搞错了"
    assert BUILTIN.find(said[:at] + mark + said[at:], Place.OUTGOING)


def test_notes_are_asked_for_labels_alone() -> None:
    assert BUILTIN.find("不可能，您肯定搞错了", Place.NOTE) == []
    assert [hit.entry.kind for hit in BUILTIN.find("这人无理取闹", Place.NOTE)] == ["label"]


# Hostile texts and lists


@pytest.mark.parametrize(
    "text", ["笨" * 20_000, "您可能" * 6_667, "“" * 10_000 + "”" * 10_000, "不可" * 10_000, "冷静静" * 6_666]
)  # fmt: skip
def test_the_longest_text_takes_a_moment(text: str) -> None:
    begun = time.thread_time()  # Its own work: the machine may be busy with other things.
    BUILTIN.find(text, Place.OUTGOING)
    assert time.thread_time() - begun < 2


def test_a_hostile_list_takes_a_moment() -> None:
    tangled = "[你|您|你你|您您]" * 9
    many = Finder(
        Entry(number, f"{tangled}{chr(0x4E00 + number)}", PhraseKind.LABEL) for number in range(300)
    )
    begun = time.thread_time()  # Its own work: the machine may be busy with other things.
    many.find("你您" * 10_000, Place.OUTGOING)
    assert time.thread_time() - begun < 10
