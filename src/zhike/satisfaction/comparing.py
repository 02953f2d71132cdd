"""First and second measurement side by side: per case, and in sum once at least five cases were measured twice."""

from collections.abc import Sequence
from dataclasses import dataclass

from zhike.methods.compare import difference_of_means
from zhike.methods.errors import MethodError
from zhike.satisfaction.models import Ask, AskRule
from zhike.satisfaction.rule_selectors import pairs_of, question_of
from zhike.surveys.choices import QuestionKind
from zhike.surveys.figures import FEWEST
from zhike.surveys.models import Response
from zhike.surveys.services.answers import definition_of
from zhike.surveys.single_answers import told


@dataclass(frozen=True)
class Pair:
    ask: Ask
    before: str
    after: str
    # Figures, where the question is one on a scale.
    first: int | None
    second: int | None


@dataclass(frozen=True)
class Summed:
    """`n` cases; the interval is of Student's t of the pairwise differences, None where nothing varies."""

    n: int
    before: float
    after: float
    difference: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Compared:
    pairs: Sequence[Pair]
    # None below five cases, and for a question without figures.
    summed: Summed | None
    fewest: int = FEWEST


def compared(rule: AskRule, language: str) -> Compared:
    pairs = []
    for ask, one, other in pairs_of(rule):
        (before, first), (after, second) = (_worded(rule, row, language) for row in (one, other))
        pairs.append(Pair(ask, before, after, first, second))
    return Compared(pairs, _summed(pairs))


def _worded(rule: AskRule, response: Response, language: str) -> tuple[str, int | None]:
    question = question_of(rule, response)
    value = response.answers.get(rule.question)
    if question is None or value is None:
        return "", None
    definition = definition_of(response.version_id, response.survey_id)
    figure = value if question.kind != QuestionKind.SINGLE else None
    return told(definition, question, value, language), figure


def _summed(pairs: Sequence[Pair]) -> Summed | None:
    both = [(one.first, one.second) for one in pairs if None not in (one.first, one.second)]
    if len(both) < FEWEST:
        return None
    before = [float(first) for first, _second in both if first is not None]
    after = [float(second) for _first, second in both if second is not None]
    means = sum(before) / len(both), sum(after) / len(both)
    try:
        found = difference_of_means(before, after, paired=True)
    except MethodError:
        # Everybody moved by the same: the difference is known, how sure it is cannot be said.
        return Summed(len(both), *means, means[1] - means[0], None, None)
    return Summed(len(both), *means, found.difference, found.low, found.high)
