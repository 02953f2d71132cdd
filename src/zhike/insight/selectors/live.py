"""Figures of one unit as they are now, without their rows: all of them in one statement."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Case, CharField, Count, F, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from zhike.core.access import Grants
from zhike.insight.counting import Tally, add_parts, ends_at
from zhike.insight.figures import AGE, AGES, BY_KEY, Figure
from zhike.insight.periods import Period

Asked = tuple[Figure, Period]
# Of no figure are rows told apart by more columns at once.
MOST_PARTS = 2


def numbers_now(asked: Iterable[Asked], grants: Grants) -> dict[str, Tally]:
    """Of each figure its numbers in its period. One that is a part of another one asked for costs nothing."""
    counted = [(figure, period) for figure, period in asked if figure.part_of is None]
    found = {figure.key: Tally(denominator=0 if figure.is_rate else None) for figure, _p in counted}
    if not counted:
        return found
    first, *others = (_branch(figure, period, grants) for figure, period in counted)
    for key, *codes, n, of in first.union(*others, all=True):
        tally, figure = found[key], BY_KEY[key]
        tally.numerator += int(n)
        if tally.denominator is not None:
            tally.denominator += of
        if n:
            for (name, _column), code in zip(figure.parts, codes, strict=False):
                add_parts(tally.parts, {name: {code: int(n)}})
    for figure, _period in asked:
        if figure.part_of is not None and figure.part_of[0] in found:
            whole, name, code = figure.part_of
            found[figure.key] = Tally(found[whole].parts.get(name, {}).get(code, 0))
    return found


def _branch(figure: Figure, period: Period, grants: Grants) -> "QuerySet[Any]":
    """(key, part, part, n, of): a row for each way its rows differ."""
    rows: QuerySet[Any] = (figure.denominator or figure.numerator)(grants, period).order_by()
    if figure.is_rate and figure.hit is None:
        raise ValueError(f"{figure.key} does not say when a row counts.")
    columns = [_code(name, column, period) for name, column in figure.parts]
    columns += [_text("")] * (MOST_PARTS - len(columns))
    names = [f"part{place}" for place in range(MOST_PARTS)]
    rows = rows.annotate(what=_text(figure.key), **dict(zip(names, columns, strict=True)))
    # Of rows, not of ids: those of open cases are then counted in an index that does not hold ids.
    n: Any = Count("pk", filter=figure.hit) if figure.hit is not None else Count("*")
    if figure.amount:
        n = Coalesce(Sum(figure.amount), Value(0))
    counted: QuerySet[Any] = rows.values_list("what", *names).annotate(n=n, of=Count("*"))
    return counted


def _text(text: str) -> Value:
    return Value(text, output_field=CharField())


def _code(name: str, column: str, period: Period) -> Any:
    if name != AGE:
        return F(column)
    end = ends_at(period)
    # The youngest first; whatever is older than all is the last.
    groups = [
        When(**{f"{column}__gt": end - timedelta(days=high)}, then=_text(code))
        for code, _low, high, _words in AGES
        if high is not None
    ]
    return Case(*groups, default=_text(AGES[-1][0]), output_field=CharField())
