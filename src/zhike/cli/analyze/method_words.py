"""What a method refuses, as a sentence about files, columns and options, in the terminal's language.

A method says what is wrong in English and in terms of its arguments. Here each such text, with its places for
figures, stands beside the sentence for people; a test finds a text without one. A row that a method counts among
those it was given is told by the row of the file.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from zhike.cli.analyze.files import Columns
from zhike.cli.analyze.method_sentences import sentences
from zhike.cli.analyze.problems import Problem
from zhike.cli.texts import screen_language
from zhike.methods.errors import MethodError

_PLACE = re.compile(r"\\\{(\w+)\\\}")


@contextmanager
def rows_of(columns: Columns) -> Iterator[None]:
    """Around a method: rows in what it refuses are those of the file."""
    try:
        yield
    except MethodError as error:
        raise Problem(sentence_of(error, columns)) from error


def sentence_of(error: MethodError, columns: Columns | None = None) -> str:
    found = worded(f"{error.what}: {error.why}", columns)
    # A text nobody thought of is better told in English than not at all.
    return found if found is not None else f"{error.what}: {error.why}"


def worded(said: str, columns: Columns | None = None) -> str | None:
    """The sentence for what a method said, None where there is none."""
    for pattern, sentence in _patterns(screen_language()):
        match = pattern.fullmatch(said)
        if match is None:
            continue
        values: dict[str, object] = dict(match.groupdict())
        if columns is not None and "row" in values:
            values["row"] = columns.row_of(int(str(values["row"])))
        return sentence.format(**values)
    return None


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(_PLACE.sub(r"(?P<\1>.+?)", re.escape(said)), re.S), sentence)
        for said, sentence in sentences().items()
    )
