"""The calendar of an org unit: its own, else the nearest above, else the default one."""

import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.cast import make_unit
from zhike.accounts.models import Unit
from zhike.accounts.services.units import update_unit
from zhike.core.access import Forbidden
from zhike.core.calendar.units import (
    calendar_for_unit,
    schedule_for_unit,
    set_unit_calendar,
    unit_calendars,
)
from zhike.core.errors import NotFound
from zhike.core.models import AuditRow, Stamp, UnitCalendar, WorkCalendar

pytestmark = pytest.mark.django_db


@pytest.fixture
def default() -> WorkCalendar:
    return WorkCalendar.objects.get(is_default=True)


@pytest.fixture
def hotline(given) -> WorkCalendar:
    with given():
        return WorkCalendar.objects.create(
            name="热线组", zone="Asia/Shanghai", always_open=True, version=5
        )


def stamp() -> str:
    return Stamp.objects.get().value


def choose(cast, unit: Unit, calendar: WorkCalendar | None) -> None:
    set_unit_calendar(
        **cast.admin.acting, unit_id=unit.pk, calendar_id=calendar.pk if calendar else None
    )


def test_where_nothing_is_said_the_default_calendar_holds(cast, default):
    assert calendar_for_unit(cast.zhoukou.pk) == default.pk
    assert calendar_for_unit(None) == default.pk
    assert schedule_for_unit(cast.zhoukou.pk).name == default.name


def test_the_nearest_unit_above_counts(cast, default, hotline, given):
    with given():
        counter = make_unit("周口站前台", cast.zhoukou)
        night = WorkCalendar.objects.create(name="夜班", zone="Asia/Shanghai", version=6)
    choose(cast, cast.company, hotline)
    assert calendar_for_unit(counter.pk) == hotline.pk
    choose(cast, cast.zhoukou, night)
    assert calendar_for_unit(counter.pk) == night.pk
    assert calendar_for_unit(cast.shangqiu.pk) == hotline.pk
    choose(cast, counter, default)
    assert calendar_for_unit(counter.pk) == default.pk
    choose(cast, counter, None)
    choose(cast, cast.zhoukou, None)
    assert calendar_for_unit(counter.pk) == hotline.pk
    assert schedule_for_unit(counter.pk).always_open


def test_a_unit_nobody_knows_gets_the_default(cast, default, hotline):
    choose(cast, cast.company, hotline)
    assert calendar_for_unit(987654) == default.pk


def test_under_one_stamp_it_is_asked_once_and_anew_after_every_change(cast, hotline, given):
    with given():
        counter = make_unit("周口站前台", cast.zhoukou)
    choose(cast, cast.zhoukou, hotline)
    known = stamp()
    assert calendar_for_unit(counter.pk, known) == hotline.pk
    with CaptureQueriesContext(connection) as asked:
        assert calendar_for_unit(counter.pk, known) == hotline.pk
        assert schedule_for_unit(counter.pk, known).name == "热线组"
    # The schedule itself is read once by each process.
    assert not [q for q in asked.captured_queries if "core_unitcalendar" in q["sql"]]
    update_unit(
        **cast.admin.acting,
        unit=counter,
        name=counter.name,
        kind=counter.kind,
        parent=cast.shangqiu,
        is_active=True,
    )
    moved = stamp()
    assert moved != known
    assert calendar_for_unit(counter.pk, moved) != hotline.pk
    choose(cast, cast.shangqiu, hotline)
    assert stamp() != moved
    assert calendar_for_unit(counter.pk, stamp()) == hotline.pk


def test_many_units_are_answered_from_one_reading(cast, hotline):
    choose(cast, cast.zhoukou, hotline)
    found = unit_calendars()
    assert found.calendar_id(cast.zhoukou.pk) == hotline.pk
    with CaptureQueriesContext(connection) as asked:
        for _ in range(3):
            found.calendar_id(cast.zhoukou.pk)
    assert not asked.captured_queries


def test_choosing_leaves_one_row_in_the_log_and_the_same_again_none(cast, hotline):
    choose(cast, cast.zhoukou, hotline)
    row = AuditRow.objects.latest("pk")
    assert (row.action, row.unit_id) == ("core.calendar.set_unit", cast.zhoukou.pk)
    assert json.loads(row.payload) == {
        "before": {"calendar": None},
        "after": {"calendar": "热线组"},
    }
    count = AuditRow.objects.count()
    choose(cast, cast.zhoukou, hotline)
    assert AuditRow.objects.count() == count
    choose(cast, cast.zhoukou, None)
    assert json.loads(AuditRow.objects.latest("pk").payload)["after"] == {"calendar": None}


def test_only_who_may_change_settings_chooses(cast, hotline):
    with pytest.raises(Forbidden):
        set_unit_calendar(**cast.lin.acting, unit_id=cast.zhoukou.pk, calendar_id=hotline.pk)
    assert not UnitCalendar.objects.exists()


def test_what_is_not_there_is_not_found(cast, hotline):
    with pytest.raises(NotFound):
        set_unit_calendar(**cast.admin.acting, unit_id=987654, calendar_id=hotline.pk)
    with pytest.raises(NotFound):
        set_unit_calendar(**cast.admin.acting, unit_id=cast.zhoukou.pk, calendar_id=987654)
    assert not UnitCalendar.objects.exists()


def test_a_unit_has_one_calendar_by_the_database_too(cast, default, hotline, given):
    choose(cast, cast.zhoukou, hotline)
    with given(), pytest.raises(IntegrityError), transaction.atomic():
        UnitCalendar.objects.create(unit_id=cast.zhoukou.pk, calendar=default)


def test_the_page_tells_where_each_calendar_comes_from(cast, hotline):
    choose(cast, cast.company, hotline)
    admin = cast.admin.client()
    page = admin.get(reverse("web:unit-calendars")).content.decode()
    assert "同海晨三轮车" in page
    assert page.count("热线组") == 3
    form = admin.get(reverse("web:unit-calendar", args=[cast.zhoukou.pk])).content.decode()
    assert "不单设：按热线组" in form


def test_the_page_gives_and_takes_a_calendar(cast, hotline, default):
    admin = cast.admin.client()
    url = reverse("web:unit-calendar", args=[cast.zhoukou.pk])
    assert admin.post(url, {"calendar": str(hotline.pk)}).status_code == 302
    assert calendar_for_unit(cast.zhoukou.pk) == hotline.pk
    assert admin.post(url, {"calendar": "987654"}).status_code == 422
    assert admin.post(url, {"calendar": "x"}).status_code == 422
    assert calendar_for_unit(cast.zhoukou.pk) == hotline.pk
    assert admin.post(url, {"calendar": ""}).status_code == 302
    assert calendar_for_unit(cast.zhoukou.pk) == default.pk
    assert admin.get(reverse("web:unit-calendar", args=[987654])).status_code == 404


def test_others_do_not_see_the_page(cast, hotline):
    url = reverse("web:unit-calendar", args=[cast.zhoukou.pk])
    for client in (cast.lin.client(), cast.wang.client()):
        assert client.get(reverse("web:unit-calendars")).status_code == 403
        assert client.post(url, {"calendar": str(hotline.pk)}).status_code == 403
    assert not UnitCalendar.objects.exists()
