"""`zhike analyze weights`: Saaty's leader from a matrix with fractions, components, entropy."""

import numpy as np
import pytest

from tests.cli.analyze.running import found, refused, said, table
from zhike.methods.ahp import ahp_weights
from zhike.methods.entropy import entropy_weights
from zhike.methods.weights_pca import pca_weights

LEADER = ["experience", "education", "charisma", "age"]
JUDGED = [
    ("1", "4", "3", "7"), ("1/4", "1", "1/3", "3"), ("1/3", "3", "1", "5"),
    ("1/7", "1/3", "1/5", "1"),
]  # fmt: skip
EXACT: list[list[float]] = [
    [1, 4, 3, 7],
    [1 / 4, 1, 1 / 3, 3],
    [1 / 3, 3, 1, 5],
    [1 / 7, 1 / 3, 1 / 5, 1],
]


def test_the_textbook_leader(tmp_path):
    path = table(tmp_path / "leader.csv", LEADER, JUDGED)
    data = found("weights", "--method", "ahp", path)
    method = ahp_weights(EXACT, LEADER)
    assert list(data["weights"].values()) == pytest.approx([0.547, 0.127, 0.270, 0.056], abs=1e-3)
    assert data["weights"] == method.weights
    assert data["lambda_max"] == method.details.lambda_max
    assert (data["ci"], data["cr"]) == (method.details.ci, method.details.cr)
    assert data["consistent"] is True


def test_names_may_stand_before_the_rows(tmp_path):
    rows = [(name, *row) for name, row in zip(LEADER, JUDGED, strict=True)]
    path = table(tmp_path / "leader.csv", ("", *LEADER), rows)
    assert (
        found("weights", "--method", "ahp", path)["weights"] == ahp_weights(EXACT, LEADER).weights
    )
    rows[1] = ("age", *JUDGED[1])
    table(path, ("item", *LEADER), rows)
    sentence = refused("weights", "--method", "ahp", path)
    assert sentence == "leader.csv, row 3: “age” stands where “education” is expected."


def test_judges_stand_one_below_the_other(tmp_path):
    path = table(tmp_path / "two.csv", ("a", "b"), [(1, 3), ("1/3", 1), (1, 5), ("1/5", 1)])
    data = found("weights", "--method", "ahp", path)
    assert data["n"] == 2
    assert data["weights"]["a"] == pytest.approx(np.sqrt(15) / (1 + np.sqrt(15)))


def test_contradictions_are_told_and_where_to_look(tmp_path):
    rows = [(1, 9, "1/9"), ("1/9", 1, 9), (9, "1/9", 1)]
    path = table(tmp_path / "odd.csv", ("a", "b", "c"), rows)
    assert found("weights", "--method", "ahp", path)["consistent"] is False
    text = said("weights", "--method", "ahp", path)
    assert "The judgements contradict each other" in text
    assert "Look first at" in text


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([(1, 3), (1, 1)], "“a” against “b” is 3, but the other way round 1 instead of 0.333333."),
        ([(2, 3), ("1/3", 1)], "“a” compared with itself is 2, not 1."),
        ([(1, ""), ("1/3", 1)], "“a” and “b” are not compared."),
        ([(1, -3), (3, 1)], "“a” against “b” is -3 and 3; judgements must be above 0."),
        ([(1, 20), ("1/20", 1)], "“a” and “b” are 20 times apart, beyond the scale of 9."),
        ([(1, "1/0"), (3, 1)], "row 2, column “b”: “1/0” is no number."),
        ([(1, 3)], "compares 2 items, so it needs 2 rows"),
        ([(1, 3), ("1/3", 1), (1, 3), (1, 1)], "Judge 2: “a” against “b” is 3, but the other way"),
    ],
)
def test_a_matrix_that_cannot_be_is_one_sentence(tmp_path, rows, sentence):
    path = table(tmp_path / "m.csv", ("a", "b"), rows)
    assert sentence in refused("weights", "--method", "ahp", path)


def test_components_are_the_method_to_the_last_digit(tmp_path):
    draw = np.random.Generator(np.random.PCG64(2))
    one, other = draw.normal(size=(2, 80))
    answers = np.column_stack([one, one, other, other]) + 0.5 * draw.normal(size=(80, 4))
    names = ["a", "b", "c", "d"]
    path = table(
        tmp_path / "d.csv",
        ("who", *names),
        [(f"p{n}", *row) for n, row in enumerate(answers.tolist())],
    )
    data = found("weights", "--method", "pca", path)
    method = pca_weights(answers, names)
    assert data["weights"] == method.weights
    assert data["components"] == 2
    assert data["eigenvalues"] == [row.eigenvalue for row in method.details.variance]
    assert data["rotated_loadings"]["a"] == list(method.details.rotated_loadings["a"])
    few = found("weights", "--method", "pca", path, "--columns", "a,c", "--components", 1)
    assert set(few["weights"]) == {"a", "c"}


def test_entropy_is_the_method_to_the_last_digit(tmp_path):
    figures = [[80, 3], [90, 5], [70, 4], [100, 20]]
    rows = [(f"unit {n}", *row) for n, row in enumerate(figures)]
    path = table(tmp_path / "units.csv", ("unit", "answered", "waiting"), rows, delimiter=";")
    data = found("weights", "--method", "entropy", path, "--costs", "waiting")
    method = entropy_weights(figures, ["answered", "waiting"], costs=["waiting"])
    assert data["weights"] == method.weights
    assert data["entropy"] == method.details.entropy
    assert data["options"]["normalisation"] == "min-max"


@pytest.mark.parametrize(
    ("method", "rows", "options", "sentence"),
    [
        ("pca", [(1, 2), (2, 2), (3, 2), (4, 2)], (), "Column “b” is the same in all rows"),
        ("pca", [(1, 2), (2, 4), (3, 6), (4, 8)], (), "Column “b” says exactly what “a” says"),
        ("pca", [(1, 2), (2, 1)], (), "2 columns need more rows than columns; 2 are answered"),
        ("entropy", [(1, 2), (2, 2), (3, 2)], (), "Column “b” is the same in all rows"),
        ("entropy", [(1, 2), (2, 1)], (), "Entropy needs at least 3 complete rows; there are 2."),
        ("entropy", [(1, 2), (2, 1), (4, 4)], ("--costs", "x"), "--costs names “x”"),
        ("entropy", [(1, 2), (2, 1), (-4, 4)], ("--normalisation", "sum"), "Row 4, column “a”: -4"),
        ("kano", [(1, 2), (2, 1)], (), "--method is “kano”; possible are pca, entropy, ahp."),
        ("pca", [(1, 2), (2, 1)], ("--columns", "a,x"), "d.csv has no column “x”."),
        ("pca", [(1, 2), (2, 1)], ("--columns", "a,a"), "“a” is named twice."),
    ],
)
def test_figures_that_cannot_be_are_one_sentence(tmp_path, method, rows, options, sentence):
    path = table(tmp_path / "d.csv", ("a", "b"), rows)
    assert sentence in refused("weights", "--method", method, path, *options)
