"""Ask the index, then check each hit against the folded text, so that results equal a plain scan."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, Model, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.db.models.sql.compiler import SQLCompiler

from zhike.core import clock
from zhike.core.search.fold import first_sign_prefixes, terms, token_of

M = TypeVar("M", bound=Model)

# Longer questions than this are cut: nobody types them, and an index has limits.
MAX_QUERY = 200
# PostgreSQL: a word the index is thought to hold more often than this is not worth collecting from it. Then the
# rows are walked in their order and checked, for the next hit is near; unless it stands only in old rows.
# Words the statistics do not know are thought rarer than this too.
FREQUENT = 50_000
NEWEST_WINDOW = 4096
# Hits handed to a list by their ids; more are found by walking the list in its own order.
FEW = 5000
CHECKED_AT_ONCE = 200
# The stretches of ids a row's tokens name (index.py).
WIDE, NARROW = 18, 14


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
        if connection.vendor == "sqlite":
            owner = column.rsplit(".", 1)[0] + "." if "." in column else ""
            fts = f"{self.table}_fts"
            return f"{owner}id IN (SELECT rowid FROM {fts} WHERE {fts} MATCH %s)", (self.match,)
        owner = column.rsplit(".", 1)[0] + "." if "." in column else ""
        return f"zhike_tokens({column}, {owner}id) @@ %s::tsquery", (self.match,)


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
            return _checked(queryset.filter(pk__in=ids), words)
    return _checked(queryset, words)


def find(
    queryset: QuerySet[M], query: str, limit: int = 20, before_id: int | None = None
) -> list[M]:
    """The newest `limit` rows that hold every word, newest first; `before_id` is the cursor."""
    words = terms(query[:MAX_QUERY])
    if not words:
        return []
    if before_id is not None:
        queryset = queryset.filter(pk__lt=before_id)
    if connection.vendor == "sqlite":
        ids = _newest_sqlite(queryset, words, limit, before_id)
        rows = queryset.in_bulk(ids)
        return [rows[pk] for pk in ids if pk in rows]
    return _newest_postgres(queryset, words, limit, before_id)


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
    queryset: QuerySet[M], words: list[str], limit: int, before_id: int | None
) -> list[M]:
    # Sorting all hits of a frequent word is slow, and so is walking back through every row for a word that stands
    # only in old ones. So: few hits are sorted; of many, the newest rows are checked one by one, and from there on
    # the index is asked stretch by stretch whether there is anything to check at all.
    table, match = queryset.model._meta.db_table, _match(words)
    checked = _checked(queryset, words).order_by("-pk")
    if _thought_to_match(table, match) <= FREQUENT:
        found: list[M] = []
        ids = _ids(queryset.model, match)
        if before_id is not None:
            ids = [pk for pk in ids if pk < before_id]
        for some in batched(ids, CHECKED_AT_ONCE):
            found.extend(checked.filter(pk__in=some)[: limit - len(found)])
            if len(found) >= limit:
                break
        return found
    high = before_id if before_id is not None else _highest_id(queryset) + 1
    low = max(0, high - NEWEST_WINDOW)
    found = list(checked.filter(pk__gte=low, pk__lt=high)[:limit])
    for start, end in _stretches(table, match, low) if len(found) < limit else ():
        found.extend(checked.filter(pk__gte=start, pk__lt=end)[: limit - len(found)])
        if len(found) >= limit:
            break
    return found


def _highest_id(queryset: QuerySet[M]) -> int:
    rows = queryset.model._default_manager.order_by("-pk").values_list("pk", flat=True)
    return rows.first() or 0


def _stretches(table: str, match: str, below: int) -> Iterator[tuple[int, int]]:
    """The stretches of ids under `below` in which the words occur, newest first."""
    if below <= 0:
        return
    top = below - 1
    for wide in range(top >> WIDE, -1, -1):
        if not _occurs(table, f"{match} & '#{WIDE}:{wide}'"):
            continue
        newest = min(top, ((wide + 1) << WIDE) - 1) >> NARROW
        for narrow in range(newest, (wide << (WIDE - NARROW)) - 1, -1):
            if _occurs(table, f"{match} & '#{NARROW}:{narrow}'"):
                yield narrow << NARROW, min(below, (narrow + 1) << NARROW)


def _occurs(table: str, match: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {table} WHERE zhike_tokens(bigrams, id) @@ %s::tsquery LIMIT 1", [match]
        )
        return cursor.fetchone() is not None


def count(queryset: QuerySet[M], query: str, cap: int | None = None) -> int:
    """How many rows hold every word; at most `cap` + 1 when a cap is given."""
    words = terms(query[:MAX_QUERY])
    if not words:
        return 0
    table, match = queryset.model._meta.db_table, _match(words)
    checked = _checked(queryset, words).order_by()
    if connection.vendor == "sqlite":
        return _counted(checked.filter(TokensMatch(match, table)), cap)
    if _thought_to_match(table, match) > FREQUENT:
        return _counted(checked, cap)
    total = 0
    for some in batched(_ids(queryset.model, match), FEW):
        total += checked.filter(pk__in=some).count()
        if cap is not None and total > cap:
            return cap + 1
    return total


def _counted(rows: QuerySet[M], cap: int | None) -> int:
    return rows.count() if cap is None else rows.values_list("pk")[: cap + 1].count()


def batched(ids: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
