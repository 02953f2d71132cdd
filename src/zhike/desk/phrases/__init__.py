"""Words not to be said to customers, nor about them: the language of the list, and where they stand in a text.

Pure: no database, no request. What is kept and asked in practice: `desk.services.words`.
"""

from zhike.desk.phrases.finding import Entry, Finder, Hit, PhraseKind, Place
from zhike.desk.phrases.language import PatternError, exceptions_of, parse

__all__ = [
    "Entry",
    "Finder",
    "Hit",
    "PatternError",
    "PhraseKind",
    "Place",
    "exceptions_of",
    "parse",
]
