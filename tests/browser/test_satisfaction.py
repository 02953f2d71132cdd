"""A scenic area asks its visitors: from the ready questionnaire and the poster to the index on paper.

The visitors' phone runs no script. Thirty of them answer; what they say is drawn by chance with a seed, so that
the score is known beforehand.
"""

import random
import re
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import OpenPage
from tests.server import RunningServer

pytestmark = pytest.mark.browser
VISITORS = 30
PATIENCE_MS = 60_000
# How content they are, by the page of the questionnaire.
MOODS = {1: 4.2, 2: 3.2, 3: 3.7, 4: 2.9}


def take_over_and_publish(page: Page, url: str) -> None:
    page.goto(f"{url}/surveys/library/visitor/")
    page.locator("[name=title]").fill("湿地景区游客满意度")
    page.locator("main form .btn-primary").click()
    page.wait_for_url(re.compile(r"/surveys/\d+/build/"))
    number = re.findall(r"/surveys/(\d+)/", page.url)[0]
    page.goto(f"{url}/surveys/{number}/publish/")
    page.locator("main form .btn-primary").click()
    page.wait_for_url(f"**/surveys/{number}/")


def make_poster(page: Page) -> str:
    """Returns the address its code leads to."""
    page.locator("#link-name").fill("东门售票处")
    page.locator(".sv-newlink .btn-primary").click()
    link = page.locator(".sv-link", has_text="东门售票处")
    expect(link.locator(".sv-qr")).to_be_visible()
    link.locator("a[href$='/poster/']").click()
    code = page.locator(".sv-poster-code")
    expect(code).to_be_visible()
    address = str(code.get_attribute("aria-label"))
    expect(page.locator(".sv-poster")).to_contain_text(address)
    # A page of A4 holds it all.
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
    return address


def answer(browser: Browser, address: str, chance: random.Random) -> dict[str, int]:
    """One visitor on a phone of their own; returns what they chose on the scales."""
    phone = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", java_script_enabled=False
    )
    page = phone.new_page()
    page.goto(address)
    chosen: dict[str, int] = {}
    for number in range(1, 20):
        if page.url.endswith("/thanks/"):
            break
        fill_page(page, chance, MOODS.get(number, 3.5), chosen)
        page.locator("button[value=on]").click()
    expect(page.locator("h1")).to_have_text("您的回答已收到")
    phone.close()
    return chosen


def fill_page(page: Page, chance: random.Random, mood: float, chosen: dict[str, int]) -> None:
    groups = page.locator("input[type=radio]").evaluate_all(
        "boxes => { const g = {}; for (const b of boxes) (g[b.name] = g[b.name] || []).push(b.value); return g; }"
    )
    for name, values in groups.items():
        if values == ["1", "2", "3", "4", "5"]:
            chosen[name] = min(5, max(1, round(mood + chance.gauss(0, 0.8))))
            value = str(chosen[name])
        else:
            value = chance.choice(values)
        page.locator(f'input[name="{name}"][value="{value}"]').check(force=True)


def wait_for(look: Callable[[], bool], page: Page) -> None:
    limit = time.monotonic() + PATIENCE_MS / 1000
    while not look():
        assert time.monotonic() < limit, page.url
        page.wait_for_timeout(500)
        page.reload()


def test_from_the_ready_questionnaire_to_the_index(
    open_page: OpenPage, browser: Browser, zhike_server: RunningServer
) -> None:
    page = open_page("supervisor", "zh-hans")
    take_over_and_publish(page, zhike_server.url)
    number = re.findall(r"/surveys/(\d+)/", page.url)[0]
    address = make_poster(page)
    assert urlsplit(address).path.startswith("/q/")

    chance = random.Random(30)
    rows = [
        answer(browser, f"{zhike_server.url}{urlsplit(address).path}", chance)
        for _visitor in range(VISITORS)
    ]

    page.goto(f"{zhike_server.url}/surveys/{number}/results/")
    wait_for(lambda: page.locator(".sr-strip .v").first.inner_text() == str(VISITORS), page)

    page.goto(f"{zhike_server.url}/satisfaction/new/?survey={number}")
    page.locator("main form .btn-primary").click()
    page.locator("input[name=weighing][value=pca]").check()
    page.locator("form[action$='/weights/'] button[value=compute]").click()
    expect(page.locator(".sx-radar")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".sx-strip")).to_contain_text(str(VISITORS))

    # The weights that are shown, applied to what the visitors chose.
    items = page.locator(".sx-two .table").first.locator("tbody tr")
    weights = [
        float(one.strip("%")) / 100 for one in items.locator("td:nth-child(5)").all_inner_texts()
    ]
    means = [float(one) for one in items.locator("td:nth-child(3)").all_inner_texts()]
    assert len(weights) == 12
    assert sum(weights) == pytest.approx(1, abs=0.006)
    # After the twelve parts they were asked about the whole, which does not count.
    names = list(rows[0])[:12]
    assert len(rows[0]) == 13
    assert means == [
        pytest.approx(sum(row[name] for row in rows) / VISITORS, abs=0.006) for name in names
    ]
    raw = sum(weight * mean for weight, mean in zip(weights, means, strict=True))
    shown = [float(one) for one in page.locator(".sx-strip .v").all_inner_texts()[:2]]
    assert shown[1] == pytest.approx(raw, abs=0.02)
    assert shown[0] == pytest.approx(100 * (raw - 1) / 4, abs=0.5)

    with page.expect_download(timeout=PATIENCE_MS) as paper:
        page.locator("a[href*='format=pdf']").click()
    path = paper.value.path()
    assert path.read_bytes()[:5] == b"%PDF-"
