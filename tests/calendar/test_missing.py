"""Years without days off: told on home, at the bell, by the doctor, on the case and in the account."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from zhike.core import checkup
from zhike.core.calendar import services as calendars
from zhike.core.calendar.missing import (
    Lacking,
    calendars_lacking_dates,
    tell_of_missing_dates,
    years_wanted,
)
from zhike.core.calendar.plan_services import PlanTerms, change_plan, terms_of
from zhike.core.calendar.recounts import run_recounts
from zhike.core.checkup import Said
from zhike.core.models import DatesReminder, DuePlan, Notification, Stamp, WorkCalendar
from zhike.core.tasks import remind_of_missing_dates
from zhike.desk import services
from zhike.desk.models import Case

pytestmark = pytest.mark.django_db
OCTOBER = datetime(2026, 10, 31, 15, 0, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def default() -> WorkCalendar:
    return WorkCalendar.objects.get(is_default=True)


def complete(cast, calendar: WorkCalendar, year: int) -> None:
    calendars.set_year_known(
        **cast.admin.acting, calendar_id=calendar.pk, year=year, known=True, source="通知"
    )


def test_the_next_year_is_asked_for_from_november_on():
    assert years_wanted(date(2026, 10, 31)) == (2026,)
    assert years_wanted(date(2026, 11, 1)) == (2026, 2027)
    assert years_wanted(date(2027, 1, 1)) == (2027,)


def test_a_calendar_lacks_what_is_not_declared_complete(cast, default, given):
    assert calendars_lacking_dates(date(2026, 10, 31)) == []
    lacking = [Lacking(default.pk, default.name, (2027,))]
    assert calendars_lacking_dates(date(2026, 11, 1)) == lacking
    with given():
        WorkCalendar.objects.create(name="热线", zone="UTC", always_open=True, version=4)
        fresh = WorkCalendar.objects.create(name="柏林", zone="Europe/Berlin", version=5)
    found = calendars_lacking_dates(date(2026, 11, 1))
    assert found == [*lacking, Lacking(fresh.pk, "柏林", (2026, 2027))]
    complete(cast, default, 2027)
    assert [one.name for one in calendars_lacking_dates(date(2026, 11, 1))] == ["柏林"]


def test_under_one_stamp_it_is_asked_once(cast, default):
    known = Stamp.objects.get().value
    assert calendars_lacking_dates(date(2026, 11, 1), known)
    with CaptureQueriesContext(connection) as asked:
        assert calendars_lacking_dates(date(2026, 11, 1), known)
    assert not asked.captured_queries
    complete(cast, default, 2027)
    assert not calendars_lacking_dates(date(2026, 11, 1), Stamp.objects.get().value)


def test_who_can_enter_them_is_told_once(cast, default, frozen_clock):
    frozen_clock(OCTOBER)
    assert tell_of_missing_dates() == 0
    frozen_clock(NOVEMBER)
    remind_of_missing_dates.func()
    told = Notification.objects.filter(kind="calendar.dates_missing")
    assert [row.user_id for row in told] == [cast.admin.user.pk]
    row = told.get()
    assert row.values == {"year": 2027, "calendars": default.name}
    assert row.url == reverse("web:calendar-import-new", args=[default.pk])
    frozen_clock(NOVEMBER + timedelta(days=20))
    assert tell_of_missing_dates() == 0
    assert told.count() == 1
    assert DatesReminder.objects.get().year == 2027
    page = cast.admin.client().get(reverse("web:notifications")).content.decode()
    assert "2027 年的节假日还没有录全：客服部" in page


def test_nobody_is_told_when_nothing_is_missing(cast, default, frozen_clock):
    frozen_clock(NOVEMBER)
    complete(cast, default, 2027)
    assert tell_of_missing_dates() == 0
    assert not Notification.objects.filter(kind="calendar.dates_missing").exists()


def test_the_doctor_says_so(cast, default, frozen_clock):
    frozen_clock(OCTOBER)
    assert checkup.dates().said is Said.DATES_OK
    frozen_clock(NOVEMBER)
    found = checkup.dates()
    assert (found.said, found.is_good, found.can_wait) == (Said.DATES_SOON, False, True)
    assert found.values == {"years": "2027", "calendars": default.name}
    complete(cast, default, 2027)
    assert checkup.dates().values == {"years": "2026, 2027"}


def test_next_years_dates_are_pressing_from_mid_december_or_when_something_is_due_then(
    cast, default, frozen_clock
):
    frozen_clock(datetime(2026, 12, 14, 1, 0, tzinfo=UTC))
    assert checkup.dates().said is Said.DATES_SOON
    frozen_clock(datetime(2026, 12, 15, 1, 0, tzinfo=UTC))
    found = checkup.dates()
    assert (found.said, found.can_wait) == (Said.DATES_LACK, False)
    frozen_clock(NOVEMBER)
    new = services.NewCase(
        type_code="suggestion", channel="letter", text="加个后备箱", customer_id=cast.chen.pk
    )
    case = services.open_case(**cast.lin.acting, new=new).case
    assert checkup.dates().said is Said.DATES_SOON
    plan = DuePlan.objects.get(purpose="resolution", subject="suggestion")
    longer = PlanTerms(**{**terms_of(plan).__dict__, "amount": 60})
    change_plan(**cast.admin.acting, plan_id=plan.pk, terms=longer)
    run_recounts()
    assert Case.objects.get(pk=case.pk).resolution_due_at > datetime(2027, 1, 1, tzinfo=UTC)
    assert checkup.dates().said is Said.DATES_LACK
    services.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="已记下")
    assert checkup.dates().said is Said.DATES_SOON


def test_a_year_that_has_begun_without_dates_is_to_be_mended(cast, default, frozen_clock):
    frozen_clock(datetime(2027, 1, 4, 1, 0, tzinfo=UTC))
    assert checkup.dates().said is Said.DATES_LACK


def test_an_administrators_home_offers_the_import(cast, default, frozen_clock):
    frozen_clock(NOVEMBER)
    link = reverse("web:calendar-import-new", args=[default.pk])
    assert link in cast.admin.client().get("/").content.decode()
    assert link not in cast.lin.client().get("/").content.decode()
    complete(cast, default, 2027)
    assert link not in cast.admin.client().get("/").content.decode()


def test_the_list_of_calendars_marks_the_year(cast, default, frozen_clock):
    frozen_clock(NOVEMBER)
    page = cast.lin.client().get(reverse("web:calendars")).content.decode()
    assert "2027 年日期未录全" in page
    complete(cast, default, 2027)
    page = cast.lin.client().get(reverse("web:calendars")).content.decode()
    assert "年日期未录全" not in page


def test_a_case_due_in_a_year_without_dates_is_marked_provisional(cast, default, frozen_clock):
    frozen_clock(datetime(2026, 12, 31, 9, 0, tzinfo=UTC))
    new = services.NewCase(
        type_code="repair", channel="letter", text="爬坡断电", customer_id=cast.chen.pk
    )
    case = services.open_case(**cast.lin.acting, new=new).case
    url, lin = reverse("desk:case", args=[case.number]), cast.lin.client()
    told = "2027 年的节假日还没有录全，这个时间可能变化。"
    assert told in lin.get(url).content.decode()
    complete(cast, default, 2027)
    case = services.open_case(**cast.lin.acting, new=new).case
    page = lin.get(reverse("desk:case", args=[case.number])).content.decode()
    assert told not in page
    assert "暂定" not in page
