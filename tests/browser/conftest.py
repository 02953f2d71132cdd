"""A signed-in browser per role and language, on the running demo company."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.signing import sign_in
from tests.server import RunningServer

OpenPage = Callable[[str, str], Page]
# Long enough for a busy machine, short enough to learn of a missing link today.
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def sessions(
    browser: Browser, browser_context_args: dict[str, Any], zhike_server: RunningServer
) -> Iterator[Callable[[str, str], BrowserContext]]:
    """`sessions(role, language)`: one context each, kept for the whole run."""
    states: dict[str, Any] = {}
    contexts: dict[tuple[str, str], BrowserContext] = {}

    def context(role: str, language: str) -> BrowserContext:
        if role and role not in states:
            fresh = browser.new_context(**browser_context_args)
            page = fresh.new_page()
            sign_in(page, zhike_server.url, role)
            states[role] = fresh.storage_state()
            fresh.close()
        if (role, language) not in contexts:
            made = browser.new_context(**browser_context_args, storage_state=states.get(role))
            made.add_cookies(
                [{"name": "django_language", "value": language, "url": zhike_server.url}]
            )
            made.set_default_timeout(PATIENCE_MS)
            contexts[role, language] = made
        return contexts[role, language]

    yield context
    for made in contexts.values():
        made.close()


@pytest.fixture
def open_page(sessions: Callable[[str, str], BrowserContext]) -> Iterator[OpenPage]:
    """`open_page(role, language)`: a page of that role; refused content fails the test."""
    opened: list[Page] = []
    refused: list[str] = []

    def note(message: Any) -> None:
        if message.type == "error":
            refused.append(message.text)

    def make(role: str, language: str = "zh-hans") -> Page:
        page = sessions(role, language).new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: refused.append(str(error)))
        opened.append(page)
        return page

    yield make
    for page in opened:
        page.close()
    assert refused == [], "the browser complained"
