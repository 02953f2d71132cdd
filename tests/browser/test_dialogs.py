"""What is refused in a dialog is said there: the case stays on the screen, and what was typed in the dialog."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.server import RunningServer

pytestmark = pytest.mark.browser


def open_complaint(page: Page, server: RunningServer, tab: str) -> str:
    """The first complaint of this tab that is in our hands, so that closing is offered; returns its address."""
    page.goto(f"{server.url}/complaints/?tab={tab}")
    links = page.locator("tbody a.zk-open").all()
    for address in [str(link.get_attribute("href")) for link in links]:
        page.goto(server.url + address)
        if page.locator("a[href$='/do/close/']").count():
            return page.url
    raise AssertionError(f"No complaint of {tab} can be closed.")


def test_a_refused_form_stays_in_its_dialog(
    sessions: Callable[[str, str], BrowserContext], zhike_server: RunningServer
) -> None:
    # Not `open_page`: a browser notes every answer 422 in its console, and here one is meant.
    page = sessions("supervisor", "zh-hans").new_page()
    here = open_complaint(page, zhike_server, "step1")
    dialog = page.locator("dialog[open]")
    page.locator("[data-dialog][href$='/do/close/']").click()
    dialog.locator("select").select_option(index=1)
    dialog.locator("textarea").fill("都办好了")
    dialog.locator(".zk-form-foot button").click()
    expect(dialog).to_contain_text("还没完成：第 1 步“倾听，让客户说完”")
    expect(dialog.locator("textarea")).to_have_value("都办好了")
    assert page.url == here
    dialog.get_by_text("返回").click()
    expect(dialog).to_have_count(0)
    # Mended in the dialog, it goes through, and the page is the case's again.
    page.locator("#cp-guide a.btn-primary").click()
    dialog.locator("[name=words]").fill(" ")
    dialog.locator(".zk-form-foot button").click()
    expect(dialog.locator("[name=words]")).to_have_attribute("aria-invalid", "true")
    expect(dialog.locator("[name=words]")).to_be_focused()
    dialog.locator("[name=words]").fill("爬坡断电，换过一次又坏了。")
    dialog.locator(".zk-form-foot button").click()
    expect(page.locator("#cp-guide li").first).to_have_class("is-done")
    assert page.url == here
    page.close()


def test_without_scripts_the_same_form_is_a_page(
    sessions: Callable[[str, str], BrowserContext], zhike_server: RunningServer
) -> None:
    signed_in = sessions("supervisor", "zh-hans")
    browser = signed_in.browser
    assert browser is not None
    context = browser.new_context(
        java_script_enabled=False, storage_state=signed_in.storage_state()
    )
    page = context.new_page()
    here = open_complaint(page, zhike_server, "step3")
    page.locator(".dk-acts a[href$='/do/close/']").click()
    page.locator(".dk-act select").select_option(index=1)
    page.locator(".dk-act textarea").fill("都办好了")
    page.locator(".dk-act .zk-form-foot button").click()
    expect(page.locator(".dk-act")).to_contain_text("还没完成：第")
    expect(page.locator(".dk-act textarea")).to_have_value("都办好了")
    assert page.url == f"{here}do/close/"
    context.close()
