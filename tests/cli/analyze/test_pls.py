"""`zhike analyze pls`: names of the JSON, options, and what stands in the way of a model."""

import numpy as np
import pytest

from tests.cli.analyze.running import found, refused, said, table
from zhike.methods.index import model_indexes
from zhike.methods.pls import estimate, path_model, pls_options
from zhike.methods.pls_bootstrap import bootstrap
from zhike.methods.reliability import reliability_of_model

BLOCKS = {"Image": ["i1", "i2", "i3"], "Value": ["v1", "v2"], "Loyalty": ["l1", "l2"]}
PATHS = {"Image": ["Value", "Loyalty"], "Value": ["Loyalty"]}
ITEMS = [item for items in BLOCKS.values() for item in items]
MODEL = """
scale: {min: 1, max: 10}
blocks:
  Image: [i1, i2, i3]
  Value: [v1, v2]
  Loyalty: [l1, l2]
modes: {Image: A, Value: B}
paths:
  Image: [Value, Loyalty]
  Value: [Loyalty]
"""


def answers() -> np.ndarray:
    draw = np.random.Generator(np.random.PCG64(3))
    image = draw.normal(size=120)
    value = 0.6 * image + draw.normal(size=120)
    loyalty = 0.3 * image + 0.5 * value + draw.normal(size=120)
    causes = [image] * 3 + [value] * 2 + [loyalty] * 2
    raw = np.column_stack([6 + 1.2 * one + draw.normal(size=120) for one in causes])
    return np.clip(np.rint(raw), 1, 10)


@pytest.fixture
def files(tmp_path):
    model = tmp_path / "model.yaml"
    model.write_text(MODEL, encoding="utf-8")
    rows = [(at, *map(int, row)) for at, row in enumerate(answers())]
    return model, table(tmp_path / "data.csv", ("id", *ITEMS), rows)


def test_json_is_the_method_to_the_last_digit(files):
    data = found("pls", *files)
    model = path_model(BLOCKS, PATHS, {"Value": "B"})
    result = estimate(model, answers(), ITEMS)
    assert data["n"] == 120
    assert data["paths"] == {name: {"estimate": one} for name, one in result.paths.items()}
    assert data["r2"] == result.r2
    assert data["weights"] == result.weights
    assert data["loadings"] == result.loadings
    assert data["total_effects"] == result.total_effects
    index = model_indexes(result, low=1, high=10)
    assert data["index"] == {block: one.value for block, one in index.items()}
    held = reliability_of_model(result)
    assert data["htmt"] == held.htmt
    for block, one in data["reliability"].items():
        assert set(one) == {"alpha_raw", "alpha_standardized", "rho_c", "rho_a", "ave"}
        assert one["alpha_raw"] == held.blocks[block].alpha_raw
    assert data["bootstrap"] is None
    assert data["options"]["scheme"] == "path"
    assert data["options"]["modes"] == {"Image": "A", "Value": "B", "Loyalty": "A"}


def test_a_bootstrap_adds_spread_and_says_what_it_did(files):
    data = found("pls", *files, "--bootstrap", 300, "--seed", 7)
    model = path_model(BLOCKS, PATHS, {"Value": "B"})
    method = bootstrap(model, answers(), ITEMS, resamples=300, seed=7, scale=(1, 10))
    for name, one in data["paths"].items():
        spread = method.paths[name]
        assert (one["sd"], one["t"], one["ci"]) == (spread.sd, spread.t, [spread.low, spread.high])
    assert data["bootstrap"]["requested"] == 300
    assert data["bootstrap"]["converged"] == method.converged
    assert data["bootstrap"]["seed"] == 7
    assert data == found("pls", *files, "--bootstrap", 300, "--seed", 7)
    assert "Every path is told from chance." in said("pls", *files, "--bootstrap", 300)


@pytest.mark.parametrize("scheme", ["path", "factorial", "centroid"])
@pytest.mark.parametrize("items", ["standardised", "centered"])
def test_options_reach_the_method(files, scheme, items):
    data = found("pls", *files, "--scheme", scheme, "--items", items)
    scaling = {"standardised": "standardized", "centered": "centered"}[items]
    options = pls_options(scheme=scheme, scaling=scaling)
    result = estimate(path_model(BLOCKS, PATHS, {"Value": "B"}), answers(), ITEMS, options=options)
    assert data["weights"] == result.weights
    assert data["options"]["scaling"] == scaling


def test_plsc_is_a_switch(files):
    model, data = files
    model.write_text(MODEL.replace(", Value: B", ""), encoding="utf-8")
    found_data = found("pls", model, data, "--plsc")
    assert found_data["options"]["consistent"] is True
    result = estimate(
        path_model(BLOCKS, PATHS), answers(), ITEMS, options=pls_options(consistent=True)
    )
    assert found_data["paths"]["Image->Value"]["estimate"] == result.paths["Image->Value"]


def test_without_a_scale_there_is_no_index_and_a_note(files):
    model, data = files
    model.write_text(MODEL.replace("scale: {min: 1, max: 10}", ""), encoding="utf-8")
    assert found("pls", model, data)["index"] == {}
    assert "No index: model.yaml names no scale." in said("pls", model, data)


def test_missing_answers_are_counted(files, tmp_path):
    model, _data = files
    rows: list[list[object]] = [[*map(int, row)] for row in answers()]
    rows[4][1] = ""
    path = table(tmp_path / "gaps.csv", ITEMS, rows)
    assert found("pls", model, path)["replaced"] == {"i2": 1}
    left = found("pls", model, path, "--missing", "listwise")
    assert (left["n"], left["excluded"]) == (119, {"an answer is missing": 1})
    assert "replaced by the mean of their column: 1" in said("pls", model, path)


def test_reliability_that_fails_leaves_the_paths_standing(tmp_path):
    """Items that run against each other have no HTMT worth the name; the note says so."""
    draw = np.random.Generator(np.random.PCG64(5))
    one = draw.normal(size=60)
    rows = np.column_stack([one, -one + 1e-9 * draw.normal(size=60), one + draw.normal(size=60)])
    model = tmp_path / "m.yaml"
    model.write_text("blocks: {A: [a, b], B: [c]}\npaths: {A: [B]}\n", encoding="utf-8")
    path = table(tmp_path / "d.csv", ("a", "b", "c"), rows.tolist())
    data = found("pls", model, path)
    assert data["reliability"] == {}
    assert any(note.startswith("No reliability: ") for note in data["notes"])
    assert set(data["paths"]) == {"A->B"}


def changed(row: int, column: str, value: object) -> list[list[object]]:
    rows: list[list[object]] = [[*map(int, one)] for one in answers()]
    rows[row][ITEMS.index(column)] = value
    return rows


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (
            changed(3, "v2", 11),
            "d.csv, row 5, column “v2”: 11 lies outside of the scale from 1 to 10.",
        ),
        (changed(0, "l1", "x"), "d.csv, row 2, column “l1”: “x” is no number."),
        (changed(0, "l1", "inf"), "d.csv, row 2, column “l1”: “inf” is no number."),
        (
            [[*map(int, one[:-1]), 5] for one in answers()],
            "Column “l2” is constant: every answer is 5",
        ),
        (
            [[*map(int, one[:-1]), ""] for one in answers()],
            "Column “l2” is empty: nobody answered it.",
        ),
        ([[*map(int, one)] for one in answers()[:8]], "7 items need at least 9 rows of answers; 8"),
    ],
)
def test_bad_answers_are_told_by_row_and_column(files, tmp_path, rows, sentence):
    path = table(tmp_path / "d.csv", ITEMS, rows)
    assert sentence in refused("pls", files[0], path)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "  Value: [Loyalty]",
            "  Value: [Loyalty]\n  Loyalty: [Image]",
            "The paths run in a circle: ",
        ),
        ("  Value: [Loyalty]", "  Value: [Joy]", "Under “paths” stands “Joy”, which is no block."),
        ("  Value: [Loyalty]", "  Value: [Loyalty, Loyalty]", "Value → Loyalty is stated twice."),
        ("[l1, l2]", "[l1, l9]", "data.csv has no column “l9”. Its columns: id, i1"),
        ("[l1, l2]", "[l1, v1]", "item “v1” stands twice, in “Value” and “Loyalty”."),
        ("[l1, l2]", "[]", "“Loyalty” under “blocks” needs a list of names."),
        ("Value: B", "Value: C", "The mode of block “Value” is “C”; possible are A, B."),
        ("Value: B", "Joy: B", "Under “modes” stands “Joy”, which is no block."),
        ("  Image: [Value, Loyalty]\n", "", "Block “Image” has no path to or from another block."),
        ("scale: {min: 1, max: 10}", "scale: {min: 10, max: 1}", "“scale” needs its ends"),
        (
            "scale: {min: 1, max: 10}",
            "scales: 1",
            "“scales” is unknown; possible are scale, blocks",
        ),
        (
            "  Image: [i1, i2, i3]",
            "  Image: [i1]\n  Image: [i2]",
            "line 5: “Image” stands there twice.",
        ),
        ("[i1, i2, i3]", "[i1, i2", "is no valid YAML; look at line"),
    ],
)
def test_a_model_that_cannot_be_is_one_sentence(files, old, new, sentence):
    model, data = files
    assert old in MODEL
    model.write_text(MODEL.replace(old, new), encoding="utf-8")
    assert sentence in refused("pls", model, data)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--scheme", "x"), "--scheme is “x”; possible are path, factorial, centroid."),
        (("--items", "x"), "--items is “x”; possible are standardised"),
        (("--bootstrap", "1"), "--bootstrap needs at least 2 resamples, not 1."),
        (("--bootstrap", "-1"), "--bootstrap needs at least 2 resamples, not -1."),
        (("--bootstrap", "5", "--seed", "-1"), "--seed must be at least 0, not -1."),
        (("--plsc", "--items", "centered"), "--plsc is defined for standardised items only"),
    ],
)
def test_options_that_cannot_be_are_one_sentence(files, options, sentence):
    assert sentence in refused("pls", *files, *options)
