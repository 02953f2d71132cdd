"""A due time whose day somebody named, and one counted from a date."""

from datetime import UTC, date, datetime

import pytest

from zhike.core.calendar import DateKind, DateRule, Due, LineKind, Schedule, Window
from zhike.core.calendar.due import Unit
from zhike.core.calendar.named_days import due_on, start_of_day
from zhike.core.calendar.plan_book import Plan
from zhike.core.calendar.why import explain

OFFICE = (Window(510, 720), Window(810, 1050))
WEEK = (OFFICE,) * 5 + ((), ())


def office(dates: dict[date, DateRule] | None = None) -> Schedule:
    return Schedule("Asia/Shanghai", WEEK, dates or {}, years=frozenset({2026, 2027}))


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "closes"),
    [
        # Friday, when the office closes; Saturday and the first of January, in the last minute of the day.
        (date(2026, 11, 27), at(27, 9, 30)),
        (date(2026, 11, 28), at(28, 15, 59)),
        (date(2026, 11, 23), at(23, 9, 30)),
    ],
)
def test_the_named_day_stands_whatever_day_it_is(day: date, closes: datetime):
    plan = office()
    due = due_on(plan, start_of_day(plan, date(2026, 11, 23)), day)
    assert (due.at, due.start) == (closes, datetime(2026, 11, 22, 16, tzinfo=UTC))
    assert due.is_named
    assert due.warn_at is not None
    assert due.start <= due.warn_at < closes
    assert Due.from_json(due.to_json()) == due


def test_a_day_off_is_not_put_off():
    plan = office(dates={date(2026, 11, 27): DateRule(DateKind.HOLIDAY, "停工")})
    due = due_on(plan, start_of_day(plan, date(2026, 11, 23)), date(2026, 11, 27))
    assert due.at == at(27, 15, 59)


def test_the_day_the_clocks_change_is_one_day():
    plan = Schedule("Europe/Berlin", ((Window(0, 1440),),) * 7, years=frozenset({2026}))
    due = due_on(plan, start_of_day(plan, date(2026, 10, 23)), date(2026, 10, 25))
    # Twenty-five hours long; it ends at the local midnight.
    assert due.at == datetime(2026, 10, 25, 23, tzinfo=UTC)
    assert [line.kind for line in due.explanation] == [LineKind.START, LineKind.NAMED]


def test_a_day_before_the_start_is_refused():
    plan = office()
    with pytest.raises(ValueError, match="before the start"):
        due_on(plan, start_of_day(plan, date(2026, 11, 23)), date(2026, 11, 22))


def test_a_plan_counts_from_a_date_and_the_day_after_is_the_first():
    plan = Plan(
        "退款", "legal_refund", 7, Unit.CALENDAR_DAYS, schedule=office(), source="第二十五条"
    )
    due = plan.due_after(date(2026, 11, 20))
    # Friday the 20th; the seventh day is Friday the 27th.
    assert due.at == at(27, 9, 30)
    # From Saturday the 21st the seventh is a Saturday: the next working day.
    assert plan.due_after(date(2026, 11, 21)).at == at(30, 9, 30)
    named = plan.due_after(date(2026, 11, 20), date(2026, 11, 24))
    assert (named.at, named.source, named.purpose) == (at(24, 9, 30), "第二十五条", "legal_refund")


def test_the_account_says_that_the_day_was_named():
    plan = office()
    due = due_on(plan, start_of_day(plan, date(2026, 11, 23)), date(2026, 11, 27)).named(
        "答复", "x"
    )
    account = explain(due, "Asia/Shanghai", at(24, 0))
    assert account.is_named
    assert [row.is_last for row in account.rows] == [False, True]
    assert account.rows[-1].end == "17:30"
