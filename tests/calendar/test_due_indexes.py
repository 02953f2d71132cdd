"""What is asked again and again about due times is asked of an index: 20,000 rows, of which a few are open.

The plans are the databases' own, with their statistics brought up to date.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model, QuerySet

from tests.care.conftest import close, open_other, visit_of
from tests.cast import Cast
from tests.complaints.notice_scene import make_scene, send
from tests.privacy.test_requests import take
from zhike.care.models import FollowUp
from zhike.care.services.reminding import visits_to_ring_for
from zhike.complaints.models import Notice
from zhike.complaints.services.notice_alarms import ALARMS
from zhike.core.calendar.recounts import EVERYTHING, RECOUNTS, bite
from zhike.desk.models import STILL_OPEN, Case
from zhike.desk.services.alarms import cases_to_look_at
from zhike.privacy.models import DataRequest
from zhike.privacy.services.reminding import requests_to_ring_for

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 6, 26, tzinfo=UTC)
ROWS, OPEN = 20_000, 100
KINDS = ("cases", "notices", "visits", "requests")
# Of 20,000: what is open, and a margin.
MOST_READ = 1_000
Rows = QuerySet[Any]


def bites(kind: str) -> Rows:
    found = RECOUNTS.get(kind)
    assert found is not None
    return bite(found.rows(EVERYTHING), 0).values_list("pk", flat=True)


def lately(kind: str) -> Rows:
    found = RECOUNTS.get(kind)
    assert found is not None
    written = found.written_since(found.rows(EVERYTHING), NOW - timedelta(minutes=10))
    return bite(written, 0).values_list("pk", flat=True)


def alarm(place: int) -> Rows:
    return ALARMS[place].rows(NOW).order_by("pk").values_list("pk", "unit_id")[:50]


ASKED: dict[str, Callable[[], Rows]] = {
    "clocks of cases": lambda: cases_to_look_at(NOW).order_by("pk").values_list("pk")[:50],
    "levels changed": lambda: Case.objects.filter(STILL_OPEN, queue_at__lte=NOW).values_list("pk"),
    "notices to warn of": lambda: alarm(0),
    "notices overdue": lambda: alarm(1),
    "notices long overdue": lambda: alarm(2),
    "measures to check": lambda: alarm(3),
    "bells of visits": lambda: visits_to_ring_for(NOW)[:50],
    "bells of requests": lambda: requests_to_ring_for(NOW).order_by("remind_at", "pk")[:50],
    **{f"{kind} recounted": partial(bites, kind) for kind in KINDS},
    **{f"{kind} written lately": partial(lately, kind) for kind in KINDS},
}
TABLES = tuple(model._meta.db_table for model in (Case, Notice, FollowUp, DataRequest))


def many_of(row: Model, ended: dict[str, Any], unique: Callable[[int], dict[str, Any]]) -> None:
    """`ROWS` like this one; all but every so many-th have ended."""
    model = type(row)
    columns = {
        field.attname: getattr(row, field.attname)
        for field in model._meta.concrete_fields
        if not field.primary_key
    }
    model._default_manager.bulk_create(
        (
            model(**(columns | ({} if place % (ROWS // OPEN) == 0 else ended) | unique(place)))
            for place in range(ROWS)
        ),
        batch_size=2000,
    )


@pytest.fixture
def many(cast: Cast, frozen_clock, given) -> None:
    frozen_clock(NOW)
    scene = make_scene(cast)
    notice, request = send(scene), take(cast)
    visit = visit_of(close(cast.lin, open_other(cast.lin, cast.chen.pk)))
    over = {"state": "held", "answered_at": NOW, "check_due": NOW.date()}
    with given():
        many_of(
            Case.objects.get(pk=scene.case.pk),
            {"state": "closed", "closed_at": NOW - timedelta(days=9)},
            lambda n: {
                "number": f"X{n:08}", "submit_key": None, "external_id": None,
                "opened_at": NOW - timedelta(minutes=n), "last_event_at": NOW - timedelta(minutes=n),
            },
        )  # fmt: skip
        cases = list(Case.objects.filter(number__startswith="X").values_list("pk", flat=True))
        many_of(
            notice, over, lambda n: {"number": f"N{n:08}", "submit_key": None, "case_id": cases[n]}
        )
        to_check = Notice.objects.filter(
            state="held", pk__in=Notice.objects.filter(number__endswith="77")
        )
        to_check.update(state="answered", check_due=NOW.date() + timedelta(days=9))
        gone = {"state": "called_off", "call_off": "reopened", "ended_at": NOW, "remind_at": None}
        many_of(visit, gone, lambda n: {"case_id": cases[n], "round": 1})
        ended = {"state": "taken_back", "ended_at": NOW, "remind_at": None}
        many_of(request, ended, lambda n: {"number": f"R{n:08}"})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def rows_read(rows: Rows) -> int:
    """PostgreSQL carries it out and tells how many rows of the large tables it took in its hands."""
    [told] = json.loads(rows.explain(analyze=True, format="json"))
    nodes, read = [told["Plan"]], 0
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if node.get("Relation Name") in TABLES:
            removed = node.get("Rows Removed by Filter", 0)
            read += (node["Actual Rows"] + removed) * node["Actual Loops"]
    return int(read)


def walks(rows: Rows) -> list[str]:
    """The lines of SQLite's plan that walk a whole large table, or its key from some row on."""
    tables = "|".join(TABLES)
    partial = "|".join(
        index.name
        for model in (Case, Notice, FollowUp, DataRequest)
        for index in model._meta.indexes
        if index.condition is not None
    )
    whole = re.compile(
        rf"SCAN ({tables})\b(?! USING (COVERING )?INDEX ({partial})\b)"
        rf"|SEARCH ({tables}) USING INTEGER PRIMARY KEY \(rowid>\?\)"
    )
    return [line for line in rows.explain().splitlines() if whole.search(line)]


def test_nothing_reads_through_all_rows(many: None) -> None:
    assert Case.objects.filter(STILL_OPEN).count() < MOST_READ < ROWS
    # It would be noticed.
    everything: Rows = Notice.objects.filter(text__contains="x")
    if connection.vendor == "sqlite":
        assert walks(everything)
        found = {name: walks(ask()) for name, ask in ASKED.items()}
        assert {name: lines for name, lines in found.items() if lines} == {}
    else:
        assert rows_read(everything) >= ROWS
        read = {name: rows_read(ask()) for name, ask in ASKED.items()}
        assert {name: n for name, n in read.items() if n > MOST_READ} == {}
