"""Hours as people write them."""

import pytest

from zhike.core.calendar import Window
from zhike.core.calendar.hours import hours_text, parse_hours, week_text
from zhike.core.errors import RuleError

SPLIT = (Window(510, 720), Window(810, 1050))
NAMES = ["一", "二", "三", "四", "五", "六", "日"]


@pytest.mark.parametrize(
    "typed",
    [
        "8:30-12:00, 13:30-17:30",
        "8:30–12:00、13:30–17:30",
        "０８：３０－１２：００，１３：３０－１７：３０",
        "08:30 - 12:00  13:30～17:30",
        "13:30到17:30；8:30至12",
        "8:30-12:00\n13:30-17:30",
    ],
)
def test_hours_are_read_in_the_usual_spellings(typed: str) -> None:
    assert parse_hours(typed) == SPLIT


def test_nothing_written_means_closed() -> None:
    assert parse_hours("  ") == ()


def test_midnight_is_24_00() -> None:
    assert parse_hours("0-24") == (Window(0, 1440),)


def test_adjoining_hours_become_one_window() -> None:
    assert parse_hours("8:00-12:00, 12:00-16:00") == (Window(480, 960),)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("早上八点", "calendar_hours_unreadable"),
        ("8:30", "calendar_hours_unreadable"),
        ("8:30-12:00-13:00", "calendar_hours_unreadable"),
        ("<b>8:30-12:00</b>", "calendar_hours_unreadable"),
        ("8:75-12:00", "calendar_hours_beyond_day"),
        ("8:30-24:01", "calendar_hours_beyond_day"),
        ("22:00-6:00", "calendar_hours_backwards"),
        ("8:30-8:30", "calendar_hours_backwards"),
        ("8:30-12:00, 11:00-13:00", "calendar_windows_overlap"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_reason(typed: str, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        parse_hours(typed, field="day_0")
    assert refused.value.code == code
    assert refused.value.field == "day_0"


def test_hours_are_written_as_they_are_read() -> None:
    assert parse_hours(hours_text(SPLIT)) == SPLIT


def test_a_week_is_told_in_runs_of_equal_days() -> None:
    from django.utils import translation

    with translation.override("en"):
        week = (SPLIT,) * 5 + ((Window(540, 720),), ())
        assert week_text(week, NAMES) == "一 to 五 8:30–12:00, 13:30–17:30; 六 9:00–12:00"
        assert week_text(((), SPLIT, SPLIT, (), (), (), ()), NAMES) == (
            "二 and 三 8:30–12:00, 13:30–17:30"
        )
