"""Where a listener stands: `case:15:12,user:3:7` means topic `case:15` up to 12 and `user:3` up to 7."""

import re
from collections.abc import Mapping

MOST_TOPICS = 50
_PART = re.compile(r"([a-z][a-z0-9_.-]{0,30}(?::[A-Za-z0-9_.-]{1,60})?):(\d{0,18})")

# Numbers per topic; None means "from now on".
Cursor = dict[str, int | None]


class BadCursor(ValueError):
    """Not a list of topics."""


def parse(text: str) -> Cursor:
    """`name:number` pairs; an empty number means "from now on"."""
    parts = [part for part in text.split(",") if part]
    if not parts or len(parts) > MOST_TOPICS:
        raise BadCursor
    cursor: Cursor = {}
    for part in parts:
        match = _PART.fullmatch(part)
        if match is None:
            raise BadCursor
        name, number = match.groups()
        cursor[name] = int(number) if number else None
    return cursor


def text(cursor: Mapping[str, int]) -> str:
    return ",".join(f"{name}:{number}" for name, number in cursor.items())
