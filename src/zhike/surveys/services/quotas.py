"""Places under a quota: taken when an answer becomes complete, in its transaction, so that none too many are.

Only questionnaires with quotas have them; all others cost nothing here.
"""

from collections.abc import Collection

from django.db import connection

from zhike.surveys.choices import ResponseState
from zhike.surveys.definition import Quota
from zhike.surveys.flow import chosen
from zhike.surveys.models import QuotaPlace, Response

Place = tuple[str, str]


def taken(survey_id: int, quotas: Collection[Quota]) -> dict[Place, int]:
    """How many complete answers fall under each so far; what nobody took a place of yet is left out."""
    rows = QuotaPlace.objects.filter(
        survey_id=survey_id, question__in={one.question for one in quotas}
    )
    return {(one.question, one.value): one.taken for one in rows}


def change(survey_id: int, *, give: Collection[Quota], take: Collection[Quota]) -> bool:
    """Give places back and take others; False when one of those wanted is full, and the caller rolls back.

    In one order, so that two answers never wait for each other.
    """
    moves = [(one, False) for one in give] + [(one, True) for one in take]
    for quota, is_taken in sorted(moves, key=lambda move: (move[0].question, move[0].value)):
        _open(survey_id, quota)
        if is_taken and not _take(survey_id, quota):
            return False
        if not is_taken:
            _give(survey_id, quota)
    return True


def _open(survey_id: int, quota: Quota) -> None:
    """Its row, counted from the answers where there is none; of two at once the second waits."""
    if QuotaPlace.objects.filter(
        survey_id=survey_id, question=quota.question, value=quota.value
    ).exists():
        return
    complete = Response.objects.filter(survey_id=survey_id, state=ResponseState.COMPLETE)
    count = sum(
        quota.value in chosen(answers.get(quota.question))
        for answers in complete.values_list("answers", flat=True).iterator(2000)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO surveys_quotaplace (survey_id, question, value, taken) "
            "VALUES (%s, %s, %s, %s) ON CONFLICT (survey_id, question, value) DO NOTHING",
            [survey_id, quota.question, quota.value, count],
        )


def _take(survey_id: int, quota: Quota) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE surveys_quotaplace SET taken = taken + 1 "
            "WHERE survey_id = %s AND question = %s AND value = %s AND taken < %s",
            [survey_id, quota.question, quota.value, quota.most],
        )
        return bool(cursor.rowcount == 1)


def _give(survey_id: int, quota: Quota) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE surveys_quotaplace SET taken = taken - 1 "
            "WHERE survey_id = %s AND question = %s AND value = %s AND taken > 0",
            [survey_id, quota.question, quota.value],
        )
