"""A working day's mix beside a bare page on the same server, in the same run."""

from __future__ import annotations

import json
import random

from bench.database import Database
from bench.http_load import Visitor
from bench.http_load import run as load

SECONDS = 12
WORDS = ("三轮", "控制器", "退款", "琥珀灯罩", "旧款", "保修")
OPEN_CASES = 3000
GOAL, FLOOR = 0.5, 0.3


def _get(path: str, visitor: Visitor) -> int:
    return visitor.send("GET", path)[0]


def run(database: Database) -> None:
    with database.serving() as port:
        token = make_token(database)
        numbers = _numbers(port, token)

        def queue(visitor: Visitor, rng: random.Random) -> int:
            return _get("/cases/", visitor)

        def case(visitor: Visitor, rng: random.Random) -> int:
            return _get(f"/cases/{rng.choice(numbers)}/", visitor)

        def customer(visitor: Visitor, rng: random.Random) -> int:
            return _get(f"/customers/{rng.randrange(database.customers) + 1}/", visitor)

        def search(visitor: Visitor, rng: random.Random) -> int:
            from urllib.parse import quote

            return _get(f"/search/?q={quote(rng.choice(WORDS))}", visitor)

        def write(visitor: Visitor, rng: random.Random) -> int:
            body = json.dumps({"text": "电话已联系，客户情绪平稳。"})
            return visitor.send(
                "POST",
                f"/api/v1/cases/{rng.choice(numbers)}/notes",
                body.encode(),
                {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            )[0]

        def bare(visitor: Visitor, rng: random.Random) -> int:
            return _get("/bare/", visitor)

        def bare_by_jinja(visitor: Visitor, rng: random.Random) -> int:
            return _get("/bare-by-jinja/", visitor)

        mix = [(40, queue), (30, case), (15, customer), (10, search), (5, write)]
        load(port, mix, 3)
        shares, jinja_shares = [], []
        print("\nMixed load (40 % queue, 30 % case, 15 % customer, 10 % search, 5 % writes)")
        for turn in range(3):
            plain, mixed = load(port, [(1, bare)], SECONDS), load(port, mix, SECONDS)
            jinja = load(port, [(1, bare_by_jinja)], SECONDS)
            shares.append(mixed.per_second / plain.per_second)
            jinja_shares.append(mixed.per_second / jinja.per_second)
            print(
                f"  round {turn + 1}: bare page {plain.per_second:.0f}/s ({plain.median_ms:.0f} ms), "
                f"mix {mixed.per_second:.0f}/s (median {mixed.median_ms:.0f} ms, "
                f"p95 {mixed.p95_ms:.0f} ms, {mixed.failures} failed): {shares[-1]:.0%}; "
                f"bare page by Jinja2 {jinja.per_second:.0f}/s: {jinja_shares[-1]:.0%}",
                flush=True,
            )
        share = sorted(shares)[1]
        verdict = "met" if share >= GOAL else ("above the floor" if share >= FLOOR else "missed")
        of_jinja = sorted(jinja_shares)[1]
        print(
            f"  median share {share:.0%} ({of_jinja:.0%} of the one by Jinja2); "
            f"goal {GOAL:.0%}, at least {FLOOR:.0%}: {verdict}"
        )


def make_token(database: Database) -> str:
    import subprocess
    import sys
    from pathlib import Path

    zhike = str(Path(sys.executable).with_name("zhike"))
    done = subprocess.run(
        [zhike, "token", "create", "1001"],
        env=database.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip().splitlines()[-1]


def _numbers(port: int, token: str) -> list[str]:
    """So many cases that the notes of run after run do not make a few of them long."""
    visitor = Visitor(port)
    numbers: list[str] = []
    after = ""
    while len(numbers) < OPEN_CASES:
        _status, body = visitor.send(
            "GET",
            f"/api/v1/cases?state=open&limit=100{after}",
            headers={"Authorization": f"Bearer {token}"},
        )
        page = json.loads(body)
        numbers += [case["number"] for case in page["items"]]
        if not page["next"]:
            break
        after = f"&cursor={page['next']}"
    return numbers
