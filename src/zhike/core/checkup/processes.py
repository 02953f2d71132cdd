"""The processes of this installation: one version, figures told, a log that can be written, the right time."""

import http.client
import json
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from zhike import __version__
from zhike.core import clock
from zhike.core.checkup.codes import Finding, Said
from zhike.core.jobs.worker import version_of
from zhike.core.models import WorkerBeat
from zhike.core.serving import folderlock
from zhike.core.serving.health import LATE_SECONDS

TIMEOUT_SECONDS = 5


def living_workers() -> list[str]:
    fresh = clock.now() - timedelta(seconds=LATE_SECONDS)
    found = WorkerBeat.objects.filter(at__gt=fresh).order_by("worker_id")
    return list(found.values_list("worker_id", flat=True)[:1000])


def versions(folder: Path) -> Iterator[Finding]:
    """Workers of all machines, web processes of this one, and the program that looks."""
    found = {version_of(worker) for worker in living_workers()}
    for server in folderlock.servers_of(folder):
        status, body = _ask(server.address, "/healthz")
        if status == 200:
            found.add(str(json.loads(body).get("version", "")))
    found.discard("")
    if found - {__version__}:
        told = ", ".join(sorted(found | {__version__}))
        yield Finding(Said.VERSIONS_DIFFER, {"versions": told, "own": __version__})
    else:
        yield Finding(Said.VERSIONS_OK, {"version": __version__})


def figures(folder: Path) -> Iterator[Finding]:
    """Each web process tells its figures to this machine."""
    addresses = [server.address for server in folderlock.servers_of(folder) if server.address]
    shut = [address for address in addresses if _ask(address, "/metrics")[0] != 200]
    for address in shut:
        yield Finding(Said.FIGURES_SHUT, {"address": f"{address}/metrics"})
    if addresses and not shut:
        yield Finding(Said.FIGURES_OK, {"count": len(addresses)})


def log_file() -> Iterator[Finding]:
    named = os.environ.get("ZHIKE_LOG_FILE", "")
    if not named:
        return
    file = Path(named)
    values = {"file": file, "folder": file.parent}
    writable = os.access(file if file.exists() else file.parent, os.W_OK)
    # logrotate has the new file made in the folder.
    if not writable or not os.access(file.parent, os.W_OK | os.X_OK):
        yield Finding(Said.LOG_UNWRITABLE, values)
    elif file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o007:
        yield Finding(Said.LOG_OPEN, values)
    else:
        yield Finding(Said.LOG_OK, values)


def time_service() -> Iterator[Finding]:
    """Whether the machine's clock is set by others; only systemd knows."""
    program = shutil.which("timedatectl")
    if program is None:
        return
    command = [program, "show", "--property=NTPSynchronized", "--value"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    answer = done.stdout.strip()
    if answer in {"yes", "no"}:
        yield Finding(Said.TIME_OK if answer == "yes" else Said.TIME_ALONE)


def _ask(address: str, path: str) -> tuple[int, bytes]:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS
    )
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        got = connection.getresponse()
        return got.status, got.read(1_000_000)
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()
