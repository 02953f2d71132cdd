"""Cases made through the API per second, everything included: number, clock, timeline, audit, counters, news."""

from __future__ import annotations

import json
import random

from bench.database import Database
from bench.http_load import Visitor
from bench.http_load import run as load
from bench.mixed import make_token

SECONDS = 10


def run(database: Database) -> None:
    with database.serving() as port:
        token = make_token(database)

        def make(visitor: Visitor, rng: random.Random) -> int:
            body = {
                "type": "repair",
                "text": "新车 3 天控制器报错 E06，下雨天停门口一夜就打不着了。",
                "customer_id": rng.randrange(database.customers) + 1,
            }
            return visitor.send(
                "POST",
                "/api/v1/cases",
                json.dumps(body).encode(),
                {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            )[0]

        made = load(port, [(1, make)], SECONDS)
        print(
            f"\nCases made through the API: {made.per_second:.0f} a second "
            f"(median {made.median_ms:.0f} ms, p95 {made.p95_ms:.0f} ms, {made.failures} failed)"
        )
