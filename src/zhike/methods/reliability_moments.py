"""What reliability is reckoned from: the correlations of items and the number of respondents behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, matrix, vector


@dataclass(frozen=True, slots=True, eq=False)
class ItemMoments:
    """Correlations (items, items) of `names` from `n` respondents; `sds` (items,) where raw answers are known.

    `excluded` counts rows left out, by reason.
    """

    names: tuple[str, ...]
    n: int
    excluded: Mapping[str, int]
    correlations: Floats
    sds: Floats | None

    def of(self, items: Sequence[str]) -> "ItemMoments":
        """The moments of some of the items; raises MethodError naming one that is unknown or named twice."""
        for at, item in enumerate(items):
            if item not in self.names:
                raise MethodError("items", f"{item} is none of {', '.join(self.names)}")
            if item in items[:at]:
                raise MethodError("items", f"{item} is named twice")
        places = [self.names.index(item) for item in items]
        return ItemMoments(
            names=tuple(items),
            n=self.n,
            excluded=self.excluded,
            correlations=self.correlations[np.ix_(places, places)],
            sds=None if self.sds is None else self.sds[places],
        )


def moments_of_answers(answers: ArrayLike, names: Sequence[str] = ()) -> ItemMoments:
    """Moments of answers (respondents, items) of float, on any interval scale.

    Missing values: a row with one is left out and counted. Raises MethodError for fewer than 3 usable rows, names
    given twice and items that are constant among the rows used, naming them.

    >>> found = moments_of_answers([[1, 2], [2, 3], [3, 5], [4, float("nan")]], ["a", "b"])
    >>> found.n, found.excluded, round(float(found.correlations[0, 1]), 3)
    (3, {'an answer is missing': 1}, 0.982)
    """
    found = matrix("answers", answers, names=names)
    titles = _titles(names, found.shape[1])
    lacking = np.isnan(found)
    for at, title in enumerate(titles):
        if lacking[:, at].all():
            raise MethodError(f"item {title}", "nobody answered it")
    used = found[~lacking.any(axis=1)]
    if used.shape[0] < 3:
        raise MethodError("answers", f"{used.shape[0]} complete rows, at least 3 are needed")
    sizes = np.abs(used).max(axis=0)
    for at, title in enumerate(titles):
        if used[:, at].max() == used[:, at].min():
            raise MethodError(f"item {title}", f"is constant: every answer is {used[0, at]:g}")
    # Taken to size 1 first: squares of very large or small answers would leave the range of numbers.
    small = used / sizes
    off = small - small.mean(axis=0)
    spreads = np.sqrt((off * off).sum(axis=0))
    for at, title in enumerate(titles):
        if spreads[at] == 0:
            raise MethodError(f"item {title}", "varies too little to be told from constant")
    off = off / spreads
    gone = int(found.shape[0] - used.shape[0])
    return ItemMoments(
        names=titles,
        n=int(used.shape[0]),
        excluded={"an answer is missing": gone} if gone else {},
        correlations=_tidy(off.T @ off),
        sds=np.asarray(spreads / np.sqrt(used.shape[0] - 1) * sizes),
    )


def moments_of_correlations(
    correlations: ArrayLike, n: int, names: Sequence[str] = (), sds: ArrayLike | None = None
) -> ItemMoments:
    """Moments from a published correlation matrix (items, items) of `n` respondents; `sds` (items,) if known.

    Missing values are refused. Raises MethodError for a matrix that is not square, not symmetric, without 1 on
    its diagonal, outside of [-1, 1] or that no data can have (a negative eigenvalue), n < 3, sds not above 0.

    >>> moments_of_correlations([[1, 0.5], [0.5, 1]], 100, ["a", "b"]).names
    ('a', 'b')
    """
    found = matrix("correlations", correlations, names=names)
    size = found.shape[1]
    if found.shape[0] != size:
        raise MethodError("correlations", f"has {found.shape[0]} rows and {size} columns")
    if np.isnan(found).any():
        raise MethodError("correlations", "holds a missing value")
    if (np.abs(found - found.T) > 1e-8).any():
        raise MethodError("correlations", "is not symmetric")
    if (np.abs(np.diag(found) - 1) > 1e-8).any():
        raise MethodError("correlations", "needs 1 on its diagonal")
    if (np.abs(found) > 1 + 1e-8).any():
        raise MethodError("correlations", "holds values outside of -1 to 1")
    if np.linalg.eigvalsh(found)[0] < -1e-8:
        raise MethodError("correlations", "cannot come from data: an eigenvalue is negative")
    if n < 3:
        raise MethodError("n", f"must be at least 3, got {n}")
    spreads = None
    if sds is not None:
        spreads = vector("sds", sds)
        if spreads.shape[0] != size or not (spreads > 0).all():
            raise MethodError("sds", f"needs {size} numbers above 0")
    return ItemMoments(_titles(names, size), int(n), {}, _tidy(found), spreads)


def _tidy(correlations: Floats) -> Floats:
    found = np.clip((correlations + correlations.T) / 2, -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def _titles(names: Sequence[str], size: int) -> tuple[str, ...]:
    titles = tuple(names) if names else tuple(str(at + 1) for at in range(size))
    for at, title in enumerate(titles):
        if title in titles[:at]:
            raise MethodError("names", f"{title} stands there twice")
    return titles
