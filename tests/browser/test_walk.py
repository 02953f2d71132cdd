"""One walk over the page list, at two widths and in three languages."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.walking import (
    LANGUAGES,
    TOO_WIDE,
    VISIBLE_TEXTS,
    WIDTHS,
    Listed,
    listed,
    untranslated,
)
from tests.server import RunningServer

pytestmark = pytest.mark.browser


def address(listed_page: Listed, page: Page, url: str) -> str:
    if listed_page.via is None:
        return url + listed_page.path
    start, selector = listed_page.via
    page.goto(url + start)
    link = page.locator(selector).first.get_attribute("href")
    assert link, f"{start} has no link {selector}"
    return link if link.startswith("http") else url + link


def accessibility_faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"axe {fault['id']}: {fault['help']} ({fault['nodes'][0]['html'][:120]})" for fault in found
    ]


@pytest.mark.parametrize("listed_page", listed(), ids=lambda listed_page: listed_page.name)
def test_page(listed_page: Listed, open_page: OpenPage, zhike_server: RunningServer) -> None:
    faults: list[str] = []
    target = ""
    for language in LANGUAGES:
        page = open_page(listed_page.role, language)
        target = target or address(listed_page, page, zhike_server.url)
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        answer = page.goto(target)
        assert answer is not None
        assert answer.status == 200, f"{target} answered {answer.status}"
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate(TOO_WIDE)
            problems = [wide] if wide else []
            problems += untranslated(language, page.evaluate(VISIBLE_TEXTS))
            if language == LANGUAGES[0]:
                # Structure and colours do not change with the language.
                problems += accessibility_faults(page)
            faults += [f"{language} {width}: {problem}" for problem in problems]
    assert faults == [], "\n" + "\n".join(faults)
