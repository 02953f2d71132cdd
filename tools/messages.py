"""Translations: update | missing | fill | compile | check. See CONTRIBUTING.md, "Texts".

tools/messages.py update [APP …]      extract texts, draft Traditional Chinese, list what lacks
tools/messages.py missing APP         print {"English": ""} for everything not yet translated
tools/messages.py fill APP FILE.json  merge such a file (Simplified Chinese) into the catalogue
tools/messages.py compile             make the .mo files
tools/messages.py check [APP …]       fail on anything missing, stale or inconsistent
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

import polib

import wording
from catalogues import (
    DRAFTED_LANGUAGE,
    LANGUAGES,
    PACKAGE,
    SOURCE_LANGUAGE,
    Message,
    UnknownApp,
    apps,
    draft_catalogue,
    entry_of,
    extract,
    is_fuzzy,
    is_hand,
    read,
    translation,
    write,
)


def memory() -> dict[Message, str]:
    """What any room already calls a text: a new entry starts with it."""
    known: dict[Message, str] = {}
    for label in apps():
        for message, entry in read(label, SOURCE_LANGUAGE).items():
            if translation(entry):
                known.setdefault(message, translation(entry))
    return known


def update_app(label: str, fills: dict[Message, str] | None = None) -> list[Message]:
    """Bring both catalogues of a room up to its source; returns what is still untranslated."""
    present = read(label, SOURCE_LANGUAGE)
    known = memory()
    entries: dict[Message, polib.POEntry] = {}
    for message in extract(label):
        entry = present.get(message)
        text = "" if entry is None or is_fuzzy(entry) else translation(entry)
        text = (fills or {}).get(message) or text or known.get(message, "")
        entries[message] = entry_of(message, text, hand=is_hand(entry))
    write(label, SOURCE_LANGUAGE, entries)
    write(label, DRAFTED_LANGUAGE, draft_catalogue(label, entries))
    return [message for message, entry in entries.items() if not translation(entry)]


def command_update(labels: list[str]) -> int:
    for label in labels or list(apps()):
        lacking = update_app(label)
        total = len(read(label, SOURCE_LANGUAGE))
        if total:
            print(f"{label}: {total} texts, {len(lacking)} untranslated")
        for message in lacking:
            print(f"  {message.place}  {message.key!r}")
    return 0


def command_missing(label: str) -> int:
    lacking = update_app(label)
    print(json.dumps({message.key: "" for message in lacking}, ensure_ascii=False, indent=1))
    return 0


def command_fill(label: str, source: str) -> int:
    text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    given = json.loads(text)
    if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
        print('The file must hold one JSON object {"English": "中文"}.', file=sys.stderr)
        return 1
    by_key = {message.key: message for message in extract(label)}
    unknown = [key for key in given if key not in by_key]
    if unknown:
        print(f"{label} has no such text (nothing was written):", file=sys.stderr)
        print(*(f"  {key!r}" for key in unknown), sep="\n", file=sys.stderr)
        return 1
    lacking = update_app(label, {by_key[key]: value for key, value in given.items() if value})
    print(f"{label}: {len(lacking)} untranslated")
    return 0


def command_compile() -> int:
    for source in sorted(PACKAGE.glob("**/locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        binary = polib.pofile(str(source), encoding="utf-8").to_binary()
        if not target.is_file() or target.read_bytes() != binary:
            # Renamed into place: a server that starts meanwhile never reads half a file.
            part = target.with_suffix(f".{os.getpid()}.part")
            part.write_bytes(binary)
            part.replace(target)
    return 0


def command_check(labels: list[str]) -> int:
    chosen = labels or list(apps())
    problems = [problem for label in chosen for problem in problems_of(label)]
    problems += wording.disagreements({label: read(label, SOURCE_LANGUAGE) for label in apps()})
    for problem in problems:
        print(problem)
    if problems:
        print(
            f"{len(problems)} problems with texts. `tools/messages.py update` draws new texts in."
        )
    return 1 if problems else 0


def problems_of(label: str) -> list[str]:
    source = set(extract(label))
    problems: list[str] = []
    for language in LANGUAGES:
        entries = read(label, language)
        where = f"{label} {language}"
        problems += [f"{where}: not in the catalogue: {m.key!r}" for m in source - set(entries)]
        problems += [f"{where}: no longer in the source: {m.key!r}" for m in set(entries) - source]
        for message, entry in entries.items():
            if is_fuzzy(entry):
                problems.append(f"{where}: fuzzy: {message.key!r}")
            if not translation(entry):
                problems.append(f"{where}: untranslated: {message.key!r}")
            else:
                problems += wording.faults(where, message, translation(entry))
    problems += drift(label)
    problems += wording.chinese_in_source(apps()[label])
    problems += wording.untranslated_in_templates(apps()[label])
    return sorted(problems)


def drift(label: str) -> list[str]:
    """Traditional entries that differ from the draft without being marked as written by hand."""
    present = read(label, DRAFTED_LANGUAGE)
    expected = draft_catalogue(label, read(label, SOURCE_LANGUAGE))
    return [
        f"{label} {DRAFTED_LANGUAGE}: {translation(present[message])!r} is not the draft"
        f" {translation(entry)!r} (mark it with the comment 'hand' if meant)"
        for message, entry in expected.items()
        if message in present and translation(present[message]) != translation(entry)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("update", "check"):
        commands.add_parser(name).add_argument("apps", nargs="*")
    commands.add_parser("missing").add_argument("app")
    fill = commands.add_parser("fill")
    fill.add_argument("app")
    fill.add_argument("file")
    commands.add_parser("compile")
    given = parser.parse_args()
    try:
        match given.command:
            case "update":
                return command_update(given.apps)
            case "check":
                return command_check(given.apps)
            case "missing":
                return command_missing(given.app)
            case "fill":
                return command_fill(given.app, given.file)
            case _:
                return command_compile()
    except (UnknownApp, OSError, json.JSONDecodeError) as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
