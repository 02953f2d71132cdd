"""Where the words of a query stand in a text that was found, whatever spelling either is written in."""

from zhike.core.signs import plain


def _plain(text: str) -> str:
    """One sign for one, so that places in it are places in the text."""
    return "".join(map(plain, text))


def words_of(query: str) -> list[str]:
    return _plain(query).split()


def places_of(text: str, query: str) -> list[tuple[int, int]]:
    """Stretches of `text` that are words of `query`, in order; those that touch are one."""
    folded = _plain(text)
    spans = []
    for word in set(words_of(query)):
        place = folded.find(word)
        while place >= 0:
            spans.append((place, place + len(word)))
            place = folded.find(word, place + 1)
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
