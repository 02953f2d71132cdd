"""List pages: declare a `Listing`, hand it a scoped queryset. See docs/pages.md."""

from zhike.core.listing.counting import CAP, Count, capped_count
from zhike.core.listing.filters import (
    PERIODS,
    Bound,
    Chip,
    Choice,
    DateRange,
    Filter,
    Flag,
    Keyword,
)
from zhike.core.listing.keyset import Order, in_order
from zhike.core.listing.listing import Listing
from zhike.core.listing.page import ListPage
from zhike.core.listing.parts import Batch, Column, Rows, Sort, Tab

__all__ = [
    "CAP",
    "PERIODS",
    "Batch",
    "Bound",
    "Chip",
    "Choice",
    "Column",
    "Count",
    "DateRange",
    "Filter",
    "Flag",
    "Keyword",
    "ListPage",
    "Listing",
    "Order",
    "Rows",
    "Sort",
    "Tab",
    "capped_count",
    "in_order",
]
