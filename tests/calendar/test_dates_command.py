"""`zhike calendar import` and the calendars over the API."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.api.test_api import Caller
from tests.calendar.test_dates_file import day, holiday_cn
from tests.cast import make_staff
from zhike.accounts.models import Role
from zhike.cli import calendars as command
from zhike.cli.main import app
from zhike.core.calendar import DateKind, Window
from zhike.core.calendar import services as calendars
from zhike.core.calendar.plans import load_default
from zhike.core.models import AuditRow, CalendarDate, DatesImport, WorkCalendar

pytestmark = pytest.mark.django_db
GOOD = (day("2027-02-04"), day("2027-02-20", is_off=False))


@pytest.fixture(autouse=True)
def _here(monkeypatch, tmp_path) -> None:
    """The program is loaded already, and its data folder is the tests'."""
    monkeypatch.setattr(command, "load", lambda: tmp_path)


def run(tmp_path: Path, *days: Any, options: tuple[str, ...] = ()) -> Any:
    file = tmp_path / "2027.json"
    file.write_bytes(holiday_cn(*days))
    return CliRunner().invoke(app, ["calendar", "import", str(file), *options])


def test_a_file_is_taken_over_from_the_terminal(tmp_path):
    done = run(tmp_path, *GOOD, options=("--complete",))
    assert done.exit_code == 0, done.output
    assert "+ 2027-02-20 working" in done.output
    assert load_default().knows(2027)
    assert CalendarDate.objects.get(date="2027-02-04").source == "国办发明电〔2026〕9号"
    assert set(AuditRow.objects.values_list("via", flat=True)) == {"cli"}


def test_a_dry_run_only_compares(tmp_path):
    done = run(tmp_path, *GOOD, options=("--dry-run", "--source", "x"))
    assert done.exit_code == 0, done.output
    assert "+ 2027-02-04" in done.output
    assert not DatesImport.objects.exists()
    assert not CalendarDate.objects.filter(date="2027-02-04").exists()


def test_a_fault_is_told_and_nothing_taken_over(tmp_path):
    before = list(CalendarDate.objects.values())
    for options in ((), ("--dry-run",)):
        done = run(tmp_path, *GOOD, day("2028-02-04"), options=options)
        assert done.exit_code == 2
        assert "2028-02-04" in done.output
    assert list(CalendarDate.objects.values()) == before


def test_an_unknown_calendar_or_file_is_said(tmp_path, given):
    assert run(tmp_path, *GOOD, options=("--calendar", "火星")).exit_code == 2
    missing = CliRunner().invoke(app, ["calendar", "import", str(tmp_path / "none.json")])
    assert missing.exit_code == 1
    with given():
        WorkCalendar.objects.create(name="火星", zone="UTC", version=3)
    assert run(tmp_path, *GOOD, options=("--calendar", "火星")).exit_code == 0
    assert CalendarDate.objects.filter(calendar__name="火星").count() == 2


def test_the_api_tells_hours_and_days_off(cast):
    lin, default = Caller(cast.lin), WorkCalendar.objects.get(is_default=True)
    status, found = lin.get("/calendars")
    assert status == 200
    assert found[0]["id"] == default.pk
    assert found[0]["week"][0] == [
        {"start": "8:30", "end": "12:00"},
        {"start": "13:30", "end": "17:30"},
    ]
    assert found[0]["complete_years"] == [2025, 2026]
    calendars.set_date(
        **cast.admin.acting,
        calendar_id=default.pk,
        day=date(2026, 10, 1),
        kind=DateKind.HOLIDAY,
        label="国庆值班",
        source="公司",
        windows=[Window(540, 720)],
    )
    status, year = lin.get(f"/calendars/{default.pk}/dates?year=2026")
    assert status == 200
    assert year["is_complete"]
    by_date = {one["date"]: one for one in year["dates"]}
    assert by_date["2026-10-10"]["kind"] == "working"
    assert by_date["2026-10-01"]["hours"] == [{"start": "9:00", "end": "12:00"}]
    assert by_date["2026-10-02"]["hours"] is None
    assert len(by_date) == 39


def test_the_api_refuses_what_is_not_there_or_not_allowed(cast, given):
    lin = Caller(cast.lin)
    assert lin.get("/calendars/987654/dates?year=2026")[0] == 404
    pk = WorkCalendar.objects.get().pk
    for year in ("", "1066", "2100", "x"):
        assert lin.get(f"/calendars/{pk}/dates?year={year}")[0] == 422
    with given():
        Role.objects.create(code="porter", name="门卫", permissions=["customers.view"])
        porter = Caller(make_staff("3001", "老周", cast.company, "porter"))
    assert porter.get("/calendars")[0] == 403
    assert porter.get(f"/calendars/{pk}/dates?year=2026")[0] == 403
