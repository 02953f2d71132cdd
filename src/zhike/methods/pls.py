"""PLS path models: how much one thing customers feel moves another, from blocks of questions.

Lohmöller's algorithm of partial least squares with modes A and B, three inner schemes and the consistent variant
(PLSc). See docs/methods/pls.md. Its bootstrap is `zhike.methods.pls_bootstrap`, importance against performance
`zhike.methods.pls_importance`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats
from zhike.methods.pls_data import Answers, answers_for
from zhike.methods.pls_estimates import Estimates, estimates_of
from zhike.methods.pls_model import (
    Missing,
    Mode,
    PathModel,
    PlsOptions,
    Scaling,
    Scheme,
    path_model,
    pls_options,
)
from zhike.methods.pls_rounds import CONVERGED, Rounds, Wiring, run_rounds, wire

__all__ = [
    "Missing",
    "Mode",
    "PathModel",
    "PlsOptions",
    "PlsResult",
    "Scaling",
    "Scheme",
    "estimate",
    "path_model",
    "pls_options",
]

Value = TypeVar("Value")

METHOD = "PLS path model"


@dataclass(frozen=True, slots=True, eq=False)
class PlsResult:
    """An estimated path model.

    `n` rows were used, `rows` are their positions; `excluded` counts rows left out by reason, `replaced` missing
    answers per item that became the item's mean. `weights` apply to standardized items, `raw_weights` to items
    as answered (weight / sd); both give scores of variance 1. `loadings` are correlations of items with their
    score (corrected ones under PLSc), `cross_loadings` those with every block's score, `communalities` squared
    loadings. `paths` and `total_effects` are keyed "from->to"; `r2` and `r2_adjusted` by explained block.
    `correlations` (blocks, blocks) are the scores' (corrected under PLSc), `scores` (n, blocks) have mean 0 and
    variance 1. `rho_a` holds mode A blocks of at least two items. `means`, `sds` (n - 1) and
    `item_correlations` (items, items) describe the items after missing answers were settled.
    """

    method: str
    options: PlsOptions
    model: PathModel
    n: int
    excluded: Mapping[str, int]
    replaced: Mapping[str, int]
    rounds: int
    notes: tuple[str, ...]
    weights: Mapping[str, Mapping[str, float]]
    raw_weights: Mapping[str, Mapping[str, float]]
    loadings: Mapping[str, Mapping[str, float]]
    cross_loadings: Mapping[str, Mapping[str, float]]
    communalities: Mapping[str, float]
    paths: Mapping[str, float]
    r2: Mapping[str, float]
    r2_adjusted: Mapping[str, float]
    total_effects: Mapping[str, float]
    rho_a: Mapping[str, float]
    correlations: Floats
    scores: Floats
    rows: NDArray[np.int64]
    means: Mapping[str, float]
    sds: Mapping[str, float]
    item_correlations: Floats


def estimate(
    model: PathModel,
    data: ArrayLike,
    names: Sequence[str],
    *,
    options: PlsOptions | None = None,
    case_weights: ArrayLike | None = None,
) -> PlsResult:
    """Weights, loadings, paths, R2 and total effects of a path model.

    Parameters: `data` (rows, columns) of float, a row a respondent, on any interval scale; `names` the columns'
    names, of which the model's items are used; `options` see PlsOptions (path scheme, standardized items, mean
    replacement); `case_weights` (rows,) at least 0, relative: a row of weight 2 counts as two equal rows.
    Missing values: NaN becomes the item's (weighted) mean, counted per item, and a row without any answer is left
    out; or every row with one is left out (listwise). Rows of weight 0 are left out. All are counted.
    Returns a PlsResult. Raises MethodError naming item or block for constant or unanswered items, n < items + 2,
    blocks whose weights do not settle, copies among the items of a mode B block or among the blocks that lead to
    one, and under PLSc a block whose items hang together too little. A corrected correlation outside of [-1, 1]
    is a note.
    Sources: Lohmöller (1989), Latent Variable Path Modeling; Tenenhaus et al. (2005), CSDA 48, 159-205; Dijkstra
    and Henseler (2015), MIS Quarterly 39, 297-316 (PLSc).

    >>> model = path_model({"Quality": ["q1", "q2"], "Loyalty": ["l1"]}, {"Quality": ["Loyalty"]})
    >>> answers = [[7, 6, 7], [5, 6, 4], [8, 9, 9], [3, 4, 4], [6, 5, 6], [9, 8, 7]]
    >>> found = estimate(model, answers, ["q1", "q2", "l1"])
    >>> round(found.paths["Quality->Loyalty"], 3), found.n
    (0.858, 6)
    """
    chosen = options or PlsOptions()
    answers = answers_for(model, data, names, chosen.missing, case_weights)
    wiring = wire(model)
    rounds, found = settle(model, wiring, chosen, answers)
    return result_of(model, wiring, chosen, answers, rounds, found)


def settle(
    model: PathModel, wiring: Wiring, options: PlsOptions, answers: Answers
) -> tuple[Rounds, Estimates]:
    """The sample's own rounds and estimates; raises MethodError naming the block that cannot be settled."""
    rounds = run_rounds(
        answers.correlations[:, :, None],
        wiring,
        options,
        variances=(answers.sds / answers.sds.max())[:, None] ** 2,
    )
    found = estimates_of(rounds, wiring, options)
    at = int(found.trouble[0])
    if at == CONVERGED:
        return rounds, found
    block = tuple(model.blocks)[at]
    if rounds.stuck[0]:
        why = f"its weights still move after {options.most_rounds} rounds"
    elif options.consistent and rounds.trouble[0] == CONVERGED and found.rho_a[at, 0] <= 1e-6:
        why = f"its items hang together too little for PLSc (rho_A {found.rho_a[at, 0]:.3g})"
    elif model.modes[block] is Mode.B:
        why = "cannot be computed: some of its items, or of the blocks leading to it, give the others exactly"
    else:
        why = (
            "cannot be computed: the blocks leading to it give each other exactly, or its items have nothing "
            "in common with the blocks beside it"
        )
    raise MethodError(f"block {block}", why)


def result_of(
    model: PathModel,
    wiring: Wiring,
    options: PlsOptions,
    answers: Answers,
    rounds: Rounds,
    found: Estimates,
) -> PlsResult:
    """The record of one settled sample."""
    blocks, items, n = tuple(model.blocks), model.items, answers.rows.size
    weights, loadings = found.weights[:, 0], found.loadings[:, 0]
    scores = np.stack([answers.standard[:, span] @ weights[span] for span in wiring.spans], axis=1)
    r2 = {block: float(found.r2[blocks.index(block), 0]) for block in model.explained}
    covered = found.covered[:, :, 0]
    return PlsResult(
        method=METHOD,
        options=options,
        model=model,
        n=n,
        excluded=answers.excluded,
        replaced=answers.replaced,
        rounds=int(rounds.rounds[0]),
        notes=_notes(model, options, found),
        weights=by_block(model, weights.tolist()),
        raw_weights=by_block(model, (weights / answers.sds).tolist()),
        loadings=by_block(model, loadings.tolist()),
        cross_loadings={
            item: dict(zip(blocks, covered[at].tolist(), strict=True))
            for at, item in enumerate(items)
        },
        communalities=dict(zip(items, (loadings**2).tolist(), strict=True)),
        paths=by_path(model, found.paths[:, :, 0].tolist()),
        r2=r2,
        r2_adjusted={
            block: 1 - (1 - value) * (n - 1) / (n - 1 - len(model.sources(block)))
            for block, value in r2.items()
        },
        total_effects=by_effect(model, found.totals[:, :, 0].tolist()),
        rho_a={
            block: float(found.rho_a[at, 0])
            for at, block in enumerate(blocks)
            if model.modes[block] is Mode.A and len(model.blocks[block]) > 1
        },
        correlations=found.correlations[:, :, 0],
        scores=scores,
        rows=answers.rows,
        means=dict(zip(items, answers.means.tolist(), strict=True)),
        sds=dict(zip(items, answers.sds.tolist(), strict=True)),
        item_correlations=answers.correlations,
    )


def _notes(model: PathModel, options: PlsOptions, found: Estimates) -> tuple[str, ...]:
    """What a reader must know before trusting the figures."""
    if not options.consistent:
        return ()
    blocks, notes = tuple(model.blocks), []
    for at, one in enumerate(blocks):
        if found.rho_a[at, 0] > 1:
            notes.append(f"rho_A of {one} is {found.rho_a[at, 0]:.3f}, above 1")
        for other in range(at):
            value = float(found.correlations[at, other, 0])
            if abs(value) > 1:
                notes.append(
                    f"corrected correlation of {blocks[other]} and {one} is {value:.3f}, outside of [-1, 1]:"
                    " the consistent estimates are not to be trusted"
                )
    return tuple(notes)


def by_block(model: PathModel, values: Sequence[Value]) -> dict[str, dict[str, Value]]:
    """Values of all items, as {block: {item: value}}."""
    left = iter(values)
    return {block: {item: next(left) for item in items} for block, items in model.blocks.items()}


def by_path(model: PathModel, values: Sequence[Sequence[Value]]) -> dict[str, Value]:
    """Values [from][to] of the model's paths, keyed "from->to"."""
    return _by_pair(model, model.paths, values)


def by_effect(model: PathModel, values: Sequence[Sequence[Value]]) -> dict[str, Value]:
    """Values [from][to] of all pairs with a way along the paths, keyed "from->to"."""
    reach: dict[str, set[str]] = {block: set() for block in model.blocks}
    for block in reversed(model.order):
        for target in model.targets(block):
            reach[block] |= {target} | reach[target]
    pairs = [(a, b) for b in model.blocks for a in model.blocks if b in reach[a]]
    return _by_pair(model, pairs, values)


def _by_pair(
    model: PathModel, pairs: Sequence[tuple[str, str]], values: Sequence[Sequence[Value]]
) -> dict[str, Value]:
    place = {block: at for at, block in enumerate(model.blocks)}
    return {f"{a}->{b}": values[place[a]][place[b]] for a, b in pairs}
