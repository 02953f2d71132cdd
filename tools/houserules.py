"""Rules of the house that no linter knows: sizes, names, templates, hosts and paths of one machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUNCTION_LINES = 60
FILE_LINES = 450
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
# Tests may be long lists of cases; data and migrations are not read from top to bottom.
UNMEASURED = re.compile(r"(^|/)(migrations|data)/|^tests/")

# Written with a bracket in the middle so that this file does not find itself.
ANYWHERE = (
    (
        re.compile(r"py[p]i\.org|python[h]osted\.org|npm[j]s\.(?:org|com)|deb\.deb[i]an\.org"),
        "the address of a package registry; the user's own settings decide where packages come from",
    ),
    (re.compile(r"(?<![\w.~-])/(?:ro[o]t|wo[r]k|home/\w+)/"), "a path of one machine"),
)
PYTHON = (
    (re.compile(r"\bauto_now(?:_add)?\s*="), "auto_now bypasses core.clock; pass work.now"),
    (re.compile(r"pytest\.mark\.(?:skip|xfail)|pytest\.skip\("), "a test that does not run"),
    (re.compile(r"# type: ignore\[[^\]]*\]\s*$"), "a type: ignore without a reason behind it"),
)
TEMPLATES = (
    (re.compile(r"\|\s*safe\b|autoescape false"), "unescaped text; use format_html in Python"),
    (re.compile(r"<[^>]*\sstyle\s*=\s*[\"']"), "inline style: the content policy refuses it"),
    (re.compile(r"<[^>]*\son\w+\s*=\s*[\"']"), "inline handler: the content policy refuses it"),
    (
        re.compile(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))[^>]*>"),
        "inline script: the content policy refuses it",
    ),
    (re.compile(r"\b(?:TODO|FIXME)\b"), "unfinished"),
    (re.compile(r"{%-?\s*trans\b(?!\s+trimmed\b)"), "trans without trimmed"),
)


def files() -> list[Path]:
    """Everything that would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [ROOT / name for name in sorted(listed) if (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8", errors="replace")


def matching(
    text: str, rules: tuple[tuple[re.Pattern[str], str], ...]
) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, why in rules:
            if pattern.search(line):
                yield number, why


def sizes(place: str, text: str) -> Iterator[tuple[int, str]]:
    if UNMEASURED.search(place):
        return
    lines = text.count("\n")
    if lines > FILE_LINES:
        yield lines, f"longer than {FILE_LINES} lines; split it by aggregate or verb"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield node.lineno, f"{node.name} has {length} lines (at most {FUNCTION_LINES})"


def problems(path: Path) -> Iterator[tuple[int, str]]:
    place = path.relative_to(ROOT).as_posix()
    text = text_of(path)
    yield from matching(text, ANYWHERE)
    if path.name == "package-lock.json":
        yield from matching(text, ((re.compile('"resolved"'), "an address in the lock file"),))
    if VAGUE_NAMES.intersection((path.stem, *path.relative_to(ROOT).parent.parts)):
        yield 1, "a name that says nothing; name the idea"
    if path.suffix == ".py":
        if not place.startswith("tools/"):
            yield from matching(text, PYTHON)
        yield from sizes(place, text)
    if path.suffix == ".html":
        yield from matching(text, TEMPLATES)


def main() -> int:
    count = 0
    for path in files():
        for number, why in problems(path):
            print(f"{path.relative_to(ROOT)}:{number}: {why}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
