"""The rounds of partial least squares on correlations, many samples at once.

Weights, paths and R2 depend on the data through the items' correlations alone (and, for centered items, their
variances). So a bootstrap is a stack of correlation matrices, and every step here works on the whole stack: the
last axis of every array counts samples, which keeps each arithmetic step one pass over contiguous memory.
Items stand block after block; `Wiring` holds the model as positions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from zhike.methods.given import Floats
from zhike.methods.pls_model import Mode, PathModel, PlsOptions, Scaling, Scheme

Ints: TypeAlias = NDArray[np.int64]

CONVERGED = -1
# Below this share of its own variance a score, an item or a predictor counts as given by the others.
_SINGULAR = 1e-10
# Correlations this small are rounding: a block that has only such with its neighbours has no direction.
_UNRELATED = 1e-12


@dataclass(frozen=True, slots=True)
class Wiring:
    """A path model as positions: `spans` of items, `sources` and `targets` of blocks, `order` along the paths."""

    spans: tuple[slice, ...]
    regression: tuple[bool, ...]
    sources: tuple[tuple[int, ...], ...]
    targets: tuple[tuple[int, ...], ...]
    order: tuple[int, ...]

    @property
    def items(self) -> int:
        return int(self.spans[-1].stop)

    def neighbours(self, block: int) -> tuple[int, ...]:
        return tuple(sorted(self.sources[block] + self.targets[block]))


@dataclass(frozen=True, slots=True)
class Rounds:
    """What the rounds came to, for m samples.

    `weights` (items, m) of standardized items, scores having variance 1; `covered` (items, blocks, m) the
    correlations of items with scores; `rounds` (m,); `trouble` (m,): -1, or the block that could not be settled;
    `stuck` (m,): whether that block was still moving (True) or could not be computed at all (False).
    """

    weights: Floats
    covered: Floats
    rounds: Ints
    trouble: Ints
    stuck: NDArray[np.bool_]


def wire(model: PathModel) -> Wiring:
    """The positions of a model."""
    blocks = list(model.blocks)
    ends = np.cumsum([len(items) for items in model.blocks.values()]).tolist()
    places = {block: at for at, block in enumerate(blocks)}
    return Wiring(
        spans=tuple(slice(a, b) for a, b in zip([0, *ends[:-1]], ends, strict=True)),
        regression=tuple(model.modes[block] is Mode.B for block in blocks),
        sources=tuple(tuple(places[b] for b in model.sources(block)) for block in blocks),
        targets=tuple(tuple(places[b] for b in model.targets(block)) for block in blocks),
        order=tuple(places[block] for block in model.order),
    )


def solve_stack(left: Floats, right: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Solutions of m symmetric systems at once, by elimination without exchange of rows.

    `left` (k, k, m) with diagonals near 1, `right` (k, m). Returns (k, m) and which samples could be solved; in
    the others a pivot vanished, and their columns are 0. Fine for correlation matrices; their pivots are shares
    of variance the rows before leave unexplained.
    """
    size = left.shape[0]
    if size == 1:
        fits = np.abs(left[0, 0]) > _SINGULAR
        return np.where(fits, right / np.where(fits, left[0], 1.0), 0.0), fits
    a, x = left.copy(), right.copy()
    fits = np.ones(left.shape[2], dtype=np.bool_)
    for step in range(size):
        good = np.abs(a[step, step]) > _SINGULAR
        fits &= good
        a[step, step] = np.where(good, a[step, step], 1.0)
        for row in range(step + 1, size):
            factor = a[row, step] / a[step, step]
            a[row, step + 1 :] -= factor * a[step, step + 1 :]
            x[row] -= factor * x[step]
    for step in range(size - 1, -1, -1):
        for later in range(step + 1, size):
            x[step] -= a[step, later] * x[later]
        x[step] /= a[step, step]
    return np.where(fits, x, 0.0), fits


def run_rounds(
    correlations: Floats,
    wiring: Wiring,
    options: PlsOptions,
    *,
    variances: Floats | None = None,
) -> Rounds:
    """Turns weights and scores into each other until the weights stand still.

    `correlations` (items, items, m); `variances` (items, m) weigh items when they are only centered. All
    weights begin equal, in every sample: where there are two resting places, all who ask come to the same.
    """
    size, _, samples = correlations.shape
    blocks = len(wiring.spans)
    weights = np.zeros((size, samples))
    covered = np.zeros((size, blocks, samples))
    rounds = np.full(samples, options.most_rounds, dtype=np.int64)
    trouble = np.full(samples, CONVERGED, dtype=np.int64)
    stuck = np.zeros(samples, dtype=np.bool_)

    live = np.arange(samples)
    r, v = correlations, variances if options.scaling is Scaling.CENTERED else None
    w, c, bad = _begin(r, wiring)
    moved = np.zeros((blocks, samples))
    for turn in range(1, options.most_rounds + 1):
        new, fail = _turn(r, w, c, wiring, options.scheme, v)
        bad = np.where(bad == CONVERGED, fail, bad)
        new, c, fail = _unit(r, new, wiring)
        bad = np.where(bad == CONVERGED, fail, bad)
        moved = np.stack([np.abs(new[s] - w[s]).max(axis=0) for s in wiring.spans])
        w = new
        done = (moved.max(axis=0) < options.tolerance) | (bad != CONVERGED)
        if not done.any():
            continue
        at = live[done]
        weights[:, at], covered[:, :, at] = w[:, done], c[:, :, done]
        rounds[at], trouble[at] = turn, bad[done]
        left = ~done
        live, bad, moved = live[left], bad[left], moved[:, left]
        w, c, r = w[:, left], c[:, :, left], r[:, :, left]
        v = v[:, left] if v is not None else None
        if not live.size:
            break
    weights[:, live], covered[:, :, live] = w, c
    trouble[live], stuck[live] = moved.argmax(axis=0), True
    return Rounds(weights, covered, rounds, trouble, stuck)


def score_correlations(weights: Floats, covered: Floats, wiring: Wiring) -> Floats:
    """Correlations of the blocks' scores, (blocks, blocks, m)."""
    found = np.stack([np.einsum("im,ijm->jm", weights[s], covered[s]) for s in wiring.spans])
    return np.asarray((found + found.transpose(1, 0, 2)) / 2)


def regressions(correlations: Floats, wiring: Wiring) -> tuple[Floats, Floats, Ints]:
    """Paths (from, to, m), R2 (blocks, m; 0 where nothing leads to a block) and the first unsolved block or -1."""
    blocks, _, samples = correlations.shape
    paths = np.zeros((blocks, blocks, samples))
    r2 = np.zeros((blocks, samples))
    bad = np.full(samples, CONVERGED, dtype=np.int64)
    for block, sources in enumerate(wiring.sources):
        if not sources:
            continue
        at = list(sources)
        found, good = solve_stack(correlations[np.ix_(at, at)], correlations[at, block])
        paths[at, block] = found
        r2[block] = (found * correlations[at, block]).sum(axis=0)
        bad = np.where(~good & (bad == CONVERGED), block, bad)
    return paths, r2, bad


def total_effects(paths: Floats, wiring: Wiring) -> Floats:
    """Effects of blocks on blocks over all ways, (from, to, m): direct ones, and those through other blocks."""
    found = np.zeros_like(paths)
    for block in wiring.order:
        for source in wiring.sources[block]:
            found[:, block] += found[:, source] * paths[source, block]
            found[source, block] += paths[source, block]
    return found


def _begin(r: Floats, wiring: Wiring) -> tuple[Floats, Floats, Ints]:
    w, c, bad = _unit(r, np.ones((r.shape[0], r.shape[2])), wiring)
    for block, span in enumerate(wiring.spans):
        # Items that cancel each other out leave nothing to begin with: then their first one begins.
        empty = bad == block
        if empty.any():
            lone = np.zeros((span.stop - span.start, 1))
            lone[0] = 1.0
            w[span] = np.where(empty, lone, w[span])
            w, c, bad = _unit(r, w, wiring)
    return w, c, bad


def _unit(r: Floats, w: Floats, wiring: Wiring) -> tuple[Floats, Floats, Ints]:
    """Weights whose scores have variance 1, the items' correlations with those, and the first block without."""
    covered = np.empty((r.shape[0], len(wiring.spans), r.shape[2]))
    units = np.empty_like(w)
    bad = np.full(r.shape[2], CONVERGED, dtype=np.int64)
    for block, span in enumerate(wiring.spans):
        part = w[span]
        sums = np.einsum("ipm,im->pm", r[span], part)
        variance = (part * sums[span]).sum(axis=0)
        fits = variance > _SINGULAR * (part * part).sum(axis=0)
        bad = np.where(~fits & (bad == CONVERGED), block, bad)
        scale = np.where(fits, 1.0, 0.0) / np.sqrt(np.where(fits, variance, 1.0))
        covered[:, block] = sums * scale
        units[span] = part * scale
    return units, covered, bad


def _turn(
    r: Floats, w: Floats, covered: Floats, wiring: Wiring, scheme: Scheme, variances: Floats | None
) -> tuple[Floats, Ints]:
    """New weights from the neighbours' scores, not yet of unit variance, and the first block that failed."""
    c = score_correlations(w, covered, wiring)
    bad = np.full(r.shape[2], CONVERGED, dtype=np.int64)
    new = np.empty_like(w)
    for block, span in enumerate(wiring.spans):
        if span.stop - span.start == 1:
            new[span] = 1.0
            continue
        near = list(wiring.neighbours(block))
        inner, fits = _inner(c, wiring, block, near, scheme)
        beside = covered[span][:, near]
        fits = fits & (np.abs(beside).max(axis=(0, 1)) > _UNRELATED)
        found = np.einsum("ijm,jm->im", beside, inner)
        if wiring.regression[block]:
            found, solved = solve_stack(r[span, span], found)
            fits = fits & solved
        elif variances is not None:
            found = found * variances[span]
        new[span] = found
        bad = np.where(~fits & (bad == CONVERGED), block, bad)
    return new, bad


def _inner(
    c: Floats, wiring: Wiring, block: int, near: Sequence[int], scheme: Scheme
) -> tuple[Floats, NDArray[np.bool_]]:
    """How much each neighbour counts, (neighbours, m), and which samples could be solved."""
    inner = c[list(near), block]
    fits = np.ones(c.shape[2], dtype=np.bool_)
    if scheme is Scheme.CENTROID:
        return np.sign(inner), fits
    sources = list(wiring.sources[block])
    if scheme is Scheme.FACTORIAL or len(sources) < 2:
        return inner, fits
    found, fits = solve_stack(c[np.ix_(sources, sources)], c[sources, block])
    inner[[near.index(source) for source in sources]] = found
    return inner, fits
