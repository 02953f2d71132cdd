"""An index as a workbook: what went in, dimensions, items, components."""

import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _

from zhike.core.exporter.writers import escaped, safe_sheet_name
from zhike.satisfaction.group_report import GroupReport
from zhike.satisfaction.model_report import ModelReport
from zhike.satisfaction.report import Report
from zhike.satisfaction.rival_report import RivalReport
from zhike.satisfaction.templating import quadrant_word

Sheet = tuple[str, list[str], Iterable[Sequence[Any]]]

# How figures are shown; the cell keeps them in full. Shares by the titles of their columns.
PLAIN, SHARE = "0.00", "0.0%"
NARROWEST, WIDEST = 10, 60


def write_report(report: Report) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by the response)
    book = xlsxwriter.Workbook(
        file,
        {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    head = book.add_format({"bold": True, "bg_color": "#eef6f6", "border": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    formats = {one: book.add_format({"num_format": one, "valign": "top"}) for one in (PLAIN, SHARE)}
    whole = book.add_format({"num_format": "#,##0", "valign": "top"})
    shares = _share_titles(report)
    for name, titles, rows in _sheets(report):
        sheet = book.add_worksheet(safe_sheet_name(name))
        sheet.freeze_panes(1, 0)
        columns = list(zip(*rows, strict=True)) or [()] * len(titles)
        for place, (title, column) in enumerate(zip(titles, columns, strict=True)):
            sheet.set_column(place, place, _width([title, *column]))
            sheet.write_string(0, place, title, head)
            shown = formats[SHARE if title in shares else PLAIN]
            for line, value in enumerate(column, 1):
                if isinstance(value, int | float):
                    sheet.write_number(
                        line, place, value, whole if isinstance(value, int) else shown
                    )
                elif value is not None:
                    sheet.write_string(line, place, escaped(str(value)), wrapped)
    book.close()
    file.seek(0)
    return file


def _share_titles(report: Report) -> frozenset[str]:
    """Of columns told in per cent. What a path model says of an item is an effect, not a share."""
    titles = {_("Explained"), _("Share"), _("Together"), _("Share of its dimension")}
    return frozenset(titles if report.model else titles | {_("Weight")})


def _width(cells: Iterable[Any]) -> int:
    """Chinese takes two places; a figure is shown with two decimals."""
    longest = max(
        sum(2 if ord(letter) > 0x2E7F else 1 for letter in cell) if isinstance(cell, str) else 8
        for cell in cells
    )
    return min(WIDEST, max(NARROWEST, longest + 2))


def _sheets(report: Report) -> Iterable[Sheet]:
    yield _index(report)
    yield (
        _("Dimensions"),
        [
            _("Dimension"),
            _("Effect on the index") if report.model else _("Weight"),
            _("Index, 0 to 100"),
            _("Interval (95%), low end"),
            _("Interval (95%), high end"),
        ],
        [
            (one["title"], one["weight"], one["index"], one["low"], one["high"])
            for one in report.result["dimensions"]
        ],
    )
    yield _items(report)
    if report.result["pca"]:
        yield from _components(report)
    if report.model is not None:
        yield from _model(report.model)
    if report.rivals is not None:
        yield _rivals(report.rivals)
    if report.groups is not None:
        yield _groups(report.groups)


def _index(report: Report) -> Sheet:
    run, result = report.run, report.result
    return (
        _("Index"),
        [_("Figure"), _("Value")],
        [
            (_("Indicator system"), run.system.title),
            (_("Index, 0 to 100"), result["index"]),
            (_("Interval (95%), low end"), result["low"]),
            (_("Interval (95%), high end"), result["high"]),
            (_("Answers used"), result["n"]),
            (_("Answers with an item left out, not counted"), result["excluded"]),
            (_("Weights"), run.get_weighing_display()),
            (_("Method"), run.method),
            (_("Digest of the answers"), run.digest),
            *((_("What it says"), sentence) for sentence in report.sentences),
            *((_("What to mind"), sentence) for sentence in report.limits),
        ],
    )


def _items(report: Report) -> Sheet:
    names = {one["key"]: one["title"] for one in report.result["dimensions"]}
    return (
        _("Indicators"),
        [
            _("Indicator"),
            _("Dimension"),
            _("Mean"),
            _("Of"),
            _("Index, 0 to 100"),
            _("Effect on the index") if report.model else _("Weight"),
            _("Advice"),
        ],
        [
            (
                item["title"],
                names[item["dimension"]],
                item["mean"],
                item["high"],
                item["index"],
                item["weight"],
                quadrant_word(item["quadrant"]) if item["quadrant"] else None,
            )
            for item in report.result["items"]
        ],
    )


def _components(report: Report) -> Iterable[Sheet]:
    pca = report.result["pca"]
    yield (
        _("Loadings"),
        [
            _("Indicator"),
            *(str(place) for place in range(1, pca["components"] + 1)),
            _("Explained"),
        ],
        [(title, *row, explained) for title, row, explained in report.loadings],
    )
    yield (
        _("Total variance"),
        [_("Component"), _("Eigenvalue"), _("Share"), _("Together")],
        [(place, *row) for place, row in enumerate(pca["variance"], 1)],
    )


def _model(model: ModelReport) -> Iterable[Sheet]:
    heads = [_("Strength"), _("Interval (95%), low end"), _("Interval (95%), high end")]
    for name, lines in ((_("Paths"), model.paths), (_("Total effects"), model.effects)):
        yield (
            name,
            [_("From"), _("To"), *heads],
            [(one.start, one.end, one.estimate, one.low, one.high) for one in lines],
        )
    yield (
        _("Loadings"),
        [_("Indicator"), _("Dimension"), _("Loading"), _("Share of its dimension")],
        [
            (item["title"], block.title, item["loading"], item["share"])
            for block in model.blocks
            for item in block.items
        ],
    )
    yield (
        _("Reliability"),
        [_("Dimension"), _("R²"), _("alpha"), _("composite"), _("AVE")],
        [(one.title, one.r2, one.alpha, one.rho_c, one.ave) for one in model.blocks],
    )


def _rivals(rivals: RivalReport) -> Sheet:
    return (
        _("We and the rival"),
        [
            _("Indicator"), _("Rival"), _("Answers used"), _("Ours"), _("Theirs"), _("Difference"),
            _("Interval (95%), low end"), _("Interval (95%), high end"),
        ],
        [
            (o["title"], o["rival"], o["n"], o["us"], o["them"], o["difference"], o["low"], o["high"])
            for o in rivals.rows
            if o["n"] is not None
        ],
    )  # fmt: skip


def _groups(groups: GroupReport) -> Sheet:
    return (
        _("Side by side"),
        [
            _("Group"),
            _("Answers used"),
            _("Index, 0 to 100"),
            _("Interval (95%), low end"),
            _("Interval (95%), high end"),
            _("Since the one before") if groups.is_in_time else _("Beside all others"),
            _("Difference, low end"),
            _("Difference, high end"),
            *(title for title, _values in groups.dimensions),
        ],
        [
            (
                one["title"],
                one["n"],
                one["index"],
                one["low"],
                one["high"],
                *((d["value"], d["low"], d["high"]) if (d := one["difference"]) else (None,) * 3),
                *(values[place] for _title, values in groups.dimensions),
            )
            for place, one in enumerate(groups.told)
        ],
    )
