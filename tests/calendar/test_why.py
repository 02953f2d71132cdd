"""The account of a due time as the agent reads it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from tests.calendar.test_due import OFFICE, at
from zhike.core.calendar import Due, Interval, Unit, due_at
from zhike.core.calendar.why import WhyDue, amount_text, explain

PAUSE = [Interval(at(11, 24, 9, 20), at(11, 24, 10, 20), "待客户补充")]


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def why(due: Due, zone: str = "Asia/Shanghai") -> WhyDue:
    return explain(due, zone, at(11, 24, 14, 26))


def rows(due: Due, zone: str = "Asia/Shanghai") -> list[str]:
    def text(row):
        dash = "–" if row.start and row.end else ""
        span = f"{row.start}{dash}{row.end} {row.note}".strip()
        return " | ".join((row.head, span, row.counted, row.total))

    return [text(row) for row in why(due, zone).rows]


def test_the_account_reads_like_the_picture():
    due = due_at(OFFICE, at(11, 23, 16, 10), 360, Unit.BUSINESS_MINUTES, PAUSE)
    assert rows(due) == [
        "Mon 11-23 | 16:10–17:30 | 1:20 | total 1:20",
        "Tue 11-24 | 08:30–09:20 | 0:50 | 2:10",
        "Pause | 09:20–10:20 待客户补充 | not counted | ",
        " | 10:20–12:00 | 1:40 | 3:50",
        "Lunch break | 12:00–13:30 | not counted | ",
        " | 13:30–15:40 | 2:10 | 6:00 due",
    ]
    account = why(due)
    assert account.amount == "6 working hours"
    assert account.hours == "Mon to Fri 8:30–12:00, 13:30–17:30"
    assert account.notes == (
        "No holidays or swapped working days in between.",
        "Changed 0 times.",
    )
    assert account.warnings == ()
    assert not account.is_overdue


def test_holidays_swapped_days_and_the_start_at_night_are_told():
    due = due_at(OFFICE, at(9, 30, 18, 0), 2460, Unit.BUSINESS_MINUTES)
    account = why(due)
    assert account.notes == (
        "It arrived outside working hours; counting begins at 10-05 08:30.",
        "In between: 2 days of holidays, 1 swapped working day.",
        "Changed 0 times.",
    )
    assert "Holiday | 10-01–10-02 国庆节 | not counted | " in rows(due)
    assert "Sat 10-10 | 08:30–09:30 国庆节调休 | 1:00 | 38:30" not in rows(due)
    assert rows(due)[-1].startswith("Sat 10-10 | 08:30–12:00 国庆节调休 | 3:30 | 41:00 due")


def test_many_ordinary_days_are_told_together_without_losing_a_minute():
    due = due_at(OFFICE, at(11, 2, 8, 30), 9 * 450, Unit.BUSINESS_MINUTES)
    told = rows(due)
    assert "11-03–11-06 | 4 days together | 30:00 | 37:30" in told
    assert len(told) < 12 < len(due.explanation)
    assert told[-1] == " | 13:30–17:30 | 4:00 | 67:30 due"


def test_working_days_are_numbered_and_pauses_given_back():
    due = due_at(OFFICE, at(11, 23, 16, 10), 2, Unit.BUSINESS_DAYS, PAUSE)
    assert rows(due) == [
        "Mon 11-23 | 16:10 begins, not counted |  | ",
        "Tue 11-24 | 08:30–17:30 |  | day 1",
        "Pause | 09:20–10:20 待客户补充 | not counted | ",
        "Wed 11-25 | 08:30–17:30 |  | day 2",
        "Thu 11-26 | 08:30–09:30 makes up for pauses | 1:00 | due",
    ]


def test_calendar_days_tell_why_a_weekend_puts_them_off():
    due = due_at(OFFICE, at(11, 23, 16, 10), 5, Unit.CALENDAR_DAYS)
    assert rows(due) == [
        "Mon 11-23 | 16:10 begins, not counted |  | ",
        "11-24–11-28 |  |  | 5 calendar days",
        "Closed | 11-28–11-29 | not counted | ",
        "Mon 11-30 | 08:30–17:30 put off to a working day |  | due",
    ]
    on_time = due_at(OFFICE, at(11, 23, 16, 10), 2, Unit.CALENDAR_DAYS)
    assert rows(on_time)[-1] == "11-24–11-25 | 11-25 17:30 |  | 2 calendar days, due"


def test_a_lasting_pause_and_an_unknown_year_are_warned_of():
    lasting = [Interval(at(11, 24, 9, 20), None, "待客户补充")]
    due = due_at(OFFICE, at(11, 23, 16, 10), 360, Unit.BUSINESS_MINUTES, lasting)
    assert rows(due)[-1] == "Pause | since 11-24 09:20 待客户补充 | not counted | "
    assert "paused" in why(due).warnings[0]
    provisional = due_at(OFFICE, at(12, 31, 16, 10), 3, Unit.BUSINESS_DAYS)
    assert "2027" in why(provisional).warnings[0]


def test_a_reader_elsewhere_sees_own_times_and_whose_hours_they_are():
    due = due_at(OFFICE, at(11, 23, 16, 10), 80, Unit.BUSINESS_MINUTES)
    assert rows(due, "Europe/Berlin") == ["Mon 11-23 | 09:10–10:30 | 1:20 | 1:20 due"]
    assert why(due, "Europe/Berlin").hours.endswith("(time of Asia/Shanghai)")


def test_a_day_that_closes_at_midnight_ends_at_24_00():
    from dataclasses import replace

    from zhike.core.calendar import Window

    late = replace(OFFICE, week=((Window(600, 1440),),) * 7)
    due = due_at(late, at(11, 23, 16, 10), 470, Unit.BUSINESS_MINUTES)
    assert rows(due) == ["Mon 11-23 | 16:10–24:00 | 7:50 | 7:50 due"]


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (30, Unit.BUSINESS_MINUTES, "30 working minutes"),
        (60, Unit.BUSINESS_MINUTES, "1 working hour"),
        (90, Unit.BUSINESS_MINUTES, "1 working hour 30 min"),
        (1, Unit.BUSINESS_DAYS, "1 working day"),
        (7, Unit.CALENDAR_DAYS, "7 calendar days"),
    ],
)
def test_amounts_are_told_in_words(amount, unit, text):
    assert amount_text(amount, unit) == text


@pytest.mark.parametrize("purpose", ["first_reply", "answer", "resolution", "visit", ""])
@pytest.mark.parametrize("unit", list(Unit))
def test_the_partial_is_drawn_for_every_kind_and_escapes_what_people_wrote(purpose, unit):
    pause = [Interval(at(11, 24, 9, 20), at(11, 24, 10, 20), "<script>alert(1)</script>")]
    due = due_at(OFFICE, at(11, 23, 16, 10), 3, unit, pause).named("<b>VIP</b>", purpose)
    page = render_to_string("core/why_due.html", {"account": why(due)})
    assert "<script>" not in page
    assert "&lt;b&gt;VIP" in page
    assert 'class="last"' in page


def test_an_overdue_account_says_so():
    due = due_at(OFFICE, at(11, 23, 8, 30), 60, Unit.BUSINESS_MINUTES)
    assert explain(due, ZoneInfo("Asia/Shanghai"), datetime.now(tz=ZoneInfo("UTC"))).at == due.at
    assert explain(due, "Asia/Shanghai", at(11, 23, 9, 31)).is_overdue
