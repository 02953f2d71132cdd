"""`zhike analyze ipa`: what matters against how well it is done.

Three kinds of files: a row an item (columns item, importance, performance); a row a person with a pair of columns
per item (I_speed and P_speed, importance_speed and performance_speed, or I1 and P1); or P columns beside one
column of overall satisfaction, from which importance is derived.
"""

import math
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zhike.cli.analyze.durations import choice
from zhike.cli.analyze.durations import scale as scale_of
from zhike.cli.analyze.figures import listed
from zhike.cli.analyze.files import Columns, Source
from zhike.cli.analyze.findings import Column, Finding, Table
from zhike.cli.analyze.method_words import rows_of
from zhike.cli.analyze.problems import Problem
from zhike.cli.analyze.wording import sample_of
from zhike.cli.texts import gettext as _
from zhike.core.drawing.figures import shown
from zhike.core.drawing.kinds import Quadrants, Spot
from zhike.methods.importance import Ipa, ipa, place_items

ITEM_COLUMNS = ("item", "importance", "performance")
# I_speed, importance_speed, or I1; in Chinese as well.
_PAIR = re.compile(r"(?:(I|importance|重要性)|(P|performance|表现))(?:_(.+)|(\d+))")  # zh-data

FIVE = "1-5"


@dataclass(frozen=True)
class Asked:
    data: Path
    sheet: str
    scale: str
    importance_scale: str
    outcome: str
    derived: str
    crosshair: str
    lines: str

    @property
    def ends(self) -> tuple[float, float]:
        return scale_of("--scale", self.scale or FIVE)

    @property
    def importance_ends(self) -> tuple[float, float]:
        return scale_of("--importance-scale", self.importance_scale or self.scale or FIVE)

    @property
    def cross(self) -> dict[str, Any]:
        if self.lines:
            parts = self.lines.replace("，", ",").split(",")
            try:
                one, other = (float(part) for part in parts)
                if not (math.isfinite(one) and math.isfinite(other)):
                    raise ValueError
            except ValueError:
                raise Problem(
                    _("--lines is “{text}”; write importance,performance such as 4.2,3.9.").format(
                        text=self.lines
                    )
                ) from None
            return {"crosshair": "given", "lines": (one, other)}
        known = {"means": "means", "midpoints": "midpoints"}
        return {"crosshair": choice("--crosshair", self.crosshair, known)}


def analyse_ipa(asked: Asked) -> Finding:
    source = Source(asked.data, asked.sheet)
    if all(name in source.headers for name in ITEM_COLUMNS):
        return _finding(_placed(source, asked), _("{n} items with known figures."))
    return _finding(_of_persons(source, asked), _("{n} persons with an answer on performance."))


def _placed(source: Source, asked: Asked) -> Ipa:
    columns = source.columns(numbers=ITEM_COLUMNS[1:], texts=ITEM_COLUMNS[:1])
    columns.each_once("item")
    columns.complete(ITEM_COLUMNS[1:])
    # Importance may be a weight or a percentage: a scale binds where it is given, or where its middle is drawn.
    is_drawn = asked.crosshair == "midpoints"
    if is_drawn or asked.importance_scale:
        columns.within(["importance"], *asked.importance_ends)
    if is_drawn or asked.scale:
        columns.within(["performance"], *asked.ends)
    with rows_of(columns):
        return place_items(
            columns.numbers["importance"],
            columns.numbers["performance"],
            names=columns.texts["item"],
            performance_scale=asked.ends,
            importance_scale=asked.importance_ends,
            **asked.cross,
        )


def _of_persons(source: Source, asked: Asked) -> Ipa:
    stated, seen = _pairs(source)
    if not seen:
        raise Problem(
            _(
                "{file} has neither the columns item, importance, performance nor pairs such as "
                "I_speed and P_speed."
            ).format(file=source.path.name)
        )
    names = list(seen)
    if asked.outcome:
        columns = source.columns(numbers=[*seen.values(), asked.outcome])
    else:
        for name in stated:
            if name not in seen:
                raise Problem(
                    _(
                        "{file}: “{column}” has no column of performance beside it; add “P_{name}”."
                    ).format(file=source.path.name, column=stated[name], name=name)
                )
        for name in names:
            if name not in stated:
                raise Problem(
                    _(
                        "{file}: “{column}” has no column of importance beside it; add “I_{name}”, "
                        "or name the overall satisfaction with --outcome."
                    ).format(file=source.path.name, column=seen[name], name=name)
                )
        columns = source.columns(numbers=[*seen.values(), *(stated[name] for name in names)])
        columns.within([stated[name] for name in names], *asked.importance_ends)
    columns.within(seen.values(), *asked.ends)
    columns.answered(columns.numbers)
    if asked.outcome:
        _tell_apart(columns)
    given: dict[str, Any] = (
        {"outcome": columns.numbers[asked.outcome], "derived": _derived(asked)}
        if asked.outcome
        else {"importance": columns.matrix([stated[name] for name in names])}
    )
    with rows_of(columns):
        return ipa(
            columns.matrix(list(seen.values())),
            names=names,
            performance_scale=asked.ends,
            importance_scale=asked.importance_ends,
            **asked.cross,
            **given,
        )


def _tell_apart(columns: Columns) -> None:
    """Refuses a column that is the same in all complete rows; the method would call it by another name."""
    answers = columns.matrix(list(columns.numbers))
    kept = answers[~np.isnan(answers).any(axis=1)]
    if len(kept) < 3:
        return
    for name, values in zip(columns.numbers, kept.T, strict=True):
        if values.min() == values.max():
            raise Problem(
                _(
                    "Column “{item}” is constant: every answer is {value}, so it tells nothing apart."
                ).format(item=name, value=f"{values[0]:g}")
            )


def _derived(asked: Asked) -> str:
    known = {"correlation": "correlation", "coefficient": "coefficient"}
    return choice("--derived", asked.derived, known)


def _pairs(source: Source) -> tuple[dict[str, str], dict[str, str]]:
    """Columns of importance and of performance, by the item's name."""
    stated: dict[str, str] = {}
    seen: dict[str, str] = {}
    for header in source.headers:
        match = _PAIR.fullmatch(header)
        if match:
            (stated if match[1] else seen)[match[3] or match[4]] = header
    return stated, seen


def _quadrants() -> dict[str, str]:
    return {
        "concentrate_here": _("Concentrate here"),
        "keep_up": _("Keep up the good work"),
        "low_priority": _("Low priority"),
        "possible_overkill": _("Possible overkill"),
    }


def _finding(found: Ipa, counted: str) -> Finding:
    words = _quadrants()
    first = found.of("concentrate_here")
    said = [
        _("Important, but not done well enough: {items}.").format(items=listed(first))
        if first
        else _("Nothing important is done below the crosshair."),
        _("To be kept up: {items}.").format(items=listed(found.of("keep_up")) or _("none")),
    ]
    return Finding(
        title=_("Importance and performance"),
        data={
            "n": found.n,
            "items": {item.name: _plain(item) for item in found.items},
            "quadrants": {name: found.of(name) for name in words},  # type: ignore[arg-type]  # the keys are the four
            "lines": {
                "importance": found.importance_line,
                "performance": found.performance_line,
            },
            "options": found.options,
            "excluded": found.excluded,
            "method": found.method,
        },
        said=said,
        sample=sample_of(counted.format(n=shown(found.n, "count")), found.excluded),
        method=_method(found),
        limits=[
            _(
                "An item near the crosshair may change its quadrant by chance; with the crosshair "
                "at the means something is always below it."
            )
        ],
        tables=[_table(found, words)],
        charts=[_chart(found, words, said)],
        notes=[
            _("“{item}” lies on a line of the crosshair and counts as high there.").format(
                item=item.name
            )
            for item in found.items
            if item.on_line
        ],
    )


def _table(found: Ipa, words: dict[str, str]) -> Table:
    worst = sorted(
        found.items,
        key=lambda item: (item.quadrant != "concentrate_here", item.performance - item.importance),
    )
    return Table(
        _("Items, the most urgent first"),
        [
            Column(_("Item")),
            Column(_("Importance"), "f3"),
            Column(_("Performance"), "f3"),
            Column(_("Quadrant")),
        ],
        [[item.name, item.importance, item.performance, words[item.quadrant]] for item in worst],
    )


def _chart(found: Ipa, words: dict[str, str], said: list[str]) -> Quadrants:
    return Quadrants(
        _("Importance and performance"),
        " ".join(said),
        _("Performance"),
        _("Importance"),
        [Spot(item.name, item.performance, item.importance) for item in found.items],
        (found.performance_line, found.importance_line),
        (
            words["concentrate_here"],
            words["keep_up"],
            words["low_priority"],
            words["possible_overkill"],
        ),
    )


def _plain(item: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(item).items() if name != "name"}


def _method(found: Ipa) -> list[tuple[str, str]]:
    crosshair = {
        "means": _("at the means of the items"),
        "midpoints": _("at the mid-points of the scales"),
        "given": _("given"),
    }[str(found.options["crosshair"])]
    importance = {
        "stated": _("as people state it"),
        "derived_correlation": _("derived: correlation with the overall satisfaction"),
        "derived_coefficient": _("derived: standardised regression on the overall satisfaction"),
    }.get(str(found.options.get("importance", "")), _("known figures"))
    return [(_("Crosshair"), crosshair), (_("Importance"), importance)]
