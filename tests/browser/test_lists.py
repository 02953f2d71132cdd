"""Lists, keys and live news in a real browser: with scripts, without, and on a phone."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.browser.conftest import OpenPage
from tests.server import RunningServer, clean_environment

pytestmark = pytest.mark.browser
QUEUE = "/cases/"
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
def queue(open_page: OpenPage, zhike_server: RunningServer) -> Page:
    """The whole desk, as the supervisor sees it."""
    page = open_page("supervisor", "zh-hans")
    page.goto(f"{zhike_server.url}{QUEUE}?tab=all")
    return page


def chosen(page: Page) -> int:
    return page.locator("#zk-list input[name=id]:checked").count()


def test_rows_are_moved_through_and_chosen_by_keys(queue: Page) -> None:
    queue.keyboard.press("j")
    expect(queue.locator("tr.is-here")).to_have_count(1)
    queue.keyboard.press("x")
    queue.keyboard.press("j")
    queue.keyboard.press("j")
    queue.keyboard.press("Shift+X")
    assert chosen(queue) == 3
    expect(queue.locator("[data-chosen-count]")).to_have_text("已选 3 条")
    # Letters typed into a field are letters.
    queue.keyboard.press("/")
    queue.keyboard.type("jjx")
    expect(queue.locator("#zk-q")).to_have_value("jjx")
    assert chosen(queue) == 3
    queue.keyboard.press("Escape")
    queue.keyboard.press("k")
    opened = queue.locator("tr.is-here a.zk-open").get_attribute("href")
    queue.keyboard.press("Enter")
    queue.wait_for_url(f"**{opened}")


def test_keys_are_listed_and_single_letters_can_be_switched_off(queue: Page) -> None:
    queue.keyboard.press("?")
    dialog = queue.locator("#zk-keys")
    expect(dialog).to_be_visible()
    dialog.locator("[data-keys-switch]").uncheck()
    queue.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    queue.keyboard.press("j")
    expect(queue.locator("tr.is-here")).to_have_count(0)
    queue.keyboard.press("/")
    expect(queue.locator("#zk-q")).to_be_focused()
    queue.evaluate("localStorage.removeItem('zk-keys')")


def test_conditions_apply_at_once_and_back_brings_the_list_back(queue: Page) -> None:
    queue.locator("a[rel=next]").click()
    queue.wait_for_url(re.compile("after="))
    first = queue.locator("a.zk-open").first.inner_text()
    queue.locator(".q-kw input").fill("没有这样的字")
    queue.keyboard.press("Enter")
    expect(queue.locator(".zk-state h2")).to_have_text("没有符合条件的记录")
    assert "after=" not in queue.url
    queue.go_back()
    expect(queue.locator("a.zk-open").first).to_have_text(first)
    expect(queue.locator(".zk-side")).to_have_count(1)
    queue.locator("a[rel=prev]").click()
    expect(queue.locator("a[rel=prev]")).to_have_count(0)


def test_a_view_is_kept_counted_and_removed(queue: Page) -> None:
    queue.locator(".q-kw input").fill("控制器")
    queue.keyboard.press("Enter")
    queue.wait_for_url(re.compile("q="))
    total = re.findall(r"\d+", queue.locator("#zk-list-total").inner_text())[0]
    queue.get_by_text("存为视图").first.click()
    queue.locator("#zk-new-view").fill("说到控制器的")
    queue.locator("#zk-new-view").press("Enter")
    view = queue.locator("[data-view]", has_text="说到控制器的")
    expect(view.locator("[data-view-count]")).to_have_text(total)
    queue.get_by_text("改视图").click()
    queue.get_by_role("button", name="删除视图").click()
    expect(queue.locator("[data-view]", has_text="说到控制器的")).to_have_count(0)


@pytest.fixture
def stripped(
    browser: Browser,
    browser_context_args: dict[str, Any],
    sessions: Callable[[str, str], BrowserContext],
    zhike_server: RunningServer,
) -> Page:
    """A supervisor whose browser runs no scripts."""
    state = sessions("supervisor", "zh-hans").storage_state()
    context = browser.new_context(
        **browser_context_args, storage_state=state, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(f"{zhike_server.url}{QUEUE}?tab=all")
    return page


def test_a_list_works_without_scripts(stripped: Page) -> None:
    first = stripped.locator("a.zk-open").first.inner_text()
    stripped.locator("a[rel=next]").click()
    assert stripped.locator("a.zk-open").first.inner_text() != first
    stripped.locator(".q-kw input").fill("控制器")
    stripped.get_by_role("button", name="应用", exact=True).last.click()
    assert "q=" in stripped.url
    assert "控制器" in stripped.locator(".q-chips").inner_text()
    stripped.get_by_text("全部清除").click()
    assert "q=" not in stripped.url
    stripped.locator("#zk-list input[name=id]").first.check()
    expect(stripped.locator("[data-batch] button").first).to_be_visible()
    stripped.context.close()


def test_a_phone_opens_conditions_and_menu_as_sheets(queue: Page) -> None:
    queue.set_viewport_size(PHONE)
    sheet = queue.locator("#q-sheet")
    expect(sheet).to_be_hidden()
    queue.locator(".q-more-btn").click()
    expect(sheet).to_be_visible()
    sheet.locator(".q-period a").last.click()
    queue.wait_for_url(re.compile("30d"))
    expect(sheet).to_be_hidden()
    queue.locator(".zk-tabbar a").last.click()
    expect(queue.locator(".zk-side")).to_be_visible()
    queue.keyboard.press("Escape")
    expect(queue.locator(".zk-side")).to_be_hidden()


RING = """
import django
django.setup()
from zhike.accounts.models import User
from zhike.core.notify import notify
from zhike.core.work import Actor, unit
with unit(Actor.system("tests")) as work:
    notify(
        work,
        user_id=User.objects.get(staff_number="1010").pk,
        kind="import.done",
        values={"name": "客户.xlsx", "n": 3},
    )
"""


def test_one_stream_rings_the_bell_in_every_tab(
    queue: Page, open_page: OpenPage, zhike_server: RunningServer
) -> None:
    other = open_page("supervisor", "zh-hans")
    other.goto(f"{zhike_server.url}/customers/")
    dots = [page.locator("[data-live-bell] .zk-dot") for page in (queue, other)]
    before = [int(dot.text_content() or 0) for dot in dots]
    streams = "() => performance.getEntriesByType('resource').filter((e) => /live\\?/.test(e.name)).length"
    assert [queue.evaluate(streams), other.evaluate(streams)] == [0, 0]
    environment = clean_environment(zhike_server.data)
    subprocess.run(
        [sys.executable, "-c", RING],
        env={**environment, "DJANGO_SETTINGS_MODULE": "zhike.config.settings"},
        check=True,
        cwd=os.fspath(zhike_server.data),
    )
    for dot, count in zip(dots, before, strict=True):
        expect(dot).to_have_text(str(count + 1), timeout=10_000)
