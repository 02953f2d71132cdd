"""`zhike analyze spc`: Montgomery's cans from a file."""

import pytest

from tests.cli.analyze.running import found, refused, said, table
from tests.methods.known import CANS
from zhike.methods.control import control_chart


@pytest.fixture
def cans(tmp_path):
    rows = [(f"day {at}", x, 50) for at, x in enumerate(CANS, 1)]
    return table(tmp_path / "cans.csv", ("sample", "x", "size"), rows)


def test_the_published_chart(cans):
    data = found("spc", cans, "--chart", "p", "--rules", "western")
    assert data["center"] == pytest.approx(0.2313, abs=5e-5)
    assert {round(one, 4) for one in data["lcl"]} == {0.0524}
    assert {round(one, 4) for one in data["ucl"]} == {0.4102}
    assert data["flagged"]["1"] == [15, 23]
    assert list(data["flagged"]) == ["1", "2", "3", "4"]


def test_revised_limits_leave_known_points_out(cans):
    data = found("spc", cans, "--without", "15,23")
    assert round(data["center"], 4) == 0.2150
    assert (round(data["lcl"][0], 4), round(data["ucl"][0], 4)) == (0.0407, 0.3893)


def test_a_given_center_and_nelson(cans):
    data = found("spc", cans, "--rules", "nelson", "--center", 0.2150)
    assert (data["center"], data["center_given"]) == (0.2150, True)
    assert list(data["flagged"]) == [str(at) for at in range(1, 9)]
    chart = control_chart(CANS, [50] * 30, kind="p", rules="nelson", center=0.2150)
    assert data["flagged"] == {name: list(points) for name, points in chart.flagged.items()}
    assert data["ucl"] == chart.ucl.tolist()


@pytest.mark.parametrize("kind", ["p", "np", "c", "u", "g"])
def test_every_chart_is_the_method_to_the_last_digit(cans, kind):
    data = found("spc", cans, "--chart", kind)
    size = [50] * 30 if kind in ("p", "np", "u") else None
    chart = control_chart(CANS, size, kind=kind)
    assert (data["center"], data["lcl"]) == (chart.center, chart.lcl.tolist())
    assert bool(data["notes"]) == (kind in ("c", "g"))


def test_samples_are_told_by_their_names(cans):
    assert "Flagged: day 15, day 22, day 23, day 24 (4 of 30 points)." in said("spc", cans)


@pytest.mark.parametrize(
    ("rows", "options", "sentence"),
    [
        ([(1, 3, 50), (2, 60, 50)], (), "Row 3, column “x”: 60 is more than its size."),
        ([(1, 3, 50), (2, -1, 50)], (), "Row 3, column “x”: -1 is below 0."),
        ([(1, 3, 50), (2, 2.5, 50)], (), "Row 3, column “x”: 2.5 is no whole number."),
        ([(1, 3, 50), (2, "", 50)], (), "Row 3, column “x” is empty"),
        ([(1, 3, 50), (2, 4, 0)], (), "Row 3, column “size”: 0 is not above 0."),
        ([(1, 3, 50), (2, 4, 40)], ("--chart", "np"), "Row 3, column “size”: 40 is unlike"),
        ([(1, 0, 50), (2, 0, 50)], (), "The centre is 0; a chart has limits only where"),
        ([(1, 3, 50)], (), "Column “x” needs at least 2 values; it has 1."),
        ([(1, 3, 50), (2, 4, 50)], ("--chart", "x"), "--chart is “x”; possible are p, np"),
        ([(1, 3, 50), (2, 4, 50)], ("--rules", "x"), "--rules is “x”; possible are western"),
        ([(1, 3, 50), (2, 4, 50)], ("--without", "7"), "--without names 7, which is no position"),
        ([(1, 3, 50), (2, 4, 50)], ("--without", "a"), "--without is “a”; write positions"),
        ([(1, 3, 50), (2, 4, 50)], ("--center", "nan"), "--center must be a number."),
    ],
)
def test_what_cannot_be_is_told_by_row_and_column(tmp_path, rows, options, sentence):
    path = table(tmp_path / "x.csv", ("sample", "x", "size"), rows)
    assert sentence in refused("spc", path, *options)


def test_a_column_that_lacks_is_named(tmp_path):
    path = table(tmp_path / "x.csv", ("sample", "x"), [(1, 3), (2, 4)])
    assert refused("spc", path) == "x.csv has no column “size”. Its columns: sample, x."
