"""One page of a list, ready for `web/list.html`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from zhike.core.listing.address import Address
from zhike.core.listing.counting import Count, capped_count
from zhike.core.listing.filters import PERIODS, Bound, Chip
from zhike.core.listing.keyset import Order, Slice, write_cursor
from zhike.core.listing.memory import DENSITIES, SIZES, Preference, View
from zhike.core.listing.parts import Batch, Column, Rows, Tab

if TYPE_CHECKING:
    from zhike.core.listing.listing import Listing

# How many conditions are tried one by one when nothing was found.
TRIED_WITHOUT = 4


@dataclass(frozen=True)
class Remark:
    """Something in the address that was ignored; the page says it in words."""

    kind: str
    label: Any = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class TabLink:
    key: str
    label: Any
    url: str
    is_active: bool
    count: Count | None


@dataclass(frozen=True)
class Head:
    """A column's head; `direction` is ascending, descending or empty."""

    column: Column
    sort_url: str
    direction: str


@dataclass(frozen=True)
class ChipLink:
    chip: Chip
    url: str
    # What would be found without it; asked only when nothing was found with it.
    found: Count | None = None


@dataclass(frozen=True)
class ViewLink:
    view: View
    url: str
    is_active: bool


@dataclass
class Chosen:
    """What an address asks of a list."""

    address: Address
    tab: Tab | None
    bounds: list[Bound]
    order: Order
    preference: Preference
    remarks: list[Remark] = field(default_factory=list)

    def narrow(self, rows: Rows, leaving_out: Bound | None = None) -> Rows:
        if self.tab and self.tab.narrow:
            rows = self.tab.narrow(rows)
        for bound in self.bounds:
            if bound is not leaving_out:
                rows = bound.narrow(rows)
        return rows

    @property
    def is_filtered(self) -> bool:
        return any(bound.is_set for bound in self.bounds)


def same_query(one: str, other: str) -> bool:
    return sorted(parse_qsl(one)) == sorted(parse_qsl(other))


@dataclass
class ListPage:
    listing: "Listing"
    scope: Rows
    chosen: Chosen
    slice: Slice
    total: Count
    tab_counts: Mapping[str, int | Count]
    all_views: list[View]
    batch: list[Batch]
    export_address: str

    @property
    def name(self) -> str:
        return self.listing.name

    @property
    def rows(self) -> list[Any]:
        return self.slice.rows

    @property
    def remarks(self) -> list[Remark]:
        return self.chosen.remarks

    @property
    def address(self) -> Address:
        return self.chosen.address

    @property
    def here(self) -> str:
        """This list without a place: where fresh rows appear."""
        return self.address.url(after=None, before=None)

    @cached_property
    def query(self) -> str:
        """What a saved view keeps and an export follows: conditions, tab, order; not the place."""
        pairs = [pair for bound in self.chosen.bounds for pair in bound.pairs]
        if self.chosen.tab and self.chosen.tab is not self.listing.tabs[0]:
            pairs.append(("tab", self.chosen.tab.key))
        if str(self.chosen.order) != self.listing.default_sort:
            pairs.append(("sort", str(self.chosen.order)))
        return urlencode(pairs)

    # Columns

    @cached_property
    def _shown(self) -> dict[str, bool]:
        preference = self.chosen.preference
        return {
            column.key: column.always
            or column.key in preference.shown
            or (column.shown and column.key not in preference.hidden)
            for column in self.listing.columns
        }

    @cached_property
    def show(self) -> SimpleNamespace:
        """For the cells: `list.show.tier`."""
        return SimpleNamespace(**self._shown)

    @cached_property
    def heads(self) -> list[Head]:
        return [self._head(column) for column in self.listing.columns if self._shown[column.key]]

    def _head(self, column: Column) -> Head:
        if not column.sort:
            return Head(column, "", "")
        order = self.chosen.order
        is_current = order.sort.key == column.sort
        turned = column.sort if not is_current or order.descending else f"-{column.sort}"
        direction = ("descending" if order.descending else "ascending") if is_current else ""
        return Head(column, self.address.url(sort=turned), direction)

    @property
    def choosable(self) -> list[tuple[Column, bool]]:
        return [(c, self._shown[c.key]) for c in self.listing.columns if not c.always]

    @property
    def width(self) -> int:
        """Columns of the table, the box to tick included."""
        return len(self.heads) + (1 if self.batch else 0)

    @property
    def density(self) -> str:
        return self.chosen.preference.density

    @property
    def densities(self) -> tuple[str, ...]:
        return DENSITIES

    @property
    def size(self) -> int:
        return self.chosen.preference.size

    @property
    def sizes(self) -> tuple[int, ...]:
        return SIZES

    # Conditions

    @cached_property
    def tabs(self) -> list[TabLink]:
        first = self.listing.tabs[0] if self.listing.tabs else None
        return [
            TabLink(
                tab.key,
                tab.label,
                self.address.url(tab=None if tab is first else tab.key),
                tab is self.chosen.tab,
                _count(self.tab_counts.get(tab.key)),
            )
            for tab in self.listing.tabs
        ]

    @property
    def filters(self) -> list[Bound]:
        return [b for b in self.chosen.bounds if not b.more]

    @property
    def more_filters(self) -> list[Bound]:
        return [b for b in self.chosen.bounds if b.more]

    @property
    def set_count(self) -> int:
        return sum(b.is_set for b in self.chosen.bounds if b.kind != "keyword")

    @property
    def more_set_count(self) -> int:
        return sum(b.is_set for b in self.more_filters)

    @cached_property
    def periods(self) -> dict[str, list[tuple[str, str, bool]]]:
        """For each period filter its ready-made links: code, address, whether it is chosen."""
        return {
            bound.param: [
                (code, self._period_url(bound, code), bound.text == code) for code in PERIODS
            ]
            for bound in self.chosen.bounds
            if bound.kind == "period"
        }

    def _period_url(self, bound: Bound, code: str) -> str:
        changes: dict[str, str | list[str] | None] = dict.fromkeys(bound.filter.params())
        if bound.text != code:
            changes[bound.param] = code
        return str(self.address.changed(changes))

    @cached_property
    def chips(self) -> list[ChipLink]:
        return [self._chip(bound) for bound in self.chosen.bounds if bound.chip]

    def _chip(self, bound: Bound, found: Count | None = None) -> ChipLink:
        assert bound.chip is not None
        return ChipLink(bound.chip, str(self.address.changed(dict(bound.chip.without))), found)

    @property
    def clear_url(self) -> str:
        names = [name for b in self.chosen.bounds for name in b.filter.params()]
        return str(self.address.changed(dict.fromkeys(names)))

    # Kept when the form of conditions is sent
    @property
    def kept_pairs(self) -> list[tuple[str, str]]:
        return [pair for pair in self.address.pairs if pair[0] in ("tab", "sort", "size")]

    @property
    def is_filtered(self) -> bool:
        return self.chosen.is_filtered

    @property
    def is_first_use(self) -> bool:
        """Nothing at all, and nothing was asked."""
        in_first_tab = not self.listing.tabs or self.chosen.tab is self.listing.tabs[0]
        return not self.rows and not self.is_filtered and in_first_tab

    @cached_property
    def best_relief(self) -> ChipLink | None:
        """When nothing was found: the condition whose loss finds most."""
        if self.rows or not self.is_filtered:
            return None
        tried = [
            self._chip(bound, capped_count(self.chosen.narrow(self.scope, leaving_out=bound)))
            for bound in [b for b in self.chosen.bounds if b.chip][:TRIED_WITHOUT]
        ]
        best = max(tried, key=lambda link: link.found.value if link.found else 0)
        return best if best.found else None

    # Places

    @property
    def next_url(self) -> str:
        if not self.slice.has_next:
            return ""
        return self.address.url(after=write_cursor(self.rows[-1], self.chosen.order))

    @property
    def previous_url(self) -> str:
        if not self.slice.has_previous:
            return ""
        if not self.rows:
            return self.here
        return self.address.url(before=write_cursor(self.rows[0], self.chosen.order))

    @property
    def export_url(self) -> str:
        if not self.export_address:
            return ""
        return f"{self.export_address}?{self.query}" if self.query else self.export_address

    # Saved views

    @cached_property
    def views(self) -> list[ViewLink]:
        return [
            ViewLink(
                view,
                f"{self.address.path}?{view.query}" if view.query else self.address.path,
                same_query(view.query, self.query),
            )
            for view in self.all_views
        ]

    @property
    def can_be_saved(self) -> bool:
        return bool(self.query) and not any(link.is_active for link in self.views)

    @property
    def view_counts_url(self) -> str:
        return f"{self.address.path}?view_counts=1" if self.all_views else ""


def _count(value: int | Count | None) -> Count | None:
    return Count(value) if isinstance(value, int) else value
