"""Whether items are fit for factors, and which there are: KMO, Bartlett's test, components, varimax."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats
from zhike.methods.reliability_moments import ItemMoments
from zhike.methods.varimax import upright, varimax

# An item with less than this share of its variance left by the others counts as given by them.
_SINGULAR = 1e-10


@dataclass(frozen=True, slots=True)
class Adequacy:
    """Kaiser-Meyer-Olkin measure, over all and by item, and Bartlett's test of sphericity."""

    method: str
    n: int
    excluded: Mapping[str, int]
    kmo: float
    kmo_items: Mapping[str, float]
    chi2: float
    df: int
    p: float

    @property
    def options(self) -> Mapping[str, object]:
        """There is nothing to choose."""
        return {}


@dataclass(frozen=True, slots=True)
class VarianceRow:
    """A line of the total variance table; `rotated` figures are None beyond the kept components."""

    component: int
    eigenvalue: float
    share: float
    cumulative: float
    rotated: float | None
    rotated_share: float | None
    rotated_cumulative: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Principal components of the correlations.

    `eigenvalues` (items,) falling; `kept` components; `loadings` and `rotated` (items, kept) before and after
    varimax, each component turned so that its loadings add up to at least 0, rotated ones ordered by the variance
    they carry; `communalities` by item; `table` the total variance table.
    """

    method: str
    rotation: str
    rule: str
    n: int
    excluded: Mapping[str, int]
    names: tuple[str, ...]
    eigenvalues: tuple[float, ...]
    kept: int
    loadings: Floats
    rotated: Floats
    communalities: Mapping[str, float]
    table: tuple[VarianceRow, ...]

    @property
    def options(self) -> Mapping[str, object]:
        """What was chosen."""
        return {"rotation": self.rotation, "rule": self.rule}


def adequacy(moments: ItemMoments) -> Adequacy:
    """KMO and Bartlett's test: whether the items have enough in common for factors.

    Parameters: `moments` of at least two items. Missing values: see how the moments were made.
    Returns an Adequacy; chi2 = -(n - 1 - (2 p + 5) / 6) ln|R| with p (p - 1) / 2 degrees of freedom. Raises
    MethodError for fewer than two items, n not above the number of items, an item the others give exactly, and
    items all uncorrelated, for which KMO is not defined.
    Sources: Kaiser and Rice (1974), Educational and Psychological Measurement 34, 111-117; Bartlett (1951),
    Biometrika 38, 337-344.

    >>> from zhike.methods.reliability_moments import moments_of_correlations
    >>> found = adequacy(moments_of_correlations([[1, 0.5, 0.5], [0.5, 1, 0.5], [0.5, 0.5, 1]], 100))
    >>> round(found.kmo, 3), found.df
    (0.692, 3)
    """
    r, names = moments.correlations, moments.names
    p = len(names)
    if p < 2:
        raise MethodError("items", "at least two are needed")
    if moments.n <= p:
        raise MethodError("n", f"{moments.n} respondents are too few for {p} items")
    factor = _factor(r, names)
    inverse = np.linalg.inv(r)
    scale = np.sqrt(np.diag(inverse))
    partial = inverse / np.outer(scale, scale)
    off = ~np.eye(p, dtype=np.bool_)
    shared, own = (r * r * off).sum(axis=0), (partial * partial * off).sum(axis=0)
    for at, name in enumerate(names):
        if shared[at] < 1e-20:
            raise MethodError(
                f"item {name}", "has no correlation with any other: KMO is not defined"
            )
    chi2 = -(moments.n - 1 - (2 * p + 5) / 6) * 2 * float(np.log(np.diag(factor)).sum())
    df = p * (p - 1) // 2
    chi2 = max(chi2, 0.0)
    return Adequacy(
        method="Kaiser-Meyer-Olkin measure and Bartlett's test",
        n=moments.n,
        excluded=moments.excluded,
        kmo=float(shared.sum() / (shared.sum() + own.sum())),
        kmo_items=dict(zip(names, (shared / (shared + own)).tolist(), strict=True)),
        chi2=chi2,
        df=df,
        p=float(special.chdtrc(df, chi2)),
    )


def components(moments: ItemMoments, kept: int | None = None) -> Components:
    """Principal components of the correlations, varimax loadings and the total variance table.

    Parameters: `moments` of at least two items; `kept` components (1 to the number of items), by default those
    with an eigenvalue above 1, at least one. Missing values: see how the moments were made.
    Returns Components. Raises MethodError for fewer than two items or a `kept` out of range.
    Source: Kaiser (1958), Psychometrika 23, 187-200 (varimax, rows normalized).

    >>> from zhike.methods.reliability_moments import moments_of_correlations
    >>> found = components(moments_of_correlations([[1, 0.6, 0], [0.6, 1, 0], [0, 0, 1]], 100), kept=2)
    >>> [round(value, 2) for value in found.eigenvalues], found.rotated[:, 0].round(2).tolist()
    ([1.6, 1.0, 0.4], [0.89, 0.89, 0.0])
    """
    p = len(moments.names)
    if p < 2:
        raise MethodError("items", "at least two are needed")
    values, vectors = np.linalg.eigh(moments.correlations)
    values, vectors = np.clip(values[::-1], 0.0, None), vectors[:, ::-1]
    # Rounding must not make a component out of an eigenvalue of exactly 1.
    count = max(1, int((values > 1 + 1e-10).sum())) if kept is None else kept
    if not 1 <= count <= p:
        raise MethodError("kept", f"must lie between 1 and {p}, got {count}")
    loadings = upright(vectors[:, :count] * np.sqrt(values[:count]))
    turned = varimax(loadings).loadings
    sums = (turned**2).sum(axis=0)
    return Components(
        method="principal components of the correlations",
        rotation="varimax, rows normalized",
        rule="eigenvalue above 1" if kept is None else "given number",
        n=moments.n,
        excluded=moments.excluded,
        names=moments.names,
        eigenvalues=tuple(values.tolist()),
        kept=count,
        loadings=loadings,
        rotated=turned,
        communalities=dict(zip(moments.names, (loadings**2).sum(axis=1).tolist(), strict=True)),
        table=_table(values, sums),
    )


def _table(values: Floats, rotated: Floats) -> tuple[VarianceRow, ...]:
    p = values.size
    up_to, turned_up_to = np.cumsum(values) / p, np.cumsum(rotated) / p
    return tuple(
        VarianceRow(
            component=at + 1,
            eigenvalue=float(values[at]),
            share=float(values[at]) / p,
            cumulative=float(up_to[at]),
            rotated=float(rotated[at]) if at < rotated.size else None,
            rotated_share=float(rotated[at]) / p if at < rotated.size else None,
            rotated_cumulative=float(turned_up_to[at]) if at < rotated.size else None,
        )
        for at in range(p)
    )


def _factor(r: Floats, names: tuple[str, ...]) -> Floats:
    """Cholesky's factor, step by step, so that the item the earlier ones give exactly can be named."""
    p = r.shape[0]
    factor = np.zeros((p, p))
    for at in range(p):
        row = factor[at, :at]
        for before in range(at):
            row[before] = (r[at, before] - factor[before, :before] @ row[:before]) / factor[
                before, before
            ]
        left = 1.0 - float(row @ row)
        if left < _SINGULAR:
            raise MethodError(f"item {names[at]}", "is given exactly by the items before it")
        factor[at, at] = np.sqrt(left)
    return factor
