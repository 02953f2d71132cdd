"""`zhike analyze nps` and `csat`: one column of answers, a score and its interval."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from zhike.cli.analyze.durations import choice
from zhike.cli.analyze.durations import scale as scale_of
from zhike.cli.analyze.figures import joined, listed
from zhike.cli.analyze.files import Columns, Source
from zhike.cli.analyze.findings import Column, Finding, Table
from zhike.cli.analyze.method_words import rows_of
from zhike.cli.analyze.problems import Problem
from zhike.cli.analyze.wording import interval_of, notes_of, sample_of
from zhike.cli.texts import gettext as _
from zhike.core.drawing.figures import shown
from zhike.core.drawing.kinds import Bars, Kind
from zhike.methods import scores

# What a column of such answers is mostly called.
USUAL = frozenset({"nps", "csat", "score"})


@dataclass(frozen=True)
class Asked:
    """What both commands take."""

    data: Path
    sheet: str
    column: str
    weights: str
    population: int | None
    level: float


def analyse_nps(asked: Asked, interval: str) -> Finding:
    kind: Any = choice("--interval", interval, {"variance": "variance", "wilson": "wilson"})
    asked, columns = _answers(asked, scores.NPS_SCALE)
    with rows_of(columns):
        found = scores.nps(
            columns.numbers[asked.column],
            weights=columns.numbers.get(asked.weights),
            population=asked.population,
            level=asked.level,
            interval=kind,
        )
    said = _(
        "The net promoter score is {score} ({interval} {low} to {high}): {promoters} promoters, "
        "{passives} passives, {detractors} detractors."
    ).format(
        score=shown(found.estimate, "f1"),
        interval=interval_of(asked.level),
        low=shown(found.low, "f1"),
        high=shown(found.high, "f1"),
        **{name: shown(value, "percent") for name, value in found.groups.items()},
    )
    groups = Table(
        _("Groups"),
        [Column(_("Group")), Column(_("Answers")), Column(_("Share"), "percent")],
        [
            [_("Promoters"), "9–10", found.groups["promoters"]],
            [_("Passives"), "7–8", found.groups["passives"]],
            [_("Detractors"), "0–6", found.groups["detractors"]],
        ],
    )
    how = {"variance": _("from the variance of +1, 0 and −1"), "wilson": _("Newcombe, from Wilson")}
    limits = [
        _(
            "One question says how many would recommend, not why; the interval covers chance in "
            "who answered, not those who did not want to."
        )
    ]
    return _finding(
        _("Net promoter score"), asked, found, [said], [groups], how[kind], limits, "f1",
        marked=frozenset(range(9, 11)),
    )  # fmt: skip


def analyse_csat(asked: Asked, scale: str, top: int) -> Finding:
    low, high = scale_of("--scale", scale)
    if not (low.is_integer() and high.is_integer()):
        raise Problem(_("--scale needs whole numbers, not {text}.").format(text=scale))
    ends = int(low), int(high)
    asked, columns = _answers(asked, ends)
    with rows_of(columns):
        found = scores.csat(
            columns.numbers[asked.column],
            scale=ends,
            top=top,
            weights=columns.numbers.get(asked.weights),
            population=asked.population,
            level=asked.level,
        )
    said = _(
        "{score} are satisfied ({interval} {low} to {high}): they chose one of the {top} highest "
        "points of the scale from {first} to {last}."
    ).format(
        score=shown(found.estimate, "percent"),
        interval=interval_of(asked.level),
        low=shown(found.low, "percent"),
        high=shown(found.high, "percent"),
        top=top,
        first=ends[0],
        last=ends[1],
    )
    limits = [
        _(
            "The share does not tell the content from the delighted; the interval covers chance "
            "in who answered, not those who did not want to."
        )
    ]
    size = ends[1] - ends[0] + 1
    return _finding(
        _("Customer satisfaction (CSAT)"), asked, found, [said], [], "Wilson", limits, "percent",
        marked=frozenset(range(size - top, size)),
    )  # fmt: skip


def _answers(asked: Asked, scale: tuple[int, int]) -> tuple[Asked, Columns]:
    """What is asked with the column it means, and the answers."""
    source = Source(asked.data, asked.sheet)
    named = asked if asked.column else replace(asked, column=_meant(source, asked.weights))
    columns = source.columns(numbers=[one for one in (named.column, named.weights) if one])
    columns.within([named.column], *scale)
    columns.whole([named.column])
    columns.answered([named.column])
    if named.weights:
        columns.complete([named.weights])
        columns.not_below_zero([named.weights])
    return named, columns


def _meant(source: Source, weights: str) -> str:
    """The only column, or the only one called as such columns mostly are."""
    possible = [header for header in source.headers if header and header != weights]
    usual = [header for header in possible if header.lower() in USUAL]
    for found in (possible, usual):
        if len(found) == 1:
            return found[0]
    raise Problem(
        _("{file} has several columns; name one with --column: {columns}.").format(
            file=source.path.name, columns=listed(possible)
        )
    )


def _finding(
    title: str,
    asked: Asked,
    found: scores.Score,
    said: list[str],
    tables: list[Table],
    interval: str,
    limits: list[str],
    kind: Kind,
    marked: frozenset[int],
) -> Finding:
    score = Table(
        title,
        [
            Column(_("Score"), kind),
            Column(_("Lower end"), kind),
            Column(_("Upper end"), kind),
            Column(_("Standard error"), kind),
            Column(_("Number of answers"), "count"),
        ],
        [[found.estimate, found.low, found.high, found.standard_error, found.n]],
    )
    spread = Table(
        _("How the answers spread"),
        [
            Column(_("Answer given"), "count"),
            Column(_("Count"), "count"),
            Column(_("Share"), "percent"),
        ],
        [[one.value, one.count, one.share] for one in found.distribution],
    )
    chart = Bars(
        _("How the answers spread"),
        listed([f"{one.value}: {shown(one.share, 'percent')}" for one in found.distribution], 60),
        [str(one.value) for one in found.distribution],
        [one.share for one in found.distribution],
        "percent",
        marked=marked,
    )
    return Finding(
        title=title,
        data=_json(asked, found),
        said=said,
        sample=sample_of(
            _("{n} answers were counted.").format(n=shown(found.n, "count")), found.excluded
        ),
        method=_method(asked, found, interval),
        limits=limits,
        tables=[score, *tables, spread],
        charts=[chart],
        notes=notes_of(found.notes),
    )


def _json(asked: Asked, found: scores.Score) -> dict[str, Any]:
    return {
        "n": found.n,
        "estimate": found.estimate,
        "ci": [found.low, found.high],
        "standard_error": found.standard_error,
        "unit": found.unit,
        "level": asked.level,
        "groups": found.groups,
        "distribution": {str(one.value): one.count for one in found.distribution},
        "shares": {str(one.value): one.share for one in found.distribution},
        "effective_n": found.effective_n,
        "excluded": found.excluded,
        "method": found.method,
        "options": found.options,
        "notes": found.notes,
    }


def _method(asked: Asked, found: scores.Score, interval: str) -> list[tuple[str, str]]:
    method = [
        (_("Column"), asked.column),
        (_("Interval"), joined(interval_of(asked.level), interval)),
    ]
    if asked.weights:
        method.append(
            (
                _("Weighted"),
                _("by column “{column}”; worth {n} equal answers").format(
                    column=asked.weights, n=shown(found.effective_n, "f1")
                ),
            )
        )
    if asked.population is not None:
        method.append(
            (_("Finite population"), _("{n} could have been asked").format(n=asked.population))
        )
    return method
