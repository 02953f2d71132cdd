"""Due times by hand calculation: the picture's case, boundaries, days, pauses, missing years."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from zhike.core.calendar import (
    DateKind,
    DateRule,
    Due,
    Interval,
    LineKind,
    NeverOpen,
    Schedule,
    Unit,
    Window,
    due_at,
    elapsed_minutes,
    is_open,
    next_open,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE_DAY = (Window(510, 720), Window(810, 1050))
OFFICE = Schedule(
    "Asia/Shanghai",
    (OFFICE_DAY,) * 5 + ((), ()),
    dates={
        date(2026, 10, 1): DateRule(DateKind.HOLIDAY, "国庆节"),
        date(2026, 10, 2): DateRule(DateKind.HOLIDAY, "国庆节"),
        date(2026, 10, 10): DateRule(DateKind.WORKING, "国庆节调休"),
    },
    years=frozenset({2026}),
    name="客服部",
)


def at(month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=SHANGHAI)


def local_lines(due: Due) -> list[tuple[str, str, str, int, int]]:
    def clock(moment: datetime | None) -> str:
        return moment.astimezone(SHANGHAI).strftime("%m-%d %H:%M") if moment else ""

    return [
        (line.kind.value, clock(line.start), clock(line.end), line.minutes, line.total)
        for line in due.explanation
    ]


def test_six_working_hours_over_a_night_a_pause_and_lunch() -> None:
    pause = Interval(at(11, 24, 9, 20), at(11, 24, 10, 20), "待客户补充")
    due = due_at(OFFICE, at(11, 23, 16, 10, 33), 360, Unit.BUSINESS_MINUTES, [pause])
    assert due.at == at(11, 24, 15, 40)
    assert due.at.tzinfo is UTC
    assert due.warn_at == at(11, 24, 14, 10)
    assert due.unknown_years == ()
    assert local_lines(due) == [
        ("counted", "11-23 16:10", "11-23 17:30", 80, 80),
        ("counted", "11-24 08:30", "11-24 09:20", 50, 130),
        ("pause", "11-24 09:20", "11-24 10:20", 0, 130),
        ("counted", "11-24 10:20", "11-24 12:00", 100, 230),
        ("break", "11-24 12:00", "11-24 13:30", 0, 230),
        ("counted", "11-24 13:30", "11-24 15:40", 130, 360),
    ]
    assert due.explanation[2].label == "待客户补充"


def test_a_due_time_survives_being_kept_as_json() -> None:
    pauses = [Interval(at(11, 24, 9, 20), None, "待客户补充")]
    for unit in Unit:
        due = due_at(OFFICE, at(11, 23, 16, 10), 9, unit, pauses).named("VIP 投诉")
        assert Due.from_json(due.to_json()) == due


def test_json_of_an_unknown_form_is_refused() -> None:
    with pytest.raises(ValueError, match="version 7"):
        Due.from_json({"v": 7})


def test_a_full_window_is_due_at_its_close_not_at_the_next_opening() -> None:
    assert due_at(OFFICE, at(11, 23, 16, 10), 80, Unit.BUSINESS_MINUTES).at == at(11, 23, 17, 30)
    assert due_at(OFFICE, at(11, 23, 16, 10), 81, Unit.BUSINESS_MINUTES).at == at(11, 24, 8, 31)


def test_three_quarters_are_used_at_the_close_of_a_window_not_at_the_next_opening() -> None:
    assert due_at(OFFICE, at(11, 23, 8, 30), 280, Unit.BUSINESS_MINUTES).warn_at == at(11, 23, 12)
    assert due_at(OFFICE, at(11, 22, 3), 1, Unit.BUSINESS_MINUTES).warn_at == at(11, 22, 3)


def test_nothing_to_wait_for_is_due_at_once_even_at_night() -> None:
    assert due_at(OFFICE, at(11, 22, 3), 0, Unit.BUSINESS_MINUTES).at == at(11, 22, 3)


def test_a_swapped_saturday_counts_with_the_hours_of_a_monday() -> None:
    due = due_at(OFFICE, at(10, 9, 17, 0), 60, Unit.BUSINESS_MINUTES)
    assert due.at == at(10, 10, 9, 0)
    assert due.explanation[-1].kind is LineKind.SWAPPED
    assert due.explanation[-1].label == "国庆节调休"


def test_holidays_and_weekends_are_named_and_not_counted() -> None:
    due = due_at(OFFICE, at(9, 30, 17, 0), 60, Unit.BUSINESS_MINUTES)
    assert due.at == at(10, 5, 9, 0)
    assert [(line.kind.value, line.date, line.label) for line in due.explanation] == [
        ("counted", date(2026, 9, 30), ""),
        ("holiday", date(2026, 10, 1), "国庆节"),
        ("closed", date(2026, 10, 3), ""),
        ("counted", date(2026, 10, 5), ""),
    ]


def test_minutes_on_duty_during_a_holiday_count_but_the_day_does_not() -> None:
    duty = DateRule(DateKind.HOLIDAY, "值班", (Window(600, 660),))
    plan = replace(OFFICE, dates={date(2026, 11, 24): duty})
    assert due_at(plan, at(11, 23, 17, 0), 60, Unit.BUSINESS_MINUTES).at == at(11, 24, 10, 30)
    assert due_at(plan, at(11, 23, 17, 0), 1, Unit.BUSINESS_DAYS).at == at(11, 25, 17, 30)


def test_a_date_may_have_hours_of_its_own() -> None:
    plan = replace(
        OFFICE, dates={date(2026, 11, 24): DateRule(DateKind.WORKING, "盘点", (Window(600, 660),))}
    )
    assert due_at(plan, at(11, 24), 1, Unit.BUSINESS_MINUTES).at == at(11, 24, 10, 1)
    assert due_at(plan, at(11, 23), 1, Unit.BUSINESS_DAYS).at == at(11, 24, 11, 0)


def test_working_days_do_not_count_the_first_and_end_at_closing_time() -> None:
    assert due_at(OFFICE, at(11, 23, 16, 10), 1, Unit.BUSINESS_DAYS).at == at(11, 24, 17, 30)
    assert due_at(OFFICE, at(11, 23, 23, 10), 1, Unit.BUSINESS_DAYS).at == at(11, 24, 17, 30)
    assert due_at(OFFICE, at(11, 21, 10, 0), 1, Unit.BUSINESS_DAYS).at == at(11, 23, 17, 30)
    assert due_at(OFFICE, at(9, 30, 10, 0), 6, Unit.BUSINESS_DAYS).at == at(10, 10, 17, 30)


def test_working_days_give_back_paused_minutes() -> None:
    pause = Interval(at(11, 24, 17, 0), at(11, 25, 9, 0))
    due = due_at(OFFICE, at(11, 23, 16, 10), 2, Unit.BUSINESS_DAYS, [pause])
    assert due.at == at(11, 26, 9, 30)
    assert local_lines(due) == [
        ("start", "11-23 16:10", "11-24 00:00", 0, 0),
        ("day", "11-24 08:30", "11-24 17:30", 0, 1),
        ("pause", "11-24 17:00", "11-24 17:30", 0, 1),
        ("day", "11-25 08:30", "11-25 17:30", 0, 2),
        ("pause", "11-25 08:30", "11-25 09:00", 0, 2),
        ("given_back", "11-26 08:30", "11-26 09:30", 60, 2),
    ]


def test_calendar_days_are_put_off_from_a_holiday_to_the_next_working_day() -> None:
    assert due_at(OFFICE, at(9, 24, 9), 7, Unit.CALENDAR_DAYS).at == at(10, 5, 17, 30)
    assert due_at(OFFICE, at(11, 17, 9), 7, Unit.CALENDAR_DAYS).at == at(11, 24, 17, 30)


def test_calendar_days_are_added_for_each_full_day_of_pause() -> None:
    short = Interval(at(11, 18, 9), at(11, 19, 8, 59))
    full = Interval(at(11, 18, 9), at(11, 19, 9))
    assert due_at(OFFICE, at(11, 17, 9), 7, Unit.CALENDAR_DAYS, [short]).at == at(11, 24, 17, 30)
    assert due_at(OFFICE, at(11, 17, 9), 7, Unit.CALENDAR_DAYS, [full]).at == at(11, 25, 17, 30)


def test_days_added_for_one_pause_may_reach_into_the_next() -> None:
    first = Interval(at(11, 18), at(11, 19))
    beyond = Interval(at(11, 25), at(11, 26))
    due = due_at(OFFICE, at(11, 17, 9), 7, Unit.CALENDAR_DAYS, [first, beyond])
    assert due.at == at(11, 26, 17, 30)


@pytest.mark.parametrize("unit", list(Unit))
def test_a_lasting_pause_leaves_the_due_time_open(unit: Unit) -> None:
    lasting = Interval(at(11, 24, 9, 20), None, "待客户补充")
    due = due_at(OFFICE, at(11, 23, 16, 10), 300, unit, [lasting])
    assert due.at is None
    assert due.paused
    assert due.warn_at is None
    assert due.explanation[-1].kind is LineKind.PAUSE
    assert due.explanation[-1].end is None


def test_a_pause_that_begins_after_the_due_time_changes_nothing() -> None:
    lasting = Interval(at(11, 23, 17, 30), None)
    assert due_at(OFFICE, at(11, 23, 16, 10), 80, Unit.BUSINESS_MINUTES, [lasting]).at == at(
        11, 23, 17, 30
    )


def test_a_long_pause_is_one_line_without_the_nights_and_holidays_inside() -> None:
    pause = Interval(at(9, 30, 9, 30), at(10, 9, 9, 30), "待客户补充")
    due = due_at(OFFICE, at(9, 30, 8, 30), 120, Unit.BUSINESS_MINUTES, [pause])
    assert local_lines(due) == [
        ("counted", "09-30 08:30", "09-30 09:30", 60, 60),
        ("pause", "09-30 09:30", "10-09 09:30", 0, 60),
        ("counted", "10-09 09:30", "10-09 10:30", 60, 120),
    ]


def test_round_the_clock_is_one_line_and_knows_no_holiday() -> None:
    plan = replace(OFFICE, always_open=True)
    due = due_at(plan, at(9, 30, 16, 10), 48 * 60, Unit.BUSINESS_MINUTES)
    assert due.at == at(10, 2, 16, 10)
    assert local_lines(due) == [("counted", "09-30 16:10", "10-02 16:10", 2880, 2880)]
    assert due_at(plan, at(9, 30, 16, 10), 1, Unit.BUSINESS_DAYS).at == at(10, 2)


def test_years_without_data_are_flagged() -> None:
    def years(month: int, day: int, days: int) -> tuple[int, ...]:
        return due_at(OFFICE, at(month, day, 9), days, Unit.BUSINESS_DAYS).unknown_years

    assert years(12, 30, 1) == ()
    assert years(12, 31, 1) == (2027,)
    closing_at_midnight = replace(OFFICE, week=((Window(0, 1440),),) * 7)
    due = due_at(closing_at_midnight, at(12, 30, 9), 1, Unit.BUSINESS_DAYS)
    assert due.at == datetime(2027, 1, 1, tzinfo=SHANGHAI)
    assert due.unknown_years == ()
    round_the_clock = replace(OFFICE, always_open=True)
    due = due_at(round_the_clock, at(12, 31, 9), 30, Unit.CALENDAR_DAYS)
    assert due.unknown_years == ()


def test_elapsed_minutes_count_open_unpaused_time_only() -> None:
    start, end = at(11, 23, 16, 10), at(11, 24, 15, 40)
    pause = Interval(at(11, 24, 9, 20), at(11, 24, 10, 20))
    assert elapsed_minutes(OFFICE, start, end) == 420
    assert elapsed_minutes(OFFICE, start, end, [pause, pause]) == 360
    assert elapsed_minutes(OFFICE, end, start) == 0
    lasting = Interval(at(11, 24, 9, 20), None)
    assert elapsed_minutes(OFFICE, start, end, [lasting]) == 130


def test_elapsed_minutes_reach_further_than_any_deadline() -> None:
    plan = replace(OFFICE, always_open=True)
    assert elapsed_minutes(plan, at(1, 1).replace(year=2006), at(1, 1)) == 7305 * 1440


def test_open_and_next_open() -> None:
    assert is_open(OFFICE, at(11, 23, 8, 30))
    assert not is_open(OFFICE, at(11, 23, 12, 0))
    assert next_open(OFFICE, at(11, 23, 12, 0)) == at(11, 23, 13, 30)
    assert next_open(OFFICE, at(11, 23, 16, 10, 59)) == at(11, 23, 16, 10)
    assert next_open(OFFICE, at(9, 30, 18)) == at(10, 5, 8, 30)


NEVER = Schedule("Asia/Shanghai", ((),) * 7)


@pytest.mark.parametrize("unit", list(Unit))
def test_a_calendar_that_never_opens_says_so(unit: Unit) -> None:
    with pytest.raises(NeverOpen):
        due_at(NEVER, at(11, 23), 1, unit)
    with pytest.raises(NeverOpen):
        next_open(NEVER, at(11, 23))


@pytest.mark.parametrize("unit", list(Unit))
def test_the_end_of_time_is_a_clear_refusal(unit: Unit) -> None:
    with pytest.raises(NeverOpen):
        due_at(OFFICE, datetime(9999, 12, 31, 12, tzinfo=UTC), 5000, unit)


@pytest.mark.parametrize("unit", list(Unit))
def test_amounts_below_what_makes_sense_are_refused(unit: Unit) -> None:
    with pytest.raises(ValueError, match="positive amount"):
        due_at(OFFICE, at(11, 23), -1, unit)


def test_zero_days_are_refused() -> None:
    with pytest.raises(ValueError, match="positive amount"):
        due_at(OFFICE, at(11, 23), 0, Unit.BUSINESS_DAYS)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        due_at(OFFICE, datetime(2026, 11, 23), 1, Unit.BUSINESS_MINUTES)


@pytest.mark.parametrize(("start", "end"), [(-1, 10), (20, 10), (0, 1441)])
def test_windows_outside_the_day_are_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="window"):
        Window(start, end)
