"""Segments of a large customer file: counting their members, and the lists that are narrowed by them.

bench/segments.py [--customers 200000 --cases 200000 --sqlite]
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from bench.database import Database  # noqa: E402
from postgres import own_server  # noqa: E402

# The widest, one of some per cent, one that time alone moves.
CONDITIONS = {"kind=person": "nearly all", "tier=vip": "the best", "silent=90&stage=kept": "silent"}
GOAL_PAGE, GOAL_COUNT = 0.3, 30.0
TIMES = 7


def measure() -> None:
    import django

    django.setup()
    from django.test import Client
    from django.urls import reverse

    from zhike.accounts.models import Unit, User
    from zhike.core import work
    from zhike.core.access import everything
    from zhike.customers.models import Customer
    from zhike.customers.services.segment_members import count_members
    from zhike.customers.services.segments import SegmentFields, save_segment

    grants, actor = everything("bench"), work.Actor.system("bench")
    company = Unit.objects.filter(parent__isnull=True)[0]
    print(f"{Customer.objects.count():,} customers")
    ids = []
    for conditions, name in CONDITIONS.items():
        fields = SegmentFields(name, company.pk, conditions, "existing", "loyal")
        row = save_segment(actor=actor, grants=grants, fields=fields)
        first = _timed(lambda pk=row.pk: count_members(pk))
        again = _timed(lambda pk=row.pk: count_members(pk))
        row.refresh_from_db()
        ids.append(row.pk)
        _say(f"{name}: {row.members:,} members, first count", first, GOAL_COUNT)
        _say(f"{name}: counted again, nobody new", again, GOAL_COUNT)
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(User.objects.filter(staff_number="1000")[0])
    for name, path in (
        ("segments", reverse("customers:segments")),
        ("one segment", reverse("customers:segment", args=[ids[0]])),
        *(
            (f"customers of {ids[n]}", reverse("customers:list") + f"?segment={ids[n]}")
            for n in range(3)
        ),
        *((f"cases of {ids[n]}", reverse("desk:queue") + f"?segment={ids[n]}") for n in range(3)),
    ):
        taken = [_timed(lambda path=path: client.get(path)) for _time in range(TIMES)]
        _say(name, statistics.median(taken), GOAL_PAGE)


def _timed(call: object) -> float:
    began = time.perf_counter()
    assert callable(call)
    call()
    return time.perf_counter() - began


def _say(name: str, seconds: float, goal: float) -> None:
    verdict = "met" if seconds < goal else "missed"
    print(f"  {name}: {seconds * 1000:,.0f} ms; limit {goal:g} s: {verdict}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--sqlite", action="store_true")
    asked = parser.parse_args()
    server = contextlib.nullcontext("") if asked.sqlite else own_server()
    with server as url, tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder), url, asked.cases, asked.customers)
        database.seed()
        command = [sys.executable, __file__, "measure"]
        subprocess.run(command, env=database.environment(), check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        measure()
    else:
        main()
