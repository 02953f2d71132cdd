"""Photos and papers sent in with answers: kept while the answer names them, and no longer."""

from collections.abc import Mapping, Sequence

from django.db.models import Q, QuerySet

from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.core.errors import NotFound
from zhike.core.files import remove_files, used_elsewhere
from zhike.core.models import StoredFile
from zhike.surveys.choices import ResponseState
from zhike.surveys.figures import results_of
from zhike.surveys.models import AnswerFile, Survey
from zhike.surveys.permissions import FILES
from zhike.surveys.sent_files import SentFile
from zhike.surveys.services.answers import CONTINUABLE, EDITABLE, Begun

ACTOR = work.Actor.system("surveys")
AT_ONCE = 100


def settle(
    unit: work.Work, row: Begun, sent: Sequence[SentFile], stored: Mapping[str, StoredFile]
) -> None:
    """Beside the page just saved: what came with it, and not what its answers no longer name."""
    named = {
        token for one in row.definition.file_questions() for token in row.answers.get(one.key) or ()
    }
    AnswerFile.objects.bulk_create(
        AnswerFile(
            response_id=row.id,
            question=one.question,
            token=one.token,
            file=stored[one.token],
            content_type=one.content_type,
            size_bytes=len(one.data),
        )
        for one in sent
        if one.token in named
    )
    drop(list(AnswerFile.objects.filter(response_id=row.id).exclude(token__in=named)), unit)


def drop(rows: Sequence[AnswerFile], unit: work.Work) -> None:
    """The rows, and the bytes unless somebody else sent the very same."""
    if not rows:
        return
    ids, pks = {row.file_id for row in rows}, [row.pk for row in rows]
    AnswerFile.objects.filter(pk__in=pks).delete()
    remove_files(ids - used_elsewhere(ids, but={}), unit)


def abandoned() -> "QuerySet[AnswerFile]":
    """Of answers that were begun and can no longer be gone on with, and of those beyond a quota."""
    now = clock.now()
    begun = Q(response__state=ResponseState.PARTIAL, response__began_at__lt=now - CONTINUABLE)
    beyond = Q(response__state=ResponseState.FULL, response__began_at__lt=now - EDITABLE)
    return AnswerFile.objects.filter(begun | beyond)


def drop_abandoned() -> int:
    """How many went; fewer than AT_ONCE: none is left."""
    ids = list(abandoned().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if ids:
        with work.unit(ACTOR) as unit:
            # Read again under the lock: somebody may just go on.
            drop(list(abandoned().select_for_update(of=("self",)).filter(pk__in=ids)), unit)
    return len(ids)


def file_for(grants: Grants, survey: Survey, token: str, language: str) -> tuple[AnswerFile, int]:
    """A file of a single answer, and its number there. Looked at like the answer itself: not under five."""
    grants.require(FILES)
    rows = AnswerFile.objects.select_related("file").filter(
        response__survey=survey, response__state=ResponseState.COMPLETE
    )
    row = rows.filter(token=token[:16]).first()
    if row is None or not results_of(survey, language).is_told:
        raise NotFound()
    beside = rows.filter(response_id=row.response_id, question=row.question)
    return row, beside.filter(pk__lte=row.pk).count()
