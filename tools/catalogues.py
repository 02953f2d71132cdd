"""Texts of the program and their catalogues: extraction, reading, writing, the Traditional draft.

No gettext binary takes part: Babel reads Python, Jinja2 its templates. Catalogues are written sorted,
unwrapped and without dates or line numbers, so that two people who work on different pages do not meet
in the same lines.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import opencc
import polib
from babel.messages.extract import extract_python
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "zhike"
OVERRIDES = Path(__file__).resolve().parent / "zh_hant_overrides.txt"
SOURCE_LANGUAGE = "zh_Hans"
DRAFTED_LANGUAGE = "zh_Hant"
LANGUAGES = (SOURCE_LANGUAGE, DRAFTED_LANGUAGE)
# An entry so marked was written by a person; drafting and the drift check leave it alone.
HAND = "hand"

Spec = tuple[int | tuple[int, int] | tuple[int, str], ...] | None
Keywords = dict[str, Spec]
KEYWORDS: Keywords = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

# As `zhike.core.templating` reads them; a template that cannot be read fails the check.
TEMPLATES = {"encoding": "utf-8", "silent": "false", "newstyle_gettext": "true"}


@dataclass(frozen=True, order=True)
class Message:
    """One text as the source has it. Two texts are the same if text and context are."""

    text: str
    context: str = ""
    plural: str = field(default="", compare=False)
    place: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        """How the JSON files of `missing` and `fill` name it."""
        return f"[{self.context}] {self.text}" if self.context else self.text


class UnknownApp(Exception):
    pass


def apps() -> dict[str, Path]:
    """Every room with texts of its own, by label: the folder's name (webform, not channels)."""
    folders = [path for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()]
    found: dict[str, Path] = {}
    for folder in sorted(folders):
        if folder.name == "channels":
            inner = [path for path in folder.iterdir() if (path / "__init__.py").is_file()]
            found.update({path.name: path for path in sorted(inner)})
        else:
            found[folder.name] = folder
    return found


def app_folder(label: str) -> Path:
    folder = apps().get(label.rstrip("/").split("/")[-1])
    if folder is None:
        raise UnknownApp(f"There is no room called {label!r}. Known: {', '.join(apps())}.")
    return folder


def template_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.glob("templates/**/*")):
        if path.suffix in {".html", ".txt", ".xml", ".svg", ".webmanifest"}:
            yield path


def python_files(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.rglob("*.py"))


def extract(label: str) -> list[Message]:
    """All texts of one room, sorted, each once."""
    folder = app_folder(label)
    found: dict[tuple[str, str], Message] = {}
    for path in python_files(folder):
        python = path.read_text(encoding="utf-8")
        keywords = KEYWORDS | aliases(python)
        calls = extract_python(io.BytesIO(python.encode()), keywords, [], {"encoding": "utf-8"})
        _collect(found, calls, keywords, path)
    for path in template_files(folder):
        source = io.BytesIO(path.read_bytes())
        _collect(found, babel_extract(source, tuple(KEYWORDS), [], TEMPLATES), KEYWORDS, path)
    return sorted(found.values())


def _collect(
    found: dict[tuple[str, str], Message], calls: Iterable[Any], keywords: Keywords, path: Path
) -> None:
    place = str(path.relative_to(ROOT))
    for line, name, arguments, _comments in calls:
        message = _message(arguments, keywords.get(str(name)), f"{place}:{line}")
        if message is None:
            continue
        known = found.get((message.text, message.context))
        if known is None or (message.plural and not known.plural):
            found[(message.text, message.context)] = message


def aliases(python: str) -> Keywords:
    """Other names a module gives to gettext's functions: `import gettext_noop as _noop`."""
    return {
        name.asname: KEYWORDS[name.name]
        for node in ast.walk(ast.parse(python))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if name.asname and name.name in KEYWORDS
    }


def _message(arguments: object, spec: Spec, place: str) -> Message | None:
    values = arguments if isinstance(arguments, tuple | list) else (arguments,)
    positions = spec or (1,)
    texts: list[str] = []
    context = ""
    for position in positions:
        index = position[0] if isinstance(position, tuple) else position
        value = values[index - 1] if index <= len(values) else None
        if not isinstance(value, str) or not value:
            return None  # A variable, not a literal: nothing to extract.
        if isinstance(position, tuple):
            context = value
        else:
            texts.append(value)
    return Message(texts[0], context, texts[1] if len(texts) > 1 else "", place)


def catalogue_path(label: str, language: str) -> Path:
    return app_folder(label) / "locale" / language / "LC_MESSAGES" / "django.po"


def read(label: str, language: str) -> dict[Message, polib.POEntry]:
    path = catalogue_path(label, language)
    if not path.is_file():
        return {}
    entries = polib.pofile(str(path), encoding="utf-8")
    return {
        Message(entry.msgid, entry.msgctxt or "", entry.msgid_plural or ""): entry
        for entry in entries
        if not entry.obsolete
    }


def translation(entry: polib.POEntry | None) -> str:
    """The Chinese of an entry; Chinese has one plural form."""
    if entry is None:
        return ""
    return str(entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr)


def entry_of(message: Message, text: str, *, hand: bool = False) -> polib.POEntry:
    entry = polib.POEntry(
        msgid=message.text,
        msgctxt=message.context or None,
        tcomment=HAND if hand else "",
    )
    if message.plural:
        entry.msgid_plural = message.plural
        entry.msgstr_plural = {0: text}
    else:
        entry.msgstr = text
    return entry


def is_hand(entry: polib.POEntry | None) -> bool:
    return entry is not None and HAND in str(entry.tcomment or "").split()


def is_fuzzy(entry: polib.POEntry) -> bool:
    return "fuzzy" in entry.flags


def write(label: str, language: str, entries: dict[Message, polib.POEntry]) -> bool:
    """Write one catalogue; True if the file changed. A room without texts has no catalogue."""
    path = catalogue_path(label, language)
    if not entries:
        changed = path.is_file()
        path.unlink(missing_ok=True)
        path.with_suffix(".mo").unlink(missing_ok=True)
        return changed
    catalogue = polib.POFile(wrapwidth=0)
    catalogue.metadata = {
        "Project-Id-Version": "zhike",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    catalogue.extend(entries[message] for message in sorted(entries))
    content = str(catalogue).rstrip("\n") + "\n"
    if path.is_file() and path.read_text(encoding="utf-8") == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return True


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2twp")


@cache
def overrides() -> dict[str, str]:
    """Words that the converter leaves or turns wrongly, Simplified to Traditional."""
    pairs: dict[str, str] = {}
    for line in OVERRIDES.read_text(encoding="utf-8").splitlines():
        words = line.split("#")[0].split()
        if len(words) == 2:
            pairs[words[0]] = words[1]
    return pairs


def draft_traditional(text: str) -> str:
    """Traditional Chinese (Taiwan words) of a Simplified text."""
    words = sorted(overrides(), key=len, reverse=True)
    pattern = "(" + "|".join(map(re.escape, words)) + ")"
    parts = re.split(pattern, text) if words else [text]
    return "".join(overrides().get(part) or str(_converter().convert(part)) for part in parts)


def draft_catalogue(
    label: str, source: dict[Message, polib.POEntry]
) -> dict[Message, polib.POEntry]:
    """The Traditional catalogue that belongs to a Simplified one; entries by hand stay."""
    present = read(label, DRAFTED_LANGUAGE)
    drafted: dict[Message, polib.POEntry] = {}
    for message, entry in source.items():
        own = present.get(message)
        if is_hand(own):
            drafted[message] = entry_of(message, translation(own), hand=True)
        else:
            drafted[message] = entry_of(message, draft_traditional(translation(entry)))
    return drafted
