"""Where the processes under one supervisor keep their counters, so that whichever is asked can add them up.

A supervisor is one target of Prometheus: its counters begin at nought when it does. Needs neither Django nor the
library, for the supervisor has neither.
"""

import os
import shutil
import socket
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path

# The library looks at it when it is first imported.
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
PORT_VARIABLE = "ZHIKE_METRICS_PORT"


def networks(text: str) -> list[str]:
    """Addresses and networks separated by commas, each one that can be read."""
    named = [one.strip() for one in text.split(",") if one.strip()]
    for one in named:
        try:
            ip_network(one, strict=False)
        except ValueError:
            raise ValueError(f"ZHIKE_METRICS_ADDRESSES: {one} is no address or network.") from None
    return named


def environment_of(data: Path, port: int) -> dict[str, str]:
    """For the children: a fresh folder for the server on `port`, which holds the port's lock."""
    folder = data / "metrics" / f"{socket.gethostname()}-{port}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return {FOLDER_VARIABLE: str(folder)}


def forget_dead(folder: Path) -> None:
    """Gauges of processes that died count no more; their counters do."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = file.stem.rsplit("_", 1)[1]
        if pid.isdigit() and not _lives(int(pid)):
            file.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, 0)
        return True
    return False
