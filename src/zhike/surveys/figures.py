"""The results of a questionnaire, from its tallies: what each question came to, from how many, how sure.

Under five answers nothing is told but their number. A link is told apart only where neither it nor what is left
of all others could be fewer than five.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Sum

from zhike.core.errors import NotFound
from zhike.methods.scores import Score, csat, mean_score, nps
from zhike.methods.scores_counting import Counts
from zhike.surveys.choices import QuestionKind, ResponseState
from zhike.surveys.contact_selectors import named_by_link
from zhike.surveys.definition import Definition, Question
from zhike.surveys.definition.joining import ever_asked
from zhike.surveys.definition.parts import SIDES
from zhike.surveys.kept import refuse_kept
from zhike.surveys.models import Link, Survey, Tally
from zhike.surveys.rules import FEWEST as FEWEST
from zhike.surveys.rules import hides_nobody
from zhike.surveys.services.answers import definition_of

# What counts as content: the two highest points, of ten the three highest.
TOP = {5: 2, 7: 2, 10: 3}


@dataclass(frozen=True, slots=True)
class Bar:
    """One value of a part: how many chose it, and their share (0..1) of those who answered."""

    value: str
    label: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Part:
    """What is counted on its own: a question, or a row of one. `figures` by name, each with its own interval."""

    part: str
    label: str
    n: int
    bars: Sequence[Bar] = ()
    mean: Score | None = None
    content: Score | None = None
    nps: Score | None = None
    # Of numbers, points and places: the plain mean.
    average: float | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A row with two sides, and by how much the second lies above the first."""

    label: str
    first: Part
    second: Part

    @property
    def difference(self) -> float | None:
        """Found less expected; ours less theirs."""
        if self.first.mean is None or self.second.mean is None:
            return None
        return self.second.mean.estimate - self.first.mean.estimate


@dataclass(frozen=True, slots=True)
class QuestionResult:
    question: Question
    number: int
    text: str
    # Answered by so many of those who were complete.
    n: int
    parts: Sequence[Part] = ()
    pairs: Sequence[Pair] = ()
    # What the two ends of its scale were called.
    low: str = ""
    high: str = ""
    # Asked only of some, by what they had answered.
    is_branched: bool = False


@dataclass(frozen=True, slots=True)
class LinkCount:
    link: Link
    complete: int
    begun: int
    is_told: bool


@dataclass(frozen=True, slots=True)
class Results:
    complete: int
    begun: int
    beyond_quota: int
    is_told: bool
    questions: Sequence[QuestionResult]
    links: Sequence[LinkCount]
    # So many of them left how to reach them, and are known by name to those who may see it.
    named: int = 0

    @property
    def completion(self) -> float | None:
        """Complete ones of all that were begun (0..1)."""
        whole = self.complete + self.begun
        return self.complete / whole if whole else None


Sums = Mapping[tuple[str, str], tuple[int, float]]


def results_of(survey: Survey, language: str, link_id: int | None = None) -> Results:
    """Of a questionnaire that was published. `link_id` names one of `links` that is told apart.

    Raises Conflict while results are kept until it is closed.
    """
    refuse_kept(survey)
    sums = _sums(survey, link_id)
    definition = ever_asked(
        [
            definition_of(pk, survey.pk)
            for pk in survey.versions.order_by("-number").values_list("pk", flat=True)
        ]
    )
    complete = sums.get(("", ResponseState.COMPLETE), (0, 0.0))[0]
    named = named_by_link(survey.pk) if definition.contact() is not None else {}
    named_here = named.get(link_id, 0) if link_id is not None else sum(named.values())
    is_told = complete >= FEWEST and hides_nobody(complete, named_here)
    return Results(
        complete=complete,
        begun=sums.get(("", ResponseState.PARTIAL), (0, 0.0))[0],
        beyond_quota=sums.get(("", ResponseState.FULL), (0, 0.0))[0],
        is_told=is_told,
        questions=[
            _Reader(definition, sums, language).question(question, number)
            for number, question in enumerate(definition.questions(), 1)
        ]
        if is_told
        else [],
        links=link_counts(survey, named),
        named=named_here,
    )


def results_by_link(survey: Survey, language: str, link_id: int | None) -> Results:
    """Of one link where it is told apart, else of all; a foreign or hidden one looks like a missing one."""
    whole = results_of(survey, language)
    if link_id is None:
        return whole
    if link_id not in {one.link.pk for one in whole.links if one.is_told}:
        raise NotFound()
    return results_of(survey, language, link_id)


def _sums(survey: Survey, link_id: int | None) -> Sums:
    rows = Tally.objects.filter(survey=survey)
    if link_id is not None:
        rows = rows.filter(link_id=link_id)
    grouped = rows.order_by().values_list("part", "value").annotate(Sum("count"), Sum("amount"))
    return {(part, value): (count, amount) for part, value, count, amount in grouped if count}


def link_counts(survey: Survey, named: Mapping[int, int] | None = None) -> list[LinkCount]:
    """`named`: how many of each are known by name; asked for where it is left out."""
    if named is None:
        named = named_by_link(survey.pk)
    states = Tally.objects.filter(survey=survey, part="").order_by()
    rows = states.values_list("link_id", "value").annotate(Sum("count"))
    counts = {(link, value): count for link, value, count in rows}
    links = list(survey.links.order_by("pk"))
    complete = {link.pk: counts.get((link.pk, ResponseState.COMPLETE), 0) for link in links}
    told = told_apart(complete)
    if any(named.values()):
        told &= told_apart({pk: n - named.get(pk, 0) for pk, n in complete.items()})
    return [
        LinkCount(
            link=link,
            complete=complete[link.pk],
            begun=counts.get((link.pk, ResponseState.PARTIAL), 0),
            is_told=link.pk in told,
        )
        for link in links
    ]


def told_apart(complete: Mapping[int, int]) -> frozenset[int]:
    """Which groups may be shown beside the whole without fewer than five being left over by subtraction.

    Those of five and more, largest first, as long as what stays hidden is nobody or at least five.
    """
    told = sorted((pk for pk, n in complete.items() if n >= FEWEST), key=lambda pk: complete[pk])
    hidden = sum(n for n in complete.values() if n < FEWEST)
    while told and 0 < hidden < FEWEST:
        hidden += complete[told.pop(0)]
    return frozenset(told)


class _Reader:
    def __init__(self, definition: Definition, sums: Sums, language: str) -> None:
        self._definition, self._sums, self._language = definition, sums, language
        self._branched = {
            question.key
            for section in definition.sections
            for question in section.questions
            if section.when or question.when
        }

    def question(self, question: Question, number: int) -> QuestionResult:
        return replace(
            self._figures(question, number),
            low=self._label(question.low),
            high=self._label(question.high),
            is_branched=question.key in self._branched,
        )

    def _figures(self, question: Question, number: int) -> QuestionResult:
        text = self._definition.words(question.text, self._language)
        kind, key = question.kind, question.key
        if kind in SIDES:
            pairs = [
                Pair(
                    self._label(row.text),
                    *(self._scale(question, f"{key}.{row.key}.{side}") for side in SIDES[kind]),
                )
                for row in question.rows
            ]
            n = max(max(pair.first.n, pair.second.n) for pair in pairs)
            return QuestionResult(question, number, text, n, pairs=_ordered(kind, pairs))
        parts = self._parts(question)
        n = self._n(key) if kind != QuestionKind.MATRIX else max(part.n for part in parts)
        return QuestionResult(question, number, text, n, parts=parts)

    def _parts(self, question: Question) -> list[Part]:
        kind, key = question.kind, question.key
        if kind == QuestionKind.MATRIX:
            return [
                self._scale(question, f"{key}.{row.key}", self._label(row.text))
                for row in question.rows
            ]
        if kind == QuestionKind.POINTS:
            return [
                self._average(f"{key}.{row.key}", self._label(row.text)) for row in question.rows
            ]
        if kind == QuestionKind.RANK:
            ranked = [
                self._average(f"{key}.{one.key}", self._label(one.text)) for one in question.options
            ]
            return sorted(ranked, key=lambda part: part.average or 0.0)
        if kind in (QuestionKind.SINGLE, QuestionKind.MULTIPLE):
            n = self._n(key)
            return [
                Part(
                    key,
                    "",
                    n,
                    [
                        self._bar(key, option.key, self._label(option.text), n)
                        for option in question.options
                    ],
                )
            ]
        if kind in (QuestionKind.SCALE, QuestionKind.NPS, QuestionKind.CES):
            return [self._scale(question, key)]
        if kind == QuestionKind.NUMBER:
            return [self._average(key, "")]
        return [Part(key, "", self._n(key))]

    def _label(self, text: Mapping[str, str]) -> str:
        return self._definition.words(text, self._language)

    def _n(self, part: str) -> int:
        return self._sums.get((part, ""), (0, 0.0))[0]

    def _bar(self, part: str, value: str, label: str, n: int) -> Bar:
        count = self._sums.get((part, value), (0, 0.0))[0]
        return Bar(value, label, count, count / n if n else 0.0)

    def _average(self, part: str, label: str) -> Part:
        n, amount = self._sums.get((part, ""), (0, 0.0))
        return Part(part, label, n, average=amount / n if n else None)

    def _scale(self, question: Question, part: str, label: str = "") -> Part:
        n = self._n(part)
        bars = [self._bar(part, str(value), str(value), n) for value in question.scale]
        if n < 2:
            return Part(part, label, n, bars)
        counts = Counts({int(bar.value): bar.count for bar in bars})
        ends = (question.scale[0], question.scale[-1])
        if question.kind == QuestionKind.NPS:
            return Part(part, label, n, bars, nps=nps(counts))
        mean = mean_score(counts, scale=ends)
        if question.kind == QuestionKind.CES:
            return Part(part, label, n, bars, mean=mean)
        content = csat(counts, scale=ends, top=TOP[question.points])
        return Part(part, label, n, bars, mean=mean, content=content)


def _ordered(kind: str, pairs: list[Pair]) -> list[Pair]:
    """As it is asked; beside a rival we stand second, so that the difference is ours less theirs."""
    if kind == QuestionKind.RIVAL:
        return [Pair(pair.label, pair.second, pair.first) for pair in pairs]
    return pairs
