"""The pictures of the README, taken from the running program with the demo company.

tools/screenshots.py [NAME …]     all of docs/pictures, or only those named
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

import system

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.signing import sign_in  # noqa: E402
from tests.server import start_server  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
LIST = Path(__file__).with_name("screenshots.json")


@dataclass(frozen=True)
class Shot:
    """`via`: the links to follow from `path`, as selectors, one after the other."""

    name: str
    role: str
    path: str
    via: tuple[str, ...] = ()
    width: int = 1440
    height: int = 900


def shots(wanted: list[str]) -> list[Shot]:
    rows = json.loads(LIST.read_text(encoding="utf-8"))
    listed = [Shot(**{**row, "via": tuple(row.get("via", ()))}) for row in rows]
    unknown = set(wanted) - {shot.name for shot in listed}
    if unknown:
        raise SystemExit(f"{LIST.name} has no {', '.join(sorted(unknown))}.")
    return [shot for shot in listed if not wanted or shot.name in wanted]


def take(shot: Shot, browser: Browser, url: str) -> None:
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    page: Page = context.new_page()
    if shot.role:
        sign_in(page, url, shot.role)
    page.goto(url + shot.path)
    for selector in shot.via:
        link = page.locator(selector).first.get_attribute("href")
        page.goto(url + (link or ""))
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=PICTURES / f"{shot.name}.png")
    context.close()


def main() -> int:
    problem = system.ensure((*system.BROWSER, system.CHINESE_FONT))
    if problem:
        print(problem, file=sys.stderr)
        return 1
    wanted = shots(sys.argv[1:])
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="zhike-pictures-") as folder:
        server = start_server(Path(folder), demo=True)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=system.chromium(), args=["--no-sandbox", "--disable-gpu"]
                )
                for shot in wanted:
                    take(shot, browser, server.url)
                    print(f"docs/pictures/{shot.name}.png", flush=True)
                browser.close()
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
