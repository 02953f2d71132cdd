"""What the walk looks for on one page: sideways scroll, refused content, forgotten translations."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

import catalogues

FILE = Path(__file__).with_name("pages.json")
WIDTHS = (1440, 390)
LANGUAGES = ("zh-hans", "zh-hant", "en")
# Four Latin words in a row on a Chinese page are a sentence somebody forgot.
ENGLISH_SENTENCE = re.compile(r"(?:\b[A-Za-z']{2,}\b[ ,]+){3,}\b[A-Za-z']{2,}\b")
# Shorter Chinese texts also occur as data (a tag, a type somebody named).
TELLING_LENGTH = 5

VISIBLE_TEXTS = """() => {
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (parent.closest('script,style,template,noscript,[data-untranslated]')) continue;
    if (parent.checkVisibility && !parent.checkVisibility()) continue;
    texts.push(node.textContent);
  }
  for (const element of document.querySelectorAll('[placeholder],[title],[aria-label],[alt]')) {
    if (element.closest('[data-untranslated]')) continue;
    for (const name of ['placeholder', 'title', 'aria-label', 'alt']) {
      texts.push(element.getAttribute(name) || '');
    }
  }
  texts.push(document.title);
  return texts.map((text) => text.replace(/\\s+/g, ' ').trim()).filter(Boolean);
}"""

# Nothing but a table in its own scroller may be wider than the window.
TOO_WIDE = """() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide <= 0) return '';
  const edge = document.documentElement.clientWidth + 1;
  const culprit = [...document.body.querySelectorAll('*')]
    .filter((element) => element.getBoundingClientRect().right > edge)
    .pop();
  const name = culprit ? culprit.tagName.toLowerCase() + '.' + culprit.className : '?';
  return wide + ' px too wide, last by ' + name;
}"""


@dataclass(frozen=True)
class Listed:
    """A page of the list; `via` is a page and a selector whose first link leads to it."""

    name: str
    path: str
    role: str
    via: tuple[str, str] | None = None


def listed() -> list[Listed]:
    rows: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["pages"]
    return [
        Listed(
            row["name"],
            row.get("path", ""),
            row.get("as", ""),
            (row["via"][0], row["via"][1]) if "via" in row else None,
        )
        for row in rows
    ]


def excused() -> dict[str, str]:
    """Routes that are no pages, each with the reason."""
    found: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))["not_pages"]
    return found


@cache
def forgotten() -> dict[str, dict[str, str]]:
    """Per language: texts that must not be seen on a page in it, and what should stand there."""
    english: dict[str, str] = {}
    simplified: dict[str, str] = {}
    chinese: dict[str, str] = {}
    for label in catalogues.apps():
        traditional = catalogues.read(label, "zh_Hant")
        for message, entry in catalogues.read(label, "zh_Hans").items():
            text = catalogues.translation(entry)
            if not text or "%" in message.text or "{" in message.text:
                continue
            if text != message.text:
                english[message.text] = text
            if len(text) >= TELLING_LENGTH:
                chinese[text] = message.text
                other = catalogues.translation(traditional.get(message))
                if other != text:
                    simplified[text] = other
    return {"zh-hans": english, "zh-hant": english | simplified, "en": chinese}


@cache
def demo_words() -> str:
    """What the demo company's people typed: a title may read like a label, and is none."""
    folder = catalogues.app_folder("demo")
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py")))


def untranslated(language: str, texts: list[str]) -> list[str]:
    wrong = forgotten()[language]
    found = [
        f"{text!r} should read {wrong[text]!r}"
        for text in texts
        if text in wrong and f'"{text}"' not in demo_words()
    ]
    if language != "en":
        found += [f"English: {text!r}" for text in texts if ENGLISH_SENTENCE.search(text)]
    return sorted(set(found))


def faults(page: Page, language: str, *, accessibility: bool = False) -> list[str]:
    """Everything wrong with the page as it stands, at both widths."""
    found: list[str] = []
    words: set[str] = set()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate(TOO_WIDE)
        problems = [wide] if wide else []
        if accessibility:
            problems += accessibility_faults(page)
        found += [f"{language} {width}: {problem}" for problem in problems]
        words.update(untranslated(language, page.evaluate(VISIBLE_TEXTS)))
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    return found + [f"{language}: {problem}" for problem in sorted(words)]


def accessibility_faults(page: Page) -> list[str]:
    # Every rule is tried; only what passed is not told element by element, which took the longer half.
    told = Axe().run(page, options={"resultTypes": ["violations"]}).response
    return [
        f"axe {fault['id']}: {fault['help']} ({fault['nodes'][0]['html'][:120]})"
        for fault in told["violations"]
    ]
