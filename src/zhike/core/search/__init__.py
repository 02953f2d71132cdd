"""Search that finds every word, two characters or one, in the folded text; the same on both databases."""

from zhike.core.search.fold import bigrams, fold, masked_numbers, terms
from zhike.core.search.index import index_operations
from zhike.core.search.query import count, find, matching
from zhike.core.search.searchable import Searchable

__all__ = [
    "Searchable",
    "bigrams",
    "count",
    "find",
    "fold",
    "index_operations",
    "masked_numbers",
    "matching",
    "terms",
]
