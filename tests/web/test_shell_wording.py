"""Time, figures and marks as people read them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from zhike.core.listing.filters import Chip
from zhike.core.listing.page import Remark
from zhike.web import moments
from zhike.web.templating import components, list_words

# Tuesday, 14:26 in Shanghai
NOW = datetime(2026, 11, 24, 6, 26, tzinfo=UTC)


@pytest.fixture(autouse=True)
def chinese() -> Any:
    with translation.override("zh-hans"):
        yield


def at(day: int, hour: int, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    """A moment by the clock on the wall in Shanghai."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=5), "1 分"),
        (timedelta(minutes=38, seconds=59), "38 分"),
        (timedelta(hours=1, minutes=14), "1 时 14 分"),
        (timedelta(hours=2), "2 时"),
        (timedelta(hours=23, minutes=59), "23 时 59 分"),
        (timedelta(hours=51, minutes=30), "2 天 3 时"),
        (timedelta(days=2), "2 天"),
        (timedelta(minutes=-21), "21 分"),
    ],
)
def test_a_span_is_told_in_two_units(span: timedelta, words: str) -> None:
    assert moments.lasting(span) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (at(24, 14, 21), "14:21"),
        (at(24, 0, 0), "00:00"),
        (at(23, 23, 59), "昨天 23:59"),
        (at(8, 14, 2), "11-08 14:02"),
        (at(2, 9, 0, year=2025), "2025-11-02"),
        (date(2026, 11, 24), "今天"),
        (date(2026, 11, 23), "昨天"),
        (date(2026, 9, 2), "09-02"),
    ],
)
def test_when_something_happened(moment: date, words: str) -> None:
    assert moments.spoken(moment, NOW) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (at(24, 15, 40), "今天 15:40"),
        (at(25, 10, 20), "明天 10:20"),
        (at(27, 12, 0), "11-27（周五）12:00"),
        (at(4, 12, 0, month=1, year=2027), "2027-01-04（周一）12:00"),
        (date(2026, 11, 29), "11-29（周日）"),
    ],
)
def test_when_something_is_due(moment: date, words: str) -> None:
    assert moments.promised(moment, NOW) == words


@pytest.mark.parametrize(
    ("due", "facts", "tone", "words"),
    [
        (at(24, 14, 5), {}, "over", "超 21 分"),
        (at(22, 8, 0), {}, "over", "超 2 天 6 时"),
        (at(24, 15, 4), {"started": at(24, 10, 0)}, "soon", "剩 38 分"),
        (at(24, 17, 16), {"started": at(24, 14, 0)}, "ok", "剩 2 时 50 分"),
        # Beyond four hours, or tomorrow: the clock time says more.
        (at(24, 18, 27), {}, "ok", "今天 18:27"),
        (at(25, 10, 20), {"started": at(24, 14, 0)}, "ok", "明天 10:20"),
        # Without a start the last hour is amber.
        (at(24, 15, 20), {}, "soon", "剩 54 分"),
        (at(24, 15, 30), {}, "ok", "剩 1 时 4 分"),
        (at(24, 15, 0), {"paused": "等客户"}, "pause", "已暂停 · 等客户"),
        (at(24, 15, 0), {"paused": True}, "pause", "已暂停"),
        (at(24, 15, 0), {"done": at(24, 14, 59)}, "done", "按时"),
        (at(24, 15, 0), {"done": at(24, 15, 30)}, "over", "迟 30 分"),
        # A pause does not excuse what was done too late.
        (at(24, 15, 0), {"done": at(24, 16, 0), "paused": True}, "over", "迟 1 时"),
    ],
)
def test_how_a_deadline_stands(due: datetime, facts: dict[str, Any], tone: str, words: str) -> None:
    state = moments.standing(due, NOW, **facts)
    assert (state.tone, state.text) == (tone, words)
    assert state.share is None or 0 <= state.share <= 1


def test_a_deadline_just_after_midnight_is_not_called_tomorrow_when_it_is_near() -> None:
    late = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)  # 23:30 here
    assert moments.standing(at(25, 0, 10), late).text == "剩 40 分"


def test_the_english_reads_well_too() -> None:
    with translation.override("en"):
        assert moments.standing(at(24, 14, 5), NOW).text == "21 min over"
        assert moments.promised(at(27, 12), NOW) == "11-27 (Fri) 12:00"


@pytest.mark.parametrize(
    ("cents", "text"),
    [
        (8_640_000, "¥86,400"),
        (1250, "¥12.50"),
        (5, "¥0.05"),
        (0, "¥0"),
        (-30_000, "−¥300"),
        (None, ""),
    ],
)
def test_money(cents: int | None, text: str) -> None:
    assert components.money(cents) == text


@pytest.mark.parametrize(
    ("phone", "text"),
    [
        ("+8613812346027", "138****6027"),
        ("138 1234 6027", "138****6027"),
        ("6027", "****6027"),
        ("+862112345678", "021****5678"),
        ("12345", "****2345"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_phone_is_masked(phone: str | None, text: str) -> None:
    assert components.masked(phone) == text


def test_numbers_have_separators_and_a_true_minus() -> None:
    assert components.number(1286) == "1,286"
    assert components.number(-0.89) == "−0.89"
    assert components.number(None) == ""


def test_marks_escape_what_they_show() -> None:
    evil = '<img src=x onerror="alert(1)">'
    for drawn in (
        components.badge(evil, evil),
        components.tier(evil, evil),
        components.avatar(evil),
        components.crumb(evil),
        components.icon("x", label=evil),
    ):
        assert "<img" not in drawn
        assert 'onerror="' not in drawn


def test_an_avatar_keeps_its_tint_and_stands_in_for_no_name() -> None:
    assert components.avatar("林静") == components.avatar("林静")
    assert ">林<" in components.avatar("林静")
    assert ">–<" in components.avatar("")


def test_a_bar_never_leaves_its_track() -> None:
    assert 'class="b1" width="100"' in components.bar(340)
    assert 'class="b1" width="0"' in components.bar(-5)


def test_nothing_is_drawn_for_no_deadline() -> None:
    assert components.due(None) == ""
    assert components.when(None) == ""
    assert components.deadline(None) == ""


@pytest.mark.parametrize(
    ("chip", "words"),
    [
        (Chip("choice", "等级", ("VIP", "重点"), {}), "等级：VIP、重点"),
        (Chip("flag", "未分派", (), {}), "未分派"),
        (Chip("keyword", "关键词", ("送餐",), {}), "关键词：送餐"),
        (
            Chip("period", "时间", ("today", date(2026, 11, 24), date(2026, 11, 24)), {}),
            "时间：今天",
        ),
        (
            Chip("period", "时间", ("week", date(2026, 11, 23), date(2026, 11, 29)), {}),
            "时间：本周（11-23 至 11-29）",
        ),
        (Chip("period", "时间", ("", date(2026, 11, 1), None), {}), "时间：2026-11-01 起"),
        (Chip("period", "时间", ("", None, date(2026, 11, 1)), {}), "时间：到 2026-11-01"),
        (
            Chip("period", "时间", ("", date(2025, 12, 1), date(2026, 1, 2)), {}),
            "时间：2025-12-01 至 2026-01-02",
        ),
    ],
)
def test_a_condition_in_words(chip: Chip, words: str) -> None:
    assert list_words.words(chip) == words


@pytest.mark.parametrize("kind", ["value", "place", "parameter", "tab", "sort", "size"])
def test_every_remark_has_words(kind: str) -> None:
    assert "略过" in list_words.remark(Remark(kind, "等级", ("甲",))) or kind == "place"
