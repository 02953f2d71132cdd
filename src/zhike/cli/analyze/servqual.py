"""`zhike analyze servqual`: 22 pairs of expectation and perception, and the gaps between them."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from zhike.cli.analyze.durations import choice
from zhike.cli.analyze.durations import scale as scale_of
from zhike.cli.analyze.figures import beside, listed
from zhike.cli.analyze.files import Source
from zhike.cli.analyze.findings import Cell, Column, Finding, Table
from zhike.cli.analyze.method_words import rows_of
from zhike.cli.analyze.note_sentences import note_sentences
from zhike.cli.analyze.problems import Problem
from zhike.cli.analyze.wording import notes_of, sample_of
from zhike.cli.texts import gettext as _
from zhike.core.drawing.figures import shown
from zhike.core.drawing.kinds import Bars
from zhike.methods.servqual import DIMENSIONS, ITEMS, Servqual, servqual

EXPECTED = [f"E{at}" for at in range(1, ITEMS + 1)]
SEEN = [f"P{at}" for at in range(1, ITEMS + 1)]
POINTS = [f"pts_{name}" for name in DIMENSIONS]


def analyse_servqual(data: Path, sheet: str, scale: str, points_rule: str, missing: str) -> Finding:
    ends = scale_of("--scale", scale)
    rule: Any = choice("--points-rule", points_rule, {"refuse": "refuse", "rescale": "rescale"})
    kept: Any = choice("--missing", missing, {"pairs": "pairs", "listwise": "listwise"})
    source = Source(data, sheet)
    points = _points(source)
    columns = source.columns(numbers=[*EXPECTED, *SEEN, *points])
    columns.within([*EXPECTED, *SEEN], *ends)
    if points:
        columns.not_below_zero(points)
    with rows_of(columns):
        found = servqual(
            columns.matrix(EXPECTED),
            columns.matrix(SEEN),
            points=columns.matrix(points) if points else None,
            scale=ends,
            points_rule=rule,
            missing=kept,
        )
    return _finding(found, ends)


def _points(source: Source) -> list[str]:
    """All five columns of points, or none: a part of them cannot sum to 100."""
    there = [header for header in source.headers if header.startswith("pts_")]
    if not there:
        return []
    for header in there:
        if header not in POINTS:
            raise Problem(
                _("{file}: column “{column}” is no dimension; there are {columns}.").format(
                    file=source.path.name, column=header, columns=listed(POINTS)
                )
            )
    source.require(POINTS)
    return POINTS


def _json(found: Servqual) -> dict[str, Any]:
    return {
        "n": found.n,
        "items": {name: asdict(item) for name, item in found.items.items()},
        "dimensions": {name: asdict(one) for name, one in found.dimensions.items()},
        "overall": asdict(found.overall),
        "options": found.options,
        "excluded": found.excluded,
        "notes": found.notes,
    }


def _finding(found: Servqual, ends: tuple[float, float]) -> Finding:
    words = note_sentences()
    has_points = found.overall.weighted_individual is not None
    excluded = {
        name: n for name, n in found.excluded.items() if name != "not_weighted" or has_points
    }
    return Finding(
        title=_("SERVQUAL: gaps between expectation and perception"),
        data=_json(found),
        said=_said(found, words),
        sample=sample_of(
            _("{n} persons with at least one pair.").format(n=shown(found.n, "count")), excluded
        ),
        method=[
            (_("Gap"), _("perception less expectation, per item; a dimension is the mean of its items")),
            (
                _("Scale"),
                _("{low} to {high}").format(low=f"{ends[0]:g}", high=f"{ends[1]:g}"),
            ),
            (
                _("Missing answers"),
                _("an item uses everybody with both sides")
                if found.options["missing"] == "pairs"
                else _("persons with all 22 pairs only"),
            ),
        ],
        limits=[
            _(
                "Expectations asked together with perceptions tend to be high throughout; compare "
                "gaps with each other and over time rather than with zero."
            )
        ],
        tables=_tables(found, words, has_points=has_points),
        charts=_charts(found, words),
        notes=notes_of(found.notes),
    )  # fmt: skip


def _said(found: Servqual, words: dict[str, str]) -> list[str]:
    worst = min(found.dimensions, key=lambda name: found.dimensions[name].gap)
    best = max(found.dimensions, key=lambda name: found.dimensions[name].gap)
    said = [
        _(
            "The overall gap is {gap}; the service falls short most in “{worst}” ({low}), least in "
            "“{best}” ({high})."
        ).format(
            gap=shown(found.overall.unweighted, "f2"),
            worst=words[worst],
            low=shown(found.dimensions[worst].gap, "f2"),
            best=words[best],
            high=shown(found.dimensions[best].gap, "f2"),
        )
    ]
    if found.overall.weighted_individual is not None:
        said.append(
            _("Weighted by each person's points it is {own}, by the mean points {mean}.").format(
                own=shown(found.overall.weighted_individual, "f2"),
                mean=shown(found.overall.weighted_mean_points, "f2"),
            )
        )
    items = sorted(found.items, key=lambda name: found.items[name].gap)[:3]
    said.append(
        _("The items furthest behind: {items}.").format(
            items=listed([beside(name, shown(found.items[name].gap, "f2")) for name in items])
        )
    )
    return said


def _tables(found: Servqual, words: dict[str, str], *, has_points: bool) -> list[Table]:
    columns = [
        Column(_("Dimension")),
        Column(_("Expectation"), "f2"),
        Column(_("Perception"), "f2"),
        Column(_("Gap"), "f2"),
        Column(_("α of expectations"), "f3"),
        Column(_("α of perceptions"), "f3"),
        Column(_("α of gaps"), "f3"),
    ]
    if has_points:
        columns.append(Column(_("Points given"), "f1"))
    rows: list[list[Cell]] = []
    for name, one in found.dimensions.items():
        row: list[Cell] = [
            words[name],
            one.expectation,
            one.perception,
            one.gap,
            one.alpha_expectation,
            one.alpha_perception,
            one.alpha_gap,
        ]
        rows.append([*row, one.points] if has_points else row)
    items = Table(
        _("Items"),
        [
            Column(_("Item")),
            Column(_("Dimension")),
            Column(_("Expectation"), "f2"),
            Column(_("Perception"), "f2"),
            Column(_("Gap"), "f2"),
            Column(_("SD"), "f2"),
            Column("t", "f2"),
            Column(_("Pairs"), "count"),
        ],
        [
            [
                name,
                words[_dimension(int(name))],
                one.expectation,
                one.perception,
                one.gap,
                one.sd,
                one.t,
                one.n,
            ]
            for name, one in found.items.items()
        ],
    )
    return [Table(_("Dimensions"), columns, rows), items]


def _dimension(item: int) -> str:
    return next(name for name, part in DIMENSIONS.items() if part.start < item <= part.stop)


def _charts(found: Servqual, words: dict[str, str]) -> list[Bars]:
    gaps = {words[name]: one.gap for name, one in found.dimensions.items()}
    items = {f"{name} {words[_dimension(int(name))]}": one.gap for name, one in found.items.items()}
    return [
        Bars(
            title,
            listed([f"{name} {shown(value, 'f2')}" for name, value in values.items()]),
            list(values),
            list(values.values()),
            "f2",
        )
        for title, values in ((_("Gap by dimension"), gaps), (_("Gap by item"), items))
    ]
