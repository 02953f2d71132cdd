"""Next year's dates from a file: sent, compared, taken over in one piece; by page, command and API."""

import json
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.calendar.test_dates_file import HEAD, PAPER, day, holiday_cn, workbook
from zhike.core.access import Forbidden, Grants, ScopeKind
from zhike.core.calendar import DateKind, Window
from zhike.core.calendar import services as calendars
from zhike.core.calendar.dates_import import (
    apply_dates,
    changes_of,
    discard_dates,
    load_import,
    send_dates,
)
from zhike.core.calendar.plans import load_default
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import (
    AuditRow,
    CalendarDate,
    CalendarYear,
    DatesImport,
    DueRecount,
    WorkCalendar,
)
from zhike.core.work import Actor

pytestmark = pytest.mark.django_db

WANG = Actor(id=7, name="王建国")
MANAGER = Grants(user_id=7, codes=frozenset({"settings.manage"}), scope=ScopeKind.ALL)
AGENT = Grants(user_id=8, codes=frozenset({"cases.view"}), scope=ScopeKind.ALL)
BY_WANG: dict[str, Any] = {"actor": WANG, "grants": MANAGER}
SOURCE = "国务院办公厅通知（国办发明电〔2026〕9号）"
FILE = holiday_cn(
    day("2027-01-01", "元旦"),
    day("2027-02-04"),
    day("2027-02-05", "除夕"),
    day("2027-02-20", is_off=False),
)


def default() -> WorkCalendar:
    return WorkCalendar.objects.get(is_default=True)


def sent(data: bytes = FILE, name: str = "2027.json") -> DatesImport:
    return send_dates(**BY_WANG, calendar_id=default().pk, file_name=name, data=data)


def taken(row: DatesImport, **more: Any) -> Any:
    given = {"version": default().version, "source": SOURCE, "is_complete": False, **more}
    return apply_dates(**BY_WANG, import_id=row.pk, **given)


def test_sending_a_file_changes_nothing_in_the_calendar():
    before = list(CalendarDate.objects.values())
    version = default().version
    row = sent()
    assert (row.year, row.source, row.sent_by_name) == (2027, PAPER, "王建国")
    assert list(CalendarDate.objects.values()) == before
    assert default().version == version
    again = sent(name="noch einmal.json")
    assert list(DatesImport.objects.all()) == [again]


def test_a_file_is_taken_over_in_one_piece_with_its_source():
    done = taken(sent())
    assert (done.added, done.changed, done.removed) == (2, 1, 0)
    schedule = load_default()
    assert schedule.dates[date(2027, 2, 4)].label == "春节"
    assert schedule.dates[date(2027, 2, 5)].label == "除夕"
    assert schedule.is_working_day(date(2027, 2, 20))
    assert not schedule.knows(2027)
    of_file = CalendarDate.objects.filter(
        date__in=["2027-01-01", "2027-02-04", "2027-02-05", "2027-02-20"]
    )
    assert {row.source for row in of_file} == {SOURCE}
    # What the file does not name stays as it was.
    assert CalendarDate.objects.get(date="2027-10-01").source != SOURCE
    row = AuditRow.objects.latest("pk")
    assert row.action == "core.calendar.import_dates"
    payload = json.loads(row.payload)
    assert payload["before"]["dates"] == ["2027-02-05 -春节"]
    assert payload["after"]["dates"] == [
        "2027-02-04 -春节",
        "2027-02-05 -除夕",
        "2027-02-20 +春节调休",
    ]


def test_the_year_is_complete_only_when_somebody_says_so():
    taken(sent(), is_complete=True)
    assert load_default().knows(2027)
    assert CalendarYear.objects.get(year=2027).source == SOURCE
    assert AuditRow.objects.filter(action="core.calendar.set_year_known").count() == 1


def test_running_due_times_are_computed_anew_only_when_asked():
    taken(sent())
    assert not DueRecount.objects.exists()
    taken(sent(), recount=True)
    assert {row.plan_name for row in DueRecount.objects.all()} == {"客服部"}


def test_dates_the_file_does_not_name_go_only_when_ticked():
    known = CalendarDate.objects.filter(date__year=2027).count()
    # One the file does name cannot be ticked away.
    done = taken(sent(), remove=[date(2027, 6, 9), date(2027, 1, 1), date(2026, 1, 1)])
    assert done.removed == 1
    assert CalendarDate.objects.filter(date__year=2027).count() == known + 2 - 1
    assert CalendarDate.objects.filter(date="2026-01-01").exists()
    assert load_default().rule_on(date(2027, 6, 9)) is None


def test_hours_of_ones_own_stay_under_a_file_that_does_not_speak_of_them():
    duty = [Window(540, 720)]
    calendars.set_date(
        **BY_WANG,
        calendar_id=default().pk,
        day=date(2027, 1, 1),
        kind=DateKind.HOLIDAY,
        label="元旦",
        source="公司",
        windows=duty,
    )
    taken(sent())
    assert load_default().dates[date(2027, 1, 1)].windows == tuple(duty)
    taken(sent(workbook(HEAD, ["2027-01-01", "休息日", "元旦", "10:00-11:00"]), "2027.xlsx"))
    assert load_default().dates[date(2027, 1, 1)].windows == (Window(600, 660),)
    taken(sent(workbook(HEAD, ["2027-01-01", "休息日", "元旦", ""]), "2027.xlsx"))
    assert load_default().dates[date(2027, 1, 1)].windows is None


def test_a_file_with_a_fault_is_kept_to_look_at_and_never_taken_over():
    row = sent(holiday_cn(day("2027-01-01"), day("2028-01-01")))
    assert row.faults == [[2, "2028-01-01 不在 2027 年。"]]
    with pytest.raises(RuleError) as refused:
        taken(row)
    assert refused.value.code == "calendar_import_faulty"
    assert load_import(row.pk).applied_at is None


def test_who_compared_with_an_older_calendar_looks_again():
    row, version = sent(), default().version
    calendars.remove_date(**BY_WANG, calendar_id=default().pk, day=date(2027, 10, 1))
    before = list(CalendarDate.objects.values())
    with pytest.raises(Conflict) as refused:
        taken(row, version=version)
    assert refused.value.code == "calendar_changed"
    assert list(CalendarDate.objects.values()) == before
    taken(row)
    with pytest.raises(Conflict) as refused:
        taken(row)
    assert refused.value.code == "calendar_import_applied"


def test_without_a_source_nothing_is_taken_over():
    row = sent()
    with pytest.raises(RuleError) as refused:
        taken(row, source=" \u0000 ")
    assert (refused.value.code, refused.value.field) == ("calendar_source_missing", "source")


def test_a_file_put_aside_is_gone_and_one_taken_over_stays():
    row = sent()
    discard_dates(**BY_WANG, import_id=row.pk)
    assert not DatesImport.objects.exists()
    row = sent()
    taken(row)
    with pytest.raises(NotFound):
        discard_dates(**BY_WANG, import_id=row.pk)
    sent()
    assert DatesImport.objects.count() == 2


def test_only_who_may_change_settings_sends_and_takes_over():
    row = sent()
    rows = AuditRow.objects.count()
    as_agent: dict[str, Any] = {"actor": WANG, "grants": AGENT}
    with pytest.raises(Forbidden):
        send_dates(**as_agent, calendar_id=default().pk, file_name="x", data=FILE)
    with pytest.raises(Forbidden):
        apply_dates(**as_agent, import_id=row.pk, version=0, source="x", is_complete=True)
    with pytest.raises(Forbidden):
        discard_dates(**as_agent, import_id=row.pk)
    assert AuditRow.objects.count() == rows
    with pytest.raises(NotFound):
        apply_dates(**BY_WANG, import_id=987654, version=0, source="x", is_complete=True)
    with pytest.raises(NotFound):
        send_dates(**BY_WANG, calendar_id=987654, file_name="x", data=FILE)


def test_the_same_file_again_is_all_the_same():
    taken(sent())
    again = changes_of(sent())
    assert {one.change.value for one in again} == {"same", "kept"}


# Pages


def upload(data: bytes, name: str = "2027.json") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, data)}


def test_the_pages_lead_from_the_file_to_the_calendar(cast):
    admin, pk = cast.admin.client(), default().pk
    new = reverse("web:calendar-import-new", args=[pk])
    assert "下载模板" in admin.get(new).content.decode()
    answer = admin.post(new, upload(FILE))
    row = DatesImport.objects.get()
    assert answer["Location"] == reverse("web:calendar-import", args=[row.pk])
    page = admin.get(answer["Location"]).content.decode()
    assert "2027-02-20 周六" in page
    assert "春节调休 · 上班日" in page
    assert f'value="{PAPER}"' in page
    data = {"version": str(default().version), "source": SOURCE, "remove": "2027-06-09"}
    stale = admin.post(answer["Location"], data | {"version": "1x"})
    assert stale.status_code == 409
    assert "请再核对一遍" in stale.content.decode()
    assert admin.post(answer["Location"], data | {"source": ""}).status_code == 422
    done = admin.post(answer["Location"], data | {"complete": "1"})
    assert done["Location"] == f"{reverse('web:calendar', args=[pk])}?year=2027"
    assert load_default().knows(2027)
    assert load_default().rule_on(date(2027, 6, 9)) is None
    assert "已导入。依据" in admin.get(answer["Location"]).content.decode()
    assert "已导入" in admin.get(new).content.decode()


def test_the_page_tells_faults_and_offers_no_button(cast):
    admin = cast.admin.client()
    new = reverse("web:calendar-import-new", args=[default().pk])
    answer = admin.post(new, upload(holiday_cn(day("2028-01-01"), day("2027-01-01"))))
    page = admin.get(answer["Location"]).content.decode()
    assert "2028-01-01 不在 2027 年。" in page
    assert "导入这些日期" not in page
    discard = reverse("web:calendar-import-discard", args=[DatesImport.objects.get().pk])
    assert admin.post(discard).status_code == 302
    assert not DatesImport.objects.exists()


@pytest.mark.parametrize(
    ("data", "status"), [(b"", 422), (b"{}", 422), (b"{" + b" " * 1_000_001, 413)]
)
def test_the_page_refuses_what_is_no_file_of_dates(cast, data, status):
    admin = cast.admin.client()
    new = reverse("web:calendar-import-new", args=[default().pk])
    assert admin.post(new, upload(data)).status_code == status
    assert admin.post(new, {}).status_code == 422
    assert not DatesImport.objects.exists()


def test_others_are_refused_on_every_address(cast):
    row, lin = sent(), cast.lin.client()
    for name, args in (
        ("calendar-import-new", [default().pk]),
        ("calendar-import", [row.pk]),
        ("calendar-import-discard", [row.pk]),
    ):
        url = reverse(f"web:{name}", args=args)
        assert lin.post(url, {"source": "x", "version": "1", **upload(FILE)}).status_code == 403
        missing = reverse(f"web:{name}", args=[987654])
        assert cast.admin.client().post(missing, upload(FILE)).status_code == 404
    assert lin.get(reverse("web:calendar-template")).status_code == 403
    assert DatesImport.objects.count() == 1


def test_a_year_is_exported_by_everybody_on_the_desk_and_noted(cast):
    lin = cast.lin.client()
    url = reverse("web:calendar-export", args=[default().pk, 2026])
    answer = lin.post(url, {"format": "json"})
    assert answer["Content-Type"] == "application/json"
    assert json.loads(answer.content)["year"] == 2026
    assert AuditRow.objects.latest("pk").action == "export.calendar"
    book = b"".join(lin.post(url, {"format": "xlsx"}).streaming_content)
    assert book.startswith(b"PK")
    rows = AuditRow.objects.count()
    empty = reverse("web:calendar-export", args=[default().pk, 2031])
    for address, file_format in ((url, "exe"), (empty, "json")):
        refused = lin.post(address, {"format": file_format}, follow=True)
        assert (
            "请选择 .xlsx 或 .json" in refused.content.decode()
            or "没有" in refused.content.decode()
        )
        assert refused["Content-Type"].startswith("text/html")
    assert AuditRow.objects.count() == rows
    gone = reverse("web:calendar-export", args=[987654, 2026])
    assert lin.post(gone, {"format": "json"}).status_code == 404
    assert lin.get(url).status_code == 405
    template = cast.admin.client().get(reverse("web:calendar-template"))
    assert b"".join(template.streaming_content).startswith(b"PK")
