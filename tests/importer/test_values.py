from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from zhike.core.importer import CellError, values

CHINESE_DAYS = [
    "2026-10-08", "2026.10.8", "2026/10/8", "2026年10月8日", "2026 年 10 月 8 日", "２０２６．１０．８",
    "20261008", "2026-10-08 14:21", "2026-10-08T14:21:05", "2026年10月8日14时21分", "46303", "46303.5",
    "2026年10月8号",
]  # fmt: skip


@pytest.mark.parametrize("text", CHINESE_DAYS)
def test_a_day_in_many_spellings(text) -> None:
    assert values.clean_date(text) == date(2026, 10, 8)


@pytest.mark.parametrize(
    ("text", "reason", "proposal"),
    [
        ("26.10.8", values.SHORT_YEAR, "2026-10-08"),
        ("10月8日", values.NO_YEAR, "2026-10-08"),
        ("12月30日", values.NO_YEAR, "2025-12-30"),
        ("2026-13-01", values.NOT_A_DATE, ""),
        ("2026-02-30", values.NOT_A_DATE, ""),
        ("昨天", values.NOT_A_DATE, ""),
        ("8/10/2026", values.NOT_A_DATE, ""),
        ("2026-10-08下午", values.NOT_A_DATE, ""),
    ],
)
def test_what_is_not_a_day_says_what_would_be(frozen_clock, text, reason, proposal) -> None:
    frozen_clock(datetime(2026, 11, 22, 4, tzinfo=UTC))
    with pytest.raises(CellError) as caught:
        values.clean_date(text)
    assert (caught.value.reason, caught.value.proposal) == (reason, proposal)


def test_a_moment_is_in_the_companys_zone_unless_it_says_otherwise() -> None:
    assert values.clean_datetime("2026.10.8 14:21") == datetime(2026, 10, 8, 6, 21, tzinfo=UTC)
    assert values.clean_datetime("2026-10-08T14:21:00+00:00").hour == 14
    assert values.clean_datetime("2026年10月8日") == datetime(2026, 10, 7, 16, tzinfo=UTC)
    with pytest.raises(CellError):
        values.clean_datetime("2026-10-08 25:00")


TEN_SPELLINGS = [
    "13800002222", "138 0000 2222", "138-0000-2222", "+86 138 0000 2222", "0086 13800002222",
    "８６１３８００００２２２２", "(+86)13800002222", "138.0000.2222", "１３８００００２２２２", "+8613800002222",
]  # fmt: skip


@pytest.mark.parametrize("text", TEN_SPELLINGS)
def test_ten_spellings_of_a_phone_are_one_number(text) -> None:
    assert values.clean_phone(text) == "+8613800002222"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1380000222", values.WRONG_LENGTH),
        ("1.38E+10", values.ROUNDED),
        ("无", values.NOT_A_PHONE),
    ],
)
def test_a_wrong_phone_says_what_is_wrong(text, reason) -> None:
    with pytest.raises(CellError) as caught:
        values.clean_phone(text)
    assert caught.value.reason == reason


def test_numbers_flags_choices_and_cards() -> None:
    assert values.clean_number("￥1,234.50 元") == Decimal("1234.50")
    assert values.clean_cents("12.34") == 1234
    assert values.clean_integer("３") == 3
    assert values.clean_flag("是") is True
    assert values.clean_flag("无") is False
    choices = [("vip", "重要客户"), ("normal", "普通客户")]
    assert values.clean_choice("ＶＩＰ", choices) == "vip"
    assert values.clean_choice("普通客户", choices) == "normal"
    assert values.clean_id_card("11010519491231002x") == "11010519491231002X"
    for call, text in (
        (values.clean_number, "nan"),
        (values.clean_number, "五"),
        (values.clean_integer, "1.5"),
        (values.clean_flag, "也许"),
        (values.clean_id_card, "110105194912310000"),
        (values.clean_email, "a@b"),
    ):
        with pytest.raises(CellError):
            call(text)
    with pytest.raises(CellError) as caught:
        values.clean_choice("重要客人", choices)
    assert caught.value.proposal == "重要客户"
