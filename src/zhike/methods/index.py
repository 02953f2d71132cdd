"""The satisfaction index 0-100: one figure for a block of questions, whatever scale they were asked on.

Forms: `acsi` (outer weights of a path model taken back to the raw scale), `equal`, and `given`. See
docs/methods/index.md.

Source: Fornell and others 1996, Journal of Marketing 60(4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from zhike.methods.errors import MethodError
from zhike.methods.given import Floats, matrix, vector, weights_for, within
from zhike.methods.pls import PlsResult

METHOD = "index 0-100"


class Form(StrEnum):
    """Where the weights of the items come from."""

    ACSI = "acsi"
    EQUAL = "equal"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class IndexResult:
    """An index and what it is made of.

    `value` is the index 0-100, `weights` the items' weights with sum 1 on the raw scale, `means` the items' means
    on the raw scale; `n` respondents were used and `excluded` left out, by reason (both None where only means
    were given). `notes` name items whose weight is negative.
    """

    method: str
    form: Form
    low: float
    high: float
    n: int | None
    excluded: Mapping[str, int]
    value: float
    weights: Mapping[str, float]
    means: Mapping[str, float]
    notes: tuple[str, ...]

    @property
    def options(self) -> Mapping[str, object]:
        """What was chosen."""
        return {"form": self.form, "scale": (self.low, self.high)}


def raw_scale_index(means: Floats, weights: Floats, *, low: float, high: float) -> Floats:
    """100 x (weighted mean - low) / (high - low), the items in the first axis, sums of weights other than 0.

    `means` and `weights` (items, ...) on the raw scale; where weights add up to 0 the answer is 0.

    >>> float(raw_scale_index(np.array([1.0, 5.0]), np.array([1.0, 1.0]), low=1, high=5))
    50.0
    """
    total = weights.sum(axis=0)
    sums = (weights * (means - low)).sum(axis=0)
    share = sums / np.where(total == 0, 1.0, total) / (high - low)
    return np.asarray(100 * np.where(total == 0, 0.0, share))


def index_of_means(
    means: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    low: float,
    high: float,
    names: Sequence[str] = (),
) -> IndexResult:
    """The index from item means.

    Parameters: `means` (items,) on the raw scale, `weights` (items,) at least 0 in any unit (equal where none are
    given), `low` and `high` the ends of the scale, `names` of the items ("1", "2" ... where none are given).
    Missing values are refused. Returns an IndexResult without n. Raises MethodError for ends in wrong order,
    means outside of them, negative weights or weights that add up to 0.
    Source: Fornell, Johnson, Anderson, Cha, Bryant (1996), Journal of Marketing 60(4), 7-18.

    >>> round(index_of_means([8.2, 7.5, 7.9], [0.38, 0.32, 0.30], low=1, high=10).value, 2)
    76.51
    """
    _scale(low, high)
    found = vector("means", means)
    if np.isnan(found).any():
        raise MethodError("means", f"item {int(np.isnan(found).argmax()) + 1} is missing")
    within("means", found, low, high)
    given = weights_for(found, weights)
    form = Form.EQUAL if weights is None else Form.GIVEN
    return _result(form, found, given, low, high, _names(names, found.size), None, {})


def index_of_answers(
    answers: ArrayLike,
    *,
    low: float,
    high: float,
    form: Form | str = Form.EQUAL,
    weights: ArrayLike | None = None,
    case_weights: ArrayLike | None = None,
    names: Sequence[str] = (),
) -> IndexResult:
    """The index from answers.

    Parameters: `answers` (respondents, items) from `low` to `high`; `form` "equal", "given" (`weights` (items,)
    on the raw scale) or "acsi" (`weights` are outer weights of standardized items: each is divided by its item's
    sd, n - 1); `case_weights` (respondents,) at least 0.
    Missing values: a row with one is left out and counted, so is a row of weight 0.
    Returns an IndexResult. Raises MethodError naming row and column of an answer off the scale, and for constant
    items ("acsi"), unusable weights, or no usable row ("acsi" needs two).
    Source: Fornell et al. (1996); see `index_of_means`.

    >>> answers = [[1, 5], [3, 5], [5, 3]]
    >>> round(index_of_answers(answers, low=1, high=5).value, 2)
    66.67
    """
    _scale(low, high)
    chosen = _form(form)
    found = matrix("answers", answers, names=names)
    within("answers", found, low, high, names=names)
    cases = weights_for(found, case_weights)
    lacking = np.isnan(found).any(axis=1)
    idle = ~lacking & (cases == 0)
    excluded = {"an answer is missing": int(lacking.sum()), "case weight 0": int(idle.sum())}
    keep = ~lacking & ~idle
    n = int(keep.sum())
    if n < (2 if chosen is Form.ACSI else 1):
        raise MethodError("answers", f"{n} rows can be used, too few")
    found, cases = found[keep], cases[keep]
    means = np.average(found, axis=0, weights=cases)
    titles = _names(names, found.shape[1])
    given = _weights(chosen, weights, found.shape[1])
    if chosen is Form.ACSI:
        off = (found - means) ** 2
        # Whether n or n - 1: a factor all weights share is gone when they are taken to sum 1.
        sds = np.sqrt(np.average(off, axis=0, weights=cases))
        for title, item in zip(titles, found.T, strict=True):
            if item.max() == item.min():
                raise MethodError(f"item {title}", f"is constant: every answer is {item[0]:g}")
        given = given / sds
    return _result(
        chosen, means, given, low, high, titles, n, {why: k for why, k in excluded.items() if k}
    )


def model_indexes(
    result: PlsResult, *, low: float, high: float, form: Form | str = Form.ACSI
) -> dict[str, IndexResult]:
    """The index of every block of an estimated path model, from its items' means.

    Parameters: `result` of `zhike.methods.pls.estimate` on raw answers from `low` to `high`; `form` "acsi"
    (the model's weights on the raw scale) or "equal".
    Returns {block: IndexResult}. An item of negative weight is a note: the index may then leave 0-100. Raises
    MethodError for means off the scale and naming the block whose weights do not add up to more than 0.
    Missing values were settled by the estimation.
    Source: Fornell et al. (1996); see `index_of_means`.

    >>> from zhike.methods.pls import estimate, path_model
    >>> model = path_model({"Quality": ["q1", "q2"], "Loyalty": ["l1"]}, {"Quality": ["Loyalty"]})
    >>> answers = [[7, 6, 7], [5, 6, 4], [8, 9, 9], [3, 4, 4], [6, 5, 6], [9, 8, 7]]
    >>> found = model_indexes(estimate(model, answers, ["q1", "q2", "l1"]), low=1, high=10)
    >>> round(found["Loyalty"].value, 2)
    57.41
    """
    _scale(low, high)
    chosen = _form(form)
    if chosen is Form.GIVEN:
        raise MethodError("form", "must be acsi or equal: a model brings its weights")
    found = {}
    for block, weights in result.raw_weights.items():
        items = tuple(weights)
        means = np.array([result.means[item] for item in items])
        for item, mean in zip(items, means, strict=True):
            if not low <= mean <= high:
                raise MethodError(
                    f"item {item}", f"has mean {mean:g}, outside of {low:g} to {high:g}"
                )
        raw = np.array(list(weights.values())) if chosen is Form.ACSI else np.ones(len(items))
        if raw.sum() <= 1e-12 * np.abs(raw).sum():
            raise MethodError(f"block {block}", "its weights do not add up to more than 0")
        found[block] = _result(chosen, means, raw, low, high, items, result.n, result.excluded)
    return found


def _result(
    form: Form,
    means: Floats,
    weights: Floats,
    low: float,
    high: float,
    names: Sequence[str],
    n: int | None,
    excluded: Mapping[str, int],
) -> IndexResult:
    normal = weights / weights.sum()
    value = float(raw_scale_index(means, normal, low=low, high=high))
    notes = [
        f"item {name} has a negative weight" for name, w in zip(names, normal, strict=True) if w < 0
    ]
    if not -1e-9 <= value <= 100 + 1e-9:
        notes.append(f"the index is {value:.2f}, off the scale, since items count negatively")
    return IndexResult(
        method=METHOD,
        form=form,
        low=float(low),
        high=float(high),
        n=n,
        excluded=excluded,
        value=value,
        weights=dict(zip(names, normal.tolist(), strict=True)),
        means=dict(zip(names, means.tolist(), strict=True)),
        notes=tuple(notes),
    )


def _weights(form: Form, weights: ArrayLike | None, items: int) -> Floats:
    if form is Form.EQUAL:
        if weights is not None:
            raise MethodError("weights", "are not used with equal weights")
        return np.ones(items)
    if weights is None:
        raise MethodError("weights", f"are needed for the form {form.value}")
    return weights_for(np.empty(items), weights)


def _scale(low: float, high: float) -> None:
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise MethodError(
            "scale", f"must run from a lower to a higher number, got {low:g} to {high:g}"
        )


def _form(form: Form | str) -> Form:
    try:
        return Form(form)
    except ValueError as error:
        raise MethodError("form", f"must be acsi, equal or given, got {form}") from error


def _names(names: Sequence[str], size: int) -> tuple[str, ...]:
    if names and len(names) != size:
        raise MethodError("names", f"{len(names)} for {size} items")
    return tuple(names) if names else tuple(str(at + 1) for at in range(size))
