"""The whole house in one walk: of a file of reviews one is found, becomes a complaint and goes to its archive."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import complaint_walk as walk
from tests.browser.conftest import OpenPage
from tests.browser.importing import begin, tried, try_out, upload_reviews
from tests.server import RunningServer

pytestmark = pytest.mark.browser

# GB18030, as Excel saves it here: eight rows, two of them alike, one rated with a word.
REVIEWS = Path(__file__).with_name("data") / "reviews.csv"
UNPAID = "说好三天退款，两周了还没到账，打电话也没人接。"
ANSWER = "何女士，财务今天已补打 1,280 元，明天中午前到账。"


def import_and_mend(page: Page, url: str) -> None:
    upload_reviews(page, url, REVIEWS)
    assert try_out(page, "1-5") == {"新增": 7, "有错": 1, "共": 8}
    faulty = page.locator(".im-err tbody tr")
    expect(faulty).to_have_count(1)
    for told in ("7", "星级", "满意"):
        expect(faulty).to_contain_text(told)

    # Mended in place; the file stays as it is.
    faulty.locator("input[name^=cell-]").fill("2")
    page.locator("#im-correct .im-save button").click()
    expect(page.locator("#zk-notes")).to_contain_text("1 处")
    assert tried(page) == {"新增": 8, "有错": 0, "共": 8}
    assert begin(page) == {"新增": 8, "有错": 0, "共": 8}


def import_again(page: Page, url: str) -> None:
    """The same file once more adds nothing, the two equal texts included."""
    upload_reviews(page, url, REVIEWS)
    sums = try_out(page, "1-5")
    assert (sums["新增"], sums["共"]) == (0, 8)
    expect(page.locator("#im-begin .btn-primary")).to_be_disabled()


def find_from_the_top(page: Page, word: str, text: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(word)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    page.locator(".zk-hitlist a[href^='/feedback/']", has_text=text[:12]).first.click()
    page.wait_for_url("**/feedback/*/")
    expect(page.locator("main")).to_contain_text(text)


def turn_into_complaint(page: Page) -> str:
    """Returns the number of the case, whose page then stands."""
    page.select_option("[name=type]", "complaint")
    page.locator("form[action$='/case/'] .btn-primary").click()
    page.wait_for_url("**/cases/*/")
    expect(page.locator(".dk-tl")).to_contain_text(UNPAID)
    return page.url.rstrip("/").split("/")[-1]


def name_customer(page: Page) -> None:
    page.locator("a[href$='/do/name-customer/']:visible").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("[name=phone]").fill("139 0000 8811")
    dialog.locator("[name=name]").fill("何秀兰")
    dialog.locator(".btn-primary").click()
    expect(page.locator("a[href^='/customers/']", has_text="何秀兰").first).to_be_visible()


def hand_over_to_lin(page: Page) -> None:
    page.locator("a[href$='/do/handover/']").click()
    dialog = page.locator("dialog[open]")
    lin = dialog.locator("[name=to] option", has_text="林静").first.get_attribute("value")
    dialog.locator("[name=to]").select_option(lin)
    dialog.locator("[name=reason]").fill("明天中午看一眼到没到账")
    dialog.locator(".btn-primary").click()
    expect(page.locator("#dk-head")).to_contain_text("林静")


def test_from_a_file_of_reviews_to_the_archive(
    open_page: OpenPage, zhike_server: RunningServer
) -> None:
    url = zhike_server.url
    wang = open_page("supervisor", "zh-hans")
    import_and_mend(wang, url)
    import_again(wang, url)

    find_from_the_top(wang, "退款", UNPAID)
    number = turn_into_complaint(wang)
    name_customer(wang)
    wang.fill("[data-editor] textarea", ANSWER)
    wang.press("[data-editor] textarea", "Control+Enter")
    expect(wang.locator(".dk-tl")).to_contain_text("明天中午前到账")
    hand_over_to_lin(wang)

    lin = open_page("agent", "zh-hans")
    lin.goto(f"{url}/cases/{number}/")
    expect(lin.locator(".dk-tl")).to_contain_text("明天中午看一眼")

    # Six steps: the first three in one go, as they happened in one call.
    walk.first_three(lin, UNPAID)
    walk.send_notice(lin, "周敏")
    zhou = open_page("department_owner", "zh-hans")
    walk.answer_notice(zhou, url, walk.open_notice(lin))
    expect(lin.locator("#dk-head")).to_contain_text("处理中")
    walk.offer_above_limit(lin)
    walk.approve(wang, url, number)
    expect(lin.locator("#dk-head")).to_contain_text("处理中")
    lin.goto(f"{url}/cases/{number}/")
    walk.carry_out(lin)
    walk.propose(lin)
    walk.agree(lin)
    walk.close(lin)

    # The visit finds the customer not content: round two, with a notice of its own.
    lin.goto(f"{url}/cases/{number}/")
    walk.open_visit(lin)
    walk.not_content(lin, "周敏")
    lin.goto(f"{url}/cases/{number}/")
    expect(lin.locator(walk.GUIDE)).to_contain_text("第 2 轮")
    walk.answer_notice(zhou, url, walk.open_notice(lin), "补偿没到")
    lin.goto(f"{url}/cases/{number}/")
    walk.first_three(lin, "补偿没有到账")
    walk.propose(lin)
    walk.agree(lin)
    walk.close(lin)
    lin.goto(f"{url}/cases/{number}/")
    walk.open_visit(lin)
    walk.content(lin)

    # Archived: one paper, made by a job and kept under its digest.
    for _moment in range(40):
        lin.goto(f"{url}/complaints/{number}/archive/")
        if lin.locator("a[href$='archive.pdf']").count():
            break
        lin.wait_for_timeout(500)
    with lin.expect_download() as arriving:
        lin.locator("a[href$='archive.pdf']").click()
    kept = arriving.value.path()
    assert kept is not None
    assert kept.read_bytes().startswith(b"%PDF-")
