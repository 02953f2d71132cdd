"""How a phrase of the list is written: plain text, with choices in brackets.

    [您|你]可能不[太|]明白        您可能不明白, 你可能不太明白 …

An empty choice makes the part optional. Only letters, digits and Chinese signs count: spaces and punctuation
fall away, here as in the text. Brackets do not stand inside brackets.
"""

import re
from dataclasses import dataclass

from zhike.core.signs import plain

# Raw length, signs of the longest wording, signs in all choices together.
LONGEST_PATTERN = 200
LONGEST_WORDING = 40
MOST_SIGNS = 160

Part = tuple[str, ...]


class PatternError(ValueError):
    """`code` says what is wrong: empty, optional, bracket, inside, too_long."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Pattern:
    """Parts in order; of each one choice is said. "" among the choices: the part may be missing."""

    parts: tuple[Part, ...]

    def shortest(self) -> int:
        return sum(min(len(choice) for choice in part) for part in self.parts)

    def longest(self) -> int:
        return sum(max(len(choice) for choice in part) for part in self.parts)

    def signs(self) -> int:
        return sum(len(choice) for part in self.parts for choice in part)


# Written for a woman; said alike.
_ALIKE = {"妳": "你"}  # zh-data


def sign_of(written: str) -> str:
    """A sign in one spelling; "" for what does not count."""
    sign = plain(written)
    return _ALIKE.get(sign, sign) if sign.isalnum() else ""


def spoken(text: str) -> str:
    """The signs that count, in one spelling."""
    return "".join(map(sign_of, text))


def parse(written: str) -> Pattern:
    """Raises PatternError for what cannot be looked for."""
    if len(written) > LONGEST_PATTERN:
        raise PatternError("too_long")
    # Whoever types Chinese gets brackets and strokes of full width.
    text = written.translate(_BRACKETS)
    parts: list[Part] = []
    rest = text
    while rest:
        before, opened, rest = rest.partition("[")
        if "]" in before or "|" in before:
            raise PatternError("bracket")
        if spoken(before):
            parts.append((spoken(before),))
        if not opened:
            break
        inner, closed, rest = rest.partition("]")
        if not closed:
            raise PatternError("bracket")
        if "[" in inner:
            raise PatternError("inside")
        # In the order they were written, each once.
        parts.append(tuple(dict.fromkeys(spoken(choice) for choice in inner.split("|"))))
    return _checked(Pattern(tuple(part for part in parts if any(part))))


_BRACKETS = {ord("［"): "[", ord("］"): "]", ord("【"): "[", ord("】"): "]", ord("｜"): "|"}


def _checked(pattern: Pattern) -> Pattern:
    if not pattern.parts:
        raise PatternError("empty")
    if pattern.shortest() == 0:
        raise PatternError("optional")
    if pattern.longest() > LONGEST_WORDING or pattern.signs() > MOST_SIGNS:
        raise PatternError("too_long")
    return pattern


def exceptions_of(written: str) -> tuple[str, ...]:
    """One a line, or with semicolons between them; blanks belong to the phrase."""
    parts = (part.strip() for part in re.split("[;；\n]", written))
    return tuple(part for part in parts if part)
