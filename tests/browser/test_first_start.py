"""An empty installation: the first page makes the administrator, and then is gone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.walking import TOO_WIDE, VISIBLE_TEXTS, WIDTHS, untranslated
from tests.server import start_server

pytestmark = pytest.mark.browser

ANSWERS = {
    "company": "海晨三轮车",
    "name": "欧阳 O'Neill",
    "staff_number": "1001",
    "password": "correct horse 9",
}


def test_the_first_page_makes_the_administrator(page: Page, tmp_path: Path) -> None:
    server = start_server(tmp_path, demo=False)
    try:
        page.goto(server.url)
        page.wait_for_url("**/account/setup/")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(TOO_WIDE) == ""
        assert untranslated("zh-hans", page.evaluate(VISIBLE_TEXTS)) == []

        for name, answer in ANSWERS.items():
            page.locator(f"[name={name}]").fill(answer)
        page.locator("main form button").click()
        page.wait_for_url(f"{server.url}/")
        assert page.locator("h1").count() == 1

        again = page.context.browser
        assert again is not None
        stranger = again.new_page()
        stranger.goto(f"{server.url}/account/setup/")
        stranger.wait_for_url("**/account/sign-in/**")
    finally:
        server.stop()
