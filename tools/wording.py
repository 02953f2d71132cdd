"""What no translation may do: lose a placeholder, disagree with another room, read carelessly."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import polib

import plaintext
from catalogues import ROOT, Message, python_files, template_files, translation

HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
PERCENT = re.compile(r"%(?!%)(?:\((\w+)\))?[-#0 +]*\d*(?:\.\d+)?[sdfirxge]")
BRACE = re.compile(r"(?<!\{)\{(\w*)[^{}]*\}(?!\})")
# Product and language names are written in their own language everywhere.
OWN_NAMES = ("知客", "简体中文", "繁體中文", "繁体中文")
# Rooms and folders whose Chinese is data, not screen text.
DATA_PARTS = {"data", "migrations", "demo", "formats", "locale"}
# A statement of Python so marked holds data (words to recognise, a sample), not a text of the screen.
DATA_MARK = "# zh-data"

HASTY = (
    (re.compile(rf"[{HAN}][,;:!?]"), "half-width punctuation after a Chinese sign"),
    (re.compile(rf"[{HAN}]\d|\d[{HAN}]"), "no space between Chinese and figures"),
    (re.compile("[!！]"), "exclamation mark"),
    (re.compile(r"\.\.\."), "three dots instead of ……"),
    (re.compile("提交成功|操作成功|^确定$|^確定$"), "a word that says nothing; name what happens"),
)


def placeholders(text: str) -> list[str]:
    plain = text.replace("%%", "")
    found = [f"%({name})" if name else "%s" for name in PERCENT.findall(plain)]
    return sorted(found + [f"{{{name}}}" for name in BRACE.findall(plain)])


def faults(where: str, message: Message, text: str) -> list[str]:
    """Faults of one translation."""
    problems = []
    wanted = set(placeholders(message.text)) | set(placeholders(message.plural))
    if not message.plural and placeholders(message.text) != placeholders(text):
        if set(placeholders(text)) != wanted or "%s" in wanted or "{}" in wanted:
            problems.append(f"{where}: placeholders differ: {message.key!r} → {text!r}")
    elif message.plural and set(placeholders(text)) != wanted:
        problems.append(f"{where}: placeholders differ: {message.key!r} → {text!r}")
    # Placeholders hold digits and letters of their own (%(n)02d), which are no wording.
    words = PERCENT.sub("·", BRACE.sub("·", text))
    problems += [f"{where}: {why}: {text!r}" for pattern, why in HASTY if pattern.search(words)]
    if message.text[:1].isspace() != text[:1].isspace() or message.text.endswith("\n") != (
        text.endswith("\n")
    ):
        problems.append(f"{where}: white space at the ends differs: {message.key!r}")
    return problems


def disagreements(rooms: dict[str, dict[Message, polib.POEntry]]) -> list[str]:
    """One English text, two Chinese ones: Django would show whichever room it loads last."""
    used: dict[Message, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for label, entries in rooms.items():
        for message, entry in entries.items():
            if translation(entry):
                used[message][translation(entry)].append(label)
    return [
        f"{message.key!r} is translated differently: "
        + "; ".join(f"{text!r} in {', '.join(labels)}" for text, labels in sorted(texts.items()))
        + ". Agree on one, or give one a context."
        for message, texts in sorted(used.items())
        if len(texts) > 1
    ]


def chinese_in_source(folder: Path) -> list[str]:
    """Screen texts written in Chinese where English and a catalogue belong."""
    problems = []
    for path in [*python_files(folder), *template_files(folder), *sorted(folder.rglob("*.js"))]:
        parts = path.relative_to(ROOT).parts
        if DATA_PARTS.intersection(parts) or "vendor" in parts:
            continue
        text = path.read_text(encoding="utf-8")
        lines = _python_lines(text) if path.suffix == ".py" else _other_lines(text)
        place = "/".join(parts)
        problems += [
            f"{place}:{number}: Chinese in the source; write English and translate it"
            for number in lines
        ]
    return problems


def untranslated_in_templates(folder: Path) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: not in a translate tag: {text!r}"
        for path in template_files(folder)
        if path.suffix == ".html"
        for number, text in plaintext.untranslated(path)
    ]


def _python_lines(source: str) -> list[int]:
    """Lines of string literals with Chinese, but for docstrings, patterns and marked statements."""
    lines = source.splitlines()
    exempt: set[int] = set()
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if _is_docstring(node) or _is_pattern(node) or _is_marked(node, lines):
            exempt.update(id(inner) for inner in ast.walk(node))
    return sorted(
        {
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in exempt
            and _has_han(node.value)
            and DATA_MARK not in lines[node.lineno - 1]
        }
    )


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_pattern(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.")


def _is_marked(node: ast.AST, lines: list[str]) -> bool:
    """A statement is marked on its first line or in the comment line above it."""
    if not isinstance(node, ast.stmt) or isinstance(node, ast.FunctionDef | ast.ClassDef):
        return False
    above = lines[node.lineno - 2].strip() if node.lineno > 1 else ""
    return DATA_MARK in lines[node.lineno - 1] or above.startswith(DATA_MARK)


def _other_lines(source: str) -> list[int]:
    """Line numbers with Chinese outside comments, in a template or a script."""
    comments = re.compile(
        r"\{#.*?#\}|\{% comment .*?\{% endcomment %\}|<!--.*?-->|/\*.*?\*/|^\s*//[^\n]*",
        re.DOTALL | re.MULTILINE,
    )
    blanked = comments.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)
    return [number for number, line in enumerate(blanked.splitlines(), 1) if _has_han(line)]


def _has_han(text: str) -> bool:
    for name in OWN_NAMES:
        text = text.replace(name, "")
    return re.search(f"[{HAN}]", text) is not None
