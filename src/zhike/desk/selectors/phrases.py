"""The list of phrases, kept in the process: every pause of every writer asks for it."""

from functools import lru_cache

from zhike.core import settled
from zhike.desk.models import Phrase
from zhike.desk.phrases import Entry, Finder


def finder(stamp: str = "") -> Finder:
    """The phrases in use. `stamp` is that of the reader's rights."""
    return settled.kept(stamp, ("phrases",), _in_use)


def _in_use() -> Finder:
    return _built(tuple(phrase.entry() for phrase in Phrase.objects.filter(is_active=True)))


# Callers without a stamp read the rows anew, but need not build the same automaton again.
@lru_cache(maxsize=4)
def _built(entries: tuple[Entry, ...]) -> Finder:
    return Finder(entries)
