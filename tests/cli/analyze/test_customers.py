"""`zhike analyze clv` and `rfm`: the published data through a file of transactions, and files of our own."""

import csv
from datetime import date, timedelta

import numpy as np
import pytest
from scipy.special import hyp2f1

from tests.cli.analyze.running import found, refused, said, table
from tests.methods.cdnow import cdnow
from zhike.methods.lifetime import fit_lifetime

COLUMNS = ("customer", "date", "amount")
# The last day of the published calibration.
UNTIL = date(1997, 9, 30)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Transactions that have the published counted facts: days of the first, the last and repeat purchases."""
    facts = cdnow()
    rows: list[tuple[object, ...]] = []
    who = 0
    for x, t_x, age, spend, count in zip(
        facts.x, facts.t_x, facts.T, facts.mean_spend, facts.counts, strict=True
    ):
        for _n in range(int(count)):
            who += 1
            first = UNTIL - timedelta(days=round(age * 7))
            rows.append((f"c{who:05}", first, 10))
            last = round(t_x * 7)
            for at in range(1, int(x) + 1):
                day = first + timedelta(days=at if at < x else last)
                rows.append((f"c{who:05}", day, repr(float(spend))))
    return table(tmp_path_factory.mktemp("clv") / "t.csv", COLUMNS, rows)


def test_the_published_parameters(published):
    data = found("clv", published, "--until", UNTIL, "--unit", "week")
    assert (data["n"], data["repeaters"]) == (2357, 946)
    fitted = data["bgnbd"]
    assert [round(fitted[name], 3) for name in ("r", "alpha", "a", "b")] == [
        0.243, 4.414, 0.793, 2.426,
    ]  # fmt: skip
    assert fitted["loglik"] == pytest.approx(-9582.4, abs=0.05)
    assert set(fitted["se"]) == {"r", "alpha", "a", "b"}
    spend = data["gamma_gamma"]
    assert [round(spend[name], 2) for name in ("p", "q", "v")] == [6.25, 3.74, 15.44]
    assert list(data["expected_purchases"]) == ["13", "26", "39", "52"]
    assert 0 < data["mean_alive"] < 1


def test_the_other_model_has_its_own_name(published):
    data = found("clv", published, "--until", UNTIL, "--model", "mbg")
    values = [round(data["mbgnbd"][name], 3) for name in ("r", "alpha", "a", "b")]
    assert values == [0.525, 6.183, 0.891, 1.614]
    assert "bgnbd" not in data


def test_customers_of_the_last_day_count_as_newcomers(published, tmp_path):
    before = found("clv", published, "--until", UNTIL)
    path = tmp_path / "more.csv"
    lines = "".join(f"new{n},{UNTIL},20\n" for n in range(300))
    path.write_text(published.read_text() + lines)
    data = found("clv", path, "--until", UNTIL)
    assert (data["n"], data["repeaters"]) == (2657, 946)
    assert data["bgnbd"]["r"] == pytest.approx(before["bgnbd"]["r"], rel=1e-7)
    each = (data["expected_purchases"]["52"] - before["expected_purchases"]["52"]) / 300
    # The formula of the papers for a newcomer, by the hypergeometric function.
    r, alpha, a, b = (data["bgnbd"][name] for name in ("r", "alpha", "a", "b"))
    series = hyp2f1(r, b, a + b - 1, 52 / (alpha + 52))
    papers = (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + 52)) ** r * series)
    assert each == pytest.approx(papers, rel=1e-6)


def test_a_row_for_each_customer(published, tmp_path):
    path = tmp_path / "each.csv"
    data = found("clv", published, "--until", UNTIL, "--per-customer", path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2357
    for horizon in ("13", "26", "39", "52"):
        total = sum(float(row[f"expected_purchases_{horizon}"]) for row in rows)
        assert total == pytest.approx(data["expected_purchases"][horizon], rel=1e-12)
    alive = [float(row["p_alive"]) for row in rows]
    assert np.mean(alive) == pytest.approx(data["mean_alive"], rel=1e-12)
    past = np.array([[float(row[name]) for name in ("x", "t_x", "T")] for row in rows])
    assert data["bgnbd"]["r"] == fit_lifetime(*past.T).r


DAYS = [("A", "2026-01-05", 10), ("A", "2026-02-10", 12), ("B", "2026-01-20", 8),
        ("B", "2026-01-20", 5), ("C", "2026-03-01", 30), ("D", "2026-01-02", 7),
        ("D", "2026-01-30", 7), ("D", "2026-03-20", 9), ("E", "2026-02-02", 1)]  # fmt: skip


def test_rfm_counts_and_scores(tmp_path):
    path = table(tmp_path / "t.csv", ("who", "when", "much"), DAYS)
    names = ("--customer", "who", "--date", "when", "--amount", "much")
    each = tmp_path / "each.csv"
    data = found("rfm", path, *names, "--until", "2026-03-31", "--per-customer", each)
    assert (data["n"], data["transactions"]) == (5, 9)
    assert sum(data["cells"].values()) == 5
    with each.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["customer"]: row for row in csv.DictReader(file)}
    assert (rows["D"]["recency_days"], rows["D"]["frequency"], rows["D"]["money"]) == (
        "11",
        "3",
        "23.0",
    )
    assert rows["B"]["frequency"] == "2"
    by_day = found("rfm", path, *names, "--counting", "days", "--per-customer", each)
    assert by_day["until"] == "2026-03-20"
    with each.open(encoding="utf-8-sig", newline="") as file:
        assert {row["customer"]: row["frequency"] for row in csv.DictReader(file)}["B"] == "1"
    assert "bought often, but not recently: 2; worth a call." in said("rfm", path, *names)


@pytest.mark.parametrize(
    "written",
    ["2026-01-05", "2026/1/5", "20260105", "2026年1月5日", "2026.1.5", "2026-01-05 10:20:30"],
)
def test_dates_are_read_as_people_write_them(tmp_path, written):
    rows = [("A", written, 10), *DAYS[1:]]
    path = table(tmp_path / "t.csv", COLUMNS, rows)
    assert found("rfm", path) == found("rfm", table(tmp_path / "u.csv", COLUMNS, DAYS))


@pytest.mark.parametrize(
    "written", ["2026-13-01", "05.01.2026", "soon", "2026-02-30", "202601", ""]
)
def test_a_date_that_is_none_is_told_by_row_and_column(tmp_path, written):
    path = table(tmp_path / "t.csv", COLUMNS, [*DAYS[:3], ("A", written, 10)])
    sentence = refused("rfm", path)
    assert sentence.startswith(f"t.csv, row 5, column “date”: “{written}” is no date")


@pytest.mark.parametrize(
    ("command", "rows", "options", "sentence"),
    [
        ("clv", DAYS, ("--unit", "hour"), "--unit is “hour”; possible are day, week, month, year."),
        ("clv", DAYS, ("--model", "x"), "--model is “x”; possible are bg, mbg."),
        ("clv", DAYS, ("--until", "x"), "--until is “x”, no date"),
        ("clv", DAYS, ("--until", "2020-01-01"), "No transaction with date and amount lies on or"),
        ("clv", DAYS[4:5], (), "Nobody bought a second time"),
        ("clv", DAYS[:1] + DAYS[4:5], (), "Nobody bought a second time"),
        (
            "clv",
            DAYS[:1] + [("", "2026-01-06", 1)],
            (),
            "row 3: column “customer” names no customer.",
        ),
        ("clv", DAYS[:1] + [("A", "2026-01-06", "1,5")], (), "row 3 has 4 cells, but there are 3"),
        (
            "clv",
            DAYS[:1] + [("A", "2026-01-06", "5元")],
            (),
            "row 3, column “amount”: “5元” is no number",
        ),
        (
            "clv",
            DAYS,
            ("--customer", "id"),
            "t.csv has no column “id”. Its columns: customer, date",
        ),
        ("rfm", DAYS[:3], (), "Fifths need at least 5 customers; there are 2."),
        ("rfm", DAYS, ("--counting", "x"), "--counting is “x”; possible are transactions, days."),
        ("rfm", DAYS, ("--per-customer", "each.txt"), "--per-customer writes .csv; each.txt ends"),
        ("rfm", DAYS, ("--per-customer", "no-such-folder/each.csv"), "There is no folder"),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path, command, rows, options, sentence):
    path = table(tmp_path / "t.csv", COLUMNS, rows)
    assert sentence in refused(command, path, *options)


def test_a_customer_called_like_a_formula_is_none(tmp_path):
    path = table(tmp_path / "t.csv", COLUMNS, [("=cmd()", "2026-01-01", 1), *DAYS])
    each = tmp_path / "each.csv"
    found("rfm", path, "--per-customer", each)
    assert "\n'=cmd()," in each.read_text(encoding="utf-8-sig")
    assert "overwrite t.csv" in refused("rfm", path, "--per-customer", path)
