"""Ask the index, then check each hit against the folded text, so that results equal a plain scan."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Count, F, Func, Model, QuerySet, Value, Window
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.db.models.sql.compiler import SQLCompiler

from zhike.core import clock
from zhike.core.search.fold import first_sign_prefixes, terms, token_of

M = TypeVar("M", bound=Model)
_found_many: dict[tuple[str, str], int] = {}

# Longer questions than this are cut: nobody types them, and an index has limits.
MAX_QUERY = 200
# PostgreSQL: a word the index is thought to hold more often than this is not worth collecting from it for a list.
# Then the list is walked in its order and checked, for the next hit is near. Words the statistics do not know
# are thought rarer than this.
FREQUENT = 50_000
# Hits handed to a list by their ids; more are found by walking the list in its own order.
FEW = 12_000
# The newest rows are checked without asking the index: a word of every day stands in them often enough.
NEWEST_WINDOW = 4096
# So few are checked and sorted at once.
VERY_FEW = 500
# How many candidates one statement gives when only some hits are wanted; scope and check may drop some of them.
CANDIDATES = 200
# The stretches of ids a row's tokens name (index.py), as powers of two, and how many of the narrow ones are read
# without asking the wider ones first.
MILLION, WIDE, NARROW = 20, 18, 14
NARROW_AT_ONCE = 2


@dataclass(frozen=True)
class Found(Generic[M]):
    """The newest rows, and how many there are: at most one more than the cap asked for."""

    rows: list[M]
    total: int


class TokensMatch(Func):
    """The index part of a search condition on `bigrams`."""

    output_field = BooleanField()

    def __init__(self, match: str, table: str) -> None:
        super().__init__(F("bigrams"))
        self.match = match
        self.table = table

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,
        function: str | None = None,
        template: str | None = None,
        arg_joiner: str | None = None,
        **extra_context: Any,
    ) -> tuple[str, tuple[str | int, ...]]:
        column, _ = compiler.compile(self.source_expressions[0])
        owner = column.rsplit(".", 1)[0] + "." if "." in column else ""
        if connection.vendor == "sqlite":
            fts = f"{self.table}_fts"
            return f"{owner}id IN (SELECT rowid FROM {fts} WHERE {fts} MATCH %s)", (self.match,)
        return f"zhike_tokens({column}, {owner}id) @@ %s::tsquery", (self.match,)


class AmongIds(Func):
    """`pk IN (…)` with all ids in one parameter: thousands of placeholders cost more than the search."""

    output_field = BooleanField()

    def __init__(self, ids: list[int]) -> None:
        super().__init__(F("pk"))
        self.ids = ids

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,
        function: str | None = None,
        template: str | None = None,
        arg_joiner: str | None = None,
        **extra_context: Any,
    ) -> Any:
        column, _ = compiler.compile(self.source_expressions[0])
        return f"{column} = ANY(%s::bigint[])", (self.ids,)


def _match(words: list[str]) -> str:
    """The words as one FTS5 or tsquery expression."""
    sqlite = connection.vendor == "sqlite"
    joined = " AND " if sqlite else " & "
    either = " OR " if sqlite else " | "
    parts: list[str] = []
    for word in words:
        if len(word) == 1:
            starts = [
                f'"{prefix}"*' if sqlite else f"'{prefix}':*"
                for prefix in first_sign_prefixes(word)
            ]
            parts.append(f"({either.join(starts)})")
            continue
        tokens = dict.fromkeys(token_of(word[i : i + 2]) for i in range(len(word) - 1))
        parts.extend(f'"{token}"' if sqlite else f"'{token}'" for token in tokens)
    return joined.join(parts)


def _checked(queryset: QuerySet[M], words: list[str]) -> QuerySet[M]:
    for word in words:
        queryset = queryset.filter(GreaterThan(StrIndex("folded", Value(word)), 0))
    return queryset


def _thought_to_match(table: str, match: str) -> int:
    """How many rows PostgreSQL's statistics expect. They change slowly, so one answer serves a minute."""
    return _planned_rows(table, match, int(clock.now().timestamp()) // 60)


@lru_cache(maxsize=1024)
def _planned_rows(table: str, match: str, minute: int) -> int:
    # Asks the planner, runs nothing.
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (FORMAT JSON) SELECT 1 FROM {table} "
            "WHERE zhike_tokens(bigrams, id) @@ %s::tsquery",
            [match],
        )
        plan = cursor.fetchone()[0]
    return int(plan[0]["Plan"]["Plan Rows"])


def _ids(model: type[M], match: str, most: int | None = None) -> list[int]:
    """The ids the index holds for the words, newest first.

    Asked alone, before the rows: in one statement with an order and a limit the planner walks the rows in that
    order and runs the cheap check on each, however rare the word.
    """
    held = model._default_manager.filter(TokensMatch(match, model._meta.db_table)).order_by()
    return sorted(held.values_list("pk", flat=True)[:most], reverse=True)


def matching(queryset: QuerySet[M], query: str) -> QuerySet[M]:
    """`queryset` narrowed to rows that hold every word of `query`; unchanged for an empty query."""
    words = terms(query[:MAX_QUERY])
    if not words:
        return queryset
    table, match = queryset.model._meta.db_table, _match(words)
    if connection.vendor == "sqlite":
        return _checked(queryset.filter(TokensMatch(match, table)), words)
    if _thought_to_match(table, match) <= FREQUENT:
        ids = _ids(queryset.model, match, FEW + 1)
        if len(ids) <= FEW:
            return _checked(queryset.filter(AmongIds(ids)), words)
    return _checked(queryset, words)


def find(
    queryset: QuerySet[M], query: str, limit: int = 20, before_id: int | None = None
) -> list[M]:
    """The newest `limit` rows that hold every word, newest first; `before_id` is the cursor."""
    return find_and_count(queryset, query, limit, before_id, cap=0).rows


def find_and_count(
    queryset: QuerySet[M],
    query: str,
    limit: int = 20,
    before_id: int | None = None,
    cap: int = 200,
) -> Found[M]:
    """As `find`, and how many rows there are from `before_id` down, at most `cap` + 1."""
    words = terms(query[:MAX_QUERY])
    if not words:
        return Found([], 0)
    if before_id is not None:
        queryset = queryset.filter(pk__lt=before_id)
    if connection.vendor == "sqlite":
        ids = _newest_sqlite(queryset, words, limit, before_id)
        rows = queryset.in_bulk(ids)
        found = [rows[pk] for pk in ids if pk in rows]
        if len(found) < limit or len(found) > cap:
            return Found(found, len(found))
        match = TokensMatch(_match(words), queryset.model._meta.db_table)
        held = _checked(queryset.filter(match), words).order_by()
        return Found(found, held.values_list("pk")[: cap + 1].count())
    return _newest_postgres(queryset, words, limit, before_id, cap)


def _newest_sqlite(
    queryset: QuerySet[M],
    words: list[str],
    limit: int,
    before_id: int | None,
) -> list[int]:
    # FTS5 walks its hits newest first without sorting; scope and check are asked batch by batch.
    table, match = queryset.model._meta.db_table, _match(words)
    below = before_id if before_id is not None else 2**62
    found: list[int] = []
    batch = max(50, limit * 2)
    while len(found) < limit:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT rowid FROM {table}_fts WHERE {table}_fts MATCH %s AND rowid < %s "
                "ORDER BY rowid DESC LIMIT %s",
                [match, below, batch],
            )
            ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            break
        hits = _checked(queryset.filter(pk__in=ids), words).order_by("-pk")
        found.extend(hits.values_list("pk", flat=True)[: limit - len(found)])
        if len(ids) < batch:
            break
        below = ids[-1]
        batch = min(batch * 4, 5000)
    return found


def _newest_postgres(
    queryset: QuerySet[M], words: list[str], limit: int, before_id: int | None, cap: int
) -> Found[M]:
    checked = _checked(queryset, words).order_by("-pk")
    table, most = queryset.model._meta.db_table, max(cap + 1, CANDIDATES)
    rows: list[M] = []
    total = 0
    few = _few(queryset.model, words)
    while len(rows) < limit or total <= cap:
        ids = few if few is not None else _candidates(table, words, before_id, most)
        among = checked.filter(AmongIds(ids))
        if len(rows) < limit:
            # One statement for the rows and their number: the window is counted before the limit cuts.
            page = (
                list(among.annotate(found_total=Window(Count("*")))[: limit - len(rows)])
                if ids
                else []
            )
            rows += page
            total += page[0].found_total if page else 0  # type: ignore[attr-defined]  # annotated
        else:
            total += among.order_by().count() if ids else 0
        if few is not None or len(ids) < most:
            break
        before_id = ids[-1]
        most = min(most * 4, FEW)
    return Found(rows, min(total, cap + 1) if cap else total)


def _few(model: type[M], words: list[str]) -> list[int] | None:
    """All ids the index holds for a rare word; None when there are more."""
    table, match = model._meta.db_table, _match(words)
    minute = int(clock.now().timestamp()) // 60
    if _found_many.get((table, match)) == minute or _thought_to_match(table, match) > FREQUENT:
        return None
    ids = _ids(model, match, VERY_FEW + 1)
    if len(ids) <= VERY_FEW:
        return ids
    # The statistics were wrong about it. Either way finds the same; the other is quicker, for a while.
    if len(_found_many) > 1000:
        _found_many.clear()
    _found_many[table, match] = minute
    return None


# Ids that may hold the words, newest first. Sorting all hits of a frequent word is slow, and so is walking back
# through every row for a word that stands only in old ones. So the newest rows are checked one by one; then the
# index gives the hits of the newest stretches; from there on it is asked first whether there is anything in this
# million of ids, in this quarter of it. PostgreSQL stops as soon as enough are found. `OFFSET 0` keeps it from
# walking the primary key instead, where it would compute the tokens of every row.
_HELD = """
  CROSS JOIN LATERAL (
    SELECT 1 FROM {table}
    WHERE zhike_tokens(bigrams, id) @@ format(%(token)s, %(match)s, '{bits}', {level}.n)::tsquery
    LIMIT 1
  ) AS held_{level}
"""
_HITS = """
  CROSS JOIN LATERAL (
    SELECT id FROM (
      SELECT id FROM {table}
      WHERE zhike_tokens(bigrams, id) @@ format(%(token)s, %(match)s, '{narrow}', narrow.n)::tsquery
      OFFSET 0
    ) AS held_here
    WHERE id < low
    ORDER BY id DESC
  ) AS hit
"""
_CANDIDATES = """
WITH newest AS MATERIALIZED (
  SELECT low, high, (low - 1) >> {narrow} AS first_narrow
  FROM (
    SELECT greatest(high - {window}, 0) AS low, high
    FROM (SELECT least(coalesce(max(id), 0) + 1, %(before)s) AS high FROM {table}) AS top
  ) AS window_of_newest
)
(
  SELECT id FROM {table}
  WHERE id >= (SELECT low FROM newest) AND id < (SELECT high FROM newest) AND {holds}
  ORDER BY id DESC
)
UNION ALL
(
  SELECT hit.id FROM newest
  CROSS JOIN LATERAL generate_series(
    first_narrow, greatest(first_narrow - {at_once} + 1, 0), -1
  ) AS narrow(n)
  {hits}
  WHERE low > 0
)
UNION ALL
(
  SELECT hit.id FROM newest
  CROSS JOIN LATERAL generate_series((low - 1) >> {million}, 0, -1) AS million(n)
  {held_million}
  CROSS JOIN LATERAL generate_series(
    least((low - 1) >> {wide}, (million.n << {in_million}) + (1 << {in_million}) - 1),
    million.n << {in_million}, -1
  ) AS wide(n)
  {held_wide}
  CROSS JOIN LATERAL generate_series(
    least(first_narrow - {at_once}, (wide.n << {in_wide}) + (1 << {in_wide}) - 1),
    wide.n << {in_wide}, -1
  ) AS narrow(n)
  {hits}
  WHERE low > 0
)
LIMIT %(most)s
"""


def _statement(table: str, words: int) -> str:
    return _CANDIDATES.format(
        table=table,
        window=NEWEST_WINDOW,
        million=MILLION,
        wide=WIDE,
        narrow=NARROW,
        in_million=MILLION - WIDE,
        in_wide=WIDE - NARROW,
        at_once=NARROW_AT_ONCE,
        held_million=_HELD.format(table=table, bits=MILLION, level="million"),
        held_wide=_HELD.format(table=table, bits=WIDE, level="wide"),
        hits=_HITS.format(table=table, narrow=NARROW),
        holds=" AND ".join(f"strpos(folded, %(word{n})s) > 0" for n in range(words)),
    )


def _candidates(table: str, words: list[str], before_id: int | None, most: int) -> list[int]:
    given: dict[str, Any] = {
        "before": before_id if before_id is not None else 2**62,
        "match": _match(words),
        "most": most,
        "token": "%s & '#%s:%s'",
        **{f"word{n}": word for n, word in enumerate(words)},
    }
    with connection.cursor() as cursor:
        cursor.execute(_statement(table, len(words)), given)
        return [row[0] for row in cursor.fetchall()]


def count(queryset: QuerySet[M], query: str) -> int:
    """How many rows hold every word."""
    words = terms(query[:MAX_QUERY])
    if not words:
        return 0
    table, match = queryset.model._meta.db_table, _match(words)
    checked = _checked(queryset, words).order_by()
    if connection.vendor == "sqlite":
        return checked.filter(TokensMatch(match, table)).count()
    if _thought_to_match(table, match) > FREQUENT:
        return checked.count()
    return sum(
        checked.filter(AmongIds(some)).count() for some in batched(_ids(queryset.model, match), FEW)
    )


def batched(ids: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
