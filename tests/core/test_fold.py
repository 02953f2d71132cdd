import re

import pytest
from hypothesis import given as each
from hypothesis import settings
from hypothesis import strategies as st

from zhike.core.search import bigrams, fold, terms
from zhike.core.search.fold import phone_token, token_of

TEN_SPELLINGS = (
    "13812346027",
    "138 1234 6027",
    "138-1234-6027",
    "１３８１２３４６０２７",
    "+8613812346027",
    "+86 138 1234 6027",
    "86 13812346027",
    "86-138-1234-6027",
    "138 12346027",
    "1381 2346 027",
)


@pytest.mark.parametrize("spelling", TEN_SPELLINGS)
def test_every_spelling_of_a_phone_becomes_the_same_blind_token(spelling: str) -> None:
    folded = fold(f"客户电话{spelling}，请回电")
    assert phone_token("+8613812346027") in folded
    assert "6027" not in folded


def test_a_date_before_a_phone_does_not_hide_it_from_the_eye_that_hides_it() -> None:
    folded = fold("2026-11-22 13812346027 来电")
    assert folded.startswith("2026-11-22 tel")
    assert "1381" not in folded


@pytest.mark.parametrize(
    "text", ["11010519491231002X", "身份证11010519491231002x号", "010-62345678", "400-810-1234"]
)
def test_identity_cards_and_landlines_leave_no_digits_behind(text: str) -> None:
    assert not re.search(r"\d{7}", re.sub(r"(tel|idn)\w{24}", "", fold(text)))


def test_order_numbers_and_years_stay_readable() -> None:
    assert fold("单号 TS202611230017 共 2026 件") == "单号 ts202611230017 共 2026 件"


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("退貨", "退货"),
        ("ＡＢＣ", "abc"),
        ("乾隆", "干隆"),
        ("客戶服務", "客户服务"),
        ("Ｎｏ．１", "no.1"),
    ],
)
def test_width_case_and_script_are_one(written: str, folded: str) -> None:
    assert fold(written) == folded


@settings(max_examples=200)
@each(st.text(alphabet="三轮车客戶退款aZ9😀！ \n", max_size=30), st.data())
def test_a_part_of_a_text_is_found_by_its_tokens(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    words = folded.split()
    if not words:
        assert bigrams(folded) == ""
        return
    word = data.draw(st.sampled_from(words))
    start = data.draw(st.integers(0, len(word) - 1))
    end = data.draw(st.integers(start + 1, len(word)))
    part = word[start:end]
    held = set(bigrams(folded).split(" "))
    if len(part) > 1:
        assert {token_of(part[i : i + 2]) for i in range(len(part) - 1)} <= held


def test_tokens_have_nothing_an_index_splits_on() -> None:
    for token in bigrams(fold("送餐😀！a-b “好” 𠮷野家 Ö")).split(" "):
        assert re.fullmatch(r"[a-z0-9㐀-䶿一-鿿]+", token)


def test_terms_are_the_words_of_a_question() -> None:
    assert terms("  退 款\x00电池 ") == ["退", "款", "电池"]
    assert terms("") == []
