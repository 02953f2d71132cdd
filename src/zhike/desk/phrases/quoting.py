"""What stands between quotation marks: somebody else's words."""

_PAIRS = {
    "“": "”",
    "‘": "’",
    "「": "」",
    "『": "』",
    "《": "》",
    "〝": "〞",
    "﹁": "﹂",
    "﹃": "﹄",
}
_CLOSING = frozenset(_PAIRS.values())
# Opens and closes alike, so it holds within its line only.
_STRAIGHT = frozenset('"＂')


def quoted(text: str) -> bytearray:
    """One byte a sign: 1 where it is quoted. A mark that is never closed opens nothing."""
    edges = [0] * (len(text) + 1)
    opened: list[tuple[str, int]] = []
    waiting: dict[str, int] = {}
    straight = -1
    for at, sign in enumerate(text):
        if sign in _PAIRS:
            opened.append((_PAIRS[sign], at))
            waiting[_PAIRS[sign]] = waiting.get(_PAIRS[sign], 0) + 1
        elif sign in _CLOSING:
            if waiting.get(sign):
                _mark(edges, _close(opened, waiting, sign), at)
        elif sign in _STRAIGHT:
            if straight >= 0:
                _mark(edges, straight, at)
            straight = at if straight < 0 else -1
        elif sign == "\n":
            straight = -1
    inside = bytearray(len(text))
    depth = 0
    for at in range(len(text)):
        depth += edges[at]
        inside[at] = depth > 0
    return inside


def _close(opened: list[tuple[str, int]], waiting: dict[str, int], sign: str) -> int:
    """The place of the mark this one closes; what was opened after it and left open is dropped."""
    while True:
        wanted, at = opened.pop()
        waiting[wanted] -= 1
        if wanted == sign:
            return at


def _mark(edges: list[int], first: int, last: int) -> None:
    edges[first] += 1
    edges[last] -= 1
