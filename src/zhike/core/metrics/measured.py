"""What stands in the database and on the disk now, looked up when asked, at most every ten seconds.

However large the installation is, each look reads indexes of what is open, or counts to `MOST` and no further.
"""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Min, QuerySet
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from zhike import __version__
from zhike.core import audit_chain, clock
from zhike.core.backup.saving import last_backup
from zhike.core.jobs import rows
from zhike.core.jobs.definition import QUEUES
from zhike.core.models import AuditCheck, OutboxMessage, PeriodicRun, WorkerBeat
from zhike.core.models.outbox import OutboxState
from zhike.core.registry import Slot
from zhike.core.serving.health import LATE_SECONDS

MOST = 10_000
KEPT_SECONDS = 10.0
Source = Callable[[datetime], Iterator[GaugeMetricFamily]]

SOURCES: Slot[Source] = Slot("core.metrics.SOURCES", "Figures a room gives to /metrics")


class Measured(Collector):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[GaugeMetricFamily] = []
        self._until = 0.0

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._lock:
            if time.monotonic() >= self._until:
                self._kept = list(_look())
                self._until = time.monotonic() + KEPT_SECONDS
            yield from self._kept

    def forget(self) -> None:
        self._until = 0.0


MEASURED = Measured()


def figure(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, value=value)


def figures(
    name: str, help_text: str, labels: tuple[str, ...], values: dict[tuple[str, ...], float]
) -> GaugeMetricFamily:
    made = GaugeMetricFamily(name, help_text, labels=labels)
    for key, value in sorted(values.items()):
        made.add_metric(key, value)
    return made


def counted_to_most(rows_wanted: "QuerySet[Any]") -> int:
    return int(rows_wanted.order_by()[:MOST].count())


def _look() -> Iterator[GaugeMetricFamily]:
    now, began = clock.now(), time.monotonic()
    yield figures(
        "zhike_build_info",
        "Always 1; version and database as labels",
        ("version", "database"),
        {(__version__, connection.vendor): 1},
    )
    yield from _machine(now)
    up = 1
    try:
        for source in (_jobs, _workers, _outbox, _audit, _connections, *SOURCES):
            yield from source(now)
    except DatabaseError:
        # What the processes count is told all the same.
        connection.close()
        up = 0
    yield figure("zhike_database_up", "1 when the database answers", up)
    took = time.monotonic() - began
    yield figure("zhike_measured_seconds", "Time it took to look these up", took)


def _machine(now: datetime) -> Iterator[GaugeMetricFamily]:
    folder = Path(settings.DATA)
    usage = shutil.disk_usage(folder)
    yield figure("zhike_disk_bytes", "Size of the disk of the data folder", usage.total)
    yield figure("zhike_disk_free_bytes", "Free on the disk of the data folder", usage.free)
    last = last_backup(folder)
    if last is not None:
        age = (now - last).total_seconds()
        yield figure("zhike_backup_age_seconds", "Since the last backup of this machine", age)


def _jobs(now: datetime) -> Iterator[GaugeMetricFamily]:
    shown = rows.Row.objects.filter(status__in=[rows.READY, rows.RUNNING, rows.FAILED])
    # Rows, not groups, are limited: a group may be large.
    some = shown.order_by().values("pk")[:MOST]
    grouped = (
        rows.Row.objects.filter(pk__in=some)
        .order_by()
        .values_list("status", "task_path")
        .annotate(count=Count("pk"))
    )
    found: dict[tuple[str, ...], float] = {
        (str(status).lower(), path): count for status, path, count in grouped
    }
    yield figures("zhike_jobs", "Jobs that wait, run, or have failed", ("state", "job"), found)
    due = rows.ready(QUEUES, now)
    oldest = due.order_by().aggregate(oldest=Min("enqueued_at"))["oldest"]
    age = (now - oldest).total_seconds() if oldest is not None else 0.0
    yield figure("zhike_job_oldest_waiting_seconds", "Age of the oldest job that could run", age)


def _workers(now: datetime) -> Iterator[GaugeMetricFamily]:
    beats = list(WorkerBeat.objects.order_by("-at").values_list("at", flat=True)[:1000])
    alive = [at for at in beats if now - at <= timedelta(seconds=LATE_SECONDS)]
    yield figure("zhike_workers", "Workers that have answered within 15 seconds", len(alive))
    if beats:
        age = (now - beats[0]).total_seconds()
        yield figure("zhike_worker_beat_age_seconds", "Since any worker answered", age)
    failing = PeriodicRun.objects.exclude(last_error="").count()
    yield figure("zhike_periodic_failing", "Repeating jobs whose last round failed", failing)


# Those that somebody may have to see to; what was sent grows for ever and is not counted.
_UNDELIVERED = (
    *(OutboxState.WAITING, OutboxState.SENDING, OutboxState.FAILED, OutboxState.UNKNOWN),
)


def _outbox(now: datetime) -> Iterator[GaugeMetricFamily]:
    some = OutboxMessage.objects.filter(state__in=_UNDELIVERED).order_by().values("pk")[:MOST]
    grouped = (
        OutboxMessage.objects.filter(pk__in=some)
        .order_by()
        .values_list("state")
        .annotate(count=Count("pk"))
    )
    found: dict[tuple[str, ...], float] = {(state.value,): 0 for state in _UNDELIVERED}
    found.update({(state,): count for state, count in grouped})
    yield figures(
        "zhike_outbox_messages", "Messages to customers that are not delivered", ("state",), found
    )


def _audit(now: datetime) -> Iterator[GaugeMetricFamily]:
    count, since = audit_chain.waiting()
    lag = (now - since).total_seconds() if since is not None else 0.0
    yield figure("zhike_audit_unsealed_rows", "Rows of the audit log without their link", count)
    yield figure("zhike_audit_lag_seconds", "Age of the oldest of them", lag)
    last = AuditCheck.objects.order_by("-pk").first()
    if last is not None:
        age = (now - last.at).total_seconds()
        yield figure("zhike_audit_check_age_seconds", "Since the whole chain was read", age)
        yield figure("zhike_audit_whole", "1 when nothing was wrong then", 0 if last.fault else 1)


def _connections(now: datetime) -> Iterator[GaugeMetricFamily]:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() GROUP BY 1"
        )
        found: dict[tuple[str, ...], float] = {(state,): n for state, n in cursor.fetchall()}
        cursor.execute("SELECT current_setting('max_connections')::int")
        most = cursor.fetchone()
    yield figures(
        "zhike_database_connections", "Connections to the database by state", ("state",), found
    )
    yield figure(
        "zhike_database_connections_limit", "max_connections of PostgreSQL", most[0] if most else 0
    )
