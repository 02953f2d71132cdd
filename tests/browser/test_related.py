"""Two cases are linked in the dialog and freed again by the button behind their line."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.server import RunningServer

pytestmark = pytest.mark.browser


def numbers(page: Page) -> list[str]:
    found = re.findall(r"/cases/([A-Z]{2}\d{12})/", page.locator("#zk-list").inner_html())
    return list(dict.fromkeys(found))


def test_a_link_comes_by_dialog_and_goes_by_button(
    open_page: OpenPage, zhike_server: RunningServer
) -> None:
    page = open_page("supervisor", "zh-hans")
    page.goto(f"{zhike_server.url}/cases/?tab=all")
    here, there = numbers(page)[:2]
    page.goto(f"{zhike_server.url}/cases/{here}/do/link/")
    page.get_by_label("另一张工单号").fill(there)
    page.locator(".dk-act button").click()
    page.wait_for_url(f"**/cases/{here}/")
    card = page.locator("section[aria-labelledby=rel-h]")
    expect(card).to_contain_text(there)
    card.get_by_role("button", name=f"取消与 {there} 的关联").click()
    expect(page.get_by_text(f"已取消与 {there} 的关联。")).to_be_visible()
    expect(card).not_to_contain_text(there)
