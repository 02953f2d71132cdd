"""Server time and statements of each page, in one process on one database. Asked line by line by run.py.

Reads a page's name per line from stdin, answers one JSON line with the times in seconds.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client, override_settings  # noqa: E402

from bench.seed import EVERYWHERE, NOW, OLD_ONLY, OLD_RARE, RARE  # noqa: E402
from zhike.accounts.models import User  # noqa: E402
from zhike.accounts.services.tokens import create_token  # noqa: E402
from zhike.core import access, clock, work  # noqa: E402
from zhike.customers.models import Customer  # noqa: E402
from zhike.desk.models import Case  # noqa: E402
from zhike.insight.periods import Week  # noqa: E402


class Statements:
    """Counted as the program's tests count: session, user and rights included, BEGIN and COMMIT not."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += not sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))
        return execute(sql, params, many, context)


# A header of the bench itself: which of its two clients asks.
AS_SUPERVISOR = {"X-Bench": "supervisor"}
# A week is counted once a minute; its first reader of a minute waits so long.
ANEW = "first reader of the minute"


def pages() -> dict[str, tuple[str, dict[str, str]]]:
    """Address and headers of each page."""
    lin = User.objects.get(staff_number="1001")
    _row, token = create_token(
        actor=work.Actor.system("bench"),
        grants=access.everything("bench"),
        user=lin,
        label="bench",
    )
    bearer = {"Authorization": f"Bearer {token}"}
    middle = Case.objects.filter(closed_at=None).order_by("-id").values_list("number", flat=True)
    complaint = middle.filter(type__code="complaint")
    last_week = Week.of(clock.today()).before
    customer = Customer.objects.order_by("-id").values_list("id", flat=True)
    searched = {
        "search 2 signs, everywhere": EVERYWHERE,
        "search 4 signs, rare": RARE,
        "search 2 signs, old rows only": OLD_ONLY,
        "search 4 signs, rare and old": OLD_RARE,
        "search nothing": "獬豸",
    }
    found = {
        "queue": ("/cases/", {}),
        "queue, closed, page 1": ("/cases/?tab=closed", {}),
        "case": (f"/cases/{middle[0]}/", {}),
        "customer list": ("/customers/", {}),
        "customer": (f"/customers/{customer[0]}/", {}),
        "home": ("/", {}),
        "complaint": (f"/cases/{complaint[0]}/", {}),
        "complaints": ("/complaints/", {}),
        "home, supervisor": ("/", AS_SUPERVISOR),
        "week, supervisor": ("/reports/weekly/", AS_SUPERVISOR),
        f"week, {ANEW}": ("/reports/weekly/", AS_SUPERVISOR),
        "week before, supervisor": (f"/reports/weekly/{last_week.code}/", AS_SUPERVISOR),
        f"week before, {ANEW}": (f"/reports/weekly/{last_week.code}/", AS_SUPERVISOR),
        "settled days": ("/reports/days/", AS_SUPERVISOR),
        "visits": ("/follow-ups/", AS_SUPERVISOR),
        "visits, made": ("/follow-ups/?tab=done", AS_SUPERVISOR),
        "notices": ("/notices/", AS_SUPERVISOR),
        "notices, overdue": ("/notices/?tab=overdue", AS_SUPERVISOR),
        "notices, answered": ("/notices/?tab=answered", AS_SUPERVISOR),
        "notices, all": ("/notices/?tab=all", AS_SUPERVISOR),
        "remedies": ("/remedies/", AS_SUPERVISOR),
        "remedies, carried out": ("/remedies/?tab=carried_out", AS_SUPERVISOR),
        "approvals": ("/approvals/", AS_SUPERVISOR),
        "API list": ("/api/v1/cases?limit=50", bearer),
    }
    for name, word in searched.items():
        found[name] = (f"/search/?q={word}", {})
    for name, word in searched.items():
        found[f"message {name}"] = (f"/search/?q={word}&kind=message", {})
    return found


def measure(client: Client, path: str, headers: dict[str, str], times: int) -> dict[str, Any]:
    counter = Statements()
    taken = []
    with connection.execute_wrapper(counter):
        for _ in range(times):
            began = time.perf_counter()
            answer = client.get(path, headers=headers)
            taken.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise SystemExit(f"{path} answered {answer.status_code}")
    return {
        "median": statistics.median(taken),
        "p95": sorted(taken)[max(0, round(0.95 * len(taken)) - 1)],
        "statements": counter.count / times,
        "bytes": len(answer.content),
    }


def main() -> None:
    """The clock stands where the rows end, a Friday afternoon: a week is then as full on every day of ours."""
    with clock.override(NOW):
        serve()


def serve() -> None:
    agent, supervisor = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    agent.force_login(User.objects.get(staff_number="1001"))
    supervisor.force_login(User.objects.filter(assignments__role__code="supervisor").earliest("pk"))
    known = pages()
    print(json.dumps(list(known)), flush=True)
    for line in sys.stdin:
        name, times = json.loads(line)
        path, headers = known[name]
        client = supervisor if headers is AS_SUPERVISOR else agent
        with override_settings(WEEK_KEPT_SECONDS=0 if ANEW in name else 60):
            measure(client, path, headers, 1)
            print(json.dumps(measure(client, path, headers, times)), flush=True)


if __name__ == "__main__":
    main()
