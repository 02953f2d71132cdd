"""From settled weights to loadings, paths and effects: signs turned, and corrected where asked (PLSc)."""

from dataclasses import dataclass

import numpy as np

from zhike.methods.given import Floats
from zhike.methods.pls_model import PlsOptions
from zhike.methods.pls_rounds import (
    CONVERGED,
    Ints,
    Rounds,
    Wiring,
    regressions,
    score_correlations,
    total_effects,
)


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Figures of m samples; the last axis counts them.

    `weights`, `loadings` (items, m); `covered` (items, blocks, m) correlations of items with scores;
    `correlations` (blocks, blocks, m), `paths` and `totals` (from, to, m), `r2` (blocks, m), `rho_a`
    (blocks, m; 1 for single items and mode B). `trouble` (m,) is -1 or the block that could not be computed.
    """

    weights: Floats
    loadings: Floats
    covered: Floats
    correlations: Floats
    paths: Floats
    totals: Floats
    r2: Floats
    rho_a: Floats
    trouble: Ints


def estimates_of(
    found: Rounds, wiring: Wiring, options: PlsOptions, like: Floats | None = None
) -> Estimates:
    """Estimates from weights that stand still.

    `like` (items,) are loadings whose direction each block takes; without them the sum of a block's loadings is
    positive (its first loading, should they add up to nothing).
    """
    turn = _turns(found.covered, wiring, like)
    weights = found.weights.copy()
    for block, span in enumerate(wiring.spans):
        weights[span] *= turn[block]
    covered = found.covered * turn
    loadings = np.concatenate([covered[s, block] for block, s in enumerate(wiring.spans)])
    c = score_correlations(weights, covered, wiring)
    blocks = range(len(wiring.spans))
    c[blocks, blocks] = 1.0
    rho_a = _rho_a(weights, wiring)
    bad = found.trouble
    if options.consistent:
        c, loadings, weak = _corrected(c, weights, loadings, rho_a, wiring)
        bad = np.where(bad == CONVERGED, weak, bad)
    paths, r2, unsolved = regressions(c, wiring)
    return Estimates(
        weights=weights,
        loadings=loadings,
        covered=covered,
        correlations=c,
        paths=paths,
        totals=total_effects(paths, wiring),
        r2=r2,
        rho_a=rho_a,
        trouble=np.where(bad == CONVERGED, unsolved, bad),
    )


def _turns(covered: Floats, wiring: Wiring, like: Floats | None) -> Floats:
    """1 or -1 for each block, (blocks, m)."""
    turns = []
    for block, span in enumerate(wiring.spans):
        own = covered[span, block]
        lean = own.sum(axis=0) if like is None else (own * like[span, None]).sum(axis=0)
        lean = np.where(np.abs(lean) < 1e-9, own[0], lean)
        turns.append(np.where(lean < 0, -1.0, 1.0))
    return np.stack(turns)


def _rho_a(weights: Floats, wiring: Wiring) -> Floats:
    """Dijkstra and Henseler's reliability of mode A scores; their variance being 1 leaves weights alone."""
    found = np.ones((len(wiring.spans), weights.shape[1]))
    for block, span in enumerate(wiring.spans):
        if wiring.regression[block] or span.stop - span.start == 1:
            continue
        squares = weights[span] ** 2
        total = squares.sum(axis=0)
        between = total**2 - (squares**2).sum(axis=0)
        single = between <= 1e-12 * total**2
        share = total**2 * (1 - total) / np.where(single, 1.0, between)
        found[block] = np.where(single, 0.0, share)
    return found


def _corrected(
    c: Floats, weights: Floats, loadings: Floats, rho_a: Floats, wiring: Wiring
) -> tuple[Floats, Floats, Ints]:
    """Correlations and loadings freed of unreliability, and the first block too unreliable for it or -1."""
    weak = rho_a <= 1e-6
    bad = np.where(weak.any(axis=0), weak.argmax(axis=0), CONVERGED)
    root = np.sqrt(np.where(weak, 1.0, rho_a))
    freed = c / (root[:, None] * root[None, :])
    blocks = range(len(wiring.spans))
    freed[blocks, blocks] = 1.0
    loads = loadings.copy()
    for block, span in enumerate(wiring.spans):
        if wiring.regression[block] or span.stop - span.start == 1:
            continue
        total = (weights[span] ** 2).sum(axis=0)
        loads[span] = weights[span] * root[block] / np.where(total > 0, total, 1.0)
    return freed, loads, bad
