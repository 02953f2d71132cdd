"""Whose answers an index is of, and what stands side by side in it: kept as JSON, told in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhike.accounts.models import Unit
from zhike.core.access import Grants
from zhike.customers.choices import Tier
from zhike.customers.models import Region
from zhike.satisfaction import errors
from zhike.satisfaction.choices import Channel, SideBySide
from zhike.satisfaction.disclosure import Mask
from zhike.satisfaction.grouping import Named
from zhike.satisfaction.people import People, channel_of, links_by_channel
from zhike.satisfaction.rivals import RivalRow, rival_rows
from zhike.surveys.choices import QuestionKind
from zhike.surveys.definition import Definition, Question
from zhike.surveys.models import Survey
from zhike.surveys.services.answers import definition_of


@dataclass(frozen=True, slots=True)
class Scope:
    """Empty parts narrow nothing. `by` says what stands side by side, by answers those to `question`; `answer` is
    a question and one of its choices, “q1|b”."""

    since: str = ""
    until: str = ""
    unit: int = 0
    channel: str = ""
    tier: str = ""
    region: int = 0
    question: str = ""
    answer: str = ""
    by: str = ""

    @property
    def is_whole(self) -> bool:
        return self == Scope()

    @property
    def questions(self) -> list[str]:
        """Whose answers have to be known."""
        named = (self.question, self.answer.partition("|")[0])
        return sorted({one for one in named if one})


def to_json(scope: Scope, words: Sequence[str]) -> dict[str, Any] | None:
    return None if scope.is_whole else {**asdict(scope), "words": list(words)}


def from_json(kept: Mapping[str, Any] | None) -> Scope:
    return Scope(**{key: value for key, value in (kept or {}).items() if key != "words"})


def questions_of(survey: Survey) -> list[Question]:
    """Those a person answers with one of several choices."""
    if survey.current_id is None:
        return []
    definition = definition_of(survey.current_id, survey.pk)
    return [q for q in definition.questions() if q.kind == QuestionKind.SINGLE]


def rival_rows_of(survey: Survey, language: str) -> list[RivalRow]:
    if survey.current_id is None:
        return []
    return rival_rows(definition_of(survey.current_id, survey.pk), language)


def definition_words(survey: Survey, language: str) -> Callable[[Mapping[str, str]], str]:
    assert survey.current_id is not None
    definition: Definition = definition_of(survey.current_id, survey.pk)
    return lambda text: definition.words(text, language)


def checked(scope: Scope, survey: Survey, grants: Grants, language: str) -> list[str]:
    """What it narrows to, in words; raises where it names what is not there."""
    words = [*_days(scope)]
    if scope.unit:
        unit = Unit.objects.filter(pk=scope.unit).first()
        if unit is None or not (grants.reaches_unit(unit.pk) or unit.pk == grants.unit_id):
            raise errors.scope_wrong("unit")
        words.append(_("%(unit)s and below") % {"unit": unit.name})
    if scope.channel:
        if scope.channel not in Channel.values:
            raise errors.scope_wrong("channel")
        words.append(str(Channel(scope.channel).label))
    if scope.tier:
        if scope.tier not in Tier.values:
            raise errors.scope_wrong("tier")
        words.append(str(Tier(scope.tier).label))
    if scope.region:
        region = Region.objects.filter(pk=scope.region).first()
        if region is None:
            raise errors.scope_wrong("region")
        words.append(region.full_name or region.name)
    return words + _asked(scope, survey, language)


def _days(scope: Scope) -> list[str]:
    if not (scope.since or scope.until):
        return []
    try:
        ends = [date.fromisoformat(one) for one in (scope.since, scope.until) if one]
    except ValueError as wrong:
        raise errors.scope_wrong("since") from wrong
    if ends != sorted(ends):
        raise errors.scope_wrong("until")
    return [
        _("%(since)s to %(until)s") % {"since": scope.since or "…", "until": scope.until or "…"}
    ]


def _asked(scope: Scope, survey: Survey, language: str) -> list[str]:
    """By an answer: narrowed to it, or all answers of its question side by side."""
    words = []
    if scope.by and scope.by not in SideBySide.values:
        raise errors.scope_wrong("by")
    questions = {question.key: question for question in questions_of(survey)}
    if scope.answer:
        key, _bar, choice = scope.answer.partition("|")
        asked = questions.get(key)
        option = next((o for o in asked.options if o.key == choice), None) if asked else None
        if asked is None or option is None:
            raise errors.scope_wrong("answer")
        told = definition_words(survey, language)
        words.append(f"{told(asked.text)} {told(option.text)}")
    if scope.by == SideBySide.ANSWER:
        if scope.question not in questions:
            raise errors.scope_wrong("question")
        told = definition_words(survey, language)
        words.append(_("side by side: %(what)s") % {"what": told(questions[scope.question].text)})
    if scope.by and scope.by != SideBySide.ANSWER:
        words.append(_("side by side: %(what)s") % {"what": SideBySide(scope.by).label})
    return words


def narrowed(scope: Scope, people: People, survey: Survey) -> Mask:
    """Who is meant, of all who finished."""
    mask = np.ones(len(people.ids), np.bool_)
    links = list(survey.links.select_related("unit")) if scope.unit or scope.channel else []
    if scope.since or scope.until:
        since, until = (date.fromisoformat(o) if o else None for o in (scope.since, scope.until))
        mask &= people.of_days(since, until)
    if scope.unit:
        path = Unit.objects.values_list("path", flat=True).get(pk=scope.unit)
        mask &= people.of_links(
            [one.pk for one in links if one.unit is not None and one.unit.path.startswith(path)]
        )
    if scope.channel:
        mask &= people.of_links([one.pk for one in links if channel_of(one) == scope.channel])
    if scope.tier:
        mask &= people.tiers == scope.tier
    if scope.region:
        mask &= np.isin(people.regions, _regions_below(scope.region))
    if scope.answer:
        question, _bar, choice = scope.answer.partition("|")
        mask &= people.choices[question] == choice
    return mask


def groups_of(scope: Scope, people: People, survey: Survey, language: str) -> list[Named]:
    """All groups anybody stands in, disjoint, in the order they are shown."""
    if scope.by in (SideBySide.MONTH, SideBySide.QUARTER):
        return _by_time(people, is_quarter=scope.by == SideBySide.QUARTER)
    if scope.by == SideBySide.CHANNEL:
        found = links_by_channel(list(survey.links.all()))
        return _named(
            (key, str(Channel(key).label), people.of_links(links)) for key, links in found.items()
        )
    if scope.by == SideBySide.UNIT:
        return units_of(people, survey)
    if scope.by == SideBySide.TIER:
        return _named((key, str(label), people.tiers == key) for key, label in Tier.choices)
    if scope.by == SideBySide.REGION:
        return _by_region(people)
    question = next(q for q in questions_of(survey) if q.key == scope.question)
    told = definition_words(survey, language)
    return _named(
        (o.key, told(o.text), people.choices[question.key] == o.key) for o in question.options
    )


def _named(found: Any) -> list[Named]:
    return [Named(key, title, mask) for key, title, mask in found if mask.any()]


def _by_time(people: People, *, is_quarter: bool) -> list[Named]:
    keys = np.array(
        [
            f"{day.year}-Q{(day.month + 2) // 3}" if is_quarter else f"{day:%Y-%m}"
            for day in people.days
        ],
        np.str_,
    )
    return _named((str(key), str(key), keys == key) for key in np.unique(keys))


def units_of(people: People, survey: Survey) -> list[Named]:
    """Units right below that of the questionnaire, each with those below; links elsewhere by their own unit."""
    links = list(survey.links.select_related("unit"))
    top = survey.unit.path
    meant: dict[int, list[int]] = {}
    for link in links:
        if link.unit is not None:
            ids = [int(one) for one in link.unit.path.strip("/").split("/")]
            below = link.unit.path.startswith(top) and link.unit.path != top
            at = ids[len(top.strip("/").split("/"))] if below else link.unit.pk
            meant.setdefault(at, []).append(link.pk)
    names = dict(Unit.objects.filter(pk__in=meant).order_by("path").values_list("pk", "name"))
    found = [(str(pk), name, people.of_links(meant[pk])) for pk, name in names.items()]
    placed = [one for of_unit in meant.values() for one in of_unit]
    found.append(("0", pgettext("links", "Without a unit"), ~people.of_links(placed)))
    return _named(found)


def _by_region(people: People) -> list[Named]:
    """The first level of the tree on which people differ."""
    paths = {
        pk: [int(one) for one in path.strip("/").split("/")]
        for pk, path in Region.objects.filter(pk__in=set(people.regions.tolist())).values_list(
            "pk", "path"
        )
    }
    shared = 0
    while paths and len({tuple(ids[: shared + 1]) for ids in paths.values()}) == 1:
        if min(len(ids) for ids in paths.values()) <= shared + 1:
            break
        shared += 1
    tops = {pk: ids[min(shared, len(ids) - 1)] for pk, ids in paths.items()}
    names = Region.objects.filter(pk__in=set(tops.values())).order_by("position", "pk")
    return _named(
        (
            str(pk),
            name,
            np.isin(people.regions, [one for one, top in tops.items() if top == pk]),
        )
        for pk, name in names.values_list("pk", "name")
    )


def _regions_below(pk: int) -> list[int]:
    path = Region.objects.values_list("path", flat=True).get(pk=pk)
    return list(Region.objects.filter(path__startswith=path).values_list("pk", flat=True))
