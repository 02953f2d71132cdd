"""Search that finds every word, two characters or one, in the folded text; the same on both databases."""

from zhike.core.phones import masked_numbers
from zhike.core.search.fold import bigrams, fold, terms
from zhike.core.search.index import altering, index_operations
from zhike.core.search.query import Found, count, find, find_and_count, matching
from zhike.core.search.searchable import Searchable

__all__ = [
    "Found",
    "Searchable",
    "altering",
    "bigrams",
    "count",
    "find",
    "find_and_count",
    "fold",
    "index_operations",
    "masked_numbers",
    "matching",
    "terms",
]
