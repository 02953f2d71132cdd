"""What was typed when the session ended, the line was cut or somebody else sat down: kept, offered, or gone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.browser.signing import BY_ROLE, sign_in
from tests.browser.walking import faults
from tests.server import RunningServer

pytestmark = pytest.mark.browser
WORDS = "客户说脚踏第二次断裂，要求今天回电。"
FORM = "/feedback/new/"
LINE = ".zk-kept"


@pytest.fixture
def context(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[BrowserContext]:
    """A browser of its own: sessions end here."""
    made = browser.new_context(**browser_context_args)
    made.set_default_timeout(PATIENCE_MS)
    yield made
    made.close()


def kept(page: Page) -> list[dict[str, Any]]:
    found = page.evaluate(
        "() => Object.keys(sessionStorage).filter(k => k.startsWith('zk-keep:')).map(k => sessionStorage[k])"
    )
    return [json.loads(one) for one in found]


def end_session(context: BrowserContext) -> None:
    context.clear_cookies(name="zhike_session")


def enter(page: Page, role: str) -> None:
    """On the sign-in page the reader was led to."""
    page.locator("[name=staff_number]").fill(BY_ROLE[role].number)
    page.locator("[name=password]").fill(BY_ROLE[role].password)
    page.locator("form button.p-btn-primary").click()
    page.wait_for_url(lambda address: "/sign-in/" not in address)


def write(page: Page, url: str) -> None:
    page.goto(f"{url}{FORM}")
    page.locator("main [name=text]").fill(WORDS)
    page.locator("main [name=rating]").fill("2")


def send(page: Page) -> None:
    page.locator("main form.zk-form .btn-primary").click()


def lost_in_the_midst(context: BrowserContext, url: str) -> Page:
    """Somebody wrote, and was led to sign-in when they sent it: their session had ended."""
    page = context.new_page()
    sign_in(page, url, "agent")
    write(page, url)
    end_session(context)
    send(page)
    page.wait_for_url("**/sign-in/**")
    return page


def test_written_when_the_session_ended_it_is_restored_after_sign_in_and_saved(
    context: BrowserContext, zhike_server: RunningServer
) -> None:
    page = lost_in_the_midst(context, zhike_server.url)
    expect(page.locator("[data-kept-told]")).to_contain_text("还留在这个标签页里")
    expect(page.locator("[data-kept-lost]")).to_have_count(0)
    enter(page, "agent")

    page.wait_for_url(f"**{FORM}")
    line = page.locator(LINE)
    expect(line).to_contain_text("您上次填写的内容还在")
    expect(line).to_contain_text("没有保存")
    assert faults(page, "zh-hans", accessibility=True) == []
    expect(page.locator("main [name=text]")).to_have_value("")
    line.get_by_role("button", name="恢复").click()
    expect(page.locator("main [name=text]")).to_have_value(WORDS)
    expect(page.locator("main [name=rating]")).to_have_value("2")
    expect(line).to_have_count(0)

    send(page)
    page.wait_for_url(lambda address: FORM not in address)
    expect(page.locator("main")).to_contain_text(WORDS)
    assert kept(page) == []
    page.goto(f"{zhike_server.url}{FORM}")
    expect(page.locator("main [name=text]")).to_have_value("")
    expect(page.locator(LINE)).to_have_count(0)


def test_somebody_else_in_the_same_tab_never_sees_it(
    context: BrowserContext, zhike_server: RunningServer
) -> None:
    page = lost_in_the_midst(context, zhike_server.url)
    enter(page, "supervisor")
    page.goto(f"{zhike_server.url}{FORM}")
    expect(page.locator("main [name=text]")).to_have_value("")
    expect(page.locator(LINE)).to_have_count(0)
    assert WORDS not in str(page.evaluate("() => JSON.stringify(sessionStorage)"))

    # Nor does it come back when the first one does.
    end_session(context)
    sign_in(page, zhike_server.url, "agent")
    page.goto(f"{zhike_server.url}{FORM}")
    expect(page.locator("main [name=text]")).to_be_visible()
    expect(page.locator(LINE)).to_have_count(0)


def test_signing_out_leaves_nothing(context: BrowserContext, zhike_server: RunningServer) -> None:
    page = context.new_page()
    sign_in(page, zhike_server.url, "agent")
    write(page, zhike_server.url)
    assert [one["fields"]["text#0"] for one in kept(page)] == [WORDS]
    page.evaluate("() => document.querySelector('form[data-sign-out]').requestSubmit()")
    page.wait_for_url("**/sign-in/**")
    assert kept(page) == []


def test_a_cut_line_leaves_it_and_says_that_no_answer_came(
    context: BrowserContext, zhike_server: RunningServer
) -> None:
    page = context.new_page()
    sign_in(page, zhike_server.url, "agent")
    write(page, zhike_server.url)
    page.route(f"**{FORM}", lambda route: route.abort("internetdisconnected"))
    send(page)
    page.wait_for_url("chrome-error://**")
    page.unroute(f"**{FORM}")
    page.goto(f"{zhike_server.url}/")
    elsewhere = page.locator(LINE)
    expect(elsewhere).to_contain_text("没有收到回音")
    elsewhere.get_by_role("link").click()
    page.wait_for_url(f"**{FORM}")
    line = page.locator(LINE)
    expect(line).to_contain_text("请先看一下是否已经保存")
    line.get_by_role("button", name="丢弃").click()
    expect(line).to_have_count(0)
    assert kept(page) == []


def test_what_the_server_refuses_stays_kept_until_it_is_saved(
    context: BrowserContext, zhike_server: RunningServer
) -> None:
    page = context.new_page()
    sign_in(page, zhike_server.url, "agent")
    page.goto(f"{zhike_server.url}{FORM}")
    page.locator("main [name=rating]").fill("2")
    page.locator("main form.zk-form").evaluate("form => { form.noValidate = true; }")
    send(page)
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    # The page shows what was typed by itself; a line would only be in the way.
    expect(page.locator(LINE)).to_have_count(0)
    page.locator("main [name=text]").fill(WORDS)
    end_session(context)
    send(page)
    page.wait_for_url("**/sign-in/**")
    enter(page, "agent")
    page.locator(LINE).get_by_role("button", name="恢复").click()
    expect(page.locator("main [name=rating]")).to_have_value("2")
    expect(page.locator("main [name=text]")).to_have_value(WORDS)


def test_a_form_fetched_into_the_page_is_kept_under_its_own_address(
    context: BrowserContext, zhike_server: RunningServer
) -> None:
    page = context.new_page()
    sign_in(page, zhike_server.url, "supervisor")
    page.goto(f"{zhike_server.url}/cases/?tab=all")
    page.locator("a.zk-open").first.click()
    page.wait_for_selector("[data-editor]")
    link = page.locator("a[data-dialog][href$='/do/edit/']").first
    address = link.get_attribute("href")
    link.evaluate("link => link.click()")
    page.locator("dialog[open] form [name=title]").fill(WORDS)
    end_session(context)
    page.locator("dialog[open] form .btn-primary").first.click()
    page.wait_for_url("**/sign-in/**")
    expect(page.locator("[data-kept-told]")).to_be_visible()
    enter(page, "supervisor")
    assert address
    page.wait_for_url(f"**{address}")
    page.locator(LINE).get_by_role("button", name="恢复").click()
    expect(page.locator("main form [name=title]")).to_have_value(WORDS)


def test_secrets_are_not_kept(context: BrowserContext, zhike_server: RunningServer) -> None:
    page = context.new_page()
    sign_in(page, zhike_server.url, "agent")
    page.goto(f"{zhike_server.url}/account/password/")
    page.locator("[name=old]").fill("not-my-password")
    page.locator("[name=new]").fill("another-one-entirely")
    assert kept(page) == []


def test_without_scripts_it_is_as_before(
    browser: Browser, browser_context_args: dict[str, Any], zhike_server: RunningServer
) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = lost_in_the_midst(context, zhike_server.url)
    expect(page.locator("[data-kept-lost]")).to_contain_text("请再填一次")
    expect(page.locator("[data-kept-told]")).to_be_hidden()
    enter(page, "agent")
    page.wait_for_url(f"**{FORM}")
    page.locator("main [name=text]").fill(WORDS)
    send(page)
    page.wait_for_url(lambda address: FORM not in address)
    expect(page.locator("main")).to_contain_text(WORDS)
    context.close()
