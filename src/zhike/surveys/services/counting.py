"""Responses are counted into tallies a hundred at a time, shortly after they came.

What was counted of a response is known from its row, so a changed one is taken off and added again, and a job
that was killed half-way has counted nothing twice: rows and tallies change in one transaction.
"""

from collections import defaultdict
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from zhike.core import clock, work
from zhike.surveys.choices import InvitationState, ResponseState
from zhike.surveys.events import NamedAnswerCounted
from zhike.surveys.models import Invitation, Response
from zhike.surveys.services.answers import definition_of
from zhike.surveys.tallying import Counts, counted, difference

ACTOR = work.Actor.system("surveys")
AT_ONCE = 100
Key = tuple[int, str, str, int, date]


def count_some() -> int:
    """How many were counted; fewer than AT_ONCE: none is left."""
    rows = list(
        Response.objects.filter(counted_revision__lt=F("revision")).order_by("pk")[:AT_ONCE]
    )
    if not rows:
        return 0
    changes: defaultdict[Key, list[float]] = defaultdict(lambda: [0, 0.0])
    marked: list[Response] = []
    with transaction.atomic():
        for row in rows:
            # Another worker, or a change that came since, makes this one wait for the next round.
            if _mark(row):
                marked.append(row)
                day = clock.local(row.began_at).date()
                for (part, value), (count, amount) in _change(row).items():
                    entry = changes[row.survey_id, part, value, row.link_id, day]
                    entry[0] += count
                    entry[1] += amount
        _add(changes)
        _note_answered(marked)
    return len(rows)


def _note_answered(rows: list[Response]) -> None:
    """A complete answer to an invitation ends it: no reminder follows. Whoever asked by name hears of it."""
    came = {
        row.invitation_id: row
        for row in rows
        if row.invitation_id is not None and row.state == ResponseState.COMPLETE
    }
    if not came:
        return
    asked = Invitation.objects.filter(pk__in=came).order_by("pk").select_related("sending")
    with work.unit(ACTOR) as unit:
        found = list(asked.select_for_update(of=("self",)))
        fresh = [invitation for invitation in found if invitation.answered_at is None]
        for invitation in fresh:
            invitation.state = InvitationState.ANSWERED
            invitation.answered_at = came[invitation.pk].changed_at
            invitation.due_at = None
        Invitation.objects.bulk_update(fresh, ["state", "answered_at", "due_at"])
        for invitation in found:
            if invitation.sending.is_named:
                row = came[invitation.pk]
                unit.publish(NamedAnswerCounted(invitation.pk, invitation.occasion, row.revision))


def _mark(row: Response) -> bool:
    same = Response.objects.filter(
        pk=row.pk, revision=row.revision, counted_revision=row.counted_revision
    )
    return bool(same.update(counted_revision=row.revision, counted_state="", counted_answers=None))


def _change(row: Response) -> Counts:
    definition = definition_of(row.version_id, row.survey_id)
    now = counted(definition, row.state, row.answers)
    if not row.counted_revision:
        return now
    return difference(now, counted(definition, row.counted_state, row.counted_answers or {}))


def _add(changes: dict[Key, list[float]]) -> None:
    """In the order of the key, so that two workers never wait for each other."""
    rows: list[list[Any]] = [
        [*key[:4], connection.ops.adapt_datefield_value(key[4]), int(count), amount]
        for key, (count, amount) in sorted(changes.items())
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO surveys_tally (survey_id, part, value, link_id, day, count, amount) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (survey_id, part, value, link_id, day) DO UPDATE SET "
            "count = surveys_tally.count + excluded.count, "
            "amount = surveys_tally.amount + excluded.amount",
            rows,
        )
