"""Is an installation as it should be? Each finding is one fact, good or to be mended; `zhike doctor` says it."""

import shutil
import socket
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q

from zhike.core import clock, masterring, printing
from zhike.core.backup.saving import last_backup
from zhike.core.calendar.missing import calendars_lacking_dates, is_pressing, years_wanted
from zhike.core.checkup import postgresql, processes, site
from zhike.core.checkup.codes import GOOD, Finding, Said
from zhike.core.jobs import rows
from zhike.core.models import AuditCheck, AuditRow, OutboxMessage, PersonKey, WorkerBeat
from zhike.core.serving import folderlock, ports
from zhike.core.serving.health import LATE_SECONDS

LEAST_FREE_BYTES = 1_000_000_000
LEAST_FREE_SHARE = 0.05
AUDIT_CHECK_EVERY = timedelta(days=2)
BACKUP_EVERY = timedelta(days=2)
FAILED_JOBS_OF = timedelta(days=7)
JOB_WAITS_AT_MOST = timedelta(minutes=15)
CLOCK_DIFFERS_AT_MOST = timedelta(seconds=5)
# The oldest that Django 5.2 knows.
LEAST_POSTGRESQL = 14
MAIL_TIMEOUT_SECONDS = 5


__all__ = ["GOOD", "Finding", "Said", "findings"]


def findings(address: str = "") -> Iterator[Finding]:
    """Everything looked at, in order. What needs the database is left out when that cannot be used.

    `address` is what browsers open, when it is another than the settings tell.
    """
    folder = Path(settings.DATA)
    yield folder_rights(folder)
    found = database()
    usable = found[0].is_good
    yield key_ring(folder, usable)
    yield from found
    if usable:
        for look in (worker, jobs, audit, dates, time_of_day):
            yield look()
        yield from postgresql.settings_of_server(folder)
        yield from processes.versions(folder)
    yield disk(folder)
    yield from reach(folder)
    yield contact()
    yield from site.looked_at(folder, address or site.own_address())
    yield from processes.figures(folder)
    yield from processes.log_file()
    yield from processes.time_service()
    yield paper()
    yield mail()
    yield links(usable)
    yield backups(folder)


def folder_rights(folder: Path) -> Finding:
    return Finding(
        Said.FOLDER_OPEN if _open_to_others(folder) else Said.FOLDER_OK, {"folder": folder}
    )


def key_ring(folder: Path, database_is_usable: bool) -> Finding:
    keys = folder / "keys"
    ring = keys / "ring.json"
    if not ring.exists():
        lost = database_is_usable and PersonKey.objects.exists()
        return Finding(Said.KEYS_LOST if lost else Said.KEYS_NONE_YET, {"file": ring})
    if _open_to_others(keys) or _open_to_others(ring):
        return Finding(Said.KEYS_OPEN, {"folder": keys, "file": ring})
    try:
        held = masterring.parse(ring.read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Finding(Said.KEYS_UNREADABLE, {"file": ring})
    if len(held.wrapping) > 1 and database_is_usable:
        old = PersonKey.objects.exclude(wrapped="")
        left = old.exclude(wrapped__startswith=f"{held.current}:").count()
        return Finding(Said.KEYS_TURNING if left else Said.KEYS_TO_RETIRE, {"count": left})
    return Finding(Said.KEYS_OK, {"file": ring})


def database() -> list[Finding]:
    """One finding; on PostgreSQL others may follow. Good only when it is reachable and up to date."""
    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            return [Finding(Said.DATABASE_BEHIND, {"count": len(waiting)})]
        ahead = postgresql.steps_unknown(executor)
        if ahead:
            return [Finding(Said.DATABASE_AHEAD, {"step": ahead[0], "count": len(ahead)})]
        return [Finding(Said.DATABASE_OK, {"name": _server_name()}), *_postgresql()]
    except DatabaseError as error:
        lines = str(error).strip().splitlines()
        return [Finding(Said.DATABASE_FAILED, {"why": lines[0] if lines else error})]


def _server_name() -> str:
    version = ".".join(map(str, connection.get_database_version()))
    return f"{connection.display_name} {version}"


def _postgresql() -> Iterator[Finding]:
    if connection.vendor != "postgresql":
        return
    major = connection.get_database_version()[0]
    if major < LEAST_POSTGRESQL:
        yield Finding(Said.POSTGRESQL_OLD, {"version": major, "least": LEAST_POSTGRESQL})
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regprocedure('zhike_tokens(text, bigint)') IS NOT NULL")
        present = cursor.fetchone()
    if not (present and present[0]):
        yield Finding(Said.SEARCH_FUNCTION_MISSING)


def worker() -> Finding:
    newest = WorkerBeat.objects.order_by("-at").values_list("at", flat=True).first()
    if newest is None:
        return Finding(Said.WORKER_NONE)
    age = int((clock.now() - newest).total_seconds())
    late = age > LATE_SECONDS
    return Finding(Said.WORKER_LATE if late else Said.WORKER_OK, {"seconds": age})


def jobs() -> Finding:
    since = clock.now() - FAILED_JOBS_OF
    failed = rows.Row.objects.filter(status=rows.FAILED, finished_at__gt=since)
    # One that somebody called off has not failed.
    count = failed.exclude(exception_class_path=rows.CALLED_OFF["exception_class_path"]).count()
    if count:
        return Finding(Said.JOBS_FAILED, {"count": count, "days": FAILED_JOBS_OF.days})
    limit = clock.now() - JOB_WAITS_AT_MOST
    waiting = rows.Row.objects.filter(status=rows.READY, enqueued_at__lt=limit)
    # One that is to be tried again later waits rightly.
    long = waiting.filter(Q(run_after=rows.AT_ONCE) | Q(run_after__lt=limit)).count()
    if long:
        minutes = int(JOB_WAITS_AT_MOST.total_seconds() // 60)
        return Finding(Said.JOBS_WAIT, {"count": long, "minutes": minutes})
    return Finding(Said.JOBS_OK)


def audit() -> Finding:
    last = AuditCheck.objects.order_by("-pk").first()
    if last is not None and last.fault:
        return Finding(Said.AUDIT_FAULT, {"row": last.fault_row or "–"})
    since = clock.now() - AUDIT_CHECK_EVERY
    if last is not None and last.at >= since:
        return Finding(Said.AUDIT_OK, {"rows": last.rows, "moment": _told(last.at)})
    if last is not None:
        return Finding(Said.AUDIT_UNCHECKED, {"moment": _told(last.at)})
    old = AuditRow.objects.filter(at__lt=since).exists()
    return Finding(Said.AUDIT_NEVER if old else Said.AUDIT_YOUNG)


def time_of_day() -> Finding:
    if connection.vendor != "postgresql":
        return Finding(Said.CLOCK_OK, {"seconds": 0})
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there = cursor.fetchone()
    difference = abs(clock.now() - there[0]) if there else timedelta()
    differs = difference > CLOCK_DIFFERS_AT_MOST
    return Finding(
        Said.CLOCK_DIFFERS if differs else Said.CLOCK_OK,
        {"seconds": int(difference.total_seconds())},
    )


def dates() -> Finding:
    """Are this year's days off entered, and from November on the next year's? Those may wait for a while."""
    today = clock.today()
    lacking = calendars_lacking_dates(today)
    if not lacking:
        return Finding(Said.DATES_OK, {"years": ", ".join(map(str, years_wanted(today)))})
    years = sorted({year for one in lacking for year in one.years})
    return Finding(
        Said.DATES_LACK if is_pressing(years, today) else Said.DATES_SOON,
        {
            "years": ", ".join(map(str, years)),
            "calendars": ", ".join(one.name for one in lacking),
        },
    )


def disk(folder: Path) -> Finding:
    usage = shutil.disk_usage(folder)
    small = usage.free < max(LEAST_FREE_BYTES, _share(usage.total))
    values = {"folder": folder, "free": f"{usage.free / 1e9:.1f}"}
    return Finding(Said.DISK_FULL if small else Said.DISK_OK, values)


def _share(total: int) -> int:
    # A twentieth, but of a large disk ten gigabytes are enough.
    return min(int(total * LEAST_FREE_SHARE), 10 * LEAST_FREE_BYTES)


def reach(folder: Path) -> Iterator[Finding]:
    """Under which names the pages answer, and whether what is typed there travels in clear."""
    hosts = [host for host in settings.ALLOWED_HOSTS if host]
    outside = [host for host in hosts if not ports.is_loopback(host.strip("[]"))]
    server = folderlock.server_of(folder)
    listens = urlsplit(server.address).hostname if server and server.address else None
    good = True
    if settings.DEBUG:
        good = False
        yield Finding(Said.DEBUG_ON)
    if "*" in hosts:
        good = False
        yield Finding(Said.HOSTS_ANY)
    if not outside and listens is not None and not ports.is_loopback(listens):
        good = False
        yield Finding(Said.HOSTS_UNSET, {"address": server.address if server else ""})
    if outside and not settings.SESSION_COOKIE_SECURE:
        good = False
        yield Finding(Said.HTTPS_OFF, {"names": ", ".join(outside)})
    if good:
        yield Finding(Said.REACH_OK, {"names": ", ".join(hosts)})


def contact() -> Finding:
    """Whether a finder of a fault learns whom to tell."""
    found = settings.SECURITY_CONTACT
    if found is None:
        return Finding(Said.CONTACT_NONE)
    old = found.expires < clock.today()
    values: dict[str, object] = {"address": found.address, "day": found.expires.isoformat()}
    return Finding(Said.CONTACT_OLD if old else Said.CONTACT_OK, values)


def paper() -> Finding:
    if printing.can_print():
        return Finding(Said.PRINTING_OK)
    return Finding(Said.PRINTING_MISSING, {"line": f"sudo {printing.APT_LINE}"})


def mail() -> Finding:
    """Whether the server takes a connection; nothing is said to it."""
    if not settings.ZHIKE_EMAIL_URL:
        return Finding(Said.MAIL_OFF)
    host, port = str(settings.EMAIL_HOST), int(settings.EMAIL_PORT)
    try:
        socket.create_connection((host, port), timeout=MAIL_TIMEOUT_SECONDS).close()
    except OSError as error:
        why = error.strerror or str(error)
        return Finding(Said.MAIL_UNREACHABLE, {"host": host, "port": port, "why": why})
    return Finding(Said.MAIL_OK, {"host": host, "port": port})


def links(database_is_usable: bool) -> Finding:
    """Whether what is sent to customers can say where they find us: their questionnaires, and “ask me no more”."""
    if settings.ZHIKE_PUBLIC_URL:
        return Finding(Said.LINKS_OK, {"address": settings.ZHIKE_PUBLIC_URL})
    letters = OutboxMessage.objects.filter(kind="email")
    if settings.ZHIKE_EMAIL_URL or (database_is_usable and letters.exists()):
        return Finding(Said.LINKS_NOWHERE)
    return Finding(Said.LINKS_NONE_NEEDED)


def backups(folder: Path) -> Finding:
    last = last_backup(folder)
    if last is None:
        return Finding(Said.BACKUP_NONE)
    old = clock.now() - last > BACKUP_EVERY
    return Finding(Said.BACKUP_OLD if old else Said.BACKUP_OK, {"moment": _told(last)})


def _open_to_others(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _told(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"
