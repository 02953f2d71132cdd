"""The arithmetic of a file, against hand-made expectations."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.customers import rules
from zhike.customers.duplicates import name_likeness


def test_names_stand_in_the_order_of_their_readings() -> None:
    names = [
        "张伟",
        "章伟",
        "安娜",
        "李娜",
        "Anna",
        "王",
        "王建国",
        "单田芳",
        "曾国藩",
        "🍎",
        "欧阳",
    ]
    ordered = sorted(names, key=rules.name_key)
    assert ordered == [
        "安娜", "Anna", "李娜", "欧阳", "单田芳", "王", "王建国", "曾国藩", "张伟", "章伟", "🍎"
    ]  # fmt: skip


@given(st.text(max_size=120))
def test_a_key_is_ascii_and_fits_its_column(name: str) -> None:
    key = rules.name_key(name)
    assert key.isascii()
    assert len(key) <= rules.KEY_LENGTH


@given(st.text(max_size=60))
def test_a_cleaned_line_stays_as_it_is(text: str) -> None:
    once = rules.clean_line(text)
    assert rules.clean_line(once) == once
    assert "\n" not in once
    assert "\x00" not in once


@pytest.mark.parametrize(
    ("shown", "mask"),
    [
        ("13812346027", "138****6027"),
        ("021 12345678", "021****5678"),
        ("+4915112345678", "+49****5678"),
        ("95588", "95***"),
    ],
)
def test_numbers_are_masked(shown: str, mask: str) -> None:
    assert rules.mask_number(shown).text == mask


@pytest.mark.parametrize(
    ("parts", "holds"),
    [
        ((None, 11, 25), True),
        ((1985, 11, 25), True),
        ((None, 2, 29), True),
        ((1985, 2, 29), False),
        ((None, None, None), True),
        ((1985, None, None), True),
        ((None, 4, 31), False),
        ((None, 13, 1), False),
        ((None, 5, None), False),
        ((None, None, 5), False),
        ((None, 5, 0), False),
    ],
)
def test_birthdays_that_exist(parts, holds) -> None:
    assert rules.is_birthday(*parts) is holds


@pytest.mark.parametrize(
    ("month", "day", "today", "days"),
    [
        (11, 25, date(2026, 11, 25), 0),
        (11, 25, date(2026, 11, 24), 1),
        (11, 24, date(2026, 11, 25), 364),
        (2, 29, date(2027, 2, 28), 1),
        (2, 29, date(2028, 2, 28), 1),
        (2, 29, date(2027, 3, 2), 364),
    ],
)
def test_days_to_a_birthday(month, day, today, days) -> None:
    assert rules.days_to_birthday(month, day, today) == days


def test_completeness_is_the_share_of_the_weights() -> None:
    assert sum(rules.PERSON_WEIGHTS.values()) == 100
    assert sum(rules.ORGANISATION_WEIGHTS.values()) == 100
    whole = rules.completeness(is_person=True, present=set(rules.PERSON_WEIGHTS), required={})
    assert whole == rules.Completeness(100, ())
    part = rules.completeness(is_person=True, present={"name", "contact"}, required={})
    assert part.percent == 30
    assert part.missing[0] in ("salutation", "region", "address", "birthday", "manager", "habits")
    # One required field of the company's own: 105 to reach, 100 reached, rounded down.
    lacking = rules.completeness(
        is_person=True, present=set(rules.PERSON_WEIGHTS), required={"trade": False}
    )
    assert lacking == rules.Completeness(95, ("custom.trade",))


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("陈志强", "陈志强", 1, 1),
        ("陈志强", "陈志墙", 0.97, 0.97),
        ("阿卜杜拉·买买提", "阿不都拉·买买提", 0.72, 0.99),
        ("陈志强", "许红梅", 0, 0.3),
        ("王", "王建国", 0, 0.7),
    ],
)
def test_names_alike(one, other, least, most) -> None:
    assert least <= name_likeness(one, other) <= most
