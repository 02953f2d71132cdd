"""Computing an index: asked for by somebody, carried out by a job, kept for good."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Max
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.work import Actor
from zhike.methods.errors import MethodError
from zhike.satisfaction import computing, errors, pairs
from zhike.satisfaction.choices import RunState, Weighing
from zhike.satisfaction.models import IndexRun, IndicatorSystem
from zhike.satisfaction.pairs import pair_key
from zhike.satisfaction.path_models import RESAMPLES, SEED
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.selectors import answers_for, complete_judgings, visible_systems
from zhike.satisfaction.services.modelling import checked
from zhike.satisfaction.structure import Dimension, from_json, items_of, to_json, without
from zhike.surveys.figures import link_counts

JOB = Actor.system("satisfaction")


def ask_for_run(
    *,
    actor: Actor,
    grants: Grants,
    system_id: int,
    link_id: int | None = None,
    nevertheless: bool = False,
) -> IndexRun:
    """The structure and weights as they stand now; a job computes. Raises Conflict while one is under way.

    `nevertheless` uses judgements in pairs although they contradict themselves; the run says so.
    """
    from zhike.satisfaction.tasks import compute_index

    grants.require(MANAGE)
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
        if system.runs.filter(state=RunState.WAITING).exists():
            raise errors.being_computed()
        name = ""
        if link_id:
            told = {one.link.pk: one.link.name for one in link_counts(system.survey) if one.is_told}
            if link_id not in told:
                raise errors.link_not_told()
            name = told[link_id]
        structure = without(from_json(system.structure), system.left_out)
        basis: dict[str, Any] | None = None
        if system.weighing == Weighing.AHP:
            basis = _judged(system, structure, nevertheless)
        elif system.weighing == Weighing.PLS:
            basis, structure = _modelled(system, structure)
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
        )
        unit.audit(
            "satisfaction.compute", system, after={"run": run.number, "weighing": run.weighing}
        )
        unit.enqueue(compute_index, run_id=run.pk, language=get_language() or "")
    return run


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


def carry_out_run(run_id: int, language: str) -> None:
    """Once: a run that is done stays as it is."""
    run = (
        IndexRun.objects.select_related("system").filter(pk=run_id, state=RunState.WAITING).first()
    )
    if run is None:
        return
    answers = answers_for(run, run.system.survey_id)
    with translation.override(language or None):
        try:
            found = _computed(run, answers)
        except RuleError as refusal:
            _refused(run, str(refusal))
            return
    with work.unit(JOB) as unit:
        IndexRun.objects.filter(pk=run.pk, state=RunState.WAITING).update(
            state=RunState.DONE,
            method=found["version"],
            n=found["n"],
            index=found["index"],
            index_low=found["low"],
            index_high=found["high"],
            result=found,
            digest=computing.digest_of(answers),
            done_at=unit.now,
        )


def _computed(run: IndexRun, answers: computing.Floats) -> dict[str, Any]:
    _refuse_near(run, len(answers))
    try:
        return computing.compute(
            from_json(run.structure), answers, run.weighing, run.by_hand, run.basis
        )
    except computing.TooFew as few:
        raise errors.too_few(few.n, few.needed) from few
    except MethodError as wrong:
        raise RuleError("cannot_weigh", _in_words(run, wrong)) from wrong


def _refuse_near(run: IndexRun, count: int) -> None:
    """Two indexes whose answers differ by one to four people would tell what those answered."""
    others = run.system.runs.filter(state=RunState.DONE, link_id=run.link_id, result__isnull=False)
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
