"""`zhike analyze nps` and `csat` on files."""

import pytest

from tests.cli.analyze.running import found, refused, said, table
from zhike.methods import scores

ANSWERS = [10, 9, 9, 8, 7, 6, 3, 10, 9, 10]


@pytest.fixture
def answers(tmp_path):
    rows = [(at, one, 1 + at % 2) for at, one in enumerate(ANSWERS)]
    return table(tmp_path / "answers.csv", ("id", "score", "w"), rows)


def test_nps_is_the_method_to_the_last_digit(answers):
    data = found("nps", answers, "--column", "score")
    method = scores.nps(ANSWERS)
    assert (data["n"], data["estimate"]) == (10, 40.0)
    assert data["ci"] == [method.low, method.high]
    assert data["groups"] == method.groups
    assert data["distribution"]["10"] == 3


def test_weights_and_a_finite_population_are_taken(answers):
    data = found("nps", answers, "--column", "score", "--weights", "w", "--population", 40)
    method = scores.nps(ANSWERS, weights=[1 + at % 2 for at in range(10)], population=40)
    assert (data["estimate"], data["ci"]) == (method.estimate, [method.low, method.high])
    assert data["options"]["population"] == 40


def test_wilson_of_csat_is_newcombes(tmp_path):
    path = table(tmp_path / "csat.csv", ("answer",), [(5,)] * 81 + [(2,)] * 182)
    data = found("csat", path)
    assert [round(end, 4) for end in data["ci"]] == [0.2553, 0.3662]
    path = table(tmp_path / "csat.csv", ("answer",), [(1,)] * 20)
    assert [round(end, 4) for end in found("csat", path)["ci"]] == [0, 0.1611]


def test_a_column_alone_needs_no_name_and_empty_cells_are_counted(tmp_path):
    path = table(tmp_path / "one.csv", ("满意度", ""), [(5, ""), ("NA", ""), (4, "x"), (1, "")])
    data = found("csat", path)
    assert (data["n"], data["excluded"]["missing"]) == (3, 1)
    assert "Left out: rows with a missing value: 1." in said("csat", path)


def test_several_columns_need_a_choice(tmp_path):
    path = table(tmp_path / "two.csv", ("id", "q1", "q2"), [(1, 9, 9), (2, 10, 0)])
    assert refused("nps", path) == (
        "two.csv has several columns; name one with --column: id, q1, q2."
    )


def test_a_column_of_the_usual_name_is_taken_and_told(answers, tmp_path):
    assert found("nps", answers) == found("nps", answers, "--column", "score")
    assert "Column  score" in said("nps", answers)
    path = table(tmp_path / "two.csv", ("NPS", "score"), [(9, 9), (10, 0)])
    assert "name one with --column: NPS, score." in refused("nps", path)


@pytest.mark.parametrize(
    ("command", "cell", "options", "sentence"),
    [
        ("nps", "11", (), "row 3, column “a”: 11 lies outside of the scale from 0 to 10."),
        ("nps", "7.5", (), "row 3, column “a”: 7.5 is no point of the scale"),
        ("nps", "good", (), "row 3, column “a”: “good” is no number."),
        ("csat", "6", (), "row 3, column “a”: 6 lies outside of the scale from 1 to 5."),
        ("csat", "5", ("--scale", "5-1"), "--scale is “5-1”; write its lowest and highest"),
        ("csat", "5", ("--scale", "1-2.5"), "--scale needs whole numbers, not 1-2.5."),
        ("csat", "5", ("--top", "5"), "--top must lie between 1 and 4, not 5."),
        ("csat", "5", ("--population", "1"), "--population must be at least 2"),
        ("csat", "5", ("--level", "95"), "--level must lie between 0 and 1, not 95."),
        ("nps", "5", ("--interval", "x"), "--interval is “x”; possible are variance, wilson."),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path, command, cell, options, sentence):
    path = table(tmp_path / "a.csv", ("a",), [(4,), (cell,)])
    assert sentence in refused(command, path, *options)


def test_nothing_answered_is_no_score(tmp_path):
    path = table(tmp_path / "a.csv", ("a", ""), [("", "x"), ("NA", "x")])
    assert refused("nps", path) == "Column “a” is empty: nobody answered it."


@pytest.mark.parametrize(
    ("weight", "sentence"),
    [
        ("", "a.csv, row 3, column “w” is empty."),
        ("-2", "a.csv, row 3, column “w”: -2 is below 0."),
    ],
)
def test_a_weight_that_is_none_is_told_by_row_and_column(tmp_path, weight, sentence):
    path = table(tmp_path / "a.csv", ("a", "w"), [(4, 1), (5, weight)])
    assert refused("nps", path, "--column", "a", "--weights", "w") == sentence
