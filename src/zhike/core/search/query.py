"""Ask the index, then check each hit against the folded text, so that results equal a plain scan."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Count, F, Func, Model, QuerySet, Value, Window
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.db.models.sql.compiler import SQLCompiler

from zhike.core.search.fold import first_sign_prefixes, terms, token_of
from zhike.core.search.index import STRETCH, STRETCH_BITS

M = TypeVar("M", bound=Model)

# Longer questions than this are cut: nobody types them, and an index has limits.
MAX_QUERY = 200
# Hits handed to a list by their ids. Of more, or where the newest so many hits lie among so many rows, the list is
# walked in its own order and checked, for the next hit is near.
FEW = 12_000
NEAR_HITS, NEAR_ROWS = 200, 8192
# The newest rows are checked without asking the index: a word of every day stands in them often enough.
NEWEST_WINDOW = 1024
# How many candidates one statement gives when only some hits are wanted; scope and check may drop some of them.
CANDIDATES = 200
ALL = 2**62


@dataclass(frozen=True)
class Found(Generic[M]):
    """The newest rows, and how many there are: at most one more than the cap asked for."""

    rows: list[M]
    total: int


class TokensMatch(Func):
    """SQLite: the index part of a search condition on `bigrams`."""

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
        fts = f"{self.table}_fts"
        return f"{owner}id IN (SELECT rowid FROM {fts} WHERE {fts} MATCH %s)", (self.match,)


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
    """The words as one FTS5 or tsquery expression; in the latter each token begins with STRETCH, see `_HITS`."""
    sqlite = connection.vendor == "sqlite"
    joined = " AND " if sqlite else " & "
    either = " OR " if sqlite else " | "
    parts: list[str] = []
    for word in words:
        if len(word) == 1:
            starts = [
                f'"{prefix}"*' if sqlite else f"'{STRETCH}{prefix}':*"
                for prefix in first_sign_prefixes(word)
            ]
            parts.append(f"({either.join(starts)})")
            continue
        tokens = dict.fromkeys(token_of(word[i : i + 2]) for i in range(len(word) - 1))
        parts.extend(f'"{token}"' if sqlite else f"'{STRETCH}{token}'" for token in tokens)
    return joined.join(parts)


def _checked(queryset: QuerySet[M], words: list[str]) -> QuerySet[M]:
    for word in words:
        queryset = queryset.filter(GreaterThan(StrIndex("folded", Value(word)), 0))
    return queryset


def matching(queryset: QuerySet[M], query: str) -> QuerySet[M]:
    """`queryset` narrowed to rows that hold every word of `query`; unchanged for an empty query."""
    words = terms(query[:MAX_QUERY])
    if not words:
        return queryset
    table = queryset.model._meta.db_table
    if connection.vendor == "sqlite":
        return _checked(queryset.filter(TokensMatch(_match(words), table)), words)
    if not _is_everyday(table, words):
        ids = _candidates(table, words, None, FEW + 1)
        if len(ids) <= FEW:
            return _checked(queryset.filter(AmongIds(ids)), words)
    return _checked(queryset, words)


def _is_everyday(table: str, words: list[str]) -> bool:
    """Do the newest hits lie close together?"""
    ids = _candidates(table, words, None, NEAR_HITS)
    return len(ids) == NEAR_HITS and ids[0] - ids[-1] < NEAR_ROWS


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
    while len(rows) < limit or total <= cap:
        ids = _candidates(table, words, before_id, most)
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
        if len(ids) < most:
            break
        before_id = ids[-1]
        most = min(most * 4, FEW)
    return Found(rows, min(total, cap + 1) if cap else total)


# Ids that may hold the words, newest first. Sorting all hits of a frequent word is slow, and so is walking back
# through every row for a word that stands only in old ones. So the newest rows are checked one by one; from there
# on the index is asked stretch by stretch. A stretch without a hit costs two microseconds, for its number begins
# each of its tokens. PostgreSQL stops as soon as enough are found. `OFFSET 0` keeps it from walking the primary
# key instead, where it would compute the tokens of every row.
_CANDIDATES = f"""
WITH newest AS MATERIALIZED (
  SELECT greatest(high - {{window}}, 0) AS low, high
  FROM (SELECT least(coalesce(max(id), 0) + 1, %(before)s) AS high FROM {{table}}) AS top
)
(
  SELECT id FROM {{table}}
  WHERE id >= (SELECT low FROM newest) AND id < (SELECT high FROM newest) AND {{holds}}
  ORDER BY id DESC
)
UNION ALL
(
  SELECT hit.id FROM newest
  CROSS JOIN LATERAL generate_series((low - 1) >> {STRETCH_BITS}, 0, -1) AS stretch(n)
  CROSS JOIN LATERAL (
    SELECT id FROM (
      SELECT id FROM {{table}}
      WHERE zhike_tokens(bigrams, id)
        @@ replace(%(match)s, '{STRETCH}', stretch.n || '{STRETCH}')::tsquery
      OFFSET 0
    ) AS held_here
    WHERE id < low
    ORDER BY id DESC
  ) AS hit
  WHERE low > 0
)
LIMIT %(most)s
"""


def _candidates(table: str, words: list[str], before_id: int | None, most: int) -> list[int]:
    holds = " AND ".join(f"strpos(folded, %(word{n})s) > 0" for n in range(len(words)))
    given: dict[str, Any] = {
        "before": before_id if before_id is not None else 2**62,
        "match": _match(words),
        "most": most,
        **{f"word{n}": word for n, word in enumerate(words)},
    }
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES.format(table=table, window=NEWEST_WINDOW, holds=holds), given)
        return [row[0] for row in cursor.fetchall()]


def count(queryset: QuerySet[M], query: str) -> int:
    """How many rows hold every word."""
    words = terms(query[:MAX_QUERY])
    if not words:
        return 0
    table = queryset.model._meta.db_table
    checked = _checked(queryset, words).order_by()
    if connection.vendor == "sqlite":
        return checked.filter(TokensMatch(_match(words), table)).count()
    if _is_everyday(table, words):
        return checked.count()
    ids = _candidates(table, words, None, ALL)
    return sum(checked.filter(AmongIds(some)).count() for some in batched(ids, FEW))


def batched(ids: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
