"""Which rows of a week are read out on its page: measures promised, and customers' own words. Ids only."""

from typing import Any

from django.db.models import CharField, F, QuerySet, Value, Window
from django.db.models.functions import RowNumber

from zhike.care.rules import Result
from zhike.care.selectors import visible_follow_ups
from zhike.complaints.selectors.notices import visible_notices
from zhike.core.access import Grants
from zhike.insight.periods import Week
from zhike.insight.selectors.week_counts import within
from zhike.listening.models import Feedback

MOST_ACTIONS = 12
MOST_VISIT_WORDS = 5
# Of each result, so that the content ones are heard too.
MOST_OF_A_RESULT = 2
MOST_FEEDBACK = 3
# Who is not content first: theirs are the words a department must read.
IN_ORDER = (Result.NOT_CONTENT, Result.PARTLY, Result.CONTENT)


def read_out(grants: Grants, week: Week) -> dict[str, list[int]]:
    """Ids of notices, visits and feedback, each in its order; one statement."""
    visits = visible_follow_ups(grants).filter(within("due_at", week)).exclude(words="")
    latest = (F("due_at").desc(), F("pk").desc())
    branches = [
        _first(visits.filter(result=result), result.value, latest, MOST_OF_A_RESULT)
        for result in IN_ORDER
    ]
    branches += [_actions(grants, week), _feedback(grants, week)]
    found: dict[str, list[int]] = {}
    for what, _place, pk in sorted(branches[0].union(*branches[1:], all=True)):
        found.setdefault(what, []).append(pk)
    words = [pk for result in IN_ORDER for pk in found.get(result.value, [])]
    return {
        "actions": found.get("actions", []),
        "visit_words": words[:MOST_VISIT_WORDS],
        "feedback": found.get("feedback", []),
    }


def _actions(grants: Grants, week: Week) -> "QuerySet[Any]":
    """Notices whose answers of this week promise a measure, the soonest due first."""
    rows = visible_notices(grants).filter(within("answered_at", week)).exclude(action="")
    soonest = (F("action_due").asc(nulls_last=True), F("pk").asc())
    return _first(rows, "actions", soonest, MOST_ACTIONS)


def _feedback(grants: Grants, week: Week) -> "QuerySet[Any]":
    """The lowest ratings of the week."""
    rows = Feedback.objects.filter(
        voided_at__isnull=True, said_on__range=(week.monday, week.sunday)
    )
    if grants.unit_ids is not None:
        rows = rows.filter(unit_id__in=grants.unit_ids)
    lowest = (F("rating_ratio").asc(nulls_last=True), F("said_on").desc(), F("pk").desc())
    return _first(rows, "feedback", lowest, MOST_FEEDBACK)


def _first(rows: "QuerySet[Any]", what: str, order: tuple[Any, ...], most: int) -> "QuerySet[Any]":
    """(what, place, pk) of the first rows in that order."""
    # Within a union a limit needs a query of its own on SQLite.
    ids = rows.order_by(*order).values("pk")[:most]
    picked: QuerySet[Any] = rows.model._default_manager.filter(pk__in=ids).order_by()
    place = Window(RowNumber(), order_by=order)
    picked = picked.annotate(what=Value(what, output_field=CharField()), place=place)
    named: QuerySet[Any] = picked.values_list("what", "place", "pk")
    return named
