"""Next year's dates from a file: the pages on the way, at both widths and in every language."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.test_flows import faults_in_all_languages
from tests.server import RunningServer

pytestmark = pytest.mark.browser


def holiday_cn(year: int, *dates: str) -> str:
    days = [{"name": "元旦", "date": date, "isOffDay": True} for date in dates]
    return json.dumps({"year": year, "papers": [], "days": days})


def send(page: Page, url: str, file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    page.goto(f"{url}/settings/calendars/1/import/")
    page.locator("[name=file]").set_input_files(file)
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/settings/calendars/imports/*/")


def test_a_file_of_dates_from_its_faults_to_the_calendar(
    open_page: OpenPage, zhike_server: RunningServer, tmp_path: Path
) -> None:
    page, role = open_page("administrator", "zh-hans"), "administrator"
    send(
        page, zhike_server.url, tmp_path / "2031.json", holiday_cn(2031, "2031-01-01", "2030-01-01")
    )
    found = faults_in_all_languages(page, open_page, role)

    send(
        page, zhike_server.url, tmp_path / "2031.json", holiday_cn(2031, "2031-01-01", "2030-12-31")
    )
    found += faults_in_all_languages(page, open_page, role)
    page.locator("[name=source]").fill("公司决定 2030-12")
    page.locator("[name=complete]").check()
    address = page.url
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/settings/calendars/1/?year=2031")
    assert page.locator("text=2030-12").count()

    page.goto(address)
    found += faults_in_all_languages(page, open_page, role)
    assert found == [], "\n" + "\n".join(found)
