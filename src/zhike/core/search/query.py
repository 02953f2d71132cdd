"""Ask the index, then check each hit against the folded text, so that results equal a plain scan."""

from typing import Any, TypeVar

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, Model, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.db.models.sql.compiler import SQLCompiler

from zhike.core.search.fold import first_sign_prefixes, terms, token_of

M = TypeVar("M", bound=Model)

# Longer questions than this are cut: nobody types them, and an index has limits.
MAX_QUERY = 200
# Up to this many hits are fetched and sorted; above it the newest rows are searched window by window.
RARE = 2000


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
        tokens = f"array_to_tsvector(string_to_array({column}, ' '))"
        return f"{tokens} @@ %s::tsquery", (self.match,)


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


def matching(queryset: QuerySet[M], query: str) -> QuerySet[M]:
    """`queryset` narrowed to rows that hold every word of `query`; unchanged for an empty query."""
    words = terms(query[:MAX_QUERY])
    if not words:
        return queryset
    table = queryset.model._meta.db_table
    return _checked(queryset.filter(TokensMatch(_match(words), table)), words)


def find(
    queryset: QuerySet[M], query: str, limit: int = 20, before_id: int | None = None
) -> list[M]:
    """The newest `limit` rows that hold every word, newest first; `before_id` is the cursor."""
    words = terms(query[:MAX_QUERY])
    if not words:
        return []
    if before_id is not None:
        queryset = queryset.filter(pk__lt=before_id)
    ids = _newest_ids(queryset, words, limit, before_id)
    rows = {row.pk: row for row in queryset.filter(pk__in=ids)}
    return [rows[pk] for pk in ids if pk in rows]


def _newest_ids(
    queryset: QuerySet[M], words: list[str], limit: int, before_id: int | None
) -> list[int]:
    match = _match(words)
    if connection.vendor == "sqlite":
        return _newest_sqlite(queryset, words, match, limit, before_id)
    return _newest_postgres(queryset, words, match, limit)


def _newest_sqlite(
    queryset: QuerySet[M],
    words: list[str],
    match: str,
    limit: int,
    before_id: int | None,
) -> list[int]:
    # FTS5 walks its hits newest first without sorting; scope and check are asked batch by batch.
    table = queryset.model._meta.db_table
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


def _newest_postgres(queryset: QuerySet[M], words: list[str], match: str, limit: int) -> list[int]:
    # "ORDER BY id DESC LIMIT 20" would walk the primary key backwards through every row for a word that stands
    # only in old ones. So: ask the index first; few hits are sorted, many are looked for from the newest end.
    table = queryset.model._meta.db_table
    candidates = queryset.filter(TokensMatch(match, table)).order_by()
    some = list(candidates.values_list("pk", flat=True)[: RARE + 1])
    if len(some) <= RARE:
        hits = _checked(queryset.filter(pk__in=some), words).order_by("-pk")
        return list(hits.values_list("pk", flat=True)[:limit])
    newest = (
        queryset.model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
    )
    found: list[int] = []
    high, width = newest + 1, 4000
    while len(found) < limit and high > 0:
        low = max(0, high - width)
        hits = _checked(queryset.filter(pk__gte=low, pk__lt=high), words).order_by("-pk")
        found.extend(hits.values_list("pk", flat=True)[: limit - len(found)])
        high, width = low, width * 4
    return found


def count(queryset: QuerySet[M], query: str, cap: int | None = None) -> int:
    """How many rows hold every word; at most `cap` + 1 when a cap is given."""
    hits = matching(queryset, query).order_by()
    if not terms(query[:MAX_QUERY]):
        return 0
    if cap is None:
        return hits.count()
    return hits.values_list("pk")[: cap + 1].count()
