"""Files of dates: what is read, and what is told of a faulty one."""

import io
import json
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from django.utils import translation

from zhike.core.calendar import DateKind, DateRule, Window
from zhike.core.calendar.dates_diff import Change, compare
from zhike.core.calendar.dates_export import dates_as_json, write_dates_table, write_dates_template
from zhike.core.calendar.dates_file import FileDate, read_dates
from zhike.core.calendar.plans import load_default
from zhike.core.calendar.selectors import dates_of_year
from zhike.core.errors import RuleError, TooLarge
from zhike.core.models import WorkCalendar

PAPER = "国办发明电〔2026〕9号"


def day(text: str, name: str = "春节", is_off: Any = True) -> dict[str, Any]:
    return {"name": name, "date": text, "isOffDay": is_off}


def holiday_cn(*days: Any, **more: Any) -> bytes:
    found = {"$schema": "schema.json", "year": 2027, "papers": [PAPER], "days": list(days)}
    return json.dumps(found | more, ensure_ascii=False).encode()


def workbook(*rows: list[Any]) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet()
    dates = book.add_format({"num_format": "yyyy-mm-dd"})
    for line, cells in enumerate(rows):
        for place, cell in enumerate(cells):
            if isinstance(cell, date):
                sheet.write_datetime(line, place, cell, dates)
            else:
                sheet.write(line, place, cell)
    book.close()
    return stream.getvalue()


HEAD = ["日期", "当天安排", "名称", "当天时段"]


def faults_of(data: bytes) -> list[tuple[int, str]]:
    return [(fault.line, fault.text) for fault in read_dates(data).faults]


def test_holiday_cn_is_read_with_its_paper():
    found = read_dates(holiday_cn(day("2027-02-05"), day("2027-02-20", is_off=False)))
    assert (found.year, found.source, found.faults) == (2027, PAPER, ())
    assert found.dates == (
        FileDate(1, date(2027, 2, 5), DateKind.HOLIDAY, "春节"),
        FileDate(2, date(2027, 2, 20), DateKind.WORKING, "春节调休"),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_json_is_read_in_the_encodings_people_save_it_in(encoding):
    data = holiday_cn(day("2027-02-05")).decode().encode(encoding)
    assert read_dates(data).dates[0].label == "春节"


def test_a_workbook_is_read_with_real_dates_and_hours():
    found = read_dates(
        workbook(
            HEAD,
            [date(2027, 2, 5), "休息日", "春节", ""],
            ["2027年2月6日", "休", "春节值班", "9:00-12:00，14:00-16:00"],
            ["2027/2/20", "调休", "春节调休", None],
        )
    )
    assert found.faults == ()
    assert [row.day for row in found.dates] == [
        date(2027, 2, 5),
        date(2027, 2, 6),
        date(2027, 2, 20),
    ]
    assert found.dates[1].hours == (Window(540, 720), Window(840, 960))
    assert found.dates[2].kind is DateKind.WORKING
    assert found.dates[0].hours == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_is_read_too(encoding):
    text = "名称,日期,安排\n元旦,2027-01-01,放假\n元旦,2027-01-09,上班\n"
    found = read_dates(text.encode(encoding))
    assert [row.kind for row in found.dates] == [DateKind.HOLIDAY, DateKind.WORKING]
    # A table without that column does not speak of hours.
    assert found.dates[0].hours is None


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_the_template_explains_itself_and_comes_back_without_faults(language):
    stream = io.BytesIO()
    with translation.override(language):
        write_dates_template(stream, 2027)
        found = read_dates(stream.getvalue())
    assert found.faults == ()
    assert [row.day for row in found.dates] == [date(2027, 1, 1), date(2027, 1, 2)]
    # Somebody else's language reads it as well.
    assert read_dates(stream.getvalue()).dates == found.dates


def test_each_fault_is_told_with_its_line():
    told = faults_of(
        holiday_cn(
            day("2027-02-05"),
            day("2028-02-05"),
            day("2027-02-05", "又一次"),
            day("2027-02-17", is_off=False),
            day("2027-02-30"),
            day("2027-02-06", ""),
            day("2027-02-07", "很" * 41),
            day("2027-02-08", "春\u0000节"),
            {"date": "2027-02-09"},
            day("2027-02-10", is_off="yes"),
            "2027-02-11",
        )
    )
    assert told == [
        (2, "2028-02-05 不在 2027 年。"),
        (3, "2027-02-05 与第 1 行重复。"),
        (4, "2027-02-17 不是周末，调休上班只能在周末。"),
        (5, "“2027-02-30”不是日期，请写成 2026-10-08。"),
        (6, "2027-02-06 没有填写名称。"),
        (7, "2027-02-07：名称最多 40 个字，不能有特殊符号。"),
        (8, "2027-02-08：名称最多 40 个字，不能有特殊符号。"),
        (9, "每一条都要有“name”“date”“isOffDay”。"),
        (10, "每一条都要有“name”“date”“isOffDay”。"),
        (11, "每一条都要有“name”“date”“isOffDay”。"),
    ]


def test_half_a_character_is_no_name():
    data = b'{"year": 2027, "days": [{"name": "\\ud800", "date": "2027-02-12", "isOffDay": true}]}'
    assert faults_of(data) == [(1, "2027-02-12：名称最多 40 个字，不能有特殊符号。")]


def test_faults_of_a_table_name_the_line_of_the_sheet():
    told = faults_of(
        workbook(
            HEAD,
            ["2027-02-05", "休息日", "春节", ""],
            ["2027-02-06", "不知道", "春节", ""],
            ["昨天", "休息日", "春节", ""],
            ["2027-02-07", "休息日", "", ""],
            ["2027-02-08", "休息日", "春节", "早上"],
            ["2026-05-08", "休息日", "春节", ""],
        )
    )
    assert [line for line, _text in told] == [3, 4, 5, 6, 7]
    assert "安排" in told[0][1]
    assert "早上" in told[3][1]
    assert told[4][1] == "2026-05-08 不在 2027 年。"


def test_the_last_days_of_december_before_may_belong_to_the_notice():
    found = read_dates(holiday_cn(day("2026-12-31", "元旦"), day("2027-01-01", "元旦")))
    assert found.faults == ()
    assert found.dates[0].day == date(2026, 12, 31)


def test_a_workday_with_hours_of_its_own_may_fall_on_any_day():
    found = read_dates(workbook(HEAD, ["2027-02-17", "上班日", "盘点", "8:00-20:00"]))
    assert found.faults == ()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "calendar_file_empty"),
        (b" \n", "calendar_file_empty"),
        (holiday_cn(), "calendar_file_without_dates"),
        (b"{", "calendar_file_form"),
        (b"[1, 2]", "calendar_file_form"),
        (b'{"days": []}', "calendar_file_form"),
        (b'{"year": true, "days": [1]}', "calendar_file_form"),
        (b'{"year": "2027", "days": [1]}', "calendar_file_form"),
        (b'{"year": 2027, "days": {"a": 1}}', "calendar_file_form"),
        (b"[" * 100_000, "calendar_file_form"),
        (b'{"year": ' + b"9" * 5000 + b', "days": []}', "calendar_file_form"),
        (holiday_cn(day("1066-10-14"), year=1066), "calendar_year_out_of_range"),
        (holiday_cn(*[day("2027-02-05")] * 401), "calendar_file_too_long"),
        ("甲,乙\n1,2\n".encode(), "calendar_file_form"),
        (b"\xff\xd8\xff\xe0 picture", "file_not_a_table"),
        (b"PK\x03\x04 nothing", "file_damaged"),
    ],
)
def test_what_is_no_file_of_dates_is_refused_as_a_whole(data, code):
    with pytest.raises(RuleError) as refused:
        read_dates(data)
    assert refused.value.code == code
    assert str(refused.value)


def test_a_file_too_large_is_refused_unread():
    with pytest.raises(TooLarge):
        read_dates(b"{" + b" " * 1_000_000)


def test_the_comparison_tells_added_changed_same_and_kept():
    known = {
        date(2027, 1, 1): DateRule(DateKind.HOLIDAY, "元旦"),
        date(2027, 2, 5): DateRule(DateKind.HOLIDAY, "春节", (Window(540, 720),)),
        date(2027, 2, 6): DateRule(DateKind.HOLIDAY, "春节", (Window(540, 720),)),
        date(2027, 3, 3): DateRule(DateKind.HOLIDAY, "厂庆"),
        date(2026, 3, 3): DateRule(DateKind.HOLIDAY, "去年"),
    }
    file_dates = [
        FileDate(1, date(2027, 1, 1), DateKind.HOLIDAY, "元旦"),
        FileDate(2, date(2027, 1, 2), DateKind.HOLIDAY, "元旦"),
        # Hours of one's own stay where the file does not speak of them …
        FileDate(3, date(2027, 2, 5), DateKind.HOLIDAY, "春节"),
        # … and go where it says the usual ones.
        FileDate(4, date(2027, 2, 6), DateKind.HOLIDAY, "春节", ()),
    ]
    changes = compare(known, file_dates, 2027)
    assert [(one.day.isoformat()[5:], one.change) for one in changes] == [
        ("01-01", Change.SAME),
        ("01-02", Change.ADDED),
        ("02-05", Change.SAME),
        ("02-06", Change.CHANGED),
        ("03-03", Change.KEPT),
    ]
    assert changes[2].after.windows == (Window(540, 720),)
    assert changes[3].after.windows is None


@pytest.mark.django_db
@pytest.mark.parametrize("year", [2025, 2026])
def test_a_year_goes_out_and_comes_back_the_same(year):
    calendar = WorkCalendar.objects.get(is_default=True)
    rows = dates_of_year(calendar.pk, year)
    stream = io.BytesIO()
    write_dates_table(rows, stream)
    for data in (dates_as_json(rows, year).encode(), stream.getvalue()):
        found = read_dates(data)
        assert found.year == year
        changes = compare(load_default().dates, found.dates, year)
        assert {one.change for one in changes} == {Change.SAME}
        assert len(changes) == len(rows)
    swapped = [d for d in json.loads(dates_as_json(rows, year))["days"] if not d["isOffDay"]]
    assert swapped
    assert not [d for d in swapped if "调休" in d["name"]]
