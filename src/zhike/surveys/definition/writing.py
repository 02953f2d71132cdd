"""From a Definition to its JSON document."""

from collections.abc import Iterator
from typing import Any

from zhike.surveys.definition.parts import Condition, Definition, Option, Question
from zhike.surveys.definition.reading import FORMAT


def document(definition: Definition) -> dict[str, Any]:
    """As JSON; `read(document(d)) == d`."""
    return {
        "format": FORMAT,
        "languages": list(definition.languages),
        "title": dict(definition.title),
        **_filled(
            intro=dict(definition.intro),
            thanks=dict(definition.thanks),
        ),
        "sections": [
            {
                "key": section.key,
                **_filled(
                    title=dict(section.title),
                    intro=dict(section.intro),
                    shuffle=section.shuffle,
                    when=_when(section.when),
                ),
                "questions": [_question(one) for one in section.questions],
            }
            for section in definition.sections
        ],
        **_filled(
            quotas=[
                {"question": one.question, "value": one.value, "most": one.most}
                for one in definition.quotas
            ]
        ),
    }


def _question(one: Question) -> dict[str, Any]:
    return {
        "key": one.key,
        "kind": str(one.kind),
        "text": dict(one.text),
        **_filled(
            help=dict(one.help),
            required=one.required,
            options=[_option(option) for option in one.options],
            rows=[_option(row) for row in one.rows],
            points=one.points,
            low=dict(one.low),
            high=dict(one.high),
            unit=dict(one.unit),
            rival=dict(one.rival),
            asks=list(one.asks),
            shuffle=one.shuffle,
            when=_when(one.when),
        ),
        **{
            name: value
            for name, value in (("least", one.least), ("most", one.most))
            if value is not None
        },
    }


def _option(one: Option) -> dict[str, Any]:
    return {
        "key": one.key,
        "text": dict(one.text),
        **_filled(opens_text=one.opens_text, alone=one.alone),
    }


def _when(conditions: tuple[Condition, ...]) -> list[dict[str, Any]]:
    return [
        {"question": one.question, "values": list(one.values), **_filled(negated=one.negated)}
        for one in conditions
    ]


def _filled(**parts: Any) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value}


def parts_of(definition: Definition) -> Iterator[str]:
    for question in definition.questions():
        yield from question.parts()
