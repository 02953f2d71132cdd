"""Words of the list while somebody types: told, replaced, or kept with a reason."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.walking import accessibility_faults, faults
from tests.server import RunningServer

pytestmark = pytest.mark.browser

BAD = "让您又等了，对不起😀。\n您可能不太明白，这批控制器的密封圈有问题。"
BETTER = "我把查到的原因跟您说一下"


def open_case(page: Page, server: RunningServer, tail: str = "") -> None:
    page.goto(f"{server.url}/cases/?tab=all")
    page.goto(server.url + str(page.locator("tbody a.zk-open").first.get_attribute("href")) + tail)


def test_a_phrase_is_told_while_typing_and_replaced(
    open_page: OpenPage, zhike_server: RunningServer
) -> None:
    page = open_page("agent", "zh-hans")
    open_case(page, zhike_server)
    text = page.locator("#editor textarea")
    text.fill(BAD)
    bar = page.locator(".dk-flag")
    expect(bar).to_contain_text("“您可能不太明白” 容易让客户觉得被责怪")
    expect(bar).to_contain_text(f"建议改为： {BETTER}")
    expect(page.locator(".dk-mirror mark")).to_have_text("您可能不太明白")
    assert [one for one in accessibility_faults(page) if "axe" in one] == []
    assert faults(page, "zh-hans") == []
    bar.get_by_role("button", name="替换").click()
    expect(text).to_have_value(BAD.replace("您可能不太明白", BETTER))
    expect(bar).to_have_count(0)
    expect(page.locator(".dk-mirror mark")).to_have_count(0)
    # Nothing is in the way any more.
    text.fill("")


def test_a_phrase_is_kept_with_a_reason_that_stands_in_the_record(
    open_page: OpenPage, zhike_server: RunningServer
) -> None:
    page = open_page("agent", "zh-hans")
    open_case(page, zhike_server, "?write=note")
    page.locator("#editor textarea").fill("门店说这位客户难缠，请核实。")
    bar = page.locator(".dk-flag")
    bar.get_by_role("button", name="保留并说明").click()
    expect(bar).to_contain_text("保留，原因见下")
    expect(bar.get_by_role("button", name="保留并说明")).to_be_hidden()
    reason = page.get_by_label("为什么保留")
    expect(reason).to_be_focused()
    # A new word is a new question, whatever was answered before.
    reason.fill("转述门店原话")
    page.locator("#editor textarea").fill("门店说这位客户难缠，是刁民，请核实。")
    fresh = page.locator(".dk-flag:not(.is-kept)")
    expect(fresh).to_contain_text("刁民")
    fresh.get_by_role("button", name="保留并说明").click()
    expect(reason).to_have_value("转述门店原话")
    page.locator("#editor button.btn-primary").click()
    page.wait_for_url("**#editor")
    expect(page.locator(".dk-kept").last).to_have_text("保留了“难缠”、“刁民”：转述门店原话")


def test_in_a_dialog_the_tick_box_decides_who_reads_it(
    open_page: OpenPage, zhike_server: RunningServer
) -> None:
    page = open_page("supervisor", "zh-hans")
    page.goto(f"{zhike_server.url}/cases/?tab=all&type=inquiry")
    links = page.locator("tbody tr:not(:has-text('已办结')) a.zk-open")
    page.goto(zhike_server.url + str(links.first.get_attribute("href")))
    page.locator("a[href$='/do/close/'][data-dialog]").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("textarea").fill("已说明，超出范围的退款不可能。")
    tick = dialog.locator("[name=tell]")
    tick.check()
    expect(dialog.locator(".dk-flag")).to_contain_text("不可能")
    tick.uncheck()
    expect(dialog.locator(".dk-flag")).to_have_count(0)


def test_each_text_of_a_form_has_its_own_bars_and_all_have_one_reason(
    open_page: OpenPage, zhike_server: RunningServer
) -> None:
    page = open_page("agent", "zh-hans")
    page.goto(f"{zhike_server.url}/cases/?tab=all&type=complaint")
    links = page.locator("tbody tr:not(:has-text('已办结')) a.zk-open")
    number = str(links.first.get_attribute("href")).rstrip("/").split("/")[-1]
    page.goto(f"{zhike_server.url}/remedies/propose/{number}/")
    text, why = page.locator("[name=text]"), page.locator("[name=why]")
    text.fill("您可能不太明白，送您一个头盔。")
    why.fill("这位客户难缠。")
    first = page.locator("[data-words-box=text] .dk-flag")
    second = page.locator("[data-words-box=why] .dk-flag")
    expect(first).to_contain_text("您可能不太明白")
    expect(second).to_contain_text("难缠")
    reason = page.get_by_label("为什么保留")
    expect(reason).to_be_hidden()
    second.get_by_role("button", name="保留并说明").click()
    expect(reason).to_be_focused()
    first.get_by_role("button", name="替换").click()
    expect(text).to_have_value(f"{BETTER}，送您一个头盔。")
    expect(first).to_have_count(0)
    # What was kept in the other text stays kept.
    expect(second).to_contain_text("保留，原因见下")
    assert [one for one in accessibility_faults(page) if "axe" in one] == []
    # Quoted it is the customer's, and not asked.
    why.fill("客户自称“难缠”。")
    expect(second).to_have_count(0)
    expect(reason).to_be_hidden()


def test_a_text_is_tried_in_the_settings(open_page: OpenPage, zhike_server: RunningServer) -> None:
    page = open_page("administrator", "zh-hans")
    page.goto(f"{zhike_server.url}/cases/phrases/")
    page.get_by_role("link", name="试一段文字").click()
    page.locator("textarea").fill(BAD)
    page.locator("form.zk-card button.btn-primary").click()
    expect(page.locator(".dk-tried mark")).to_have_text("您可能不太明白")
    assert faults(page, "zh-hans", accessibility=True) == []
