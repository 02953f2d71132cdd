"""The bench of the methods still runs, says plainly what it could not show, and cannot call wrong right."""

import csv
import datetime
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bench.methods import made, peer_side, peers, speed
from bench.methods.peers import Absent, Peers
from bench.methods.published import LAST_DAY, Figure, sources
from tests.methods.cdnow import cdnow
from zhike.methods.lifetime import fit_lifetime
from zhike.methods.rfm import rfm

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
PEER_ROWS = 5  # plspm, lifetimes twice, pandas, duckdb


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {k: v for k, v in os.environ.items() if k != "ZHIKE_BENCH_CDNOW"}
    return subprocess.run(
        [sys.executable, "bench/methods/run.py", "--small", "--without-peers", *arguments],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def transactions(tmp_path: Path):
    """Writes transactions that give the counted histories of CDNOW, in the form of the published file."""

    def write(factor: float = 1.0) -> Path:
        end, data, rows, who = datetime.date.fromisoformat(LAST_DAY), cdnow(), [], 0
        columns = (data.x, data.t_x * 7, data.T * 7, data.mean_spend, data.counts)
        for x, last, age, mean, count in zip(*columns, strict=True):
            days = [0, *range(1, int(x)), round(last)] if x else [0]
            for _ in range(int(count)):
                who += 1
                for at in days:
                    day = end - datetime.timedelta(days=round(age) - at)
                    rows.append((who, who, f"{day:%Y%m%d}", 1, mean * factor if at else 9.0))
        path = tmp_path / "cdnow.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("master_id", "sample_id", "date", "cds", "dollars"))
            # Transactions after the last day are of no concern.
            writer.writerows([*rows, (1, 1, "19980101", 1, 99.0)])
        return path

    return write


def test_a_small_run_without_peers_shows_the_figures_and_says_what_it_does_not_show():
    done = run()
    assert done.returncode == 0, done.stderr
    assert "Peers: none, peers not asked" in done.stdout
    assert "Figures: 63 met, 0 missed, 33 not shown" in done.stdout
    assert done.stdout.count("NOT SHOWN") == 2
    assert "NOT SHOWN, 18 figures: its answers come with the peers" in done.stdout
    assert "NOT SHOWN, 15 figures: data not given" in done.stdout
    assert done.stdout.count("NOT COMPARED, peers not asked") == PEER_ROWS
    assert f"not judged on little data; {PEER_ROWS} peers absent; 0 results" in done.stdout
    assert " times" not in done.stdout


def test_a_figure_that_comes_out_otherwise_ends_the_run_with_1(transactions):
    done = run("--only", "figures", "--cdnow", str(transactions(factor=2.0)))
    assert done.returncode == 1
    missed = [line.split()[0] for line in done.stdout.splitlines() if line.endswith("MISSED")]
    # Twice the money: the shapes stay, the scale does not.
    assert missed == ["v"]
    assert "Figures: 77 met, 1 missed, 18 not shown" in done.stdout


def test_transactions_give_the_figures_the_counted_facts_give(transactions):
    found = [s for s in sources(None, "", transactions()) if "transactions given" in s.title]
    figures = [figure for source in found for figure in source.figures]
    assert len(figures) == 15
    assert all(figure.met for figure in figures)


@pytest.mark.parametrize(
    ("published", "found", "met"),
    [
        (".243", 0.2435, True),
        (".243", 0.24351, False),
        (".243", 0.2424, False),
        ("-9582.4", -9582.44, True),
        ("-9582.4", -9582.46, False),
        ("904.10", 904.104, True),
        ("904.10", 904.106, False),
        ("15, 23", "15, 23", True),
        ("15, 23", "15, 21, 23", False),
    ],
)
def test_a_figure_is_met_when_it_rounds_to_what_was_printed(published, found, met):
    assert Figure("figure", published, found).met is met


class Double(Peers):
    """A peer that answers what it is told to."""

    def __init__(self, answer):
        super().__init__(None)
        self.answer = answer

    def ask(self, question, folder, rounds=1):
        return self.answer(question, folder)


def test_a_peer_that_finds_something_else_is_not_taken_for_agreeing(tmp_path):
    (lifetime,) = [work for work in speed.WORKS if work.name == "lifetime"]
    x, t_x, age = made.histories(speed.SMALL.customers)
    model = fit_lifetime(x, t_x, age)

    def answer(question, folder, *, off=0.0):
        assert (np.load(folder / "x.npy") == x).all()
        found = {name: getattr(model, name) for name in ("r", "alpha", "a", "b")}
        found["r"] += off * model.standard_errors["r"]
        return {"seconds": [50.0, 40.0], "estimates": found, "errors": dict(model.standard_errors)}

    (same,) = lifetime.run(Double(answer), speed.SMALL, tmp_path)
    assert (same.agrees, same.peer, same.met) == (True, 40.0, True)
    assert same.ratio == pytest.approx(40 / same.ours)
    (other,) = lifetime.run(Double(lambda *asked: answer(*asked, off=0.02)), speed.SMALL, tmp_path)
    assert not other.agrees


@pytest.mark.parametrize("wrong", [False, True])
def test_one_score_that_differs_is_seen(tmp_path, wrong):
    (work,) = [work for work in speed.WORKS if work.name == "rfm"]

    def answer(question, folder):
        columns = [np.load(folder / f"{name}.npy") for name in ("customer", "day", "amount")]
        found = rfm(*columns, until=int(columns[1].max()))
        scores = ("recency_score", "frequency_score", "money_score")
        names = ("customers", "recency", "frequency", "money", *scores)
        table = np.stack([np.asarray(getattr(found, n), dtype=float) for n in names])
        table[6, 17] += wrong
        np.save(folder / question.removeprefix("rfm_"), table)
        return {"seconds": [1.0], "same_scores": [2.0], "threads": 2}

    rows = work.run(Double(answer), speed.SMALL, tmp_path)
    assert [row.agrees for row in rows] == [not wrong] * 3
    # Of duckdb's two forms only the quicker one, NTILE, is judged.
    assert [row.goal for row in rows] == [2, 1 / 1.1, None]


def test_peers_that_cannot_be_installed_are_absent_and_say_why(tmp_path, monkeypatch, capsys):
    lock = tmp_path / "peers.txt"
    lock.write_text(f"nothing-of-this-name==1 --hash=sha256:{'0' * 64}\n")
    monkeypatch.setattr(peers, "LOCK", lock)
    monkeypatch.setattr(peers, "FOLDER", tmp_path / "venv")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    for name in ("PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    found = peers.installed()
    assert found.python is None
    with pytest.raises(Absent, match=r"could not be installed: .*nothing-of-this-name"):
        found.ask("versions", tmp_path)
    assert not (tmp_path / "venv" / ".stamp").exists()


def test_each_task_asks_what_the_peers_side_can_answer(tmp_path):
    asked = []

    def answer(question, folder):
        asked.append(question)
        raise Absent("for once")

    for work in speed.WORKS:
        rows = work.run(Double(answer), speed.SMALL, tmp_path)
        assert [row.met for row in rows] == [None] * len(rows)
        assert all(row.agreement == "for once" for row in rows)
    assert len(asked) == PEER_ROWS
    assert set(asked) <= {question.__name__ for question in peer_side.QUESTIONS}
