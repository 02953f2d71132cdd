"""The rows behind a number."""

from datetime import timedelta

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhike.core.errors import NotFound
from zhike.desk.models import Case
from zhike.insight.counting import Tally, ends_at
from zhike.insight.figures import AGE, AGES, BY_KEY, Figure
from zhike.insight.periods import Period, one_day
from zhike.insight.selectors.days import kept_tallies, load_settlement
from zhike.insight.selectors.rows import rows_by_id
from zhike.insight.selectors.spans import tally_over
from zhike.insight.views.asking import Asked, asked_of, day_of

ON_A_PAGE = 50
# A figure is asked for a day or a week; a year would be millions of ids.
LONGEST_DAYS = 31


def _period(request: HttpRequest) -> Period:
    first = day_of(request.GET.get("from", ""))
    last = day_of(request.GET.get("to", "") or first.isoformat())
    if not timedelta(0) <= last - first < timedelta(days=LONGEST_DAYS):
        raise NotFound()
    return Period(first, last)


def _narrowed(figure: Figure, ids: list[int], by: str, period: Period) -> list[int]:
    """Only those of one type, channel or age, as the parts of a figure are counted."""
    name, _mark, code = by.partition(":")
    column = dict(figure.parts).get(name)
    if column is None:
        raise NotFound()
    condition = Q(**{column: code})
    if name == AGE:
        found = next((group for group in AGES if group[0] == code), None)
        if found is None:
            raise NotFound()
        _code, low, high, _words = found
        end = ends_at(period)
        condition = Q(opened_at__lte=end - timedelta(days=low))
        if high is not None:
            condition &= Q(opened_at__gt=end - timedelta(days=high))
    kept: list[int] = []
    for place in range(0, len(ids), 500):
        some = Case.objects.filter(condition, pk__in=ids[place : place + 500])
        kept.extend(some.order_by("pk").values_list("pk", flat=True))
    return kept


@require_safe
def figure_rows(request: HttpRequest, key: str) -> HttpResponse:
    """The rows a figure counts, or with `of=1` those of which it counts."""
    asked = asked_of(request)
    figure = BY_KEY.get(key)
    if figure is None:
        raise NotFound()
    period = _period(request)
    tally = tally_over(figure, asked.unit, period, asked.grants.stamp)
    return _page(request, asked, figure, period, tally)


@require_safe
def settled_rows(request: HttpRequest, day: str, key: str) -> HttpResponse:
    """The rows a settled day kept."""
    asked = asked_of(request)
    figure = BY_KEY.get(key)
    if figure is None:
        raise NotFound()
    settlement = load_settlement(asked.unit, day_of(day))
    tally = kept_tallies(settlement).get(key, Tally())
    return _page(request, asked, figure, one_day(settlement.day), tally)


def _page(
    request: HttpRequest, asked: Asked, figure: Figure, period: Period, tally: Tally
) -> HttpResponse:
    is_base = request.GET.get("of") == "1" and figure.is_rate
    ids = sorted(tally.of_rows if is_base else tally.rows)
    by = request.GET.get("by", "")
    if by:
        ids = _narrowed(figure, ids, by, period)
    text = request.GET.get("page", "1")
    page = max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    place = (page - 1) * ON_A_PAGE
    shown = ids[place : place + ON_A_PAGE]
    rows = rows_by_id(asked.grants, figure.kind, shown)
    context = {
        "asked": asked,
        "figure": figure,
        "period": period,
        "tally": tally,
        "is_base": is_base,
        "total": len(ids),
        "rows": rows,
        "hidden": len(shown) - len(rows),
        "page": page,
        "has_more": place + ON_A_PAGE < len(ids),
    }
    return render(request, "insight/rows.html", context)
