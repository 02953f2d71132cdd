"""Words in a template that no catalogue knows: they would stay English on a Chinese page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

# Template language, from the largest to the smallest; replaced by blanks, line ends kept.
TEMPLATE_LANGUAGE = re.compile(
    r"\{#.*?#\}"
    r"|\{%\s*trans\b.*?%\}.*?\{%\s*endtrans\s*%\}"
    # A block that fills an attribute of the base page.
    r"|\{%\s*block\s+\w*class\w*\s*%\}.*?\{%\s*endblock\s*%\}"
    r"|\{%.*?%\}|\{\{.*?\}\}",
    re.DOTALL,
)
WORD = re.compile(r"[A-Za-z]{2,}")
SPOKEN_ATTRIBUTES = {"title", "placeholder", "aria-label", "aria-description", "alt", "label"}
NOT_READ = {"script", "style", "code", "kbd", "svg", "samp"}
# The same in every language.
NAMES = {
    "Zhike",
    "API",
    "CSV",
    "XLSX",
    "xlsx",
    "csv",
    "URL",
    "ID",
    "JSON",
    "UTC",
    "VIP",
    "PDF",
    "HTTP",
}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in SPOKEN_ATTRIBUTES or (tag, name) == ("input", "value"):
                self._note(value or "")
        if tag in NOT_READ:
            self._silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._note(data)

    def _note(self, text: str) -> None:
        words = [word for word in WORD.findall(text) if word not in NAMES]
        if words:
            self.found.append((self.getpos()[0], " ".join(text.split())[:60]))


def untranslated(path: Path) -> list[tuple[int, str]]:
    """Line and text of everything readable outside translate tags."""
    source = path.read_text(encoding="utf-8")
    blanked = TEMPLATE_LANGUAGE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)
    reader = _Reader()
    reader.feed(blanked)
    reader.close()
    return reader.found
