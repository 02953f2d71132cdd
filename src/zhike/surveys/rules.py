"""What may become of a questionnaire: its states, and what a version may ask under a name used before."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from zhike.surveys.choices import SurveyState
from zhike.surveys.definition import Definition, Option, Question

# What may follow a state by hand. Only publishing ends being a draft.
FOLLOWS: Mapping[str, frozenset[str]] = {
    SurveyState.DRAFT: frozenset(),
    SurveyState.OPEN: frozenset({SurveyState.CLOSED}),
    SurveyState.CLOSED: frozenset({SurveyState.OPEN}),
}


# With fewer, somebody might be recognised by what they answered.
FEWEST = 5


def hides_nobody(complete: int, named: int) -> bool:
    """Whether nobody is found out by taking the answers of those known by name off the whole: what is left is
    nobody, or at least five."""
    return not 0 < complete - named < FEWEST or not named


def may_become(state: str, wanted: str) -> bool:
    return wanted in FOLLOWS.get(state, frozenset())


@dataclass(frozen=True)
class Clash:
    """A name that would mean something else than in an earlier version. `what`: kind, points, ends, option or row;
    `part` the key of the option or row, `moved` the one whose words it has taken over."""

    question: str
    what: str
    was: str = ""
    part: str = ""
    moved: str = ""


def scale_of(question: Question) -> int:
    """How many values its scale has; 0 without one."""
    return len(question.scale) if question.points or question.kind in ("nps", "ces") else 0


def clashes(new: Definition, earlier: Iterable[Definition]) -> list[Clash]:
    """Names of `new` under which answers of an earlier version would be counted though they meant something else.

    Words may be corrected. Kind and scale may not change; neither may two choices, two rows or the two
    ends of a scale change places.
    """
    now = {question.key: question for question in new.questions()}
    found: dict[tuple[str, str, str], Clash] = {}
    for version in earlier:
        for before in version.questions():
            after = now.get(before.key)
            if after is not None:
                for clash in _of_question(before, after, version, new):
                    found.setdefault((clash.question, clash.what, clash.part), clash)
    return list(found.values())


def _of_question(
    before: Question, after: Question, version: Definition, new: Definition
) -> Iterator[Clash]:
    if before.kind != after.kind:
        yield Clash(after.key, "kind", was=before.kind)
        return
    if scale_of(before) != scale_of(after):
        yield Clash(after.key, "points", was=str(scale_of(before)))
        return
    old, now = version.languages[0], new.languages[0]
    if old != now:
        # Words of two languages cannot be compared.
        return
    low, high = before.low.get(old), before.high.get(old)
    if low and high and low != high and (after.low.get(now), after.high.get(now)) == (high, low):
        yield Clash(after.key, "ends", was=f"{low} – {high}")
    for what, old_parts, new_parts in (
        ("option", before.options, after.options),
        ("row", before.rows, after.rows),
    ):
        yield from _moved(after.key, what, old_parts, new_parts, now)


def _moved(
    question: str, what: str, old: tuple[Option, ...], new: tuple[Option, ...], language: str
) -> Iterator[Clash]:
    """Parts that carry the words another part of the same question carried before."""
    was = {part.key: part.text.get(language, "") for part in old}
    of_words = {text: key for key, text in was.items() if text}
    for part in new:
        text = part.text.get(language, "")
        other = of_words.get(text)
        if part.key in was and other is not None and other != part.key and was[part.key] != text:
            yield Clash(question, what, was=was[part.key], part=part.key, moved=other)
