"""A questionnaire of three levels written by hand, on a phone and without a script, up to its publication."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.signing import sign_in
from tests.server import RunningServer

pytestmark = pytest.mark.browser
DIMENSIONS = {
    "景观": ("景色", "卫生", "安静"),
    "设施": ("道路", "厕所", "停车"),
    "服务": ("售票", "态度", "讲解"),
    "价格": ("门票", "餐饮", "购物"),
}


def add_question(page: Page, builder: str, section: str, kind: str) -> None:
    page.goto(builder)
    menu = page.locator(f"#{section} .sv-add")
    menu.locator("summary").click()
    menu.locator(f"a[href*='kind={kind}']").click()


def keep(page: Page) -> None:
    page.locator(".zk-form-foot [value=keep]").click()
    page.wait_for_url(re.compile(r"/build/(#q\d+)?$"))


def test_three_levels_are_written_without_a_script(
    browser: Browser, zhike_server: RunningServer
) -> None:
    url = zhike_server.url
    phone = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", java_script_enabled=False
    )
    page = phone.new_page()
    sign_in(page, url, "supervisor")
    page.goto(f"{url}/surveys/new/")
    page.locator("[name=title]").fill("景区游客满意度")
    page.locator("main form .btn-primary").click()
    page.wait_for_url(re.compile(r"/build/$"))
    builder = page.url

    # Four dimensions, each a page with three items on one scale; the first of them by its lines one by one.
    for number, (dimension, items) in enumerate(DIMENSIONS.items(), 1):
        if number > 1:
            page.locator("[value=add-page]").click()
        add_question(page, builder, f"s{number}", "matrix")
        page.locator("[name=text_zh-hans]").fill(f"对{dimension}满意吗？")
        page.locator("[name=rows-more]").fill("\n".join(items))
        if number == 1:
            page.locator("[name=rows-more] ~ .zk-help [value=redraw]").click()
            page.locator("[value=rows-down-0]").click()
            expect(page.locator("[name=rows-1-text-zh-hans]")).to_have_value(items[0])
            page.locator("[value=rows-up-1]").click()
        keep(page)
    expect(page.locator("main")).to_contain_text("都写全了，可以发布")

    # A question only some are asked, left without its words: told, kept, mended.
    page.locator("[value=add-page]").click()
    add_question(page, builder, "s5", "text")
    keep(page)
    expect(page.locator("main")).to_contain_text("第 5 页第 1 题：请写上问题")
    page.goto(f"{builder}questions/q5/")
    page.locator("[name=text_zh-hans]").fill("最该改什么？")
    keep(page)

    page.goto(builder.replace("/build/", "/publish/"))
    page.locator("main form .btn-primary").click()
    expect(page.locator("main")).to_contain_text("从现在起，问的是第 1 版")
    for item in (one for items in DIMENSIONS.values() for one in items):
        expect(page.locator(".sv-choices", has_text=item)).to_have_count(1)
    phone.close()
