"""A list page, declared once: it reads the address, narrows, counts, sorts and pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render

from zhike.core.access import Grants
from zhike.core.listing import memory
from zhike.core.listing.address import PLACE, Address
from zhike.core.listing.counting import CAP, Count, capped_count
from zhike.core.listing.filters import Filter
from zhike.core.listing.keyset import BadCursor, Cursor, Order, fetch, in_order, read_cursor
from zhike.core.listing.page import Chosen, ListPage, Remark
from zhike.core.listing.parts import Batch, Column, Rows, Sort, Tab

RESERVED = ("tab", "sort", "size", "view_counts", *PLACE)
# A pill need not say more than "999+".
VIEW_COUNT_CAP = 999
LONGEST_QUERY = 2000
MOST_CHOSEN = 100
TabCounts = Mapping[str, int | Count]


class Listing:
    def __init__(
        self,
        name: str,
        *,
        columns: Sequence[Column],
        sorts: Sequence[Sort],
        default_sort: str,
        filters: Sequence[Filter] = (),
        tabs: Sequence[Tab] = (),
        batch: Sequence[Batch] = (),
        # Parameters of the page's own that the list leaves alone.
        own_params: Sequence[str] = (),
        # Lower it where a row is known to be the reader's only by another table.
        count_cap: int = CAP,
    ) -> None:
        self.name = name
        self.columns = tuple(columns)
        self.sorts = {sort.key: sort for sort in sorts}
        self.default_sort = default_sort
        self.filters = tuple(filters)
        self.tabs = tuple(tabs)
        self.batch = tuple(batch)
        self.count_cap = count_cap
        self._check()
        self._known = {
            *RESERVED,
            *own_params,
            *(param for f in self.filters for param in f.params()),
        }

    def _check(self) -> None:
        if self._order(self.default_sort) is None:
            raise ValueError(f"{self.name}: {self.default_sort!r} is not one of its sorts.")
        for column in self.columns:
            if column.sort and column.sort not in self.sorts:
                raise ValueError(f"{self.name}: column {column.key} sorts by an unknown sort.")
        params = [param for f in self.filters for param in f.params()]
        if len(set(params)) < len(params) or set(params) & set(RESERVED):
            raise ValueError(f"{self.name}: two conditions share a parameter.")

    def respond(
        self,
        request: HttpRequest,
        rows: Rows,
        template: str,
        *,
        grants: Grants,
        counts: Callable[[], TabCounts] | None = None,
        export_url: str = "",
        extra: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        """The page; `rows` are those the reader may see. The template gets it as `list`."""
        if "view_counts" in request.GET:
            return self._view_counts(rows, grants)
        page = self.page(request, rows, grants=grants, counts=counts, export_url=export_url)
        return render(request, template, {"list": page, **(extra or {})})

    def page(
        self,
        request: HttpRequest,
        rows: Rows,
        *,
        grants: Grants,
        counts: Callable[[], TabCounts] | None = None,
        export_url: str = "",
    ) -> ListPage:
        chosen = self._read(request.path, request.GET, grants)
        narrowed = chosen.narrow(rows)
        cursor, backwards = self._place(request.GET, chosen, rows)
        tab_counts = counts() if counts else {}
        return ListPage(
            listing=self,
            scope=rows,
            chosen=chosen,
            slice=fetch(narrowed, chosen.order, chosen.preference.size, cursor, backwards),
            total=self._total(chosen, narrowed, tab_counts),
            tab_counts=tab_counts,
            all_views=self._views(grants),
            batch=[b for b in self.batch if not b.permission or grants.allows(b.permission)],
            export_address=export_url,
        )

    def select(self, data: QueryDict | str, rows: Rows, grants: Grants) -> Rows:
        """All rows an address asks for, in its order: what an export or a job works on."""
        if isinstance(data, str):
            data = QueryDict(data[:LONGEST_QUERY])
        chosen = self._read("", data, grants)
        return in_order(chosen.narrow(rows), chosen.order)

    def ignored(self, data: QueryDict, grants: Grants) -> list[str]:
        """What of an address this list does not know: a page remarks on it, a job must not overlook it."""
        remarks = self._read("", data, grants).remarks
        return [value for remark in remarks for value in (remark.values or (str(remark.label),))]

    @staticmethod
    def chosen_ids(data: QueryDict) -> list[int]:
        """The ticked rows of a batch action, at most a page of them; anything else is dropped."""
        asked = dict.fromkeys(data.getlist("id"))
        ids = [int(i) for i in asked if i.isascii() and i.isdigit() and len(i) < 19]
        return ids[:MOST_CHOSEN]

    def _order(self, text: str) -> Order | None:
        sort = self.sorts.get(text.removeprefix("-"))
        return Order(sort, text.startswith("-")) if sort else None

    def _read(self, path: str, data: QueryDict, grants: Grants) -> Chosen:
        bounds = [f.bind(data, grants) for f in self.filters]
        remarks = [Remark("value", b.label, tuple(b.unknown)) for b in bounds if b.unknown]
        tab = self._tab(data, remarks)
        asked = data.get("sort", "")
        order = self._order(asked)
        if order is None:
            if asked:
                remarks.append(Remark("sort", values=(asked,)))
            order = self._order(self.default_sort)
            assert order is not None
        strangers = tuple(key for key in data if key not in self._known)
        if strangers:
            remarks.append(Remark("parameter", values=strangers[:3]))
        preference = self._preference(data, grants, remarks)
        pairs = [(key, value) for key in data if key in self._known for value in data.getlist(key)]
        return Chosen(Address(path, pairs), tab, bounds, order, preference, remarks)

    def _tab(self, data: QueryDict, remarks: list[Remark]) -> Tab | None:
        if not self.tabs:
            return None
        asked = data.get("tab", "")
        for tab in self.tabs:
            if tab.key == asked:
                return tab
        if asked:
            remarks.append(Remark("tab", values=(asked,)))
        return self.tabs[0]

    def _preference(
        self, data: QueryDict, grants: Grants, remarks: list[Remark]
    ) -> memory.Preference:
        kept = memory.Preference()
        if grants.user_id is not None:
            kept = memory.current().preference(grants, self.name)
        asked = data.get("size", "")
        if not asked:
            return kept
        if asked in {str(size) for size in memory.SIZES}:
            return replace(kept, size=int(asked))
        remarks.append(Remark("size", values=(asked,)))
        return kept

    def _views(self, grants: Grants) -> list[memory.View]:
        if grants.user_id is None:
            return []
        return memory.current().views(grants, self.name)

    def _place(self, data: QueryDict, chosen: Chosen, rows: Rows) -> tuple[Cursor | None, bool]:
        backwards = "before" in data
        token = data.get("before") or data.get("after") or ""
        if not token:
            return None, False
        try:
            return read_cursor(token, chosen.order, rows), backwards
        except BadCursor:
            chosen.remarks.append(Remark("place"))
            return None, False

    def _total(self, chosen: Chosen, narrowed: Rows, tab_counts: TabCounts) -> Count:
        known = tab_counts.get(chosen.tab.key) if chosen.tab else None
        if known is not None and not chosen.is_filtered:
            return Count(known) if isinstance(known, int) else known
        return capped_count(narrowed, self.count_cap)

    def _view_counts(self, rows: Rows, grants: Grants) -> JsonResponse:
        counts = {}
        for view in self._views(grants):
            asked = self._read("", QueryDict(view.query), grants)
            counts[str(view.id)] = str(capped_count(asked.narrow(rows), VIEW_COUNT_CAP))
        return JsonResponse(counts)
