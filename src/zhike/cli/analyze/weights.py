"""`zhike analyze weights`: what each item counts, by components, entropy or judgements in pairs."""

import re
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from zhike.cli.analyze.durations import choice
from zhike.cli.analyze.figures import listed
from zhike.cli.analyze.files import Columns, Source
from zhike.cli.analyze.findings import Cell, Column, Finding, Table
from zhike.cli.analyze.method_words import rows_of
from zhike.cli.analyze.problems import Problem
from zhike.cli.analyze.wording import sample_of
from zhike.cli.texts import gettext as _
from zhike.core.drawing.figures import shown
from zhike.core.drawing.kinds import Bars
from zhike.methods.ahp import AhpDetails, ahp_weights
from zhike.methods.entropy import EntropyDetails, entropy_weights
from zhike.methods.weights import Weights
from zhike.methods.weights_pca import PcaDetails, pca_weights

NORMALISATIONS = {"min-max": "min-max", "shifted": "shifted min-max", "sum": "sum"}
_FRACTION = re.compile(r"\s*(\d+)\s*[/／:]\s*(\d+)\s*")


@dataclass(frozen=True)
class Asked:
    data: Path
    sheet: str
    columns: str
    components: int | None
    normalisation: str
    costs: str
    priorities: str


def analyse_weights(method: str, asked: Asked) -> Finding:
    kind = choice("--method", method, {name: name for name in ("pca", "entropy", "ahp")})
    return {"pca": _by_components, "entropy": _by_entropy, "ahp": _by_pairs}[kind](asked)


def _by_components(asked: Asked) -> Finding:
    names, columns = _read(asked)
    with rows_of(columns):
        found = pca_weights(columns.matrix(names), names, components=asked.components)
    details = found.details
    loadings = Table(
        _("Rotated loadings"),
        [
            Column(_("Item")),
            *(
                Column(_("Component {n}").format(n=at + 1), "f3")
                for at in range(details.components)
            ),
            Column(_("Communality"), "f3"),
        ],
        [
            [item, *details.rotated_loadings[item], details.communalities[item]]
            for item in found.weights
        ],
    )
    method = [
        (_("Method"), _("principal components of the correlations, varimax")),
        (
            _("Components"),
            _("{n}, those with an eigenvalue above 1").format(n=details.components)
            if asked.components is None
            else _("{n}, as asked for").format(n=details.components),
        ),
        (
            _("Weight"),
            _("sum of absolute rotated loadings, each times its component's share of variance"),
        ),
    ]
    limits = _(
        "An item counts more when it goes together with the others; whether it matters to "
        "customers is another question."
    )
    return _finding(
        found, _more_of_components(details), [_variance(details), loadings], method, limits
    )


def _more_of_components(details: PcaDetails) -> dict[str, Any]:
    return {
        "components": details.components,
        "eigenvalues": [row.eigenvalue for row in details.variance],
        "variance": [asdict(row) for row in details.variance],
        "rotated_variance": [asdict(row) for row in details.rotated_variance],
        "loadings": details.loadings,
        "rotated_loadings": details.rotated_loadings,
        "communalities": details.communalities,
    }


def _variance(details: PcaDetails) -> Table:
    rows: list[list[Cell]] = []
    for at, row in enumerate(details.variance):
        turned = details.rotated_variance[at] if at < details.components else None
        rows.append(
            [
                row.component,
                row.eigenvalue,
                row.share,
                row.cumulative,
                turned.eigenvalue if turned else None,
                turned.share if turned else None,
                turned.cumulative if turned else None,
            ]
        )
    return Table(
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
        rows,
    )


def _by_entropy(asked: Asked) -> Finding:
    names, columns = _read(asked)
    costs = _names(asked.costs)
    kind: Any = choice("--normalisation", asked.normalisation, NORMALISATIONS)
    with rows_of(columns):
        found = entropy_weights(columns.matrix(names), names, costs=costs, normalisation=kind)
    details: EntropyDetails = found.details
    table = Table(
        _("Entropy"),
        [Column(_("Item")), Column(_("Entropy"), "f4"), Column(_("Divergence"), "f4")],
        [[item, details.entropy[item], details.divergence[item]] for item in found.weights],
    )
    method = [
        (_("Method"), _("entropy")),
        (_("Normalisation"), kind),
        (_("Less is better"), listed(costs) or _("none")),
    ]
    limits = _(
        "An item counts more where the rows differ more; an item that is alike everywhere counts "
        "little, however much it matters to customers."
    )
    return _finding(found, asdict(details), [table], method, limits)


def _by_pairs(asked: Asked) -> Finding:
    priorities: Any = choice(
        "--priorities",
        asked.priorities,
        {"eigenvector": "eigenvector", "geometric": "geometric mean"},
    )
    names, columns = _read(asked, number=_fraction)
    size = len(names)
    if columns.count % size:
        raise Problem(
            _(
                "{file} compares {items} items, so it needs {items} rows, or as many again for "
                "each further judge; it has {rows}."
            ).format(file=columns.file, items=size, rows=columns.count)
        )
    for column in columns.texts.values():
        for at, name in enumerate(column):
            if name.strip() != names[at % size]:
                raise Problem(
                    _("{file}, row {row}: “{found}” stands where “{wanted}” is expected.").format(
                        file=columns.file,
                        row=int(columns.rows[at]),
                        found=name.strip(),
                        wanted=names[at % size],
                    )
                )
    judges = columns.matrix(names).reshape(-1, size, size)
    found = ahp_weights(judges if len(judges) > 1 else judges[0], names, priorities=priorities)
    details = found.details
    method = [
        (
            _("Method"),
            _("analytic hierarchy process, {how}").format(
                how=_("principal eigenvector")
                if priorities == "eigenvector"
                else _("geometric mean of rows")
            ),
        ),
        (_("Judges"), _("{n}, joined by the geometric mean").format(n=found.n)
         if found.n > 1 else "1"),
    ]  # fmt: skip
    limits = _(
        "The weights are judgements of those who were asked; consistent means free of "
        "contradiction, not right."
    )
    return _finding(found, _more_of_pairs(details), [_consistency(details)], method, limits,
                    said=_said_of_pairs(details), notes=_notes_of_pairs(details))  # fmt: skip


def _more_of_pairs(details: AhpDetails) -> dict[str, Any]:
    return {
        "lambda_max": details.lambda_max,
        "ci": details.ci,
        "cr": details.cr,
        "consistent": details.consistent,
        "random_index": details.random_index,
        "worst": None if details.worst is None else asdict(details.worst),
        "judgements": details.judgements,
        "judges_cr": details.judges_cr,
    }


def _consistency(details: AhpDetails) -> Table:
    return Table(
        _("Consistency"),
        [
            Column("λmax", "f4"),
            Column("CI", "f4"),
            Column("RI", "f2"),
            Column("CR", "f4"),
            Column(_("Consistent")),
        ],
        [
            [
                details.lambda_max,
                details.ci,
                details.random_index,
                details.cr,
                _("yes") if details.consistent else _("no"),
            ]
        ],
    )


def _said_of_pairs(details: AhpDetails) -> str:
    ratio = shown(details.cr, "f3")
    if details.consistent:
        return _("The judgements are consistent (CR {cr}, at most 0.10).").format(cr=ratio)
    return _("The judgements contradict each other (CR {cr}, above 0.10).").format(cr=ratio)


def _notes_of_pairs(details: AhpDetails) -> list[str]:
    if details.consistent or details.worst is None:
        return []
    worst = details.worst
    return [
        _(
            "Look first at “{first}” over “{last}”: judged {judged}, but by way of “{middle}” it "
            "follows as {implied}."
        ).format(
            first=worst.first,
            last=worst.last,
            middle=worst.middle,
            judged=shown(worst.judged, "f2"),
            implied=shown(worst.implied, "f2"),
        )
    ]


def _read(asked: Asked, number: Any = None) -> tuple[list[str], Columns]:
    """The columns of figures; a first column of names is set aside."""
    source = Source(asked.data, asked.sheet)
    chosen = _names(asked.columns)
    if chosen:
        return chosen, source.columns(numbers=chosen, number=number)
    first, named = source.headers[0], [header for header in source.headers if header]
    labels = [first] if first == "" or source.first_is_text(number) else []
    names = [header for header in named if header not in labels]
    if not names:
        raise Problem(_("{file} has no column of figures.").format(file=source.path.name))
    return names, source.columns(numbers=names, texts=labels, number=number)


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]


def _fraction(text: str) -> float | None:
    """1/3 is how people write that the other counts three times as much."""
    found = _FRACTION.fullmatch(text)
    if not found or int(found[2]) == 0:
        return None
    return float(Fraction(int(found[1]), int(found[2])))


def _finding(
    found: Weights[Any],
    more: dict[str, Any],
    tables: list[Table],
    method: list[tuple[str, str]],
    limits: str,
    said: str = "",
    notes: list[str] | None = None,
) -> Finding:
    ordered = sorted(found.weights, key=lambda item: -found.weights[item])
    weights = Table(
        _("Weights"),
        [Column(_("Item")), Column(_("Weight"), "f4")],
        [[item, found.weights[item]] for item in found.weights],
    )
    first = _("“{item}” counts most ({weight}), “{last}” least ({least}).").format(
        item=ordered[0],
        weight=shown(found.weights[ordered[0]], "f3"),
        last=ordered[-1],
        least=shown(found.weights[ordered[-1]], "f3"),
    )
    chart = Bars(
        _("Weights"),
        listed([f"{item} {shown(found.weights[item], 'f3')}" for item in ordered]),
        ordered,
        [found.weights[item] for item in ordered],
        "f3",
    )
    counted = {
        "pca": _("{n} rows were used."),
        "entropy": _("{n} rows were used."),
        "ahp": _("Number of judges: {n}."),
    }[found.method]
    return Finding(
        title=_("Weights of items"),
        data={
            "weights": found.weights,
            "method": found.method,
            "n": found.n,
            **more,
            "options": found.options,
            "excluded": found.excluded,
            "notes": notes or [],
        },
        said=[first, said] if said else [first],
        sample=sample_of(counted.format(n=shown(found.n, "count")), found.excluded),
        method=method,
        limits=[limits],
        tables=[weights, *tables],
        charts=[chart],
        notes=notes or [],
    )
