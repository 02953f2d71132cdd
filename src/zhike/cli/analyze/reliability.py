"""`zhike analyze reliability`: whether the items of a block measure one thing, and blocks different things."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from zhike.cli.analyze.figures import beside, listed
from zhike.cli.analyze.findings import Cell, Column, Finding, Table
from zhike.cli.analyze.method_words import rows_of, sentence_of
from zhike.cli.analyze.model_file import Model, read_model
from zhike.cli.analyze.pls import read_items
from zhike.cli.analyze.pls_words import htmt_table, larcker_table
from zhike.cli.analyze.wording import notes_of, sample_of
from zhike.cli.texts import gettext as _
from zhike.core.drawing.figures import shown
from zhike.core.drawing.kinds import Bars, Chart, Lines, Series
from zhike.methods.errors import MethodError
from zhike.methods.given import Floats
from zhike.methods.pls import estimate, path_model, pls_options
from zhike.methods.reliability import (
    BlockReliability,
    Reliability,
    cronbach_alpha,
    moments_of_answers,
    reliability_of_items,
)
from zhike.methods.reliability_factors import Adequacy, Components, adequacy, components
from zhike.methods.reliability_moments import ItemMoments

GOOD_ALPHA = 0.7


@dataclass(frozen=True)
class Looked:
    moments: ItemMoments
    blocks: dict[str, BlockReliability]
    # None where no factor model fits; the blocks then have alpha alone.
    factors: Reliability | None
    fitness: Adequacy | None
    parts: Components
    weighed: bool
    notes: list[str]


def analyse_reliability(model_path: Path, data: Path, sheet: str) -> Finding:
    model = read_model(model_path)
    columns = read_items(model, data, sheet)
    with rows_of(columns):
        answers = columns.matrix(model.items)
        moments = moments_of_answers(answers, model.items)
        notes: list[str] = []
        factors = _factors(moments, model.blocks, notes)
        blocks = (
            dict(factors.blocks)
            if factors is not None
            else {name: _alphas(moments.of(items)) for name, items in model.blocks.items()}
        )
        weighed = _rho_a(model, answers, notes)
        blocks = {name: replace(one, rho_a=weighed.get(name)) for name, one in blocks.items()}
        opposed = [name for name, one in blocks.items() if (one.alpha_raw or 0.0) < 0]
        if opposed:
            notes.append(
                _(
                    "Alpha is negative in {blocks}: look whether an item was asked the other way "
                    "round, and turn its answers."
                ).format(blocks=listed(opposed))
            )
        fitness = _fitness(moments, notes)
        if moments.n <= len(moments.names):
            notes.append(
                _(
                    "The components rest on fewer rows than items, which leaves some at 0 whatever was "
                    "answered; do not read them."
                )
            )
        parts = components(moments)
        found = Looked(moments, blocks, factors, fitness, parts, bool(weighed), notes)
    return _finding(found)


def _factors(moments: ItemMoments, blocks: Any, notes: list[str]) -> Reliability | None:
    try:
        return reliability_of_items(moments, blocks)
    except MethodError as error:
        notes.append(
            _("No factor model, so neither rho_C nor AVE: {why}").format(why=sentence_of(error))
        )
        return None


def _rho_a(model: Model, answers: Floats, notes: list[str]) -> dict[str, float]:
    """By block, from the weights of the path model; none where the file names no paths."""
    if not model.paths:
        return {}
    try:
        paths = path_model(model.blocks, model.paths, model.modes)
        order = [model.items.index(item) for item in paths.items]
        options = pls_options(missing="listwise")
        result = estimate(paths, answers[:, order], paths.items, options=options)
    except MethodError as error:
        notes.append(_("No path model, so no rho_A: {why}").format(why=sentence_of(error)))
        return {}
    several = [name for name, items in model.blocks.items() if len(items) > 1]
    return {name: result.rho_a[name] for name in several if name in result.rho_a}


def _fitness(moments: ItemMoments, notes: list[str]) -> Adequacy | None:
    try:
        return adequacy(moments)
    except MethodError as error:
        notes.append(_("Neither KMO nor Bartlett's test: {why}").format(why=sentence_of(error)))
        return None


def _alphas(moments: ItemMoments) -> BlockReliability:
    several = len(moments.names) > 1
    return BlockReliability(
        items=len(moments.names),
        alpha_raw=cronbach_alpha(moments) if several else None,
        alpha_standardized=cronbach_alpha(moments, standardized=True) if several else None,
        rho_c=None,
        rho_a=None,
        ave=None,
    )


def _json(found: Looked) -> dict[str, Any]:
    fit, factors = found.fitness, found.factors
    return {
        "n": found.moments.n,
        "blocks": {
            name: {
                "items": one.items,
                "alpha_raw": one.alpha_raw,
                "alpha_standardized": one.alpha_standardized,
                "rho_c": one.rho_c,
                "rho_a": one.rho_a,
                "ave": one.ave,
            }
            for name, one in found.blocks.items()
        },
        "kmo": fit.kmo if fit else None,
        "kmo_items": fit.kmo_items if fit else {},
        "bartlett": {"chi2": fit.chi2, "df": fit.df, "p": fit.p} if fit else None,
        "eigenvalues": found.parts.eigenvalues,
        "components": {
            "kept": found.parts.kept,
            "rotation": found.parts.rotation,
            "loadings": _by_item(found.parts, found.parts.loadings),
            "rotated": _by_item(found.parts, found.parts.rotated),
            "communalities": found.parts.communalities,
            "variance": [
                {
                    "component": row.component,
                    "eigenvalue": row.eigenvalue,
                    "share": row.share,
                    "cumulative": row.cumulative,
                    "rotated": row.rotated,
                    "rotated_share": row.rotated_share,
                    "rotated_cumulative": row.rotated_cumulative,
                }
                for row in found.parts.table
            ],
        },
        "htmt": factors.htmt if factors else {},
        "fornell_larcker": factors.fornell_larcker if factors else {},
        "discriminant": factors.discriminant if factors else {},
        "loadings_from": factors.loadings_from if factors else None,
        "excluded": found.moments.excluded,
        "notes": [*(factors.notes if factors else ()), *found.notes],
    }


def _by_item(parts: Components, loadings: Any) -> dict[str, list[float]]:
    return dict(zip(parts.names, loadings.tolist(), strict=True))


def _finding(found: Looked) -> Finding:
    notes = [*notes_of(found.factors.notes if found.factors else ()), *found.notes]
    method = [
        (_("Rows used"), _("answered in full, over all blocks")),
        (
            _("Loadings"),
            _("confirmatory factor analysis, maximum likelihood") if found.factors else _("none"),
        ),
        *([("ρA", _("by the weights of the path model"))] if found.weighed else []),
        (_("Components"), _("of the correlations, eigenvalue above 1, varimax")),
    ]
    return Finding(
        title=_("Reliability of blocks"),
        data=_json(found),
        said=_said(found),
        sample=sample_of(
            _("{n} rows were used.").format(n=shown(found.moments.n, "count")),
            found.moments.excluded,
        ),
        method=method,
        limits=[
            _(
                "Reliable means that the items of a block go together, not that they measure what "
                "is meant. Alpha grows with the number of items."
            )
        ],
        tables=_tables(found),
        charts=_charts(found),
        notes=notes,
    )


def _said(found: Looked) -> list[str]:
    alphas = {
        name: one.alpha_raw for name, one in found.blocks.items() if one.alpha_raw is not None
    }
    said = []
    if alphas:
        weak = [
            beside(name, shown(value, "f3")) for name, value in alphas.items() if value < GOOD_ALPHA
        ]
        said.append(
            _("Cronbach's alpha is below {line} in: {blocks}.").format(
                line=GOOD_ALPHA, blocks=listed(weak)
            )
            if weak
            else _("Cronbach's alpha is at least {line} in all blocks.").format(line=GOOD_ALPHA)
        )
    if found.fitness is not None:
        fit = found.fitness
        said.append(
            _("KMO is {kmo}, Bartlett's chi-square {chi2} with {df} degrees of freedom (p {p}).")
            .format(
                kmo=shown(fit.kmo, "f3"), chi2=shown(fit.chi2, "f2"), df=fit.df,
                p=shown(fit.p, "p"),
            )
        )  # fmt: skip
    said.append(
        _(
            "Components with an eigenvalue above 1: {kept}; they carry {share} of the variance."
        ).format(
            kept=found.parts.kept,
            share=shown(found.parts.table[found.parts.kept - 1].cumulative, "percent"),
        )
    )
    return said


def _block_table(found: Looked) -> Table:
    return Table(
        _("Blocks"),
        [
            Column(_("Block")),
            Column(_("Number of items"), "count"),
            Column("α", "f3"),
            Column(_("α std."), "f3"),
            Column("ρC", "f3"),
            Column("ρA", "f3"),
            Column("AVE", "f3"),
        ],
        [
            [
                name,
                one.items,
                one.alpha_raw,
                one.alpha_standardized,
                one.rho_c,
                one.rho_a,
                one.ave,
            ]
            for name, one in found.blocks.items()
        ],
    )


def _tables(found: Looked) -> list[Table]:
    variance = Table(
        _("Total variance"),
        [
            Column(_("Component"), "count"),
            Column(_("Eigenvalue"), "f3"),
            Column(_("Share"), "percent"),
            Column(_("Cumulative"), "percent"),
            Column(_("Rotated"), "f3"),
            Column(_("Rotated share"), "percent"),
            Column(_("Rotated, cumulative"), "percent"),
        ],
        [
            [
                row.component,
                row.eigenvalue,
                row.share,
                row.cumulative,
                row.rotated,
                row.rotated_share,
                row.rotated_cumulative,
            ]
            for row in found.parts.table
        ],
    )
    kmo = found.fitness.kmo_items if found.fitness else {}
    rows: list[list[Cell]] = [
        [name, kmo.get(name), *loadings.tolist(), found.parts.communalities[name]]
        for name, loadings in zip(found.parts.names, found.parts.rotated, strict=True)
    ]
    items = Table(
        _("Rotated loadings"),
        [
            Column(_("Item")),
            Column("KMO", "f3"),
            *(Column(_("Component {n}").format(n=at + 1), "f3") for at in range(found.parts.kept)),
            Column(_("Communality"), "f3"),
        ],
        rows,
    )
    tables = [_block_table(found), variance, items]
    if found.factors is not None and len(found.blocks) > 1:
        tables += [htmt_table(found.factors.htmt), larcker_table(found.factors)]
    return tables


def _charts(found: Looked) -> list[Chart]:
    values = list(found.parts.eigenvalues)
    alphas = {name: one.alpha_raw for name, one in found.blocks.items()}
    known = {name: value for name, value in alphas.items() if value is not None}
    charts: list[Chart] = []
    if known:
        charts.append(
            Bars(
                _("Cronbach's alpha by block"),
                listed([f"{name} {shown(value, 'f3')}" for name, value in known.items()]),
                list(known),
                list(known.values()),
                "f3",
            )
        )
    charts.append(
        Lines(
            _("Scree: eigenvalues of the components"),
            listed([shown(value, "f2") for value in values]),
            [str(at + 1) for at in range(len(values))],
            [
                Series(_("Eigenvalue"), values),
                Series(_("Threshold"), [1.0] * len(values), "limit"),
            ],
            "f2",
            _("Component"),
        )
    )
    return charts
