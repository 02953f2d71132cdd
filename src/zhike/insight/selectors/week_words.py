"""Which rows of a week are read out on its page: measures promised, and customers' own words. Ids only."""

from typing import Any

from django.db.models import F, QuerySet

from zhike.care.models import FollowUp
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


def promised_actions(grants: Grants, week: Week) -> list[int]:
    """Ids of the notices whose answers of this week promise a measure."""
    rows = visible_notices(grants).filter(within("answered_at", week)).exclude(action="")
    soonest = rows.order_by(F("action_due").asc(nulls_last=True), "pk")
    return list(soonest.values_list("pk", flat=True)[:MOST_ACTIONS])


def visit_words(grants: Grants, week: Week) -> list[int]:
    """Ids of visits with words, one statement for all results."""
    rows = visible_follow_ups(grants).filter(within("due_at", week)).exclude(words="")
    found: dict[str, list[int]] = {result.value: [] for result in IN_ORDER}
    first, *others = (_of_result(rows, result) for result in IN_ORDER)
    for result, pk, _due in sorted(
        first.union(*others, all=True), key=lambda row: (row[2], row[1]), reverse=True
    ):
        found[result].append(pk)
    return [pk for ids in found.values() for pk in ids][:MOST_VISIT_WORDS]


def _of_result(rows: "QuerySet[FollowUp]", result: Result) -> "QuerySet[FollowUp, Any]":
    some = rows.filter(result=result).order_by("-due_at", "-pk")[:MOST_OF_A_RESULT]
    # Within a union a limit needs a query of its own on SQLite.
    picked = FollowUp.objects.filter(pk__in=some.values("pk")).order_by()
    return picked.values_list("result", "pk", "due_at")


def feedback_of(grants: Grants, week: Week) -> list[int]:
    """The lowest ratings of the week."""
    rows = Feedback.objects.filter(
        voided_at__isnull=True, said_on__range=(week.monday, week.sunday)
    )
    if grants.unit_ids is not None:
        rows = rows.filter(unit_id__in=grants.unit_ids)
    low_first = rows.order_by(F("rating_ratio").asc(nulls_last=True), "-said_on", "-id")
    return list(low_first.values_list("pk", flat=True)[:MOST_FEEDBACK])
