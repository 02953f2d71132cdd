"""What questionnaires give to a person's copy of their data: what they answered by their own link, or with
a number of theirs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zhike.core.exporter import ExportColumn
from zhike.privacy.slots import PARTS, PersonalPart
from zhike.surveys.choices import QuestionKind
from zhike.surveys.contact_selectors import contacts_of_files, unsealed
from zhike.surveys.flow import words_key
from zhike.surveys.models import Response
from zhike.surveys.services.answers import definition_of
from zhike.surveys.single_answers import told

ANSWERS = (
    ExportColumn("survey", _("Questionnaire"), width=30),
    ExportColumn("at", pgettext_lazy("survey answers", "Answered"), width=18),
    ExportColumn("question", _("Question"), width=50),
    ExportColumn("answer", pgettext_lazy("survey answers", "Answer"), width=60),
)


def register() -> None:
    PARTS.fill(PersonalPart("survey_answers", _("Answers to questionnaires"), ANSWERS, _rows, 35))


def _later() -> str:
    return _now(
        "Answers to this questionnaire can be read once it is closed. Until then only whoever gave them sees "
        "them, by their own link."
    )


def _rows(ids: Sequence[int]) -> Iterable[Mapping[str, Any]]:
    left = {row.response_id: row for row in contacts_of_files(ids).filter(gone_at__isnull=True)}
    theirs = Response.objects.filter(Q(invitation__customer_id__in=ids) | Q(pk__in=left))
    rows = theirs.select_related("survey").defer("survey__draft").order_by("pk")
    language = get_language() or ""
    for row in rows:
        definition = definition_of(row.version_id, row.survey_id)
        title = definition.words(definition.title, language)
        if row.survey.is_kept:
            # Whoever makes the copy would read one person's answers before anybody may.
            yield {"survey": title, "at": row.changed_at, "question": "", "answer": _later()}
            continue
        for question in definition.questions():
            if question.key not in row.answers:
                continue
            answers = [told(definition, question, row.answers[question.key], language)]
            if question.kind == QuestionKind.CONTACT and row.pk in left:
                found = unsealed(left[row.pk])
                answers = [one for one in (found.name, found.phone, found.email) if one]
            words = row.answers.get(words_key(question.key))
            yield {
                "survey": title,
                "at": row.changed_at,
                "question": definition.words(question.text, language),
                "answer": "\n".join(filter(None, [*answers, words])),
            }
