"""`zhike analyze spc`: a control chart of counts, and what its rules flag."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zhike.cli.analyze.durations import choice
from zhike.cli.analyze.figures import listed
from zhike.cli.analyze.files import Columns, Source
from zhike.cli.analyze.findings import Column, Finding, Table
from zhike.cli.analyze.method_words import rows_of
from zhike.cli.analyze.problems import Problem
from zhike.cli.analyze.wording import left_out
from zhike.cli.texts import gettext as _
from zhike.core.drawing.figures import shown
from zhike.core.drawing.kinds import Kind, Lines, Series
from zhike.methods.control import ControlChart, control_chart

KINDS = ("p", "np", "c", "u", "g")
# Kinds that are counted in something: the others take x alone.
SIZED = ("p", "np", "u")
# A cell of a table names so many points; JSON and the table of points hold all.
_LISTED = 60


def analyse_spc(
    path: Path, sheet: str, kind: str, rules: str, center: float | None, without: str
) -> Finding:
    chosen: Any = choice("--chart", kind, {name: name for name in KINDS})
    book: Any = choice("--rules", rules, {"western": "western", "nelson": "nelson"})
    if center is not None and not math.isfinite(center):
        raise Problem(_("--center must be a number."))
    source = Source(path, sheet)
    has_names = "sample" in source.headers
    columns = source.columns(
        numbers=["x", *(["size"] if chosen in SIZED else [])],
        texts=["sample"] if has_names else [],
    )
    with rows_of(columns):
        found = control_chart(
            columns.numbers["x"],
            columns.numbers.get("size"),
            kind=chosen,
            rules=book,
            center=center,
            without=_positions(without),
        )
    labels = columns.texts.get("sample") or [str(at) for at in range(1, found.n + 1)]
    notes = []
    if chosen not in SIZED and "size" in source.headers:
        notes.append(
            _("The column “size” is not used: a {kind} chart counts in equal amounts.").format(
                kind=chosen
            )
        )
    return _finding(found, columns, labels, notes)


def _positions(text: str) -> list[int]:
    try:
        return [int(part) for part in text.replace("，", ",").split(",") if part.strip()]
    except ValueError:
        raise Problem(
            _("--without is “{text}”; write positions such as 15,23.").format(text=text)
        ) from None


def _finding(
    found: ControlChart, columns: Columns, labels: Sequence[str], notes: list[str]
) -> Finding:
    kind: Kind = "f4" if found.kind in ("p", "u") else "f2"
    flagged = {name: list(points) for name, points in found.flagged.items()}
    title = _("Control chart ({kind})").format(kind=found.kind)
    said = _said(found, labels, kind)
    return Finding(
        title=title,
        data={
            "n": found.n,
            "center": found.center,
            "center_given": found.center_given,
            "lcl": found.lcl,
            "ucl": found.ucl,
            "flagged": flagged,
            "in_control": found.in_control,
            "values": found.values,
            "sigma": found.sigma,
            "samples": list(labels),
            "chart": found.kind,
            "rules": found.rules,
            "without": found.without,
            "excluded": found.excluded,
            "notes": notes,
        },
        said=said,
        sample=[
            _("{n} points, in the order of the file.").format(n=shown(found.n, "count")),
            *left_out(found.excluded),
        ],
        method=[
            (_("Chart"), found.kind),
            (
                _("Centre"),
                _("given") if found.center_given else _("from the points"),
            ),
            (_("Limits"), _("three sigma on either side, each from the size of its point")),
            (_("Rules"), _rule_book(found.rules)),
        ],
        limits=[
            _(
                "What lies within the limits is the work of the process as it is; a flagged point "
                "has a cause worth looking for, which the chart does not name. Rules together "
                "flag a point by chance now and then."
            )
        ],
        tables=_tables(found, labels, kind),
        charts=[_chart(found, labels, kind, title, said)],
        notes=notes,
    )


def _said(found: ControlChart, labels: Sequence[str], kind: Kind) -> list[str]:
    same = bool(np.ptp(found.ucl) < 1e-12)
    limits = (
        _("limits {low} to {high}").format(
            low=shown(float(found.lcl[0]), kind), high=shown(float(found.ucl[0]), kind)
        )
        if same
        else _("limits by the size of each point")
    )
    first = _("The centre is {center}, {limits}.").format(
        center=shown(found.center, kind), limits=limits
    )
    if found.in_control:
        return [first, _("No rule flags a point: the process is in control.")]
    hit = sorted({at for points in found.flagged.values() for at in points})
    return [
        first,
        _("Flagged: {points} ({n} of {all} points).").format(
            n=shown(len(hit), "count"),
            all=shown(found.n, "count"),
            points=listed([labels[at - 1] for at in hit]),
        ),
    ]


def _tables(found: ControlChart, labels: Sequence[str], kind: Kind) -> list[Table]:
    meaning = _rules(found.rules)
    rules = Table(
        _("Flagged points, by rule"),
        [Column(_("Rule")), Column(_("Means")), Column(_("Points"))],
        [
            [name, meaning[name], listed([labels[at - 1] for at in points], _LISTED) or "–"]
            for name, points in found.flagged.items()
        ],
    )
    by_point: dict[int, list[str]] = {}
    for name, points in found.flagged.items():
        for at in points:
            by_point.setdefault(at, []).append(name)
    every = Table(
        _("Points"),
        [
            Column(_("Sample")),
            Column(_("Value"), kind),
            Column(_("Lower limit"), kind),
            Column(_("Upper limit"), kind),
            Column(_("Flagged by rule")),
        ],
        [
            [label, float(value), float(low), float(high), ", ".join(by_point.get(at, []))]
            for at, (label, value, low, high) in enumerate(
                zip(labels, found.values, found.lcl, found.ucl, strict=True), 1
            )
        ],
    )
    return [rules, every]


def _chart(
    found: ControlChart, labels: Sequence[str], kind: Kind, title: str, said: list[str]
) -> Lines:
    marked: dict[int, str] = {}
    for name, points in found.flagged.items():
        for at in points:
            marked[at - 1] = f"{marked[at - 1]}, {name}" if at - 1 in marked else name
    return Lines(
        title,
        " ".join(said),
        labels,
        [
            Series(_("Value"), found.values.tolist()),
            Series(_("Centre"), [found.center] * found.n, "center"),
            Series(_("Upper limit"), found.ucl.tolist(), "limit"),
            Series(_("Lower limit"), found.lcl.tolist(), "limit"),
        ],
        kind,
        _("Sample"),
        marked,
    )


def _rule_book(rules: str) -> str:
    return {"western": "Western Electric, 1–4", "nelson": "Nelson, 1–8"}[rules]


def _rules(rules: str) -> dict[str, str]:
    beyond = _("beyond three sigma")
    two_of_three = _("two of three beyond two sigma on one side")
    four_of_five = _("four of five beyond one sigma on one side")
    if rules == "western":
        return {
            "1": beyond,
            "2": two_of_three,
            "3": four_of_five,
            "4": _("eight in a row on one side"),
        }
    return {
        "1": beyond,
        "2": _("nine in a row on one side"),
        "3": _("six in a row steadily rising or falling"),
        "4": _("fourteen in a row alternating up and down"),
        "5": two_of_three,
        "6": four_of_five,
        "7": _("fifteen in a row none beyond one sigma"),
        "8": _("eight in a row all beyond one sigma"),
    }
