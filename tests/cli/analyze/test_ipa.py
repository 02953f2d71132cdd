"""`zhike analyze ipa`: three kinds of files."""

import pytest

from tests.cli.analyze.running import found, refused, said, table

ITEM = ("item", "importance", "performance")
ITEMS = [("speed", 4.5, 2.0), ("price", 4.0, 4.5), ("decor", 2.0, 2.0), ("music", 1.5, 4.5)]


def test_a_row_an_item(tmp_path):
    path = table(tmp_path / "i.csv", ("item", "importance", "performance"), ITEMS)
    data = found("ipa", path)
    assert {name: one["quadrant"] for name, one in data["items"].items()} == {
        "speed": "concentrate_here",
        "price": "keep_up",
        "decor": "low_priority",
        "music": "possible_overkill",
    }
    assert data["lines"] == {"importance": 3.0, "performance": 3.25}
    assert found("ipa", path, "--crosshair", "midpoints")["lines"] == {
        "importance": 3.0,
        "performance": 3.0,
    }
    assert found("ipa", path, "--lines", "4.2,2")["quadrants"]["concentrate_here"] == []
    assert "Important, but not done well enough: speed." in said("ipa", path)


def test_a_row_a_person_with_pairs_of_columns(tmp_path):
    rows = [(5, 4, 2, 5), (4, 2, 3, 4), (5, 3, 1, 5)]
    path = table(tmp_path / "p.csv", ("I_速度", "I_环境", "P_速度", "P_环境"), rows)
    data = found("ipa", path)
    assert data["n"] == 3
    assert data["quadrants"]["concentrate_here"] == ["速度"]
    assert data["items"]["速度"]["importance"] == pytest.approx(14 / 3)
    long = ("importance_速度", "importance_环境", "performance_速度", "表现_环境")
    assert found("ipa", table(tmp_path / "l.csv", long, rows)) == data
    numbered = table(tmp_path / "n.csv", ("I1", "I2", "P1", "P2"), rows)
    assert found("ipa", numbered)["quadrants"]["concentrate_here"] == ["1"]


def test_importance_may_be_derived_from_the_outcome(tmp_path):
    rows = [(1, 3, 1), (2, 1, 2), (3, 4, 3), (4, 2, 4), (5, 3, 5), (2, 5, 2)]
    path = table(tmp_path / "o.csv", ("P_a", "P_b", "overall"), rows)
    data = found("ipa", path, "--outcome", "overall")
    assert data["items"]["a"]["importance"] == pytest.approx(1)
    assert data["options"]["importance"] == "derived_correlation"


@pytest.mark.parametrize(
    ("headers", "rows", "options", "sentence"),
    [
        (("a", "b"), [(1, 2)], (), "x.csv has neither the columns item, importance, performance"),
        (("P_a", "P_b"), [(1, 2)], (), "“P_a” has no column of importance beside it"),
        (("I_a", "P_a"), [(1, 6)], (), "row 2, column “P_a”: 6 lies outside of the scale"),
        (("I_a", "P_a"), [(9, 1)], (), "row 2, column “I_a”: 9 lies outside of the scale"),
        (("I_a", "P_a"), [(1, "")], (), "Column “P_a” is empty: nobody answered it."),
        (
            ("I_a", "P_a"),
            [(1, 1)],
            ("--lines", "3"),
            "--lines is “3”; write importance,performance",
        ),
        (("I_a", "P_a"), [(1, 1)], ("--crosshair", "x"), "--crosshair is “x”; possible are means"),
        (("P_a", "o"), [(1, 1), (1, 2), (1, 3)], ("--outcome", "o"), "Column “P_a” is constant"),
        (
            ("P_a", "o"),
            [(1, 2), (2, 2), (3, 2)],
            ("--outcome", "o"),
            "Column “o” is constant: every answer is 2",
        ),
        (("I_a", "P_a"), [("", 1), ("", 2)], (), "Column “I_a” is empty: nobody answered it."),
        (
            ("I_a", "P_a", "I_b"),
            [(1, 2, 3)],
            (),
            "x.csv: “I_b” has no column of performance beside it; add “P_b”.",
        ),
        (("P_a",), [(1,)], ("--outcome", "o"), "x.csv has no column “o”."),
        (("I_a", "P_a"), [(1, 1)], ("--lines", "nan,1"), "--lines is “nan,1”; write importance"),
        (
            ITEM,
            [("a", 1, 2), ("a", 3, 4)],
            (),
            "x.csv, row 3, column “item”: “a” stands there twice.",
        ),
        (ITEM, [("a", 1, 2), ("", 3, 4)], (), "x.csv, row 3, column “item” is empty."),
        (ITEM, [("a", 1, 2), ("b", 3, "")], (), "x.csv, row 3, column “performance” is empty."),
        (ITEM, [("a", 1, 9)], ("--crosshair", "midpoints"), "row 2, column “performance”: 9 lies"),
        (ITEM, [("a", 1, 9)], ("--scale", "1-5"), "row 2, column “performance”: 9 lies"),
        (ITEM, [("a", 9, 1)], ("--importance-scale", "1-5"), "row 2, column “importance”: 9 lies"),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path, headers, rows, options, sentence):
    path = table(tmp_path / "x.csv", headers, rows)
    assert sentence in refused("ipa", path, *options)
