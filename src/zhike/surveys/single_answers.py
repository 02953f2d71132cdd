"""Single answers as they are read: what somebody said, never who, when or through which link."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from zhike.core.errors import NotFound
from zhike.surveys.choices import ContactPart, QuestionKind, ResponseState
from zhike.surveys.definition import Definition, Question
from zhike.surveys.definition.parts import SIDES
from zhike.surveys.figures import QuestionResult, Results
from zhike.surveys.flow import words_key
from zhike.surveys.models import Response, Survey
from zhike.surveys.services.answers import definition_of

PER_PAGE = 20
# Whoever holds a secret may change what its owner answered: an address of the list shows no more than half of one.
BEGINNING, LENGTH = 16, 32
# So many answers are looked for by their numbers; of more, the list is walked until a page is full.
MOST_BY_NUMBER = 1000


@dataclass(frozen=True, slots=True)
class Said:
    number: int
    question: str
    answer: str
    # Own words, to be quoted as they were written.
    is_words: bool
    # Tokens of the files that were sent.
    files: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SingleAnswer:
    said: Sequence[Said]


@dataclass(frozen=True, slots=True)
class AnswersPage:
    question: QuestionResult | None
    value: str
    # Numbers of the questions the figure is about.
    asked: frozenset[int]
    rows: Sequence[SingleAnswer]
    # Where the next page begins; "" at the end.
    after: str
    is_first: bool


def page_of(
    survey: Survey,
    results: Results,
    *,
    part: str,
    value: str,
    link_id: int | None,
    after: str,
    language: str,
) -> AnswersPage:
    """`part` and `value` name a bar of the results; without a value those who answered the part at all."""
    question = _question(results, part)
    # A value none of the bars has is no figure of the page either.
    label = _label_of(question, part, value) if question is not None and value else ""
    rows = _complete(survey, after)
    if link_id is not None:
        rows = rows.filter(link_id=link_id)
    if question is not None:
        rows = rows.filter(_gave(question.question, part, value))
    asked = () if question is None else (question.number,)
    told = _told(list(rows[: PER_PAGE + 1]), survey, results, language)
    return AnswersPage(question, label, frozenset(asked), *told, is_first=not after)


def page_among(
    survey: Survey,
    results: Results,
    ids: Collection[int],
    *,
    parts: Collection[str],
    after: str,
    language: str,
) -> AnswersPage:
    """Of these answers alone; what was answered to `parts` stands out."""
    rows = _complete(survey, after)
    if len(ids) <= MOST_BY_NUMBER:
        found = list(rows.filter(pk__in=ids)[: PER_PAGE + 1])
    else:
        wanted = frozenset(ids)
        walked = (row for row in rows.iterator(10 * PER_PAGE) if row.pk in wanted)
        found = list(islice(walked, PER_PAGE + 1))
    keys = {part.partition(".")[0] for part in parts}
    asked = frozenset(one.number for one in results.questions if one.question.key in keys)
    told = _told(found, survey, results, language)
    return AnswersPage(None, "", asked, *told, is_first=not after)


def _complete(survey: Survey, after: str) -> QuerySet[Response]:
    """By the secret, which is drawn by chance: the order tells nothing. `after` is how a secret begins."""
    last = after[:BEGINNING].ljust(LENGTH, "f") if after else ""
    rows = Response.objects.filter(survey=survey, state=ResponseState.COMPLETE, ref__gt=last)
    return rows.order_by("ref").only("ref", "version_id", "answers")


def _told(
    found: Sequence[Response], survey: Survey, results: Results, language: str
) -> tuple[list[SingleAnswer], str]:
    """A page of rows in words, and where the next begins: `found` is one more than fits where there is one."""
    numbers = {one.question.key: one.number for one in results.questions}
    rows = [read_answer(row, survey.pk, numbers, language) for row in found[:PER_PAGE]]
    return rows, found[PER_PAGE - 1].ref[:BEGINNING] if len(found) > PER_PAGE else ""


def _question(results: Results, part: str) -> QuestionResult | None:
    if not part:
        return None
    for one in results.questions:
        if one.question.kind == QuestionKind.CONTACT:
            continue
        if part == one.question.key or part in one.question.parts() or part in _choices(one):
            return one
    raise NotFound()


def _choices(one: QuestionResult) -> list[str]:
    return [f"{one.question.key}.{option.key}" for option in one.question.options]


def _label_of(result: QuestionResult, part: str, value: str) -> str:
    parts = [*result.parts, *(side for pair in result.pairs for side in (pair.first, pair.second))]
    for one in parts:
        for bar in one.bars:
            if one.part == part and bar.value == value:
                return bar.label
    raise NotFound()


def _gave(question: Question, part: str, value: str) -> Q:
    """Answers in which this part was answered (so)."""
    _key, _dot, rest = part.partition(".")
    path = f"answers__{question.key}"
    if question.kind == QuestionKind.RANK or not value:
        row = rest.partition(".")[0]
        if row and question.kind not in (QuestionKind.RANK, QuestionKind.MULTIPLE):
            return Q(**{f"{path}__has_key": row})
        return Q(answers__has_key=question.key)
    if question.kind in SIDES:
        row, _dot, side = rest.partition(".")
        place = SIDES[question.kind].index(side)
        return Q(**{f"{path}__{row}__{place}": int(value)})
    if question.kind == QuestionKind.MATRIX:
        return Q(**{f"{path}__{rest}": int(value)})
    if question.kind == QuestionKind.MULTIPLE:
        return _listed(path, value)
    if question.kind == QuestionKind.SINGLE:
        return Q(**{path: value})
    return Q(**{path: int(value)})


def _listed(path: str, value: str) -> Q:
    """A list that holds the key: a JSON text in which it stands between quotation marks, on both databases."""
    return Q(**{f"{path}__icontains": f'"{value}"'})


def read_answer(
    row: Response, survey_id: int, numbers: Mapping[str, int], language: str
) -> SingleAnswer:
    """What was answered, by the words of the version it was given to."""
    definition = definition_of(row.version_id, survey_id)
    return SingleAnswer(said_in(definition, row.answers, language, numbers))


def said_in(
    definition: Definition,
    answers: Mapping[str, Any],
    language: str,
    numbers: Mapping[str, int] | None = None,
) -> list[Said]:
    """What was answered, in the order it was asked; `numbers` are those of the results page."""
    numbers = numbers or {}
    said = []
    for question in definition.questions():
        answer = answers.get(question.key)
        # Who left how to reach them stands in a list of its own, and in this one nobody.
        if answer is None or question.kind == QuestionKind.CONTACT:
            continue
        number, text = numbers.get(question.key, 0), definition.words(question.text, language)
        is_words = question.kind == QuestionKind.TEXT
        files = answer if question.kind == QuestionKind.FILE else ()
        answered = told(definition, question, answer, language)
        said.append(Said(number, text, answered, is_words, files))
        words = answers.get(words_key(question.key))
        if words:
            said.append(Said(number, text, words, True))
    return said


def told(definition: Definition, question: Question, answer: Any, language: str) -> str:
    """An answer as a reader sees it, choices and rows by their words."""
    names = {
        one.key: definition.words(one.text, language) for one in (*question.options, *question.rows)
    }
    comma = _(", ")
    if question.kind == QuestionKind.SINGLE:
        return names.get(answer, str(answer))
    if question.kind == QuestionKind.FILE:
        return ngettext("%(count)s file", "%(count)s files", len(answer)) % {"count": len(answer)}
    if question.kind == QuestionKind.CONTACT:
        return comma.join(str(ContactPart(one).label) for one in answer)
    if question.kind == QuestionKind.MULTIPLE:
        return comma.join(names.get(one, one) for one in answer)
    if question.kind == QuestionKind.RANK:
        return " > ".join(names.get(one, one) for one in answer)
    if question.kind in SIDES:
        return comma.join(
            f"{names.get(row, row)} {_side(pair[0])}/{_side(pair[1])}"
            for row, pair in answer.items()
        )
    if isinstance(answer, dict):
        return comma.join(f"{names.get(row, row)} {value}" for row, value in answer.items())
    if isinstance(answer, float):
        unit = definition.words(question.unit, language)
        return f"{answer:g} {unit}".strip()
    if question.scale and question.kind != QuestionKind.TEXT and isinstance(answer, int):
        score = {"value": answer, "most": question.scale[-1]}
        return str(pgettext("score", "%(value)s of %(most)s") % score)
    return str(answer)


def _side(value: int | None) -> str:
    return "–" if value is None else str(value)
