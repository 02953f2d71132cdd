"""Signing in as one of the demo company's staff."""

from playwright.sync_api import Page

from zhike.demo.company import STAFF

# The first of each role; agent Lin, supervisor Wang.
BY_ROLE = {member.role: member for member in reversed(STAFF)}


def sign_in(page: Page, url: str, role: str) -> None:
    member = BY_ROLE[role]
    page.goto(f"{url}/account/sign-in/")
    page.locator("[name=staff_number]").fill(member.number)
    page.locator("[name=password]").fill(member.password)
    page.locator("form button.p-btn-primary").click()
    page.wait_for_url(lambda address: "/sign-in/" not in address)
