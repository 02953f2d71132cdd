"""Whether the questions of a block measure one thing, and different blocks different things.

Cronbach's alpha, composite reliability (rho_C, rho_A), average variance extracted, HTMT and the Fornell-Larcker
comparison. Fitness for factors and components stand in `zhike.methods.reliability_factors`, factor loadings by
maximum likelihood in `zhike.methods.reliability_confirmatory`. See docs/methods/reliability.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, vector
from zhike.methods.pls import PlsResult
from zhike.methods.pls_model import Mode
from zhike.methods.reliability_confirmatory import METHOD as CONFIRMATORY
from zhike.methods.reliability_confirmatory import confirm
from zhike.methods.reliability_moments import (
    ItemMoments,
    moments_of_answers,
    moments_of_correlations,
)

__all__ = [
    "BlockReliability",
    "Reliability",
    "average_variance",
    "cronbach_alpha",
    "moments_of_answers",
    "moments_of_correlations",
    "reliability_of_items",
    "reliability_of_model",
    "rho_a",
    "rho_c",
]

METHOD = "reliability and validity of blocks"


@dataclass(frozen=True, slots=True)
class BlockReliability:
    """Of a block: None where a figure is not defined (one item; alpha_raw without sds; rho_a without weights;
    rho_c and ave of formative blocks)."""

    items: int
    alpha_raw: float | None
    alpha_standardized: float | None
    rho_c: float | None
    rho_a: float | None
    ave: float | None


@dataclass(frozen=True, slots=True)
class Reliability:
    """Reliability of blocks, and whether they differ from each other.

    `loadings_from` says which method found the loadings behind rho_c and ave. `htmt` is keyed "A|B";
    `fornell_larcker` [A][B] holds the root of a block's AVE on the diagonal (None where it has none) and the
    blocks' correlations elsewhere; `discriminant` whether each root exceeds all correlations of its block.
    """

    method: str
    loadings_from: str
    n: int
    excluded: Mapping[str, int]
    blocks: Mapping[str, BlockReliability]
    htmt: Mapping[str, float]
    fornell_larcker: Mapping[str, Mapping[str, float | None]]
    discriminant: Mapping[str, bool | None]
    notes: tuple[str, ...]

    @property
    def options(self) -> Mapping[str, object]:
        """What was chosen."""
        return {"loadings_from": self.loadings_from}


def cronbach_alpha(moments: ItemMoments, *, standardized: bool = False) -> float:
    """Cronbach's alpha, k / (k - 1) x (1 - sum of variances / variance of the sum).

    Parameters: `moments` of at least two items, with sds unless `standardized` (then every item has variance 1).
    Missing values: see how the moments were made. Returns alpha, at most 1; below 0 where items run against each
    other. Raises MethodError for one item, lacking sds, or items that cancel each other out.
    Source: Cronbach (1951), Psychometrika 16, 297-334.

    >>> moments = moments_of_correlations([[1, 0.5], [0.5, 1]], 100)
    >>> round(cronbach_alpha(moments, standardized=True), 4)
    0.6667
    """
    k = len(moments.names)
    if k < 2:
        raise MethodError("items", "alpha needs at least two")
    if standardized:
        covariance = moments.correlations
    elif moments.sds is None:
        raise MethodError("sds", "raw alpha needs the items' standard deviations")
    else:
        # Alpha has no unit: the largest sd taken to 1 keeps squares within the range of numbers.
        sds = moments.sds / moments.sds.max()
        covariance = moments.correlations * np.outer(sds, sds)
    total, own = float(covariance.sum()), float(np.trace(covariance))
    if total <= 1e-12 * own:
        raise MethodError("items", f"{', '.join(moments.names)} cancel each other out")
    return k / (k - 1) * (1 - own / total)


def rho_c(loadings: ArrayLike) -> float:
    """Composite reliability from standardized loadings: (sum)^2 / ((sum)^2 + sum of 1 - loading^2).

    Parameters: `loadings` (items,) within [-1, 1], none missing. Returns a figure within [0, 1]. Raises
    MethodError for other values and for loadings of 1 and -1 that add up to 0.
    Source: Jöreskog (1971), Psychometrika 36, 109-133.

    >>> round(rho_c([0.7, 0.8, 0.9]), 4)
    0.8446
    """
    found = _loadings(loadings)
    common = float(found.sum()) ** 2
    whole = common + float((1 - found**2).sum())
    if whole <= 1e-12:
        raise MethodError("loadings", "leave nothing to compare")
    return common / whole


def average_variance(loadings: ArrayLike) -> float:
    """Average variance extracted: the mean of squared standardized loadings.

    Parameters: `loadings` (items,) within [-1, 1], none missing. Returns a figure within [0, 1]. Raises
    MethodError for other values.
    Source: Fornell and Larcker (1981), Journal of Marketing Research 18, 39-50.

    >>> round(average_variance([0.7, 0.8, 0.9]), 4)
    0.6467
    """
    return float((_loadings(loadings) ** 2).mean())


def rho_a(correlations: ArrayLike, weights: ArrayLike) -> float:
    """Dijkstra and Henseler's rho_A of a mode A block.

    Parameters: `correlations` (items, items) and `weights` (items,) of standardized items in any unit. None may be
    missing. Returns rho_A, which may leave [0, 1] in small samples. Raises MethodError for other shapes and for
    fewer than two weights other than 0.
    Source: Dijkstra and Henseler (2015), MIS Quarterly 39, 297-316.

    >>> round(rho_a([[1, 0.5], [0.5, 1]], [1, 1]), 4)
    0.6667
    """
    w = vector("weights", weights, least=2)
    r = np.asarray(correlations, dtype=np.float64)
    if r.shape != (w.size, w.size) or not np.isfinite(r).all() or np.isnan(w).any():
        raise MethodError("correlations", f"needs {w.size} rows and columns, none missing")
    variance = float(w @ r @ w)
    if variance <= 1e-12 * float(w @ w):
        raise MethodError("weights", "give a score without variance")
    w = w / np.sqrt(variance)
    total, between = float(w @ w), float((w @ w) ** 2 - (w**4).sum())
    if between <= 1e-12 * total**2:
        raise MethodError("weights", "at least two must differ from 0")
    off = r - np.diag(np.diag(r))
    return total**2 * float(w @ off @ w) / between


def htmt(
    moments: ItemMoments, blocks: Mapping[str, Sequence[str]], *, signed: bool = False
) -> dict[str, float]:
    """Heterotrait-monotrait ratio of correlations for every pair of blocks, keyed "A|B".

    Parameters: `moments` over the items, `blocks` maps a block to its items; correlations count by size, unless
    `signed`. The mean correlation within a block of one item is taken as 1.
    Missing values: see how the moments were made. Returns {pair: ratio}. Raises MethodError for unknown items and
    for a block whose items have a mean correlation not above 0.
    Source: Henseler, Ringle, Sarstedt (2015), Journal of the Academy of Marketing Science 43, 115-135.

    >>> r = [[1, 0.6, 0.3, 0.3], [0.6, 1, 0.3, 0.3], [0.3, 0.3, 1, 0.4], [0.3, 0.3, 0.4, 1]]
    >>> found = htmt(moments_of_correlations(r, 100, ["a", "b", "c", "d"]), {"A": ["a", "b"], "B": ["c", "d"]})
    >>> round(found["A|B"], 4)
    0.6124
    """
    held = moments.of([item for items in blocks.values() for item in items])
    r = held.correlations if signed else np.abs(held.correlations)
    names, ends = tuple(blocks), np.cumsum([len(items) for items in blocks.values()]).tolist()
    spans = [slice(a, b) for a, b in zip([0, *ends[:-1]], ends, strict=True)]
    within = []
    for name, span in zip(names, spans, strict=True):
        k = span.stop - span.start
        mean = float(r[span, span].sum() - k) / (k * (k - 1)) if k > 1 else 1.0
        if mean <= 1e-12:
            raise MethodError(
                f"block {name}", "its items have nothing in common: HTMT is not defined"
            )
        within.append(mean)
    return {
        f"{names[a]}|{names[b]}": float(r[spans[a], spans[b]].mean())
        / float(np.sqrt(within[a] * within[b]))
        for a in range(len(names))
        for b in range(a + 1, len(names))
    }


def reliability_of_items(moments: ItemMoments, blocks: Mapping[str, Sequence[str]]) -> Reliability:
    """Reliability of blocks of items on their own, with loadings by confirmatory factor analysis.

    Parameters: `moments` over the items; `blocks` maps a block to its items.
    Missing values: see how the moments were made. Returns a Reliability without rho_a (it needs weights). Raises
    MethodError as `cronbach_alpha`, `htmt` and `confirm` do, naming block or item.
    Sources: see the functions named.

    >>> r = [[1, 0.42, 0.35], [0.42, 1, 0.30], [0.35, 0.30, 1]]
    >>> found = reliability_of_items(moments_of_correlations(r, 200, ["a", "b", "c"]), {"F": ["a", "b", "c"]})
    >>> round(found.blocks["F"].rho_c, 3), round(found.blocks["F"].ave, 3)
    (0.63, 0.367)
    """
    found = confirm(moments, blocks)
    loadings = {block: list(values.values()) for block, values in found.loadings.items()}
    return _assembled(moments, blocks, loadings, {}, found.correlations, CONFIRMATORY, found.notes)


def reliability_of_model(result: PlsResult) -> Reliability:
    """Reliability of the blocks of an estimated path model, with its own loadings and weights.

    Parameters: `result` of `zhike.methods.pls.estimate`. Missing values were settled by the estimation.
    Returns a Reliability; blocks of mode B have neither rho nor AVE, and corrected loadings above 1 (PLSc) leave
    both None, with a note. Raises MethodError as `cronbach_alpha` and `htmt` do.
    Sources: see the functions named.

    >>> from zhike.methods.pls import estimate, path_model
    >>> model = path_model({"Quality": ["q1", "q2"], "Loyalty": ["l1"]}, {"Quality": ["Loyalty"]})
    >>> answers = [[7, 6, 7], [5, 6, 4], [8, 9, 9], [3, 4, 4], [6, 5, 6], [9, 8, 7]]
    >>> found = reliability_of_model(estimate(model, answers, ["q1", "q2", "l1"]))
    >>> round(found.blocks["Quality"].alpha_raw, 3)
    0.92
    """
    items, model = result.model.items, result.model
    moments = ItemMoments(
        names=items,
        n=result.n,
        excluded=result.excluded,
        correlations=result.item_correlations,
        sds=np.array([result.sds[item] for item in items]),
    )
    loadings, notes = {}, list(result.notes)
    for block, values in result.loadings.items():
        if model.modes[block] is Mode.B and len(values) > 1:
            continue
        if max(abs(value) for value in values.values()) > 1 + 1e-9:
            notes.append(f"{block} has a corrected loading above 1: rho_c and ave are not defined")
            continue
        loadings[block] = list(values.values())
    source = f"{result.method}{', consistent' if result.options.consistent else ''}"
    return _assembled(
        moments, model.blocks, loadings, result.rho_a, result.correlations, source, tuple(notes)
    )


def _assembled(
    moments: ItemMoments,
    blocks: Mapping[str, Sequence[str]],
    loadings: Mapping[str, Sequence[float]],
    rho: Mapping[str, float],
    correlations: Floats,
    source: str,
    notes: tuple[str, ...],
) -> Reliability:
    found = {
        block: _block(block, moments.of(items), loadings.get(block), rho.get(block))
        for block, items in blocks.items()
    }
    names = tuple(blocks)
    table: dict[str, dict[str, float | None]] = {}
    distinct: dict[str, bool | None] = {}
    for at, name in enumerate(names):
        ave = found[name].ave
        root = None if ave is None else float(np.sqrt(ave))
        row = dict(zip(names, correlations[at].tolist(), strict=True))
        others = [abs(value) for other, value in row.items() if other != name]
        table[name] = {**row, name: root}
        distinct[name] = None if root is None else all(root > value for value in others)
    return Reliability(
        method=METHOD,
        loadings_from=source,
        n=moments.n,
        excluded=moments.excluded,
        blocks=found,
        htmt=htmt(moments, blocks),
        fornell_larcker=table,
        discriminant=distinct,
        notes=notes,
    )


def _block(
    block: str, moments: ItemMoments, loadings: Sequence[float] | None, rho: float | None
) -> BlockReliability:
    several = len(moments.names) > 1
    lone = loadings is None or not several
    try:
        return BlockReliability(
            items=len(moments.names),
            alpha_raw=cronbach_alpha(moments) if several and moments.sds is not None else None,
            alpha_standardized=cronbach_alpha(moments, standardized=True) if several else None,
            rho_c=None if lone else rho_c(loadings or ()),
            rho_a=rho,
            ave=None if lone else average_variance(loadings or ()),
        )
    except MethodError as error:
        raise MethodError(f"block {block}", f"{error.what} {error.why}") from error


def _loadings(given: ArrayLike) -> Floats:
    found = vector("loadings", given)
    if np.isnan(found).any() or (np.abs(found) > 1 + 1e-9).any():
        raise MethodError("loadings", "must lie between -1 and 1, none missing")
    return np.clip(found, -1.0, 1.0)
