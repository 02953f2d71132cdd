"""The pages of working hours and due times: who sees them, what they change, what they refuse."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from zhike.core.calendar import Window
from zhike.core.calendar.plans import load_default
from zhike.core.models import AuditRow, CalendarDate, DuePlan, WorkCalendar

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 6, 26, tzinfo=UTC)


@pytest.fixture(autouse=True)
def demo_day(frozen_clock):
    frozen_clock(NOW)


@pytest.fixture
def calendar() -> WorkCalendar:
    return WorkCalendar.objects.get(is_default=True)


@pytest.fixture
def admin(cast: Cast) -> Client:
    return cast.admin.client()


def url(name: str, *args: object) -> str:
    return reverse(f"web:{name}", args=args)


def new_date(**more: str) -> dict[str, str]:
    given = {
        "date": "2027-02-14",
        "kind": "working",
        "label": "春节调休",
        "hours": "",
        "source": "国办发明电〔2026〕9号",
    }
    return given | more


def test_an_agent_reads_the_rules_but_finds_no_way_to_change_them(cast, calendar):
    lin = cast.lin.client()
    page = lin.get(url("calendar", calendar.pk)).content.decode()
    assert "国庆节" in page
    assert url("calendar-hours", calendar.pk) not in page


def test_who_may_not_change_settings_is_refused_everywhere_and_nothing_changes(cast, calendar):
    lin = cast.lin.client()
    before = list(CalendarDate.objects.values())
    rows = AuditRow.objects.count()
    for name, args, data in (
        ("calendar-hours", (calendar.pk,), {"day_0": "9-10"}),
        ("calendar-date-add", (calendar.pk,), new_date()),
        ("calendar-date", (calendar.pk, "2026-10-01"), new_date()),
        ("calendar-date-remove", (calendar.pk, "2026-10-01"), {}),
        ("calendar-year", (calendar.pk, 2027), {"known": "1", "source": "x"}),
    ):
        assert lin.post(url(name, *args), data).status_code == 403
    assert list(CalendarDate.objects.values()) == before
    assert AuditRow.objects.count() == rows


def test_a_stranger_is_sent_to_sign_in(calendar):
    answer = Client().get(url("calendar", calendar.pk))
    assert answer.status_code in {302, 403}


def test_the_dates_of_a_year_are_listed_with_their_source(admin, calendar):
    page = admin.get(url("calendar", calendar.pk)).content.decode()
    assert "2026-10-10" in page
    assert "国办发明电〔2025〕7号" in page
    earlier = admin.get(url("calendar", calendar.pk), {"year": "2025"}).content.decode()
    assert "2025-10-11" in earlier
    assert "2026-10-10" not in earlier


@pytest.mark.parametrize("year", ["", "abc", "99999", "1066", "２０２６", "-1"])
def test_a_year_nobody_means_shows_the_present_one(admin, calendar, year):
    page = admin.get(url("calendar", calendar.pk), {"year": year})
    assert page.status_code == 200
    assert "2026-10-10" in page.content.decode()


def test_a_date_is_added_altered_and_removed(admin, calendar):
    answer = admin.post(url("calendar-date-add", calendar.pk), new_date())
    assert answer.status_code == 302
    assert answer["Location"].endswith("?year=2027")
    assert load_default().is_working_day(date(2027, 2, 14))
    form = admin.get(url("calendar-date", calendar.pk, "2027-02-14")).content.decode()
    assert 'value="春节调休"' in form
    admin.post(url("calendar-date", calendar.pk, "2027-02-14"), new_date(hours="9:00–12:00"))
    assert load_default().windows_on(date(2027, 2, 14)) == (Window(540, 720),)
    form = admin.get(url("calendar-date", calendar.pk, "2027-02-14")).content.decode()
    assert 'value="9:00–12:00"' in form
    admin.post(url("calendar-date-remove", calendar.pk, "2027-02-14"))
    assert load_default().rule_on(date(2027, 2, 14)) is None


def test_altering_a_date_cannot_move_it(admin, calendar):
    admin.post(url("calendar-date", calendar.pk, "2026-10-10"), new_date(date="2026-12-24"))
    assert load_default().rule_on(date(2026, 12, 24)) is None
    rule = load_default().rule_on(date(2026, 10, 10))
    assert rule is not None
    assert rule.label == "春节调休"


@pytest.mark.parametrize(
    "wrong",
    [
        {"date": ""},
        {"date": "2027-02-30"},
        {"date": "1066-10-14"},
        {"kind": "perhaps"},
        {"label": " "},
        {"label": "很" * 41},
        {"source": ""},
        {"hours": "早上"},
        {"hours": "8:00-12:00, 11:00-13:00"},
    ],
)
def test_a_wrong_date_is_answered_with_the_form_and_nothing_is_written(admin, calendar, wrong):
    before = CalendarDate.objects.count()
    answer = admin.post(url("calendar-date-add", calendar.pk), new_date(**wrong))
    assert answer.status_code == 422
    assert "is-wrong" in answer.content.decode()
    assert CalendarDate.objects.count() == before


def test_what_people_write_is_shown_as_text(admin, calendar):
    admin.post(url("calendar-date-add", calendar.pk), new_date(label="<script>alert(1)</script>"))
    page = admin.get(url("calendar", calendar.pk), {"year": "2027"}).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_hours_are_changed_and_wrong_ones_refused(admin, calendar):
    page = admin.get(url("calendar-hours", calendar.pk)).content.decode()
    assert 'value="8:30–12:00' in page
    hours = {f"day_{day}": "8:30-12:00 13:30-17:30" for day in range(5)}
    refused = admin.post(url("calendar-hours", calendar.pk), hours | {"day_5": "22:00-6:00"})
    assert refused.status_code == 422
    assert load_default().week[5] == ()
    nothing = admin.post(url("calendar-hours", calendar.pk), {})
    assert nothing.status_code == 422
    assert (
        admin.post(url("calendar-hours", calendar.pk), hours | {"day_5": "9:00-12:00"}).status_code
        == 302
    )
    assert load_default().week[5] == (Window(540, 720),)


def test_a_year_is_marked_complete_only_with_its_source(admin, calendar):
    admin.post(url("calendar-year", calendar.pk, 2027), {"known": "1", "source": " "})
    assert not load_default().knows(2027)
    admin.post(url("calendar-year", calendar.pk, 2027), {"known": "1", "source": "公司决定"})
    assert load_default().knows(2027)
    admin.post(url("calendar-year", calendar.pk, 2027), {"known": "0"})
    assert not load_default().knows(2027)


def test_the_calculator_gives_the_whole_account(admin, calendar):
    plan = DuePlan.objects.get(purpose="answer", tier="vip")
    question = {"start": "2026-11-23T16:10", "plan": str(plan.pk)}
    page = admin.get(url("calendar", calendar.pk), question).content.decode()
    assert "16:10–17:30" in page
    assert "14:40" in page
    for wrong in (
        {"start": "gestern", "plan": str(plan.pk)},
        {"start": "9999-12-31T10:00", "plan": str(plan.pk)},
        {"start": "2026-11-23T16:10", "plan": "0"},
        {"start": "2026-11-23T16:10"},
    ):
        answer = admin.get(url("calendar", calendar.pk), wrong)
        assert answer.status_code == 200
        assert "is-wrong" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("calendar", (987654,)),
        ("calendar-hours", (987654,)),
        ("calendar-date-add", (987654,)),
        ("calendar-date", (0, "2026-10-01")),
    ],
)
def test_what_is_not_there_is_404(admin, name, args):
    assert admin.get(url(name, *args)).status_code == 404


@pytest.mark.parametrize("day", ["2026-10-09", "2026-13-01", "heute", "20261001x"])
def test_a_date_that_is_not_entered_is_404(admin, calendar, day):
    assert admin.get(url("calendar-date", calendar.pk, day)).status_code == 404
    assert admin.post(url("calendar-date-remove", calendar.pk, day)).status_code == 404


def test_the_page_asks_a_fixed_number_of_statements(cast, calendar, query_budget):
    admin = cast.admin.client()
    admin.get(url("calendar", calendar.pk))
    with query_budget("web:calendar"):
        admin.get(url("calendar", calendar.pk))
