"""One walk over the page list, at two widths and in three languages."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.walking import LANGUAGES, Listed, faults, listed
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


@pytest.mark.parametrize("listed_page", listed(), ids=lambda listed_page: listed_page.name)
def test_page(listed_page: Listed, open_page: OpenPage, zhike_server: RunningServer) -> None:
    found: list[str] = []
    target = ""
    for language in LANGUAGES:
        page = open_page(listed_page.role, language)
        target = target or address(listed_page, page, zhike_server.url)
        answer = page.goto(target)
        assert answer is not None
        assert answer.status == 200, f"{target} answered {answer.status}"
        # Structure and colours do not change with the language.
        found += faults(page, language, accessibility=language == LANGUAGES[0])
    assert found == [], "\n" + "\n".join(found)
