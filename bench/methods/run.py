"""`make bench-methods`: every published figure beside ours, then speed beside peers. No timed test.

bench/methods/run.py [--small] [--without-peers] [--cdnow FILE] [--only figures|pls|lifetime|spend|rfm]

Ends with 1 when a figure differs from its publication or a peer finds something else; a missed speed goal is only
said. What cannot be shown is counted as not shown, never as met.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from bench.methods.peers import ONE_CORE, Absent, Peers, installed  # noqa: E402

# Before numpy is loaded: it asks once how many cores to use.
os.environ.update(ONE_CORE)

import numpy  # noqa: E402
import scipy  # noqa: E402

from bench.methods.published import Source, sources  # noqa: E402
from bench.methods.speed import FULL, SMALL, WORKS, Beside, Sizes  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true", help="little data, to see that all runs")
    parser.add_argument("--without-peers", action="store_true", help="install and ask no peers")
    parser.add_argument(
        "--cdnow",
        type=Path,
        default=os.environ.get("ZHIKE_BENCH_CDNOW") or None,
        help="the published transactions, master_id,sample_id,date,cds,dollars",
    )
    parser.add_argument("--only", default="", choices=("figures", *(work.name for work in WORKS)))
    asked = parser.parse_args()
    peers = Peers(None, "peers not asked (--without-peers)") if asked.without_peers else installed()
    _tell_where(peers)
    right = True
    if asked.only in ("", "figures"):
        right &= figures(peers, asked.cdnow)
    if asked.only != "figures":
        right &= speed(peers, SMALL if asked.small else FULL, asked.only)
    return 0 if right else 1


def _tell_where(peers: Peers) -> None:
    print(f"{time.strftime('%Y-%m-%d')}, {_processor()}, {os.cpu_count()} cores", flush=True)
    print(
        f"Python {platform.python_version()}, numpy {numpy.__version__}, scipy {scipy.__version__}; "
        "linear algebra on one core on both sides"
    )
    try:
        print("Peers:", ", ".join(f"{k} {v}" for k, v in peers.ask("versions", ROOT).items()))
    except Absent as absent:
        print(f"Peers: none, {absent}")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def figures(peers: Peers, cdnow: Path | None) -> bool:
    ecsi, why_not = None, ""
    try:
        place = peers.ask("ecsi", ROOT)["path"]
        ecsi = Path(place) if place else None
        why_not = "its answers are not among the peers' files"
    except Absent as absent:
        why_not = f"its answers come with the peers: {absent}"
    shown = sources(ecsi, why_not, cdnow)
    print("\nPublished figures, ours, and how far they may be apart")
    for source in shown:
        _print_source(source)
    every = [figure for source in shown for figure in source.figures]
    met, unshown = sum(figure.met for figure in every), sum(source.unshown for source in shown)
    print(f"\nFigures: {met} met, {len(every) - met} missed, {unshown} not shown")
    return met == len(every)


def _print_source(source: Source) -> None:
    print(f"\n{source.title}")
    if source.lacking:
        print(f"  NOT SHOWN, {source.unshown} figures: {source.lacking}")
    for figure in source.figures:
        verdict = "met" if figure.met else "MISSED"
        if isinstance(figure.found, str):
            found, within = figure.found, "exactly"
        else:
            found, within = f"{figure.found:.6f}", f"±{figure.tolerance:g}"
        print(f"  {figure.what:<28}{figure.published:>10}{found:>16}{within:>10}   {verdict}")


def speed(peers: Peers, sizes: Sizes, only: str) -> bool:
    print("\nSpeed; seconds of the best round")
    rows: list[Beside] = []
    for work in WORKS:
        if only not in ("", work.name):
            continue
        print(f"\n{work.title(sizes)}", flush=True)
        with tempfile.TemporaryDirectory(prefix="zhike-bench-") as folder:
            done = work.run(peers, sizes, Path(folder))
        if sizes == SMALL:
            done = [replace(row, goal=None) for row in done]
        for row in done:
            _print_beside(row)
        rows += done
    judged = [row.met for row in rows if row.met is not None]
    absent, wrong = sum(row.peer is None for row in rows), sum(not row.agrees for row in rows)
    goals = "not judged on little data" if sizes == SMALL else (
        f"{sum(judged)} goals met, {len(judged) - sum(judged)} missed"
    )  # fmt: skip
    print(f"\nSpeed: {goals}; {absent} peers absent; {wrong} results that differ")
    return not wrong


def _print_beside(row: Beside) -> None:
    if row.ratio is None:
        print(
            f"  ours {row.ours:.3g} s   {row.peer_name}: NOT COMPARED, {row.agreement}", flush=True
        )
        return
    goal = ""
    if row.goal is not None:
        wanted = f"{row.goal:,.0f}" if row.goal > 1 else f"{row.goal:.2f}"
        goal = f"; goal {wanted}: {'met' if row.met else 'MISSED'}"
    agrees = "" if row.agrees else "   DIFFERS"
    print(
        f"  ours {row.ours:.3g} s   {row.peer_name} {row.peer:.3g} s   {row.ratio:,.1f} times{goal}\n"
        f"    {row.agreement}{agrees}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
