"""Computing an index: asked for by somebody, carried out by a job, kept for good."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Max
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.work import Actor
from zhike.methods.errors import MethodError
from zhike.satisfaction import computing, errors, pairs, scopes
from zhike.satisfaction.assessments import told_people
from zhike.satisfaction.choices import RunState, Weighing
from zhike.satisfaction.disclosure import FEWEST, Cells, Mask, ToldPeople, pack, unpack
from zhike.satisfaction.grouping import side_by_side
from zhike.satisfaction.models import IndexRun, IndicatorSystem
from zhike.satisfaction.pairs import pair_key
from zhike.satisfaction.path_models import RESAMPLES, SEED
from zhike.satisfaction.people import People, read_people
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.rivals import RivalRow, beside_rivals
from zhike.satisfaction.scopes import Scope
from zhike.satisfaction.selectors import (
    complete_judgings,
    named_answers,
    told_before,
    visible_systems,
)
from zhike.satisfaction.services.modelling import checked
from zhike.satisfaction.structure import Dimension, from_json, items_of, to_json, without
from zhike.surveys.figures import link_counts
from zhike.surveys.kept import refuse_kept
from zhike.surveys.models import Survey

JOB = Actor.system("satisfaction")
# Five tries of ten minutes each, and the breaks between them.
LONGEST = timedelta(hours=1)


def ask_for_run(
    *,
    actor: Actor,
    grants: Grants,
    system_id: int,
    link_id: int | None = None,
    nevertheless: bool = False,
    scope: Scope | None = None,
) -> IndexRun:
    """The structure and weights as they stand now; a job computes. Raises Conflict while one is under way.

    `nevertheless` uses judgements in pairs although they contradict themselves; the run says so.
    """
    from zhike.satisfaction.tasks import compute_index

    grants.require(MANAGE)
    language = get_language() or ""
    scope = scope or Scope()
    narrowed = scopes.to_json(scope, _words(scope, grants, system_id, language))
    with work.unit(actor) as unit:
        system = (
            visible_systems(grants)
            .select_for_update(of=("self",))
            .select_related("survey")
            .filter(pk=system_id)
            .first()
        )
        if system is None:
            raise errors.system_not_found()
        refuse_kept(system.survey)
        _none_under_way(system, unit.now)
        name = _link_name(system, link_id)
        basis, structure = _basis(system, nevertheless)
        last = system.runs.aggregate(last=Max("number"))["last"] or 0
        run = IndexRun.objects.create(
            system=system,
            number=last + 1,
            asked_at=unit.now,
            asked_by_name=actor.name[:80],
            weighing=system.weighing,
            structure=to_json(structure),
            by_hand=system.by_hand,
            basis=basis,
            link_id=link_id or 0,
            link_name=name,
            scope=narrowed,
        )
        unit.audit(
            "satisfaction.compute",
            system,
            after={
                "run": run.number,
                "weighing": run.weighing,
                "narrowed": "; ".join(narrowed["words"]) if narrowed else "",
            },
        )
        unit.enqueue(compute_index, run_id=run.pk, language=language)
    return run


def is_under_way(run: IndexRun) -> bool:
    """A job that failed for good or was called off says nothing; it is waited for as long as it could take."""
    return run.state == RunState.WAITING and run.asked_at > clock.now() - LONGEST


def _none_under_way(system: IndicatorSystem, now: datetime) -> None:
    waiting = system.runs.filter(state=RunState.WAITING)
    if any(is_under_way(run) for run in waiting.only("state", "asked_at")):
        raise errors.being_computed()
    # Should such a job come to after all, it finds its run over and writes nothing.
    waiting.update(state=RunState.REFUSED, problem=errors.broke_off(), done_at=now)


def _link_name(system: IndicatorSystem, link_id: int | None) -> str:
    if not link_id:
        return ""
    told = {one.link.pk: one.link.name for one in link_counts(system.survey) if one.is_told}
    if link_id not in told:
        raise errors.link_not_told()
    return told[link_id]


def _basis(
    system: IndicatorSystem, nevertheless: bool
) -> tuple[dict[str, Any] | None, list[Dimension]]:
    """What weights come from beside the answers, and the items that take part."""
    structure = without(from_json(system.structure), system.left_out)
    if system.weighing == Weighing.AHP:
        return _judged(system, structure, nevertheless), structure
    if system.weighing == Weighing.PLS:
        return _modelled(system, structure)
    return None, structure


def _words(scope: Scope, grants: Grants, system_id: int, language: str) -> list[str]:
    """What the answers are narrowed to; read before anything is written."""
    if scope.is_whole:
        return []
    system = visible_systems(grants).select_related("survey").filter(pk=system_id).first()
    if system is None:
        raise errors.system_not_found()
    return scopes.checked(scope, system.survey, grants, language)


def _judged(
    system: IndicatorSystem, structure: Sequence[Dimension], nevertheless: bool
) -> dict[str, Any]:
    """Everybody who has judged all pairs, as they judged; joined they must not contradict themselves."""
    groups = pairs.groups_of(structure, _("Dimensions"))
    try:
        pairs.refuse_large(groups)
    except pairs.TooManyMembers as many:
        raise errors.too_many_to_compare(many.group.title, many.most) from many
    judges = complete_judgings(system, groups)
    if not judges:
        raise errors.not_judged()
    contrary = [
        one
        for one in pairs.told(groups, [judge.judgements for judge in judges])
        if not one.consistent
    ]
    if contrary and not nevertheless:
        raise errors.inconsistent(", ".join(f"{o.group.title} {o.cr:.2f}" for o in contrary))
    return {
        "judges": [
            {
                "name": judge.judge_name,
                "judgements": {
                    group.key: {
                        pair_key(*pair): judge.judgements[group.key][pair_key(*pair)]
                        for pair in group.pairs
                    }
                    for group in groups
                },
            }
            for judge in judges
        ],
        "nevertheless": bool(contrary),
    }


def _modelled(
    system: IndicatorSystem, structure: Sequence[Dimension]
) -> tuple[dict[str, Any], list[Dimension]]:
    """The paths as they stand, how resampling draws, and the dimensions that take part."""
    if system.path_model is None:
        raise errors.not_modelled()
    model = checked(structure, system.path_model)
    basis = {**system.path_model, "resamples": RESAMPLES, "seed": SEED}
    return basis, list(model.dimensions)


class _Overtaken(Exception):
    """Another index was told meanwhile, or results are kept by now: look again at what may be told."""


def carry_out_run(run_id: int, language: str) -> None:
    """Once: a run that is done stays as it is."""
    run = (
        IndexRun.objects.select_related("system__survey__unit")
        .filter(pk=run_id, state=RunState.WAITING)
        .first()
    )
    if run is None:
        return
    scope = scopes.from_json(run.scope)
    parts = [item.part for item in items_of(from_json(run.structure))]
    rivals = scopes.rival_rows_of(run.system.survey, language)
    people = read_people(run.system.survey_id, parts, scope.questions, rivals)
    while True:
        earlier = told_before(run.system.survey_id)
        with translation.override(language or None):
            try:
                refuse_kept(run.system.survey)
                found = _computed(run, scope, people, earlier, language, rivals)
            except RuleError as refusal:
                _refused(run, str(refusal))
                return
        try:
            _keep(run, found, {pk for pk, _at, _kept in earlier})
        except _Overtaken:
            run.system.survey.refresh_from_db(fields=["state", "kept_since", "readable_at"])
            continue
        return


def _keep(run: IndexRun, found: "_Found", seen: set[int]) -> None:
    with work.unit(JOB) as unit:
        survey = Survey.objects.select_for_update().defer("draft").get(pk=run.system.survey_id)
        if survey.is_kept:
            # Decided since it was asked for.
            raise _Overtaken
        if {pk for pk, _at, _kept in told_before(run.system.survey_id)} != seen:
            raise _Overtaken
        result = found.result
        IndexRun.objects.filter(pk=run.pk, state=RunState.WAITING).update(
            state=RunState.DONE,
            method=result["version"],
            n=result["n"],
            index=result["index"],
            index_low=result["low"],
            index_high=result["high"],
            result=result,
            people=pack(found.people),
            digest=found.digest,
            done_at=unit.now,
        )


@dataclass(frozen=True)
class _Found:
    result: dict[str, Any]
    people: ToldPeople
    digest: str


def _computed(
    run: IndexRun,
    scope: Scope,
    people: People,
    earlier: Sequence[tuple[int, datetime, bytes]],
    language: str,
    rivals: Sequence[RivalRow],
) -> _Found:
    structure = from_json(run.structure)
    mask: Mask = scopes.narrowed(scope, people, run.system.survey)
    if run.link_id:
        mask = np.asarray(mask & people.of_links([run.link_id]), np.bool_)
    answers = people.answers[mask]
    if scope.is_whole:
        _refuse_near(run, len(answers))
    complete: Mask = np.logical_not(np.isnan(people.answers).any(axis=1))
    used = np.asarray(mask & complete, np.bool_)
    cells = _cells(run, scope, people, complete, earlier)
    if used.sum() >= FEWEST and not cells.allows(used):
        raise errors.would_tell_few()
    try:
        result = computing.compute(structure, answers, run.weighing, run.by_hand, run.basis)
    except computing.TooFew as few:
        raise errors.too_few(few.n, few.needed) from few
    except MethodError as wrong:
        raise RuleError("cannot_weigh", _in_words(run, wrong)) from wrong
    places = np.full(int(used.sum()), -1, np.int64)
    cells.add(used)
    if scope.by:
        groups = [
            replace(one, mask=one.mask & used)
            for one in scopes.groups_of(scope, people, run.system.survey, language)
            if (one.mask & used).any()
        ]
        is_told = cells.choose([one.mask for one in groups])
        told = [
            replace(one, mask=one.mask[used])
            for one, is_it in zip(groups, is_told, strict=True)
            if is_it
        ]
        rows, places = side_by_side(scope.by, told, people.answers[used], structure, result)
        hidden = [one.title for one, is_it in zip(groups, is_told, strict=True) if not is_it]
        result["groups"] = {"by": scope.by, "told": rows, "hidden": hidden}
    result["rivals"], about = beside_rivals(rivals, people.sides, used, cells)
    return _Found(
        result,
        ToldPeople(people.ids[used], np.stack([places, *about])),
        computing.digest_of(answers),
    )


def _cells(
    run: IndexRun,
    scope: Scope,
    people: People,
    complete: Mask,
    earlier: Sequence[tuple[int, datetime, bytes]],
) -> Cells:
    """People by what was told of them: all indexes so far, and what the results page tells now.

    Whoever changed their answers since is new to an earlier index: it was about what they said before.
    """
    cells = Cells(len(people.ids), named=np.isin(people.ids, named_answers(run.system.survey_id)))
    for _pk, at, kept in earlier:
        fresh = people.changed_since(at)
        for ids in unpack(kept).sets:
            cells.add(np.isin(people.ids, ids) & ~fresh)
    if not scope.is_whole or run.link_id:
        cells.add(complete)
        for one in link_counts(run.system.survey):
            by_link = people.of_links([one.link.pk]) & complete
            if one.is_told and cells.allows(by_link):
                cells.add(by_link)
        for ids in told_people(run.system.survey):
            cells.add(np.isin(people.ids, ids))
    return cells


def _refuse_near(run: IndexRun, count: int) -> None:
    """Two indexes whose answers differ by one to four people would tell what those answered."""
    others = run.system.runs.filter(
        state=RunState.DONE, link_id=run.link_id, scope__isnull=True, result__isnull=False
    )
    for result in others.values_list("result", flat=True):
        assert result is not None
        apart = count - (result["n"] + result["excluded"])
        if 0 < abs(apart) < computing.FEWEST:
            raise errors.too_near(computing.FEWEST - abs(apart))


def _refused(run: IndexRun, sentence: str) -> None:
    with work.unit(JOB):
        IndexRun.objects.filter(pk=run.pk, state=RunState.WAITING).update(
            state=RunState.REFUSED, problem=sentence[:400], done_at=clock.now()
        )


def _in_words(run: IndexRun, wrong: MethodError) -> str:
    """What the method refuses, with item or dimension by its words."""
    structure = from_json(run.structure)
    what = wrong.what.removeprefix("item ")
    titles = {item.part: item.title for item in items_of(structure)}
    if what in titles:
        return _(
            "The answers to “%(item)s” are all alike or follow from another item's, so this way of "
            "weighing finds nothing in them. Please leave the item out or weigh otherwise."
        ) % {"item": titles[what]}
    blocks = {f"block {one.key}": one.title for one in structure}
    if wrong.what in blocks:
        return _(
            "The path model finds no weights for “%(block)s”: its items have too little in common with each other "
            "or with the dimensions beside it, or follow from them exactly. Please draw other paths or leave "
            "items out."
        ) % {"block": blocks[wrong.what]}
    if wrong.what == "resamples":
        return _(
            "Too few of the resamples could be estimated: the answers are too few or too alike for a path model."
        )
    return _(
        "There are too few complete answers for this way of weighing, or the items have nothing in common. "
        "Please wait for more answers or weigh otherwise."
    )
