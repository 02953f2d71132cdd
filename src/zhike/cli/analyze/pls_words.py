"""What `zhike analyze pls` says: sentences, tables and charts of an estimated path model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zhike.cli.analyze.figures import listed
from zhike.cli.analyze.files import Columns
from zhike.cli.analyze.findings import Cell, Column, Finding, Table
from zhike.cli.analyze.model_file import Model
from zhike.cli.analyze.wording import notes_of, sample_of
from zhike.cli.texts import gettext as _
from zhike.core.drawing.figures import shown
from zhike.core.drawing.kinds import Arrow, Bars, Chart, Node, Paths
from zhike.methods.pls import PathModel, PlsResult
from zhike.methods.pls_bootstrap import PlsBootstrap, Spread
from zhike.methods.reliability import Reliability


@dataclass(frozen=True)
class Estimated:
    """All that is known about a model; None where a part has no answer, with a note that says why."""

    model: Model
    columns: Columns
    result: PlsResult
    reliability: Reliability | None
    index: Mapping[str, float]
    bootstrap: PlsBootstrap | None
    notes: list[str]


# A picture's words name so many figures.
_TOLD = 60


def finding_of(found: Estimated, data: Mapping[str, Any]) -> Finding:
    result = found.result
    title = _("Path model (PLS)")
    said = _said(found)
    limits = [
        _(
            "Paths are what goes together once the model is taken as right; that one causes the "
            "other is the model's claim, not proven by it. Figures hold for people like those "
            "who answered."
        )
    ]
    if found.bootstrap is None:
        limits.append(_("Without --bootstrap nothing says which paths are told from chance."))
    replaced = sum(result.replaced.values())
    sample = sample_of(_("{n} rows were used.").format(n=shown(result.n, "count")), result.excluded)
    if replaced:
        sample.append(
            _("Missing answers replaced by the mean of their column: {n}.").format(n=replaced)
        )
    return Finding(
        title=title,
        data=data,
        said=said,
        sample=sample,
        method=_method(found),
        limits=limits,
        tables=_tables(found),
        charts=_charts(found, said),
        notes=[*notes_of(result.notes), *found.notes],
    )


def ends_of(model: PathModel) -> list[str]:
    """The blocks everything leads to."""
    return [block for block in model.explained if not model.targets(block)]


def is_firm(spread: Spread) -> bool:
    """Told from chance: zero lies outside of the interval."""
    return spread.low > 0 or spread.high < 0


def _said(found: Estimated) -> list[str]:
    result, said = found.result, []
    if found.index:
        best = max(found.index, key=lambda block: found.index[block])
        worst = min(found.index, key=lambda block: found.index[block])
        said.append(
            _("On the index from 0 to 100 “{best}” stands highest ({high}), “{worst}” lowest ({low}).")
            .format(
                best=best, high=shown(found.index[best], "f1"),
                worst=worst, low=shown(found.index[worst], "f1"),
            )
        )  # fmt: skip
    for end in ends_of(result.model):
        effects = {
            name.split("->")[0]: value
            for name, value in result.total_effects.items()
            if name.endswith(f"->{end}")
        }
        strongest = max(effects, key=lambda block: abs(effects[block]))
        said.append(
            _(
                "The model explains {r2} of “{end}”; “{block}” moves it most (total effect {value})."
            ).format(
                r2=shown(result.r2[end], "percent"),
                end=end,
                block=strongest,
                value=shown(effects[strongest], "f3"),
            )
        )
    if found.bootstrap is not None:
        loose = [
            name.replace("->", " → ")
            for name, spread in found.bootstrap.paths.items()
            if not is_firm(spread)
        ]
        total = len(found.bootstrap.paths)
        said.append(
            _("Every path is told from chance.")
            if not loose
            else _("Not told from chance: {paths} ({n} of {all} paths).").format(
                n=len(loose), all=total, paths=listed(loose)
            )
        )
    return said


def _method(found: Estimated) -> list[tuple[str, str]]:
    options = found.result.options
    items = {
        "standardized": _("standardised"),
        "centered": _("centred"),
    }[options.scaling]
    missing = {
        "mean": _("replaced by the mean of the column"),
        "listwise": _("rows with one are left out"),
    }[options.missing]
    lines = [
        (
            _("Method"),
            _("partial least squares, consistent (PLSc)")
            if options.consistent
            else _("partial least squares"),
        ),
        (_("Inner scheme"), str(options.scheme)),
        (_("Items"), items),
        (_("Missing answers"), missing),
        (
            _("Convergence"),
            _("after {rounds} rounds, weights moving less than {tolerance}").format(
                rounds=found.result.rounds, tolerance=f"{options.tolerance:g}"
            ),
        ),
    ]
    if found.bootstrap is not None:
        lines.append(
            (
                _("Bootstrap"),
                _("{used} of {all} resamples, seed {seed}, {level} percentile interval").format(
                    used=found.bootstrap.converged,
                    all=found.bootstrap.requested,
                    seed=found.bootstrap.seed,
                    level="95%",
                ),
            )
        )
    return lines


def _tables(found: Estimated) -> list[Table]:
    result, spread = found.result, found.bootstrap
    tables = [
        _blocks(found),
        _effects(_("Paths"), result.paths, spread.paths if spread else {}),
        _effects(_("Total effects"), result.total_effects, spread.total_effects if spread else {}),
        _items(result),
    ]
    if found.reliability is not None:
        tables += _validity(found.reliability)
    return tables


def _blocks(found: Estimated) -> Table:
    rows: list[list[Cell]] = []
    for block, items in found.result.model.blocks.items():
        one = found.reliability.blocks[block] if found.reliability else None
        figures = (
            [one.alpha_raw, one.alpha_standardized, one.rho_c, one.rho_a, one.ave]
            if one
            else [None] * 5
        )
        rows.append(
            [
                block,
                str(found.result.model.modes[block]),
                len(items),
                found.index.get(block),
                found.result.r2.get(block),
                *figures,
            ]
        )
    columns = [
        Column(_("Block")),
        Column(_("Mode")),
        Column(_("Number of items"), "count"),
        Column(_("Index"), "f1"),
        Column("R²", "f3"),
        Column("α", "f3"),
        Column(_("α std."), "f3"),
        Column("ρC", "f3"),
        Column("ρA", "f3"),
        Column("AVE", "f3"),
    ]
    return Table(_("Blocks"), columns, rows)


def _effects(title: str, values: Mapping[str, float], spreads: Mapping[str, Spread]) -> Table:
    columns = [Column(_("Path")), Column(_("Coefficient"), "f3")]
    if spreads:
        columns += [
            Column(_("SD"), "f3"),
            Column("t", "f2"),
            Column(_("Lower end"), "f3"),
            Column(_("Upper end"), "f3"),
        ]
    rows: list[list[Cell]] = []
    for name, value in values.items():
        row: list[Cell] = [name.replace("->", " → "), value]
        if spreads:
            one = spreads[name]
            row += [one.sd, one.t, one.low, one.high]
        rows.append(row)
    return Table(title, columns, rows)


def _items(result: PlsResult) -> Table:
    columns = [
        Column(_("Block")),
        Column(_("Item")),
        Column(_("Weight"), "f3"),
        Column(_("Loading"), "f3"),
        Column(_("Communality"), "f3"),
        Column(_("Mean"), "f2"),
        Column(_("SD"), "f2"),
    ]
    rows: list[list[Cell]] = [
        [
            block,
            item,
            result.weights[block][item],
            loading,
            result.communalities[item],
            result.means[item],
            result.sds[item],
        ]
        for block, items in result.loadings.items()
        for item, loading in items.items()
    ]
    return Table(_("Weights and loadings"), columns, rows)


def _validity(found: Reliability) -> list[Table]:
    return [htmt_table(found.htmt), larcker_table(found)]


def htmt_table(htmt: Mapping[str, float]) -> Table:
    return Table(
        "HTMT",
        [Column(_("Pair of blocks")), Column("HTMT", "f3")],
        [[pair.replace("|", " · "), value] for pair, value in htmt.items()],
        note=_("Above 0.85 (at the latest 0.90) two blocks are hard to tell apart."),
    )


def larcker_table(found: Reliability) -> Table:
    names = list(found.fornell_larcker)
    return Table(
        "Fornell–Larcker",
        [Column(_("Block")), *(Column(name, "f3") for name in names)],
        [[name, *(found.fornell_larcker[name][other] for other in names)] for name in names],
        note=_(
            "On the diagonal the root of AVE, elsewhere correlations; the root should be larger."
        ),
    )


def _charts(found: Estimated, said: list[str]) -> list[Chart]:
    result = found.result
    charts: list[Chart] = [_diagram(found)]
    if found.index:
        spread = found.bootstrap.index if found.bootstrap else {}
        charts.append(
            Bars(
                _("Index by block, 0 to 100"),
                listed([f"{block} {shown(value, 'f1')}" for block, value in found.index.items()]),
                list(found.index),
                list(found.index.values()),
                "f1",
                [
                    (spread[block].low, spread[block].high)
                    for block in found.index
                    if block in spread
                ],
            )
        )
    for end in ends_of(result.model):
        names = [name for name in result.total_effects if name.endswith(f"->{end}")]
        names.sort(key=lambda name: -result.total_effects[name])
        totals = found.bootstrap.total_effects if found.bootstrap else {}
        charts.append(
            Bars(
                _("Total effects on “{end}”").format(end=end),
                listed(
                    [
                        f"{name.split('->')[0]} {shown(result.total_effects[name], 'f3')}"
                        for name in names
                    ]
                ),
                [name.split("->")[0] for name in names],
                [result.total_effects[name] for name in names],
                "f3",
                [(totals[name].low, totals[name].high) for name in names if name in totals],
            )
        )
    return charts


def _diagram(found: Estimated) -> Paths:
    result, spread = found.result, found.bootstrap
    ranks: dict[str, int] = {}
    for block in result.model.order:
        ranks[block] = max((ranks[one] + 1 for one in result.model.sources(block)), default=0)
    nodes = []
    for block in result.model.blocks:
        parts = []
        if block in found.index:
            parts.append(_("index {value}").format(value=shown(found.index[block], "f1")))
        if block in result.r2:
            parts.append(f"R² {shown(result.r2[block], 'f3')}")
        nodes.append(Node(block, " · ".join(parts), ranks[block]))
    arrows = []
    for start, end in result.model.paths:
        name = f"{start}->{end}"
        firm = spread is None or is_firm(spread.paths[name])
        arrows.append(Arrow(start, end, result.paths[name], firm))
    return Paths(
        _("Path diagram"),
        listed([f"{one.start} → {one.end} {shown(one.value, 'f3')}" for one in arrows], _TOLD),
        nodes,
        arrows,
        _("Grey and dashed: not told from chance."),
    )
