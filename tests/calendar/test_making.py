"""Whole calendars: made, copied, altered, made the default one, deleted when nothing uses them."""

import json
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import translation

from zhike.core.access import Forbidden, Grants, ScopeKind
from zhike.core.calendar import DateKind, Due, Unit, Window, due_at
from zhike.core.calendar import services as calendars
from zhike.core.calendar.making import (
    CalendarBasics,
    change_calendar,
    create_calendar,
    delete_calendar,
    make_default,
)
from zhike.core.calendar.plan_book import load_plans
from zhike.core.calendar.plans import load_default, schedule_for
from zhike.core.calendar.units import calendar_for_unit, set_unit_calendar
from zhike.core.calendar.zones import COMMON, zone_called, zone_names, zone_words
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import AuditRow, CalendarDate, DuePlan, WorkCalendar
from zhike.core.work import Actor

pytestmark = pytest.mark.django_db


def first_reply_due(start: datetime) -> Due:
    plan = load_plans().find("first_reply")
    assert plan is not None
    return plan.due(start)


WANG = Actor(id=7, name="王建国")
MANAGER = Grants(user_id=7, codes=frozenset({"settings.manage"}), scope=ScopeKind.ALL)
AGENT = Grants(user_id=8, codes=frozenset({"cases.view"}), scope=ScopeKind.ALL)
BY_WANG: dict[str, Any] = {"actor": WANG, "grants": MANAGER}
SHANGHAI = ZoneInfo("Asia/Shanghai")


def default() -> WorkCalendar:
    return WorkCalendar.objects.get(is_default=True)


def made(name: str = "热线组", zone: str = "Asia/Shanghai", **more: Any) -> WorkCalendar:
    copy_of = more.pop("copy_of", None)
    return create_calendar(**BY_WANG, basics=CalendarBasics(name, zone, **more), copy_of=copy_of)


def last_audit() -> tuple[str, dict[str, Any]]:
    row = AuditRow.objects.latest("pk")
    return row.action, json.loads(row.payload)


def test_a_calendar_from_scratch_has_office_hours_and_no_dates():
    calendar = made(" 柏林  站 ", "Europe/Berlin")
    schedule = schedule_for(calendar.pk)
    assert (schedule.name, schedule.zone) == ("柏林 站", "Europe/Berlin")
    assert schedule.week[0] == (Window(510, 720), Window(810, 1050))
    assert schedule.week[5] == ()
    assert not schedule.dates
    assert not schedule.knows(2026)
    assert not calendar.is_default
    assert last_audit()[0] == "core.calendar.create"


def test_a_copy_has_everything_and_is_then_its_own():
    day = date(2026, 10, 2)
    calendars.set_date(
        **BY_WANG,
        calendar_id=default().pk,
        day=day,
        kind=DateKind.HOLIDAY,
        label="国庆值班",
        source="公司",
        windows=[Window(540, 720)],
    )
    copy = made(copy_of=default().pk)
    of_copy, of_original = schedule_for(copy.pk), load_default()
    assert of_copy.dates == of_original.dates
    assert of_copy.dates[day].windows == (Window(540, 720),)
    assert (of_copy.week, of_copy.years) == (of_original.week, of_original.years)
    assert last_audit()[1]["after"]["copy_of"] == "客服部"
    calendars.remove_date(**BY_WANG, calendar_id=copy.pk, day=day)
    assert load_default().dates[day].label == "国庆值班"


def test_name_zone_and_round_the_clock_are_changed_with_what_they_were():
    calendar = made()
    start = datetime(2026, 10, 1, 23, 0, tzinfo=SHANGHAI)
    change_calendar(
        **BY_WANG,
        calendar_id=calendar.pk,
        basics=CalendarBasics("全天热线", "Asia/Tokyo", always_open=True, swap_weekday=4),
    )
    schedule = schedule_for(calendar.pk)
    assert (schedule.zone, schedule.always_open, schedule.swap_weekday) == ("Asia/Tokyo", True, 4)
    due = due_at(schedule, start, 90, Unit.BUSINESS_MINUTES)
    assert due.at == datetime(2026, 10, 2, 0, 30, tzinfo=SHANGHAI)
    action, payload = last_audit()
    assert action == "core.calendar.change"
    assert payload["before"]["name"] == "热线组"
    assert payload["after"] == {
        "name": "全天热线",
        "zone": "Asia/Tokyo",
        "always_open": True,
        "swap_weekday": 4,
    }
    rows = AuditRow.objects.count()
    change_calendar(
        **BY_WANG,
        calendar_id=calendar.pk,
        basics=CalendarBasics("全天热线", "Asia/Tokyo", always_open=True, swap_weekday=4),
    )
    assert AuditRow.objects.count() == rows


@pytest.mark.parametrize(
    ("basics", "code", "field"),
    [
        (CalendarBasics("  ", "Asia/Shanghai"), "calendar_name_missing", "name"),
        (CalendarBasics("长" * 61, "Asia/Shanghai"), "calendar_name_too_long", "name"),
        (CalendarBasics("客服部", "Asia/Shanghai"), "calendar_name_taken", "name"),
        (CalendarBasics("新", "Asia/Nowhere"), "calendar_zone_unknown", "zone"),
        (CalendarBasics("新", ""), "calendar_zone_unknown", "zone"),
        (CalendarBasics("新", "UTC", swap_weekday=7), "calendar_swap_weekday", "swap_weekday"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(basics, code, field):
    other = made("另一个")
    rows = AuditRow.objects.count()
    with pytest.raises(RuleError) as refused:
        create_calendar(**BY_WANG, basics=basics)
    assert (refused.value.code, refused.value.field) == (code, field)
    with pytest.raises(RuleError) as refused:
        change_calendar(**BY_WANG, calendar_id=other.pk, basics=basics)
    assert refused.value.code == code
    assert WorkCalendar.objects.count() == 2
    assert AuditRow.objects.count() == rows


def test_another_default_takes_over_where_nothing_is_said(cast):
    before = default()
    hotline = made(always_open=True)
    make_default(**BY_WANG, calendar_id=hotline.pk)
    assert load_default().name == "热线组"
    assert calendar_for_unit(cast.zhoukou.pk) == hotline.pk
    assert WorkCalendar.objects.filter(is_default=True).count() == 1
    assert last_audit() == (
        "core.calendar.make_default",
        {"before": {"calendar": before.name}, "after": {"calendar": "热线组"}},
    )
    rows = AuditRow.objects.count()
    make_default(**BY_WANG, calendar_id=hotline.pk)
    assert AuditRow.objects.count() == rows


def test_only_a_calendar_nothing_uses_is_deleted(cast):
    calendar = made(copy_of=default().pk)
    set_unit_calendar(**BY_WANG, unit_id=cast.zhoukou.pk, calendar_id=calendar.pk)
    with pytest.raises(Conflict) as refused:
        delete_calendar(**BY_WANG, calendar_id=calendar.pk)
    assert "1 个部门" in str(refused.value)
    set_unit_calendar(**BY_WANG, unit_id=cast.zhoukou.pk, calendar_id=None)
    kept = first_reply_due(datetime(2026, 11, 23, 9, tzinfo=SHANGHAI))
    delete_calendar(**BY_WANG, calendar_id=calendar.pk)
    assert not WorkCalendar.objects.filter(pk=calendar.pk).exists()
    assert not CalendarDate.objects.filter(calendar_id=calendar.pk).exists()
    assert last_audit()[0] == "core.calendar.delete"
    assert AuditRow.objects.latest("pk").object_id == calendar.pk
    assert kept == first_reply_due(datetime(2026, 11, 23, 9, tzinfo=SHANGHAI))
    with pytest.raises(NotFound):
        schedule_for(calendar.pk)


def test_the_default_calendar_and_one_with_plans_stay(given):
    with pytest.raises(Conflict) as refused:
        delete_calendar(**BY_WANG, calendar_id=default().pk)
    assert "默认日历" in str(refused.value)
    former = default()
    make_default(**BY_WANG, calendar_id=made().pk)
    with given():
        DuePlan.objects.filter(purpose="notice").update(calendar=former)
    with pytest.raises(Conflict) as refused:
        delete_calendar(**BY_WANG, calendar_id=former.pk)
    assert "VIP 通知单" in str(refused.value)
    assert WorkCalendar.objects.filter(pk=former.pk).exists()


def test_only_who_may_change_settings_does_any_of_it():
    calendar = made()
    basics = CalendarBasics("别的", "UTC")
    rows = AuditRow.objects.count()
    for service, arguments in (
        (create_calendar, {"basics": basics}),
        (change_calendar, {"basics": basics, "calendar_id": calendar.pk}),
        (make_default, {"calendar_id": calendar.pk}),
        (delete_calendar, {"calendar_id": calendar.pk}),
    ):
        with pytest.raises(Forbidden):
            service(actor=WANG, grants=AGENT, **arguments)
    assert AuditRow.objects.count() == rows
    assert WorkCalendar.objects.count() == 2


def test_what_is_not_there_is_not_found():
    basics = CalendarBasics("别的", "UTC")
    with pytest.raises(NotFound):
        made("新", copy_of=987654)
    assert not WorkCalendar.objects.filter(name="新").exists()
    with pytest.raises(NotFound):
        change_calendar(**BY_WANG, calendar_id=987654, basics=basics)
    with pytest.raises(NotFound):
        make_default(**BY_WANG, calendar_id=987654)
    with pytest.raises(NotFound):
        delete_calendar(**BY_WANG, calendar_id=987654)


def test_every_zone_is_found_by_its_name_and_by_its_words():
    for language in ("en", "zh-hans", "zh-hant"):
        with translation.override(language):
            words = [zone_words(name) for name in COMMON]
            assert len(set(words)) == len(words)
            for name in COMMON:
                assert zone_called(zone_words(name)) == name
    assert zone_called(" asia/shanghai ") == "Asia/Shanghai"
    assert zone_called("中国（北京、上海）") == "Asia/Shanghai"
    assert zone_words("Asia/Shanghai") == "中国（北京、上海），UTC+8"
    assert zone_words("Asia/Kolkata").endswith("UTC+5:30")
    assert len(zone_names()) > 400
    for name in zone_names():
        ZoneInfo(name)


def test_a_span_of_dates_is_entered_all_or_none():
    day: dict[str, Any] = {
        "calendar_id": default().pk,
        "kind": DateKind.HOLIDAY,
        "label": "高温假",
        "source": "公司",
    }
    first, last = date(2026, 7, 30), date(2026, 8, 3)
    assert calendars.set_dates(**BY_WANG, **day, first=first, last=last) == 5
    assert load_default().dates[date(2026, 8, 1)].label == "高温假"
    before = CalendarDate.objects.count()
    for wrong in (date(2026, 7, 29), date(2026, 8, 30)):
        with pytest.raises(RuleError) as refused:
            calendars.set_dates(**BY_WANG, **day, first=first, last=wrong)
        assert refused.value.code == "calendar_dates_span"
    # The last of these lies in a year that cannot be entered.
    with pytest.raises(RuleError):
        calendars.set_dates(**BY_WANG, **day, first=date(2099, 12, 30), last=date(2100, 1, 2))
    assert CalendarDate.objects.count() == before


def page_of(cast: Any, name: str, *args: object) -> str:
    return cast.admin.client().get(reverse(f"web:{name}", args=args)).content.decode()


def new(**more: str) -> dict[str, str]:
    return {
        "name": "夜班",
        "zone": "中国（北京、上海），UTC+8",
        "swap_weekday": "0",
        "copy_of": "",
    } | more


def test_the_pages_make_alter_and_delete_a_calendar(cast):
    admin = cast.admin.client()
    assert "中国（北京、上海），UTC+8" in page_of(cast, "calendar-create")
    answer = admin.post(reverse("web:calendar-create"), new(copy_of=str(default().pk)))
    calendar = WorkCalendar.objects.get(name="夜班")
    assert answer["Location"] == reverse("web:calendar", args=[calendar.pk])
    assert schedule_for(calendar.pk).knows(2026)
    page = page_of(cast, "calendar", calendar.pk)
    assert reverse("web:calendar-delete", args=[calendar.pk]) in page
    edit = reverse("web:calendar-edit", args=[calendar.pk])
    assert admin.post(edit, new(name="客服部")).status_code == 422
    assert admin.post(edit, new(zone="火星")).status_code == 422
    assert admin.post(edit, new(swap_weekday="9")).status_code == 422
    assert admin.post(edit, new(always_open="on")).status_code == 302
    assert schedule_for(calendar.pk).always_open
    assert "全天候" in page_of(cast, "calendar", calendar.pk)
    assert admin.post(reverse("web:calendar-delete", args=[calendar.pk])).status_code == 302
    assert not WorkCalendar.objects.filter(pk=calendar.pk).exists()


def test_the_page_says_what_still_uses_a_calendar(cast):
    page = page_of(cast, "calendar", default().pk)
    assert reverse("web:calendar-delete", args=[default().pk]) not in page
    admin = cast.admin.client()
    admin.post(reverse("web:calendar-delete", args=[default().pk]))
    assert WorkCalendar.objects.filter(is_default=True).exists()
    other = made()
    assert admin.post(reverse("web:calendar-default", args=[other.pk])).status_code == 302
    assert load_default().name == "热线组"


def test_a_span_of_dates_on_the_page(cast):
    admin = cast.admin.client()
    url = reverse("web:calendar-date-add", args=[default().pk])
    data = {"kind": "holiday", "label": "高温假", "source": "公司", "date": "2026-07-30"}
    assert admin.post(url, data | {"last": "2026-07-01"}).status_code == 422
    assert admin.post(url, data | {"last": "2026-08-02"}).status_code == 302
    assert CalendarDate.objects.filter(label="高温假").count() == 4


def test_others_neither_see_nor_do_it(cast):
    lin, pk = cast.lin.client(), default().pk
    for name, args in (
        ("calendar-create", []),
        ("calendar-edit", [pk]),
        ("calendar-default", [pk]),
        ("calendar-delete", [pk]),
    ):
        assert lin.post(reverse(f"web:{name}", args=args), new()).status_code == 403
    assert "calendar-delete" not in lin.get(reverse("web:calendar", args=[pk])).content.decode()
    assert WorkCalendar.objects.count() == 1
    admin = cast.admin.client()
    for name in ("calendar-edit", "calendar-default", "calendar-delete"):
        assert admin.post(reverse(f"web:{name}", args=[987654]), new()).status_code == 404
