"""What the builder's forms send besides plain fields: choices and rows, conditions, quotas.

Each line has a number in its names (`options-2-text-en`); a line without words is left out.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from zhike.surveys.definition import Draft, clean, next_key
from zhike.surveys.definition.drafts import LONGEST, MOST_CONDITIONS
from zhike.surveys.definition.reading import KEY, LONGEST_TEXT, MOST_OPTIONS
from zhike.surveys.outline import values_of, words

_MOVE = re.compile(r"(options|rows)-(up|down)-(\d{1,3})\Z")


@dataclass(frozen=True)
class ConditionLine:
    """An earlier question with what may be chosen of it; `is_gone` when the draft no longer has it."""

    number: int
    question: str
    text: str
    values: tuple[tuple[str, str, bool], ...]
    negated: bool
    is_set: bool
    is_gone: bool = False


def read_parts(post: QueryDict, name: str, languages: Sequence[str], used: set[str]) -> list[Draft]:
    """Choices or rows in the order sent, then one for each line of the text below them."""
    found: list[Draft] = []
    taken = set(used)
    for number in range(MOST_OPTIONS):
        if f"{name}-{number}-key" not in post:
            break
        texts = {
            code: clean(post.get(f"{name}-{number}-text-{code}", ""))[:LONGEST_TEXT]
            for code in languages
        }
        texts = {code: text for code, text in texts.items() if text}
        if texts:
            key = post.get(f"{name}-{number}-key", "")
            part: Draft = {"key": key if KEY.match(key) else "", "text": texts}
            for flag in ("opens_text", "alone"):
                if post.get(f"{name}-{number}-{flag}"):
                    part[flag] = True
            found.append(part)
            taken.add(part["key"])
    further = clean(post.get(f"{name}-more", ""))[: LONGEST * 4].split("\n")
    found += [
        {"key": "", "text": {languages[0]: line.strip()[:LONGEST_TEXT]}}
        for line in further
        if line.strip()
    ]
    for part in found:
        if not part["key"]:
            part["key"] = next_key(taken)
            taken.add(part["key"])
    return found


def moved(parts: list[Draft], name: str, do: str) -> list[Draft]:
    """After a button “up” or “down” beside a line."""
    match = _MOVE.match(do)
    if match is None or match[1] != name:
        return parts
    at = int(match[3])
    to = at - 1 if match[2] == "up" else at + 1
    if 0 <= at < len(parts) and 0 <= to < len(parts):
        parts = [*parts]
        parts[at], parts[to] = parts[to], parts[at]
    return parts


def read_conditions(post: QueryDict, earlier: Sequence[Draft]) -> list[Draft]:
    """Those with at least one value ticked; what names no earlier question is left out."""
    known = {question["key"]: {v for v, _t in values_of(question, "", "")} for question in earlier}
    found: list[Draft] = []
    for number in range(len(earlier) + MOST_CONDITIONS):
        question = post.get(f"when-{number}-question", "")
        values = [
            value
            for value in post.getlist(f"when-{number}-value")
            if value in known.get(question, ())
        ]
        if values:
            condition: Draft = {"question": question, "values": values}
            if post.get(f"when-{number}-negated") == "1":
                condition["negated"] = True
            found.append(condition)
    return found[:MOST_CONDITIONS]


def condition_lines(
    when: Sequence[Draft], earlier: Sequence[Draft], language: str
) -> list[ConditionLine]:
    """The conditions there are, then each other earlier question one may be made of."""
    asked = {question["key"]: question for question in earlier}
    lines: list[ConditionLine] = []
    for condition in when:
        question = asked.get(condition["question"])
        lines.append(_line(len(lines), question, condition, language))
    named = {condition["question"] for condition in when}
    for question in earlier:
        if question["key"] not in named and values_of(question, language, language):
            lines.append(_line(len(lines), question, None, language))
    return lines


def _line(
    number: int, question: Draft | None, condition: Draft | None, language: str
) -> ConditionLine:
    chosen = set(condition["values"]) if condition else set()
    if question is None:
        return ConditionLine(number, "", "", (), False, is_set=True, is_gone=True)
    return ConditionLine(
        number=number,
        question=question["key"],
        text=words(question["text"], language, language) or question["key"],
        values=tuple(
            (value, text, value in chosen)
            for value, text in values_of(question, language, language)
        ),
        negated=bool(condition and condition.get("negated")),
        is_set=condition is not None,
    )


def read_quotas(post: QueryDict, questions: Sequence[Draft]) -> tuple[list[Draft], list[str]]:
    """The quotas, and the names of fields in which no whole number from 1 stands."""
    found: list[Draft] = []
    wrong: list[str] = []
    for question in questions:
        for value, _text in values_of(question, "", ""):
            name = quota_field(question["key"], value)
            text = post.get(name, "").strip()
            if not text:
                continue
            if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= 10_000_000:
                wrong.append(name)
                continue
            found.append({"question": question["key"], "value": value, "most": int(text[:9])})
    return found, wrong


def quota_field(question: str, value: str) -> str:
    return f"quota-{question}-{value}"


def whole_number(post: Mapping[str, Any], name: str) -> int:
    """A hidden number of ours; 0 for anything else."""
    text = str(post.get(name, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
