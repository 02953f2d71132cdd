"""One matter from the counter to its closing, in two browsers that see each other's doing without reloading."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.server import RunningServer

pytestmark = pytest.mark.browser
WORDS = "前轮轴承响，雨天更厉害，希望这周能换。"


def take_in(page: Page, url: str) -> str:
    """Written down at the counter for whoever takes it up; returns the number."""
    page.goto(f"{url}/cases/new/")
    page.check("[name=channel][value=counter]")
    page.fill("[name=phone]", "139 0000 7766")
    expect(page.locator("#who .zk-note")).to_be_visible()
    page.fill("[name=name]", "冯小满")
    page.fill("[name=text]", WORDS)
    page.select_option("[name=type]", "repair")
    page.uncheck("[name=keep]")
    page.locator("form[data-intake] .btn-primary").click()
    page.wait_for_url("**/receipt/")
    return page.url.rstrip("/").split("/")[-2]


# The queue tells of what comes from then on; the worker says its state to whoever asks.
STREAM_IS_OPEN = """() => new Promise((opened, failed) => {
  setTimeout(() => failed(new Error("No stream was opened.")), 15_000);
  const { port } = new SharedWorker(document.body.dataset.liveWorker, { name: "zhike-live" });
  port.onmessage = ({ data }) => data.state === "open" && opened();
})"""


def test_from_the_counter_to_the_closing(open_page: OpenPage, zhike_server: RunningServer) -> None:
    url = zhike_server.url
    lin, wang = open_page("agent", "zh-hans"), open_page("supervisor", "zh-hans")
    lin.goto(f"{url}/cases/?tab=to_take_up")
    lin.evaluate(STREAM_IS_OPEN)

    number = take_in(wang, url)
    tracking = wang.locator(".in-link a").get_attribute("href")
    assert tracking

    # The queue tells of it; nothing jumps in.
    bar = lin.locator("[data-queue-bar]")
    expect(bar).to_be_visible()
    bar.locator("a").click()
    row = lin.locator("tr", has=lin.locator(f"a[href='/cases/{number}/']"))
    row.locator("[data-row-key=e]").click()
    expect(row.locator("[data-row-key=e]")).to_have_count(0)

    # Both have it open; the reply of the one appears at the other.
    lin.goto(f"{url}/cases/{number}/")
    wang.goto(f"{url}/cases/{number}/")
    expect(wang.locator(".dk-tl")).to_contain_text(WORDS)
    lin.fill("[data-editor] textarea", "冯师傅，周三上午给您换。")
    lin.press("[data-editor] textarea", "Control+Enter")
    expect(wang.locator(".dk-tl")).to_contain_text("周三上午给您换")
    expect(lin.locator(".dk-tl")).to_contain_text("周三上午给您换")

    # Handed over in a dialog, with a reason.
    lin.locator("a[href$='/do/handover/']").click()
    dialog = lin.locator("dialog[open]")
    dialog.locator("[name=to]").select_option(label="王建国 · 客服部")
    dialog.locator("[name=reason]").fill("件要主管批")
    dialog.locator(".btn-primary").click()
    expect(wang.locator("#dk-head")).to_contain_text("王建国")
    expect(wang.locator(".dk-tl")).to_contain_text("件要主管批")

    # Closed; who looked after it sees it, and so does the customer, without script.
    wang.locator("a[href$='/do/close/']").click()
    closing = wang.locator("dialog[open]")
    closing.locator("[name=text]").fill("已换新轴承，试骑正常。")
    closing.locator("[name=tell]").check()
    closing.locator(".btn-primary").click()
    expect(lin.locator(".dk-tl")).to_contain_text("已换新轴承")
    expect(lin.locator("#dk-head .zk-badge", has_text="已结案")).to_be_visible()
    customer = open_page("", "zh-hans")
    customer.goto(tracking)
    expect(customer.locator(".t-stat")).to_contain_text(number)
    expect(customer.locator("#add")).to_contain_text("已换新轴承")
