"""The steps of an import, as somebody at the screen takes them."""

from pathlib import Path

from playwright.sync_api import Page, expect

SUMS = """() => Object.fromEntries([...document.querySelectorAll('.im-sum > div')]
  .map((pair) => [pair.children[0].textContent.trim(), Number(pair.children[1].textContent)]))"""


def upload_reviews(page: Page, url: str, file: Path) -> None:
    """From the empty form to the page that matches the columns."""
    page.goto(f"{url}/imports/new/?kind=feedback")
    expect(page.locator("[name=kind][value=feedback]")).to_be_checked()
    page.locator("[name=file]").set_input_files(file)
    page.locator("main form .btn-primary").click()
    page.wait_for_url("**/imports/*/")


def try_out(page: Page, scale: str) -> dict[str, int]:
    """Declare the scale of the ratings, wait for the trial; what it says, by its own words."""
    other = page.locator("details.im-more:not([open]):has(#const-rating_scale) > summary")
    if other.count():
        other.click()
    page.locator("#const-rating_scale").fill(scale)
    page.locator("form[action$='/columns/'] .btn-primary").click()
    return tried(page)


def tried(page: Page) -> dict[str, int]:
    """The page asks each second how far the trial is, and comes anew with the outcome."""
    expect(page.locator("#im-progress")).to_have_count(0)
    expect(page.locator(".im-sum")).to_be_visible()
    found: dict[str, int] = page.evaluate(SUMS)
    return found


def begin(page: Page) -> dict[str, int]:
    page.locator("#im-begin .btn-primary").click()
    expect(page.locator("#oc")).to_have_text("已导入")
    return tried(page)
