"""Pages that only exist on the way through something: a public report, an import."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.importing import begin, try_out, upload_reviews
from tests.browser.walking import LANGUAGES, faults
from tests.server import RunningServer

pytestmark = pytest.mark.browser

REVIEWS = """评价,评分,日期
车子很好，电池耐用,5,2025-11-02
送来时后视镜碎了，没有人回电话,1,2025-11-03
一般,很好,2025-11-04
"""


def faults_in_all_languages(page: Page, open_page: OpenPage, role: str) -> list[str]:
    """The page as it stands, then the same address in the other languages."""
    found = faults(page, LANGUAGES[0], accessibility=True)
    for language in LANGUAGES[1:]:
        other = open_page(role, language)
        other.goto(page.url)
        found += faults(other, language)
    return found


def test_a_public_report_its_receipt_and_its_progress(
    open_page: OpenPage, zhike_server: RunningServer
) -> None:
    page = open_page("", "zh-hans")
    page.goto(f"{zhike_server.url}/s/")
    page.locator("[name=kind]").first.check()
    page.locator("[name=text]").fill("送来时后视镜碎了，请尽快更换。")
    page.locator("[name=name]").fill("陈女士")
    page.locator("[name=phone]").fill("138 1234 6027")
    page.locator("form button[type=submit]").click()
    page.wait_for_url("**/s/done/")
    found = faults(page, "zh-hans", accessibility=True)

    page.locator("a[href*='/t/'].primary").click()
    page.wait_for_url("**/t/*/")
    found += faults_in_all_languages(page, open_page, "")
    assert found == [], "\n" + "\n".join(found)


def test_an_import_from_the_file_to_the_outcome(
    open_page: OpenPage, zhike_server: RunningServer, tmp_path: Path
) -> None:
    file = tmp_path / "评价.csv"
    file.write_text(REVIEWS, encoding="gb18030")
    page = open_page("supervisor", "zh-hans")

    def look() -> list[str]:
        return faults_in_all_languages(page, open_page, "supervisor")

    upload_reviews(page, zhike_server.url, file)
    found = [f"columns: {fault}" for fault in look()]
    assert try_out(page, "1-5") == {"新增": 2, "有错": 1, "共": 3}
    found += [f"trial: {fault}" for fault in look()]
    # The errors of one kind alone.
    page.locator(".im-kinds a").first.click()
    page.wait_for_url("**?why=*")
    found += [f"one kind: {fault}" for fault in look()]
    assert begin(page) == {"新增": 2, "有错": 1, "共": 3}
    found += [f"outcome: {fault}" for fault in look()]
    page.locator(".im-undo summary").click()
    found += [f"before undoing: {fault}" for fault in faults(page, "zh-hans", accessibility=True)]
    page.locator(".im-undo form button").click()
    expect(page.locator("#oc")).to_have_text("已撤销")
    expect(page.locator("#im-progress")).to_have_count(0)
    found += [f"undone: {fault}" for fault in look()]
    assert found == [], "\n" + "\n".join(found)
