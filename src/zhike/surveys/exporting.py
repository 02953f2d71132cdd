"""Single answers as a file: a line for each, a column for each part of a question, and nothing of who or when.

In the order of their secrets, which are drawn by chance. A link is named where it is told apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.exporter import ExportColumn, ExportKind
from zhike.core.exporter.kinds import LABELS, FileLabel
from zhike.core.search import masked_numbers
from zhike.customers.permissions import TEXT, may_reveal
from zhike.surveys.choices import QuestionKind, ResponseState
from zhike.surveys.definition import Definition, Question
from zhike.surveys.definition.joining import ever_asked
from zhike.surveys.definition.parts import SIDES
from zhike.surveys.figures import Results, results_of
from zhike.surveys.flow import words_key
from zhike.surveys.models import Response, Survey
from zhike.surveys.permissions import EXPORT
from zhike.surveys.selectors import visible_surveys
from zhike.surveys.services.answers import definition_of
from zhike.surveys.single_answers import told

KIND = "survey_answers"
LABEL = _("Single answers of a questionnaire")
LINK = "link"
# Kinds whose answer is one cell in words.
WORDED = frozenset({QuestionKind.SINGLE, QuestionKind.FILE})


class AnswersExport(ExportKind):
    """Of one questionnaire: what its columns are, its versions say."""

    key = KIND
    label: ClassVar[Any] = LABEL
    permission = EXPORT
    reveal_permission = "customers.reveal"
    columns: ClassVar[tuple[ExportColumn, ...]] = ()

    def __init__(self, survey: Survey, language: str) -> None:
        """Raises RuleError where results are not told."""
        self._survey, self._language = survey, language
        versions = survey.versions.order_by("-number").values_list("pk", flat=True)
        self._definition = ever_asked([definition_of(pk, survey.pk) for pk in versions])
        results = results_of(survey, language)
        if not results.is_told:
            raise too_few()
        self._links = _links(results)

    def all_columns(self, grants: Grants) -> tuple[ExportColumn, ...]:
        found = [
            ExportColumn(key, label, kind="number" if is_number else "text", width=24)
            for number, question in enumerate(self._definition.questions(), 1)
            for key, label, is_number in self._columns_of(number, question)
        ]
        if self._links:
            found.append(ExportColumn(LINK, pgettext("survey", "Link"), width=16))
        return tuple(found)

    def rows(self, grants: Grants) -> "QuerySet[Response]":
        return Response.objects.filter(
            survey__in=visible_surveys(grants).filter(pk=self._survey.pk),
            state=ResponseState.COMPLETE,
        ).order_by("ref")

    def records(
        self, batch: Sequence[Any], grants: Grants, reveal: bool
    ) -> Sequence[Mapping[str, Any]]:
        in_full = reveal and may_reveal(grants, TEXT)
        return [self._record(row, in_full) for row in batch]

    def _record(self, row: Response, in_full: bool) -> Mapping[str, Any]:
        definition = definition_of(row.version_id, row.survey_id)
        found: dict[str, Any] = {LINK: self._links.get(row.link_id, "")}
        for question in definition.questions():
            answer = row.answers.get(question.key)
            if answer is None or question.kind == QuestionKind.CONTACT:
                continue
            found |= self._cells(definition, question, answer)
            words = row.answers.get(words_key(question.key))
            if words:
                found[words_key(question.key)] = words
        if not in_full:
            return {
                key: masked_numbers(value) if isinstance(value, str) else value
                for key, value in found.items()
            }
        return found

    def _cells(self, definition: Definition, question: Question, answer: Any) -> dict[str, Any]:
        key, kind = question.key, question.kind
        if kind == QuestionKind.MULTIPLE:
            return {f"{key}.{one}": 1 for one in answer}
        if kind == QuestionKind.RANK:
            return {f"{key}.{one}": place for place, one in enumerate(answer, 1)}
        if kind in SIDES:
            return {
                f"{key}.{row}.{side}": value
                for row, pair in answer.items()
                for side, value in zip(SIDES[kind], pair, strict=True)
                if value is not None
            }
        if isinstance(answer, dict):
            return {f"{key}.{row}": value for row, value in answer.items()}
        if kind in WORDED:
            return {key: told(definition, question, answer, self._language)}
        whole = isinstance(answer, float) and answer.is_integer()
        return {key: int(answer) if whole else answer}

    def _columns_of(self, number: int, question: Question) -> Iterator[tuple[str, str, bool]]:
        """Key, head, and whether figures stand in it."""
        head = f"{number}. {self._words(question.text)}"
        key, kind = question.key, question.kind
        if kind == QuestionKind.CONTACT:
            return
        if kind in SIDES:
            sides = (
                (pgettext("answer", "Expected"), pgettext("answer", "Found"))
                if kind == QuestionKind.GAP
                else (pgettext("answer", "We"), self._words(question.rival))
            )
            for row in question.rows:
                for side, name in zip(SIDES[kind], sides, strict=True):
                    yield (
                        f"{key}.{row.key}.{side}",
                        f"{head} · {self._words(row.text)} · {name}",
                        True,
                    )
        elif question.rows or kind in (QuestionKind.MULTIPLE, QuestionKind.RANK):
            for part in (*question.rows, *question.options):
                yield f"{key}.{part.key}", f"{head} · {self._words(part.text)}", True
        else:
            yield key, head, bool(question.scale) or kind == QuestionKind.NUMBER
        if any(one.opens_text for one in question.options):
            own = _now("In their words")
            yield words_key(key), f"{head} · {own}", False

    def _words(self, text: Mapping[str, str]) -> str:
        return self._definition.words(text, self._language)


def too_few() -> RuleError:
    return RuleError(
        "answers_too_few",
        _now("With fewer than five answers somebody might be recognised, so there is no file yet."),
    )


def _links(results: Results) -> dict[int, str]:
    """Names of those told apart; none where there is only one."""
    told_ones = {one.link.pk: one.link.name for one in results.links if one.is_told}
    return told_ones if len(results.links) > 1 else {}


def register() -> None:
    LABELS.fill(FileLabel(KIND, LABEL))
