"""What one response adds to the tallies. Taking it away again is the same with the sign turned."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from zhike.surveys.choices import QuestionKind, ResponseState
from zhike.surveys.definition import Definition, Question
from zhike.surveys.definition.parts import SIDES

# (part, value) → how often, and the sum of what was answered in figures.
Counts = dict[tuple[str, str], tuple[int, float]]


def counted(definition: Definition, state: str, answers: Mapping[str, Any]) -> Counts:
    """Begun, complete and beyond-quota responses are counted; the answers of complete ones alone."""
    found: defaultdict[tuple[str, str], list[float]] = defaultdict(lambda: [0, 0.0])
    found["", state][0] += 1
    if state == ResponseState.COMPLETE:
        for question in definition.questions():
            answer = answers.get(question.key)
            if answer is not None:
                for part, value, amount in _counts(question, answer):
                    entry = found[part, value]
                    entry[0] += 1
                    entry[1] += amount
    return {key: (int(count), amount) for key, (count, amount) in found.items()}


def difference(new: Counts, old: Counts) -> Counts:
    """What must be added to the tallies where `old` was counted and `new` is true."""
    keys = new.keys() | old.keys()
    nothing = (0, 0.0)
    found = {
        key: (
            new.get(key, nothing)[0] - old.get(key, nothing)[0],
            new.get(key, nothing)[1] - old.get(key, nothing)[1],
        )
        for key in keys
    }
    return {key: change for key, change in found.items() if change != nothing}


def _counts(question: Question, answer: Any) -> Iterator[tuple[str, str, float]]:
    if question.kind in (QuestionKind.SCALE, QuestionKind.NPS, QuestionKind.CES):
        yield from _figure(question.key, answer)
    elif question.kind == QuestionKind.MATRIX:
        for row, value in answer.items():
            yield from _figure(f"{question.key}.{row}", value)
    elif question.kind in SIDES:
        for row, pair in answer.items():
            for side, value in zip(SIDES[question.kind], pair, strict=True):
                if value is not None:
                    yield from _figure(f"{question.key}.{row}.{side}", value)
    else:
        yield from _others(question.key, question.kind, answer)


def _figure(part: str, value: int) -> Iterator[tuple[str, str, float]]:
    yield part, "", float(value)
    yield part, str(value), 0.0


def _others(key: str, kind: str, answer: Any) -> Iterator[tuple[str, str, float]]:
    """How many answered at all, and what beside that can be counted."""
    yield key, "", float(answer) if kind == QuestionKind.NUMBER else 0.0
    if kind == QuestionKind.SINGLE:
        yield key, str(answer), 0.0
    elif kind == QuestionKind.MULTIPLE:
        yield from ((key, one, 0.0) for one in answer)
    elif kind == QuestionKind.POINTS:
        yield from ((f"{key}.{row}", "", float(value)) for row, value in answer.items())
    elif kind == QuestionKind.RANK:
        # The place a choice was given: mean places and first places can be told from it.
        for place, one in enumerate(answer, 1):
            yield from _figure(f"{key}.{one}", place)
