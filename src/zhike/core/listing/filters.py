"""Conditions above a list. Each reads its own parameters and ignores what it does not know."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.db.models import DateTimeField, Q
from django.http import QueryDict

from zhike.core import clock
from zhike.core.access import Grants
from zhike.core.listing.parts import Narrow, Rows

LONGEST_KEYWORD = 100
Options = Sequence[tuple[Any, Any]]


@dataclass(frozen=True)
class Chip:
    """A chosen condition, and what to change in the address to lose it.

    `values` are words, or for a period its preset code and dates; the page makes a sentence.
    """

    kind: str
    label: Any
    values: tuple[Any, ...]
    without: dict[str, None]


@dataclass
class Bound:
    """A filter with what was asked of it."""

    filter: "Filter"
    is_set: bool = False
    # What the address said and nobody knows.
    unknown: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    condition: Narrow | None = None
    chip: Chip | None = None
    # What the form shows.
    text: str = ""
    options: list[tuple[str, Any, bool]] = field(default_factory=list)
    since: str = ""
    until: str = ""

    @property
    def kind(self) -> str:
        return self.filter.kind

    @property
    def param(self) -> str:
        return self.filter.param

    @property
    def label(self) -> Any:
        return self.filter.label

    @property
    def more(self) -> bool:
        return self.filter.more

    @property
    def is_multiple(self) -> bool:
        return isinstance(self.filter, Choice) and self.filter.multiple

    @property
    def chosen(self) -> list[Any]:
        return [label for _value, label, is_chosen in self.options if is_chosen]

    def narrow(self, rows: Rows) -> Rows:
        return self.condition(rows) if self.condition else rows


class Filter:
    """`param` in the address, `label` for people; with `more` it waits behind the button More."""

    kind: ClassVar[str] = ""

    def __init__(self, param: str, label: Any, *, more: bool = False) -> None:
        self.param = param
        self.label = label
        self.more = more

    def params(self) -> tuple[str, ...]:
        return (self.param,)

    def bind(self, data: QueryDict, grants: Grants) -> Bound:
        raise NotImplementedError

    def _chip(self, *values: Any) -> Chip:
        return Chip(self.kind, self.label, values, dict.fromkeys(self.params()))


def _plain(text: str) -> str:
    """Without control characters: PostgreSQL refuses NUL in a text."""
    return "".join(c for c in text if c.isprintable()).strip()


class Keyword(Filter):
    """Free text; `search(rows, text)` decides what it means here."""

    kind = "keyword"

    def __init__(self, param: str, label: Any, search: Callable[[Rows, str], Rows]) -> None:
        super().__init__(param, label)
        self.search = search

    def bind(self, data: QueryDict, grants: Grants) -> Bound:
        text = _plain(data.get(self.param, ""))[:LONGEST_KEYWORD]
        bound = Bound(self, text=text)
        if text:
            bound.is_set = True
            bound.pairs = [(self.param, text)]
            bound.condition = lambda rows: self.search(rows, text)
            bound.chip = self._chip(text)
        return bound


class Choice(Filter):
    """One or several of some values. `options` may be a function of the reader's rights."""

    kind = "choice"

    def __init__(
        self,
        param: str,
        label: Any,
        options: Options | Callable[[Grants], Iterable[tuple[Any, Any]]],
        *,
        field: str = "",
        narrow: Callable[[Rows, list[str]], Rows] | None = None,
        multiple: bool = False,
        more: bool = False,
    ) -> None:
        super().__init__(param, label, more=more)
        if bool(field) == bool(narrow):
            raise ValueError(f"{param}: say either field or narrow.")
        self.options = options
        self.multiple = multiple
        self.by: Callable[[Rows, list[str]], Rows] = narrow or (
            lambda rows, values: rows.filter(**{f"{field}__in": values})
        )

    def bind(self, data: QueryDict, grants: Grants) -> Bound:
        options = list(self.options(grants) if callable(self.options) else self.options)
        asked = dict.fromkeys(value for value in data.getlist(self.param) if value)
        known = {str(value) for value, _label in options}
        chosen = [value for value in asked if value in known]
        if not self.multiple:
            chosen = chosen[-1:]
        bound = Bound(self, unknown=[v for v in asked if v not in known])
        bound.options = [(str(v), label, str(v) in chosen) for v, label in options]
        if chosen:
            bound.is_set = True
            bound.pairs = [(self.param, value) for value in chosen]
            bound.condition = lambda rows: self.by(rows, chosen)
            bound.chip = self._chip(*bound.chosen)
        return bound


class Flag(Filter):
    """A condition that holds or is not asked for."""

    kind = "flag"

    def __init__(self, param: str, label: Any, narrow: Narrow, *, more: bool = False) -> None:
        super().__init__(param, label, more=more)
        self.by = narrow

    def bind(self, data: QueryDict, grants: Grants) -> Bound:
        asked = data.get(self.param, "")
        bound = Bound(self, unknown=[asked] if asked not in ("", "1") else [])
        if asked == "1":
            bound.is_set = True
            bound.pairs = [(self.param, "1")]
            bound.condition = self.by
            bound.chip = self._chip()
        return bound


# Codes of the ready-made periods, in the order of the buttons.
PERIODS = ("today", "yesterday", "week", "month", "30d")


def period(code: str, today: date) -> tuple[date, date]:
    """First and last day of a ready-made period; weeks begin on Monday."""
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    return {
        "today": (today, today),
        "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
        "week": (monday, monday + timedelta(days=6)),
        "month": (first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)),
        "30d": (today - timedelta(days=29), today),
    }[code]


def _day(text: str) -> date | None:
    # Years far away overflow when midnight is turned into UTC, and nobody means them.
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day and 1900 <= day.year <= 2999 else None


class DateRange(Filter):
    """A period: ready-made (`week`) or from day to day (`2026-11-01..2026-11-24`), local days."""

    kind = "period"

    def __init__(self, param: str, label: Any, *, field: str, more: bool = False) -> None:
        super().__init__(param, label, more=more)
        self.field = field

    def params(self) -> tuple[str, ...]:
        return (self.param, f"{self.param}_from", f"{self.param}_to")

    def bind(self, data: QueryDict, grants: Grants) -> Bound:
        asked = data.get(self.param, "")
        since_text, until_text = (data.get(name, "") for name in self.params()[1:])
        bound = Bound(self)
        if ".." in asked and not (since_text or until_text):
            since_text, _dots, until_text = asked.partition("..")
        if since_text or until_text:
            self._custom(bound, since_text, until_text)
        elif asked in PERIODS:
            self._between(bound, *period(asked, clock.today()), code=asked)
        elif asked:
            bound.unknown = [asked]
        return bound

    def _custom(self, bound: Bound, since_text: str, until_text: str) -> None:
        since, until = _day(since_text), _day(until_text)
        bound.unknown = [
            text for text, day in ((since_text, since), (until_text, until)) if text and not day
        ]
        if since and until and since > until:
            since, until = until, since
        if since or until:
            self._between(bound, since, until)

    def _between(
        self, bound: Bound, since: date | None, until: date | None, code: str = ""
    ) -> None:
        bound.is_set = True
        bound.text = code
        bound.chip = self._chip(code, since, until)
        if not code:
            bound.since = since.isoformat() if since else ""
            bound.until = until.isoformat() if until else ""
        bound.pairs = [(self.param, code or f"{bound.since}..{bound.until}")]
        bound.condition = lambda rows: rows.filter(self._within(rows, since, until))

    def _column(self, model: Any) -> Any:
        """The column itself, of the row or of one it belongs to (`case__opened_at`)."""
        *through, last = self.field.split("__")
        for name in through:
            model = model._meta.get_field(name).related_model
        return model._meta.get_field(last)

    def _within(self, rows: Rows, since: date | None, until: date | None) -> Q:
        whole_days = not isinstance(self._column(rows.model), DateTimeField)
        condition = Q()
        if since:
            condition &= Q(**{f"{self.field}__gte": since if whole_days else _midnight(since)})
        if until:
            after = until + timedelta(days=1)
            condition &= Q(**{f"{self.field}__lt": after if whole_days else _midnight(after)})
        return condition


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.zone())
