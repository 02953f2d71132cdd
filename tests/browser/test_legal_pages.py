"""The pages of times a law sets, which no link of the page list leads to: widths, languages, structure."""

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.walking import LANGUAGES, faults
from tests.server import RunningServer

pytestmark = pytest.mark.browser


def test_starting_and_ending_beside_all_due_times(
    open_page: OpenPage, zhike_server: RunningServer
) -> None:
    found: list[str] = []
    for language in LANGUAGES:
        page = open_page("supervisor", language)
        page.goto(f"{zhike_server.url}/cases/?sort=due_legal")
        case = page.locator("tbody a.zk-open").first.get_attribute("href")
        clocks = f"{zhike_server.url}{case}clocks/"
        page.goto(clocks)
        assert page.locator(".dk-legal").count() > 0
        page.locator(".dk-legal summary").first.click()
        structure = language == LANGUAGES[0]
        found += faults(page, language, accessibility=structure)
        page.goto(f"{zhike_server.url}{case}legal/new/")
        found += faults(page, language, accessibility=structure)
        page.goto(clocks)
        page.locator(".dk-legal a.btn").first.click()
        page.wait_for_selector("[name=result]")
        found += faults(page, language, accessibility=structure)
        # The line on the case itself leads back there.
        page.goto(f"{zhike_server.url}{case}")
        assert page.locator(".dk-legal-line").get_attribute("href") == f"{case}clocks/#legal"
        found += faults(page, language)
    assert found == [], "\n" + "\n".join(found)
