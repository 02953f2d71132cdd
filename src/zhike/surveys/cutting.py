"""Answers and the person they came from are parted: ratings stay for the figures, own words and the link go."""

from collections.abc import Mapping, Sequence
from typing import Any

from zhike.core import work
from zhike.surveys.choices import QuestionKind
from zhike.surveys.definition import Definition
from zhike.surveys.flow import words_key
from zhike.surveys.models import AnswerFile, Response
from zhike.surveys.services import files
from zhike.surveys.services.answers import definition_of, new_ref

# A day may be a birthday; what is chosen or rated names nobody.
OWN = frozenset({QuestionKind.TEXT, QuestionKind.DATE})


def cut(rows: Sequence[Response], mark: str, unit: work.Work) -> None:
    """The secret is drawn anew: that of an invitation can be made again from its number.

    What they sent in goes. Words give way to `mark`, so that as many have answered as before and no tally changes.
    """
    files.drop(list(AnswerFile.objects.filter(response__in=[row.pk for row in rows])), unit)
    for row in rows:
        definition = definition_of(row.version_id, row.survey_id)
        row.answers = _blanked(definition, row.answers, mark)
        if row.counted_answers is not None:
            row.counted_answers = _blanked(definition, row.counted_answers, mark)
        # Whoever is just saving a page of it finds it changed, and brings nothing back.
        if row.counted_revision == row.revision:
            row.counted_revision += 1
        row.revision += 1
        row.invitation_id = None
        row.ref = new_ref()
    columns = ["answers", "counted_answers", "invitation", "ref", "revision", "counted_revision"]
    Response.objects.bulk_update(rows, columns)


def _blanked(definition: Definition, answers: Mapping[str, Any], mark: str) -> dict[str, Any]:
    own = {words_key(one.key) for one in definition.questions()}
    own |= {one.key for one in definition.questions() if one.kind in OWN}
    return {key: mark if key in own else value for key, value in answers.items()}
