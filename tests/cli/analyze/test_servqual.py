"""`zhike analyze servqual`: names of the JSON, points, and pairs that lack a side."""

import numpy as np
import pytest

from tests.cli.analyze.running import found, refused, said, table
from zhike.methods.servqual import DIMENSIONS, servqual

HEADERS = [f"E{at}" for at in range(1, 23)] + [f"P{at}" for at in range(1, 23)]
POINTS = [f"pts_{name}" for name in DIMENSIONS]


def people() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.Generator(np.random.PCG64(9))
    wanted = draw.integers(4, 8, size=(30, 22)).astype(float)
    seen = draw.integers(2, 7, size=(30, 22)).astype(float)
    points = np.tile([10.0, 30, 25, 20, 15], (30, 1))
    points[::2] = [40, 15, 15, 15, 15]
    return wanted, seen, points


@pytest.fixture
def data(tmp_path):
    # The order of columns in the file says nothing; their names do.
    wanted, seen, points = people()
    rows = np.column_stack([points, wanted, seen]).astype(int).tolist()
    return table(tmp_path / "sq.csv", (*POINTS, *HEADERS), rows)


def test_json_is_the_method_to_the_last_digit(data):
    wanted, seen, points = people()
    method = servqual(wanted, seen, points=points)
    found_data = found("servqual", data)
    assert found_data["n"] == 30
    assert list(found_data["items"]) == [str(at) for at in range(1, 23)]
    for name, item in method.items.items():
        shown = {key: getattr(item, key) for key in ("expectation", "perception", "gap", "sd", "t")}
        assert shown.items() <= found_data["items"][name].items()
    assert list(found_data["dimensions"]) == list(DIMENSIONS)
    for name, one in method.dimensions.items():
        assert found_data["dimensions"][name] == {
            key: getattr(one, key)
            for key in ("expectation", "perception", "gap", "alpha_expectation",
                        "alpha_perception", "alpha_gap", "points")
        }  # fmt: skip
    assert found_data["overall"] == {
        "unweighted": method.overall.unweighted,
        "weighted_individual": method.overall.weighted_individual,
        "weighted_mean_points": method.overall.weighted_mean_points,
    }


def test_points_are_optional(tmp_path):
    wanted, seen, _points = people()
    rows = np.column_stack([wanted, seen]).astype(int).tolist()
    path = table(tmp_path / "sq.csv", HEADERS, rows)
    data = found("servqual", path)
    assert data["overall"]["weighted_individual"] is None
    assert data["dimensions"]["empathy"]["points"] is None
    assert "Weighted by" not in said("servqual", path)


def changed(row: int, column: str, value: object) -> list[list[object]]:
    rows = np.column_stack(people()[:2]).astype(int).tolist()
    rows[row][HEADERS.index(column)] = value
    return rows


def test_pairs_that_lack_a_side_are_counted(tmp_path):
    path = table(tmp_path / "sq.csv", HEADERS, changed(2, "P7", ""))
    data = found("servqual", path)
    assert (data["items"]["7"]["n"], data["items"]["7"]["missing"]) == (29, 1)
    assert found("servqual", path, "--missing", "listwise")["n"] == 29


@pytest.mark.parametrize(
    ("rows", "headers", "options", "sentence"),
    [
        (
            changed(2, "P7", 8),
            HEADERS,
            (),
            "row 4, column “P7”: 8 lies outside of the scale from 1 to 7",
        ),
        (changed(2, "P7", "ok"), HEADERS, (), "row 4, column “P7”: “ok” is no number."),
        (changed(0, "E1", 1), [*HEADERS[:-1], "p22"], (), "sq.csv has no column “P22”."),
        (changed(0, "E1", 1), [*HEADERS[:-1], "E1"], (), "columns 1 and 44 are both called “E1”"),
        (
            changed(0, "E1", 1)[:1],
            HEADERS,
            (),
            "Persons who answered both E1 and P1: 1; at least 2",
        ),
        (changed(0, "E1", 1), HEADERS, ("--missing", "x"), "--missing is “x”; possible are pairs"),
    ],
)
def test_what_cannot_be_is_told_by_row_and_column(tmp_path, rows, headers, options, sentence):
    path = table(tmp_path / "sq.csv", headers, rows)
    assert sentence in refused("servqual", path, *options)


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        (
            (10, 30, 25, 20, 14),
            "The points of row 3 sum to 99 instead of 100; --points-rule rescale",
        ),
        ((10, 30, 25, 20, ""), "Row 3 gives points to some dimensions only"),
        ((0, 0, 0, 0, 0), "Row 3 shares out no points."),
        ((120, -20, 0, 0, 0), "row 3, column “pts_reliability”: -20 is below 0."),
    ],
)
def test_points_that_cannot_be_are_told_by_the_row_of_the_file(tmp_path, points, sentence):
    wanted, seen, _points = people()
    rows = np.column_stack([wanted, seen]).astype(int).tolist()
    given = [(20, 20, 20, 20, 20), points, *[(20, 20, 20, 20, 20)] * 28]
    path = table(
        tmp_path / "sq.csv",
        (*HEADERS, *POINTS),
        [(*row, *own) for row, own in zip(rows, given, strict=True)],
    )
    assert sentence in refused("servqual", path)
    if sum(one or 0 for one in points) == 99:
        assert found("servqual", path, "--points-rule", "rescale")["n"] == 30


def test_four_columns_of_points_are_not_enough(tmp_path):
    rows = [(*row, 25, 25, 25, 25) for row in changed(0, "E1", 1)]
    path = table(tmp_path / "sq.csv", (*HEADERS, *POINTS[:4]), rows)
    assert "sq.csv has no column “pts_empathy”." in refused("servqual", path)
    table(path, (*HEADERS, *POINTS[:3], "pts_kindness"), rows)
    assert "column “pts_kindness” is no dimension" in refused("servqual", path)
