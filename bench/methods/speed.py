"""The speed tasks: how long ours takes, how long the peer, and whether both found the same.

Only the call itself is timed, on data already in memory; of several rounds the quickest counts, on both sides.
Ours runs half its rounds before the peer and half after it, so that a slow moment of the machine meets both.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from bench.methods import made
from bench.methods.peers import Absent, Peers
from tests.methods.known import ECSI_BLOCKS, ECSI_PATHS
from zhike.methods.lifetime import fit_lifetime
from zhike.methods.pls import path_model
from zhike.methods.pls_bootstrap import bootstrap
from zhike.methods.pls_model import pls_options
from zhike.methods.rfm import Rfm, rfm
from zhike.methods.spend import fit_spend

Found = TypeVar("Found")

OUR_ROUNDS, PEER_ROUNDS = 6, 2
RESAMPLES, PEER_RESAMPLES = 5000, 200


@dataclass(frozen=True)
class Beside:
    """Ours beside one peer. `peer` is None where there is none, and `agreement` then says why."""

    peer_name: str
    ours: float
    peer: float | None
    goal: float | None
    agreement: str
    agrees: bool = True

    @property
    def ratio(self) -> float | None:
        return None if self.peer is None else self.peer / self.ours

    @property
    def met(self) -> bool | None:
        return None if self.ratio is None or self.goal is None else self.ratio >= self.goal


@dataclass(frozen=True)
class Sizes:
    cases: int = 250
    customers: int = 1_000_000
    buyers: int = 1_000_000
    transactions: int = 10_000_000


FULL = Sizes()
SMALL = Sizes(cases=60, customers=4_000, buyers=4_000, transactions=40_000)


@dataclass(frozen=True)
class Work:
    """One task: its title, and what to do with peers, sizes and a folder for the data both sides read."""

    name: str
    title: Callable[[Sizes], str]
    run: Callable[[Peers, Sizes, Path], list[Beside]]


def _halves(act: Callable[[], Found]) -> tuple[Callable[[], None], Callable[[], float], Found]:
    """Runs `act` once unclocked; then a function that clocks half the rounds, and one that tells the best."""
    found, seconds = act(), list[float]()

    def half() -> None:
        for _ in range(OUR_ROUNDS // 2):
            began = time.perf_counter()
            act()
            seconds.append(time.perf_counter() - began)

    return half, lambda: min(seconds), found


def _beside(
    peers: Peers,
    question: str,
    folder: Path,
    rounds: int,
    act: Callable[[], Found],
) -> tuple[float, Found, dict[str, Any] | str]:
    """Our best time, what we found, and the peer's answer or the reason why there is none."""
    half, best, found = _halves(act)
    half()
    answer: dict[str, Any] | str
    try:
        answer = peers.ask(question, folder, rounds)
    except Absent as absent:
        answer = str(absent)
    half()
    return best(), found, answer


def _furthest(ours: Mapping[str, float], theirs: Mapping[str, float]) -> float:
    """The largest difference, in shares of theirs."""
    return max(abs(ours[name] / theirs[name] - 1) for name in theirs)


def _pls(peers: Peers, sizes: Sizes, folder: Path) -> list[Beside]:
    data, items = made.answers(sizes.cases)
    np.save(folder / "answers", data)
    structure = {
        "items": items,
        "blocks": ECSI_BLOCKS,
        "paths": ECSI_PATHS,
        "resamples": PEER_RESAMPLES,
    }
    (folder / "model.json").write_text(json.dumps(structure))
    model, options = path_model(ECSI_BLOCKS, ECSI_PATHS), pls_options(scaling="centered")
    ours, found, answer = _beside(
        peers,
        "pls",
        folder,
        1,
        lambda: bootstrap(model, data, items, options=options, resamples=RESAMPLES, seed=1),
    )
    name = f"plspm, {PEER_RESAMPLES} resamples × {RESAMPLES // PEER_RESAMPLES}"
    if isinstance(answer, str):
        return [Beside(name, ours, None, 1000, answer)]
    paths = {path: spread.estimate for path, spread in found.paths.items()}
    away = max(abs(paths[path] - value) for path, value in answer["paths"].items())
    sds = _furthest({path: spread.sd for path, spread in found.paths.items()}, answer["sds"])
    return [
        Beside(
            name,
            ours,
            min(answer["seconds"]) * RESAMPLES / PEER_RESAMPLES,
            1000,
            f"paths within {away:.0e} (1e-5), bootstrap sds within {sds:.0%} (30 %)",
            away < 1e-5 and sds < 0.3,
        )
    ]


def _likelihood(
    name: str, goal: float, ours: float, found: Any, answer: dict[str, Any] | str
) -> list[Beside]:
    """Estimates within a hundredth of a standard error, standard errors within one in a hundred."""
    if isinstance(answer, str):
        return [Beside(name, ours, None, goal, answer)]
    errors = answer["errors"]
    away = max(
        abs(getattr(found, key) - value) / errors[key] for key, value in answer["estimates"].items()
    )
    wide = _furthest(found.standard_errors, errors)
    agreement = (
        f"estimates within {away:.0e} standard errors (0.01), those within {wide:.0e} (0.01)"
    )
    best = min(answer["seconds"])
    return [Beside(name, ours, best, goal, agreement, away < 0.01 and wide < 0.01)]


def _lifetime(peers: Peers, sizes: Sizes, folder: Path) -> list[Beside]:
    x, t_x, age = made.histories(sizes.customers)
    for name, column in (("x", x), ("t_x", t_x), ("T", age)):
        np.save(folder / name, column)
    ours, found, answer = _beside(
        peers, "lifetime", folder, PEER_ROUNDS, lambda: fit_lifetime(x, t_x, age)
    )
    return _likelihood("lifetimes", 60, ours, found, answer)


def _spend(peers: Peers, sizes: Sizes, folder: Path) -> list[Beside]:
    x, mean = made.spending(sizes.buyers)
    np.save(folder / "x", x)
    np.save(folder / "mean", mean)
    ours, found, answer = _beside(peers, "spend", folder, PEER_ROUNDS, lambda: fit_spend(x, mean))
    return _likelihood("lifetimes", 15, ours, found, answer)


def _rfm(peers: Peers, sizes: Sizes, folder: Path) -> list[Beside]:
    who, day, amount = made.transactions(sizes.transactions, max(sizes.transactions // 10, 5))
    for name, column in (("customer", who), ("day", day), ("amount", amount)):
        np.save(folder / name, column)
    until = int(day.max())

    def act() -> Rfm:
        return rfm(who, day, amount, until=until)

    ours, found, answer = _beside(peers, "rfm_pandas", folder, PEER_ROUNDS, act)
    if isinstance(answer, str):
        rows = [Beside("pandas", ours, None, 2, answer)]
    else:
        same, agreement = _same(found, folder / "pandas.npy")
        rows = [
            Beside("pandas, group by and rank", ours, min(answer["seconds"]), 2, agreement, same)
        ]
    ours, found, answer = _beside(peers, "rfm_duckdb", folder, PEER_ROUNDS + 1, act)
    if isinstance(answer, str):
        return [*rows, Beside("duckdb", ours, None, 1 / 1.1, answer)]
    same, agreement = _same(found, folder / "duckdb.npy")
    own = f"duckdb on {answer['threads']} threads"
    return [
        *rows,
        # NTILE gives equal customers unequal scores; the second row has those that can agree.
        Beside(f"{own}, NTILE", ours, min(answer["seconds"]), 1 / 1.1, "see the next line", same),
        Beside(f"{own}, equal scores", ours, min(answer["same_scores"]), None, agreement, same),
    ]


def _same(found: Rfm, path: Path) -> tuple[bool, str]:
    """Whether every figure and score of every customer is the same."""
    columns = (
        found.customers, found.recency, found.frequency, found.money,
        found.recency_score, found.frequency_score, found.money_score,
    )  # fmt: skip
    theirs = np.load(path)
    if theirs.shape != (len(columns), found.customers.size):
        return False, f"{theirs.shape[1]} customers, ours {found.customers.size}"
    other = sum(int((own != column).sum()) for own, column in zip(columns, theirs, strict=True))
    return other == 0, f"{other} of {theirs.size:,} figures and scores differ (0)"


WORKS = (
    Work(
        "pls",
        lambda s: f"PLS, 7 blocks × 24 items × {s.cases} cases, {RESAMPLES} resamples, intervals",
        _pls,
    ),
    Work(
        "lifetime",
        lambda s: f"BG/NBD with standard errors, {s.customers:,} customers, whole days",
        _lifetime,
    ),
    Work("spend", lambda s: f"Gamma–Gamma with standard errors, {s.buyers:,} buyers", _spend),
    Work("rfm", lambda s: f"RFM by fifths, {s.transactions:,} transactions", _rfm),
)
