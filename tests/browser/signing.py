"""Signing in as one of the demo company's staff."""

from playwright.sync_api import Page

# Role to staff number, as `zhike serve --demo` prints them.
DEMO_STAFF: dict[str, str] = {}
DEMO_PASSWORD = ""


def sign_in(page: Page, url: str, role: str) -> None:
    page.goto(f"{url}/account/sign-in/")
    page.locator("[name=staff_number]").fill(DEMO_STAFF[role])
    page.locator("[name=password]").fill(DEMO_PASSWORD)
    page.locator("form button.p-btn-primary").click()
    page.wait_for_url(lambda address: "/sign-in/" not in address)
