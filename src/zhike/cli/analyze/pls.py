"""`zhike analyze pls`: a path model, its bootstrap, and how reliable its blocks are."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from zhike.cli.analyze.durations import choice
from zhike.cli.analyze.files import Columns, Source
from zhike.cli.analyze.findings import Finding
from zhike.cli.analyze.method_words import rows_of, sentence_of
from zhike.cli.analyze.model_file import Model, read_model
from zhike.cli.analyze.pls_words import Estimated, finding_of
from zhike.cli.analyze.wording import notes_of
from zhike.cli.texts import gettext as _
from zhike.methods.errors import MethodError
from zhike.methods.index import model_indexes
from zhike.methods.pls import PathModel, PlsResult, estimate, path_model, pls_options
from zhike.methods.pls_bootstrap import PlsBootstrap, Spread, bootstrap
from zhike.methods.reliability import Reliability, reliability_of_model

SCALINGS = {
    "standardised": "standardized",
    "standardized": "standardized",
    "centered": "centered",
    "centred": "centered",
}


@dataclass(frozen=True)
class Chosen:
    """Options as they were typed; `resamples` 0 is no bootstrap."""

    scheme: str
    items: str
    plsc: bool
    missing: str
    resamples: int
    seed: int


def analyse_pls(model_path: Path, data: Path, sheet: str, chosen: Chosen) -> Finding:
    model = read_model(model_path)
    options = pls_options(
        scheme=choice("--scheme", chosen.scheme, _same("path", "factorial", "centroid")),
        scaling=choice("--items", chosen.items, SCALINGS),
        missing=choice("--missing", chosen.missing, _same("mean", "listwise")),
        consistent=chosen.plsc,
    )
    paths = path_model(model.blocks, model.paths, model.modes)
    columns = read_items(model, data, sheet)
    with rows_of(columns):
        result = estimate(paths, columns.matrix(paths.items), paths.items, options=options)
    notes: list[str] = []
    index = _index(model, result, notes)
    found = Estimated(
        model,
        columns,
        result,
        _reliability(result, notes),
        index,
        _bootstrap(model.scale if index else None, paths, columns, result, chosen, notes),
        notes,
    )
    return finding_of(found, json_of(found))


def read_items(model: Model, data: Path, sheet: str) -> Columns:
    """The model's columns; an answer off its scale is refused by row and column."""
    columns = Source(data, sheet).columns(numbers=model.items)
    if model.scale is not None:
        columns.within(model.items, *model.scale)
    return columns


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def _reliability(result: PlsResult, notes: list[str]) -> Reliability | None:
    try:
        return reliability_of_model(result)
    except MethodError as error:
        # The paths stand all the same.
        notes.append(_("No reliability: {why}").format(why=sentence_of(error)))
        return None


def _index(model: Model, result: PlsResult, notes: list[str]) -> dict[str, float]:
    if model.scale is None:
        notes.append(_("No index: {file} names no scale.").format(file=model.file))
        return {}
    try:
        found = model_indexes(result, low=model.scale[0], high=model.scale[1])
    except MethodError as error:
        notes.append(_("No index: {why}").format(why=sentence_of(error)))
        return {}
    for block, index in found.items():
        notes += [f"{block}: {note}" for note in notes_of(index.notes)]
    return {block: index.value for block, index in found.items()}


def _bootstrap(
    scale: tuple[float, float] | None,
    paths: PathModel,
    columns: Columns,
    result: PlsResult,
    chosen: Chosen,
    notes: list[str],
) -> PlsBootstrap | None:
    if not chosen.resamples:
        return None
    found = bootstrap(
        paths,
        columns.matrix(paths.items),
        paths.items,
        options=result.options,
        resamples=chosen.resamples,
        seed=chosen.seed,
        scale=scale,
    )
    lost = found.requested - found.converged
    if lost:
        notes.append(
            _("{lost} of {all} resamples could not be estimated and are left out.").format(
                lost=lost, all=found.requested
            )
        )
    return found


def json_of(found: Estimated) -> dict[str, Any]:
    result, spread = found.result, found.bootstrap
    blocks = {} if found.reliability is None else found.reliability.blocks
    return {
        "n": result.n,
        "options": {
            **{name: str(value) if isinstance(value, str) else value
               for name, value in asdict(result.options).items()},
            "modes": {block: str(mode) for block, mode in result.model.modes.items()},
            "scale": None if found.model.scale is None
            else {"min": found.model.scale[0], "max": found.model.scale[1]},
        },
        "paths": {
            name: {"estimate": value, **(_spread(spread.paths[name]) if spread else {})}
            for name, value in result.paths.items()
        },
        "r2": result.r2,
        "r2_adjusted": result.r2_adjusted,
        "weights": result.weights,
        "loadings": result.loadings,
        "cross_loadings": result.cross_loadings,
        "total_effects": result.total_effects,
        "reliability": {
            block: {
                "alpha_raw": one.alpha_raw,
                "alpha_standardized": one.alpha_standardized,
                "rho_c": one.rho_c,
                "rho_a": one.rho_a,
                "ave": one.ave,
            }
            for block, one in blocks.items()
        },
        "htmt": {} if found.reliability is None else found.reliability.htmt,
        "fornell_larcker": {} if found.reliability is None else found.reliability.fornell_larcker,
        "index": found.index,
        "bootstrap": None if spread is None else _bootstrap_json(spread),
        "correlations": _correlations(result),
        "excluded": result.excluded,
        "replaced": result.replaced,
        "rounds": result.rounds,
        "method": result.method,
        "notes": [*result.notes, *found.notes],
    }  # fmt: skip


def _correlations(result: PlsResult) -> dict[str, dict[str, float]]:
    names = tuple(result.model.blocks)
    return {
        name: dict(zip(names, row.tolist(), strict=True))
        for name, row in zip(names, result.correlations, strict=True)
    }


def _spread(one: Spread) -> dict[str, Any]:
    return {"mean": one.mean, "sd": one.sd, "t": one.t, "ci": [one.low, one.high]}


def _bootstrap_json(found: PlsBootstrap) -> dict[str, Any]:
    def each(spreads: Mapping[str, Spread]) -> dict[str, Any]:
        return {name: {"estimate": one.estimate, **_spread(one)} for name, one in spreads.items()}

    return {
        "requested": found.requested,
        "converged": found.converged,
        "seed": found.seed,
        "failed": found.failed,
        "confidence": found.confidence,
        "total_effects": each(found.total_effects),
        "r2": each(found.r2),
        "weights": {block: each(one) for block, one in found.weights.items()},
        "loadings": {block: each(one) for block, one in found.loadings.items()},
        "index": each(found.index),
    }
