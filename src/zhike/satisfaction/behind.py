"""The single answers behind a figure of an index, and whether they may be listed beside all that is. ADR 33."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from zhike.core.errors import NotFound
from zhike.satisfaction.choices import RunState
from zhike.satisfaction.disclosure import Ids, Mask, ToldPeople, choose_lists, unpack
from zhike.satisfaction.models import IndexRun
from zhike.satisfaction.selectors import named_answers
from zhike.satisfaction.structure import answer_of, from_json, items_of
from zhike.surveys.choices import ResponseState
from zhike.surveys.figures import link_counts
from zhike.surveys.kept import refuse_kept
from zhike.surveys.models import Response, Survey

ROWS_AT_ONCE = 10_000
Moments = NDArray[np.datetime64]
# So many newer answers are looked at for whether every item was answered.
MOST_LOOKED_AT = 2000


@dataclass(frozen=True, slots=True)
class Behind:
    """Answers a figure was computed from; `ids` are those that still stand as they stood then."""

    title: str
    parts: Sequence[str]
    ids: Sequence[int]
    gone: int
    is_listed: bool


def behind(run: IndexRun, *, group: str = "", rival: str = "", part: str = "") -> Behind:
    """Of everybody used, of a group by its key, or of those who rated both us and a rival, by its row."""
    if run.state != RunState.DONE or run.people is None:
        raise NotFound()
    refuse_kept(run.system.survey)
    title, place = _place(run.result or {}, group, rival)
    titles = {item.part: item.title for item in items_of(from_json(run.structure))}
    if part and part not in titles:
        raise NotFound()
    then = unpack(bytes(run.people)).masks[place]
    now = _read(run.system.survey, run, list(titles))
    own, is_listed = now.lists(run.pk)[place]
    return Behind(
        title=" · ".join(filter(None, (title, titles.get(part, "")))),
        parts=[part] if part else [],
        ids=now.ids[own].tolist(),
        gone=int(then.sum() - own.sum()),
        is_listed=is_listed,
    )


def _place(result: Mapping[str, Any], group: str, rival: str) -> tuple[str, int]:
    """What the figure is called, and where its people stand in `ToldPeople.sets`."""
    groups = (result.get("groups") or {}).get("told", [])
    if group:
        for place, one in enumerate(groups, 1):
            if one["key"] == group:
                return one["title"], place
        raise NotFound()
    if rival:
        rows = result.get("rivals") or []
        number = int(rival) if rival.isascii() and rival.isdigit() and len(rival) < 5 else len(rows)
        if number >= len(rows) or rows[number]["n"] is None:
            raise NotFound()
        words = {"item": rows[number]["title"], "rival": rows[number]["rival"]}
        told = sum(1 for one in rows[:number] if one["n"] is not None)
        return _("%(item)s, us and %(rival)s") % words, 1 + len(groups) + told
    return "", 0


@dataclass(frozen=True, slots=True)
class _Told:
    pk: int
    at: datetime
    people: ToldPeople
    parts: frozenset[str]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class _Now:
    """Everybody who finished, as they stand now, and the indexes told of them so far."""

    ids: Ids
    links: Ids
    changed: Moments
    told: Sequence[_Told]
    there: Mask
    sure: Mask
    shown: Sequence[Mask]

    def standing(self, at: datetime, people: ToldPeople) -> list[Mask]:
        """Who was in each set, less those who changed their answers since: they are somebody new."""
        known = np.isin(people.ids, self.ids)
        places = np.searchsorted(self.ids, people.ids[known])
        stands = self.changed[places] <= _moment(at)
        found = []
        for mask in people.masks:
            found.append(np.zeros(len(self.ids), np.bool_))
            found[-1][places[mask[known] & stands]] = True
        return found

    def lists(self, pk: int) -> list[tuple[Mask, bool]]:
        """Each set of this index, and whether it is listed: after those of earlier ones, the larger first."""
        sets: list[Mask] = []
        own: list[tuple[Mask, int]] = []
        for one in self.told:
            found = self.standing(one.at, one.people)
            order = sorted(range(len(found)), key=lambda place: (-int(found[place].sum()), place))
            if one.pk == pk:
                own = [
                    (found[place], len(sets) + order.index(place)) for place in range(len(found))
                ]
            sets += [found[place] for place in order]
        chosen = choose_lists(sets, there=self.there, sure=self.sure, shown=self.shown)
        return [(mask, chosen[place]) for mask, place in own]


def _moment(at: datetime) -> np.datetime64:
    return np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us")


def _read(survey: Survey, run: IndexRun, parts: Sequence[str]) -> _Now:
    complete = Response.objects.filter(survey=survey, state=ResponseState.COMPLETE)
    pairs = complete.order_by("pk").values_list("pk", "link_id").iterator(ROWS_AT_ONCE)
    ids, links = np.array(list(pairs), np.int64).reshape(-1, 2).T
    told = _told(survey, run.pk)
    # Whoever changed nothing since the first index stands as they stood for all of them.
    since = complete.filter(changed_at__gt=told[0].at).values_list("pk", "changed_at")
    changed = np.full(len(ids), np.datetime64(0, "us"))
    late = {pk: _moment(at) for pk, at in since.iterator(ROWS_AT_ONCE)}
    for place in np.flatnonzero(np.isin(ids, list(late))):
        changed[place] = late[int(ids[place])]
    there, sure = _complete(ids, changed, told, parts)
    nameless = ~np.isin(ids, named_answers(survey.pk))
    return _Now(
        ids=ids,
        links=links,
        changed=changed,
        told=told,
        there=there & nameless,
        sure=sure & nameless,
        shown=[links == one.link.pk for one in link_counts(survey) if one.is_told],
    )


def _told(survey: Survey, until: int) -> list[_Told]:
    """Indexes of these answers up to this one, by whichever system."""
    rows = IndexRun.objects.filter(
        system__survey=survey, state=RunState.DONE, people__isnull=False, pk__lte=until
    ).order_by("pk")
    return [
        _Told(
            pk, at, unpack(bytes(people or b"")),
            frozenset(item.part for item in items_of(from_json(structure))),
            is_whole=not link and scope is None,
        )
        for pk, at, people, structure, link, scope in rows.values_list(
            "pk", "asked_at", "people", "structure", "link_id", "scope"
        )
    ]  # fmt: skip


def _complete(
    ids: Ids, changed: Moments, told: Sequence[_Told], parts: Sequence[str]
) -> tuple[Mask, Mask]:
    """Who answered every item or may have, and who certainly did. Whoever an index used did; whom one of everybody
    left out did not; newer answers are read, up to a number."""
    wanted = frozenset(parts)
    sure: Mask = np.zeros(len(ids), np.bool_)
    left_out: Mask = np.zeros(len(ids), np.bool_)
    for one in told:
        old = changed <= _moment(one.at)
        used = np.isin(ids, one.people.ids)
        if one.parts >= wanted:
            sure |= used & old
        if one.parts <= wanted and one.is_whole:
            left_out |= ~used & old
    there: Mask = ~left_out | sure
    unknown = np.flatnonzero(there & ~sure)[-MOST_LOOKED_AT:]
    answers = dict(
        Response.objects.filter(pk__in=ids[unknown].tolist()).values_list("pk", "answers")
    )
    for place in unknown:
        given = answers.get(int(ids[place]), {})
        is_complete = all(answer_of(given, part) is not None for part in parts)
        sure[place], there[place] = is_complete, is_complete
    return there, sure
