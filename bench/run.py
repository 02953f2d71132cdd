"""The bench: `make bench`. Prints figures with the limit or the peer beside them; nothing here is a test.

bench/run.py [--cases 1000000] [--customers 200000] [--sqlite] [--parts pages,create,mixed,peer]
             [--small URL --big URL] [--only TEXT]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from bench import create, mixed, peer  # noqa: E402
from bench.database import Database  # noqa: E402
from postgres import own_server  # noqa: E402

SMALL_CASES, SMALL_CUSTOMERS = 10_000, 2_000
ROUNDS = 5
TIMES = 15
GOAL_STATEMENTS, GOAL_MS, GOAL_RATIO = 15, 50, 1.5
# Names that begin with these have a goal of their own.
GOAL_SLOW_MS, SLOW = 100, ("search", "message search", "week")


class Probe:
    """bench/pages.py on one database."""

    def __init__(self, database: Database) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "bench" / "pages.py")],
            env=database.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.names: list[str] = self._answer()

    def ask(self, name: str, times: int) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([name, times]) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = self._answer()
        return answer

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("bench/pages.py stopped; see above.")
        return json.loads(line)

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


def pages(small: Database, big: Database, only: str = "") -> None:
    print(f"\nPages at {big.cases:,} cases; ratio to {small.cases:,} (median of {ROUNDS} rounds)")
    print(f"{'page':<40}{'SQL':>5}{'median':>10}{'p95':>9}{'ratio':>8}   goals")
    probes = Probe(small), Probe(big)
    for name in (name for name in probes[1].names if only in name):
        ratios, seen = [], []
        for turn in range(ROUNDS):
            # Alternating, so that a slow moment of the machine meets both.
            order = probes if turn % 2 else probes[::-1]
            answers = {id(probe): probe.ask(name, TIMES) for probe in order}
            low, high = answers[id(probes[0])], answers[id(probes[1])]
            ratios.append(high["median"] / low["median"])
            seen.append(high)
        median = statistics.median(one["median"] for one in seen) * 1000
        p95 = statistics.median(one["p95"] for one in seen) * 1000
        ratio = statistics.median(ratios)
        statements = seen[-1]["statements"]
        limit = GOAL_SLOW_MS if name.startswith(SLOW) else GOAL_MS
        missed = [
            text
            for is_missed, text in (
                (statements > GOAL_STATEMENTS, f"SQL > {GOAL_STATEMENTS}"),
                (median > limit, f"> {limit} ms"),
                (ratio > GOAL_RATIO, f"ratio > {GOAL_RATIO}"),
            )
            if is_missed
        ]
        verdict = "met" if not missed else "missed: " + ", ".join(missed)
        print(
            f"{name:<40}{statements:>5.0f}{median:>7.1f} ms{p95:>6.1f} ms{ratio:>8.2f}   {verdict}",
            flush=True,
        )
    for probe in probes:
        probe.close()


@contextmanager
def databases(asked: argparse.Namespace) -> Iterator[tuple[Database, Database]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zhike-bench-")))
        if asked.sqlite:
            small_url = big_url = ""
        elif asked.big:
            small_url, big_url = asked.small, asked.big
        else:
            server = stack.enter_context(own_server())
            small_url, big_url = (server.replace("/postgres", f"/{n}") for n in ("small", "big"))
            for name in ("small", "big"):
                subprocess.run(["psql", "-q", server, "-c", f"CREATE DATABASE {name}"], check=True)
        small = Database(folder / "small", small_url, SMALL_CASES, SMALL_CUSTOMERS)
        big = Database(folder / "big", big_url, asked.cases, asked.customers)
        for database in (small, big):
            print(f"Seeding {database.cases:,} cases, {database.customers:,} customers", flush=True)
            database.seed()
        yield small, big


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--sqlite", action="store_true", help="SQLite instead of PostgreSQL")
    parser.add_argument("--parts", default="pages,create,mixed,peer")
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--small", default="", help="a database seeded before")
    parser.add_argument("--big", default="", help="a database seeded before")
    asked = parser.parse_args()
    parts = set(asked.parts.split(","))
    with databases(asked) as (small, big):
        if "pages" in parts:
            pages(small, big, asked.only)
        if "create" in parts:
            create.run(big)
        if "mixed" in parts:
            mixed.run(big)
    if "peer" in parts:
        peer.run()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    main()
