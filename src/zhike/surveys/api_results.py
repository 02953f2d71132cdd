"""What a questionnaire came to, over the API: figures with their intervals, and single answers behind them.

What the pages keep hidden is hidden here: nothing under five answers, no link that subtraction would give away.
"""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Field, Query, Router, Schema

from zhike.core.api import REFUSALS, PageOut, RowId, Strict, caller
from zhike.core.errors import NotFound
from zhike.methods.scores import Score
from zhike.surveys import single_answers
from zhike.surveys.figures import Pair, Part, QuestionResult, Results, results_by_link
from zhike.surveys.models import Survey
from zhike.surveys.permissions import VIEW
from zhike.surveys.selectors import get_survey
from zhike.surveys.single_answers import AnswersPage

router = Router(tags=["questionnaires"])


class ScoreOut(Schema):
    estimate: float
    low: float = Field(description="Low end of the 95% interval.")
    high: float
    n: int


class BarOut(Schema):
    value: str
    label: str
    count: int
    share: float = Field(description="Of those who answered this part, 0 to 1.")


class PartOut(Schema):
    part: str = Field(description="Name it to `answers` to read what is behind it.")
    label: str
    n: int
    bars: list[BarOut]
    mean: ScoreOut | None
    content: ScoreOut | None = Field(description="Share of the highest points, 0 to 1.")
    nps: ScoreOut | None = Field(description="Net promoter score, -100 to 100.")
    average: float | None = Field(description="Of numbers, points and places.")


class PairOut(Schema):
    label: str
    first: PartOut
    second: PartOut
    difference: float | None = Field(description="Found less expected; ours less theirs.")


class QuestionResultOut(Schema):
    key: str
    number: int
    kind: str
    text: str
    n: int = Field(description="Answered by so many of those who finished.")
    parts: list[PartOut]
    pairs: list[PairOut]


class ToldLinkOut(Schema):
    id: int
    name: str
    complete: int


class ResultsOut(Schema):
    complete: int
    begun: int = Field(description="Begun and not finished; counted nowhere else.")
    beyond_quota: int
    is_told: bool = Field(description="False under five answers: then there are no questions.")
    questions: list[QuestionResultOut]
    links: list[ToldLinkOut] = Field(description="Those told apart; ask for one by `link`.")


class SaidOut(Schema):
    number: int = Field(description="Of the question, as in the results.")
    question: str
    answer: str


class AnswerOut(Schema):
    said: list[SaidOut]


class ResultsFilter(Strict):
    link: RowId | None = None


class AnswersFilter(ResultsFilter):
    part: str = Field("", max_length=80, description="Only who answered this part.")
    value: str = Field("", max_length=40, description="And so: the value of one of its bars.")
    cursor: str | None = Field(None, max_length=200)


@router.get("/surveys/{survey_id}/results", response={200: ResultsOut, **REFUSALS})
def read_results(request: HttpRequest, survey_id: RowId, asked: Query[ResultsFilter]) -> Any:
    """From stored tallies, as they stand now. 409 while results are kept until it is closed; `extra.answers` says
    how many have come."""
    _survey, results = _results(request, survey_id, asked)
    return {
        "complete": results.complete,
        "begun": results.begun,
        "beyond_quota": results.beyond_quota,
        "is_told": results.is_told,
        "questions": [_question_out(one) for one in results.questions],
        "links": [
            {"id": one.link.pk, "name": one.link.name, "complete": one.complete}
            for one in results.links
            if one.is_told
        ],
    }


@router.get("/surveys/{survey_id}/answers", response={200: PageOut[AnswerOut], **REFUSALS})
def list_answers(request: HttpRequest, survey_id: RowId, asked: Query[AnswersFilter]) -> Any:
    """What single people answered: without name, time and link, in an order drawn by chance. 409 while results are
    kept until it is closed."""
    survey, results = _results(request, survey_id, asked)
    if not results.is_told:
        raise NotFound()
    found = single_answers.page_of(
        survey,
        results,
        part=asked.part,
        value=asked.value,
        link_id=asked.link,
        after=asked.cursor or "",
        language=get_language() or "",
    )
    return answers_out(found)


def answers_out(found: AnswersPage) -> dict[str, Any]:
    return {
        "items": [
            {
                "said": [
                    {"number": one.number, "question": one.question, "answer": one.answer}
                    for one in row.said
                ]
            }
            for row in found.rows
        ],
        "next": found.after or None,
    }


def _results(request: HttpRequest, survey_id: int, asked: ResultsFilter) -> tuple[Survey, Results]:
    _actor, grants = caller(request)
    grants.require(VIEW)
    survey = get_survey(grants, survey_id)
    if survey.current_id is None:
        raise NotFound()
    return survey, results_by_link(survey, get_language() or "", asked.link)


def _question_out(one: QuestionResult) -> dict[str, Any]:
    return {
        "key": one.question.key,
        "number": one.number,
        "kind": one.question.kind,
        "text": one.text,
        "n": one.n,
        "parts": [_part_out(part) for part in one.parts],
        "pairs": [_pair_out(pair) for pair in one.pairs],
    }


def _pair_out(pair: Pair) -> dict[str, Any]:
    return {
        "label": pair.label,
        "first": _part_out(pair.first),
        "second": _part_out(pair.second),
        "difference": pair.difference,
    }


def _part_out(part: Part) -> dict[str, Any]:
    return {
        "part": part.part,
        "label": part.label,
        "n": part.n,
        "bars": [
            {"value": bar.value, "label": bar.label, "count": bar.count, "share": bar.share}
            for bar in part.bars
        ],
        "mean": _score_out(part.mean),
        "content": _score_out(part.content),
        "nps": _score_out(part.nps),
        "average": part.average,
    }


def _score_out(score: Score | None) -> dict[str, Any] | None:
    if score is None:
        return None
    return {"estimate": score.estimate, "low": score.low, "high": score.high, "n": score.n}
