"""Maximum likelihood with positive parameters: Newton's method on their logarithms, and standard errors.

A model hands in a function that gives, at natural parameters, the log-likelihood with its gradient and Hessian.
Everything is scaled by the number of observations, so that tolerances mean the same for ten rows and for millions.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy import linalg

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats

Curve: TypeAlias = tuple[float, Floats, Floats]
"""Log-likelihood, gradient (k,) and Hessian (k, k)."""

FURTHEST = 18.0
"""A logarithm beyond this (a parameter above 6.6e7 or below 1.5e-8) has run away: there is no inner maximum."""
GRADIENT = 1e-9
NEAR = 1e-4
STEPS = 200
FAR, CLOSE = 1e-3, 0.0
"""How much the first step is held back: from a guess, and from near the peak, where Newton's own is best."""


@dataclass(frozen=True, slots=True)
class Peak:
    """Where the likelihood is highest: natural parameters, their covariance, and how many steps it took."""

    at: Floats
    loglik: float
    covariance: Floats
    steps: int


def maximise(
    what: str,
    names: tuple[str, ...],
    curve: Callable[[Floats], Curve],
    starts: Iterable[Floats],
    n: float,
    *,
    ridge: float = FAR,
) -> Peak:
    """The best of the peaks reached from `starts` (natural parameters, all above 0).

    Raises MethodError about `what` when no start ends at an inner maximum: a parameter runs away, the surface
    is flat, or the steps are used up. `names` are the parameters' names for that sentence; `n` weighs the
    observations; `ridge` is FAR, or CLOSE where the starts lie near the peak already.
    """
    best: Peak | None = None
    reason = "no start was given"
    for start in starts:
        found = _climb(names, curve, np.log(start), n, ridge)
        if isinstance(found, str):
            reason = found
        elif best is None or found.loglik > best.loglik:
            best = found
    if best is None:
        raise MethodError(what, f"the fit did not converge: {reason}")
    return best


def _climb(
    names: tuple[str, ...],
    curve: Callable[[Floats], Curve],
    logs: Floats,
    n: float,
    ridge: float,
) -> Peak | str:
    """Newton with a ridge that grows when a step does not climb. A sentence where it ends nowhere."""
    here = curve(np.exp(logs))
    level, slope, bend = _in_logs(here, np.exp(logs), n)
    if not np.isfinite(level):
        return "the likelihood cannot be computed at the start"
    for step in range(1, STEPS + 1):
        values, vectors = linalg.eigh(-bend)
        # On a slope that only ever flattens the gradient vanishes too, but Newton still wants to go far.
        if np.abs(slope).max() < GRADIENT and values[0] > 0:
            ahead = (vectors.T @ slope) / values
            if np.abs(ahead).max() < NEAR:
                return _peak(names, here, np.exp(logs), n, step)
        stretch = np.maximum(np.abs(values), 1e-12) + ridge * max(1e-3, float(np.abs(values).max()))
        move = vectors @ ((vectors.T @ slope) / stretch)
        move *= min(1.0, 2.0 / max(float(np.abs(move).max()), 1e-300))
        there = logs + move
        if np.abs(there).max() > FURTHEST:
            return f"{names[int(np.abs(there).argmax())]} runs away, the data do not determine it"
        new = curve(np.exp(there))
        new_level, new_slope, new_bend = _in_logs(new, np.exp(there), n)
        # Near the top the level no longer tells steps apart, but the slope still does.
        climbs = new_level > level or (
            new_level > level - 1e-12 * (1 + abs(level))
            and np.abs(new_slope).max() < np.abs(slope).max()
        )
        if climbs:
            logs, here = there, new
            level, slope, bend = new_level, new_slope, new_bend
            ridge = ridge / 10 if ridge > 1e-9 else 0.0
        elif ridge > 1e8:
            return _flat(names, values, vectors, n) or "no step climbs, though the slope is not 0"
        else:
            ridge = max(ridge * 10, 1e-9)
    values, vectors = linalg.eigh(-bend)
    return _flat(names, values, vectors, n) or f"not at the top after {STEPS} steps"


def _in_logs(curve: Curve, at: Floats, n: float) -> Curve:
    """The curve at natural parameters `at` as one of their logarithms, per observation."""
    level, slope, bend = curve
    if not (np.isfinite(level) and np.isfinite(slope).all() and np.isfinite(bend).all()):
        # A place where the surface cannot be computed: no step may lead there.
        return -np.inf, np.full_like(at, np.inf), bend
    return level / n, at * slope / n, (bend * np.outer(at, at) + np.diag(at * slope)) / n


def _peak(names: tuple[str, ...], curve: Curve, at: Floats, n: float, steps: int) -> Peak | str:
    level, _, bend = curve
    # Judged in logarithms, where parameters of different size compare.
    values, vectors = linalg.eigh(-bend * np.outer(at, at) / n)
    flat = _flat(names, values, vectors, n)
    if flat is not None:
        return flat
    covariance = (vectors / values) @ vectors.T * np.outer(at, at) / n
    return Peak(at, float(level), (covariance + covariance.T) / 2, steps)


def _flat(names: tuple[str, ...], values: Floats, vectors: Floats, n: float) -> str | None:
    """A sentence where some direction is not determined: a standard error of more than e^±100, or all rounding."""
    if values[0] * n > 1e-4 and values[0] > 1e-12 * values[-1]:
        return None
    flat = names[int(np.abs(vectors[:, 0]).argmax())]
    return f"the likelihood is flat along {flat}, the data do not determine it"
