"""All that was ever asked: the newest version, and what earlier ones had besides."""

from collections.abc import Sequence
from dataclasses import replace

from zhike.surveys.definition.parts import Definition, Option, Question, Section

EARLIER = "earlier"


def ever_asked(versions: Sequence[Definition]) -> Definition:
    """`versions` newest first. Keys mean the same in all of them; words are the newest that were used.

    Choices and rows that are gone follow those that stand; questions that are gone come last, on a page of
    their own with the key `EARLIER`.
    """
    newest, *older = versions
    found = {one.key: one for one in newest.questions()}
    gone: dict[str, Question] = {}
    for version in older:
        for question in version.questions():
            into = found if question.key in found else gone
            into[question.key] = _joined(into.get(question.key, question), question)
    sections = [
        replace(section, questions=tuple(found[one.key] for one in section.questions))
        for section in newest.sections
    ]
    if gone:
        sections.append(Section(EARLIER, tuple(gone.values())))
    return replace(newest, sections=tuple(sections))


def _joined(newer: Question, older: Question) -> Question:
    return replace(
        newer,
        options=_together(newer.options, older.options),
        rows=_together(newer.rows, older.rows),
    )


def _together(newer: tuple[Option, ...], older: tuple[Option, ...]) -> tuple[Option, ...]:
    known = {one.key for one in newer}
    return (*newer, *(one for one in older if one.key not in known))
