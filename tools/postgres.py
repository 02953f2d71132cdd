"""A PostgreSQL server of the tests' own: made by initdb on a free port, gone afterwards.

Never the system's cluster: nothing there could be harmed, and nothing there needs a role or a password.

    tools/postgres.py COMMAND …     run a command with ZHIKE_TEST_DATABASE_URL set
"""

from __future__ import annotations

import glob
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

# Speed over safety: the data live for one test run.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "120",
    "shared_buffers": "128MB",
}


class NoServer(Exception):
    """No PostgreSQL could be started; the text says what to do."""


def program(name: str) -> str | None:
    """A PostgreSQL program, the newest version first; Debian keeps them off the PATH."""
    found = glob.glob(f"/usr/lib/postgresql/*/bin/{name}")
    if found:
        return max(found, key=lambda path: int(re.findall(r"postgresql/(\d+)", path)[0]))
    return shutil.which(name)


def as_server_user(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root; then the user its package made runs it."""
    if os.geteuid() != 0:
        return command
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        raise NoServer("There is no user postgres. Install with: apt install postgresql") from None
    return ["runuser", "-u", "postgres", "--", *command]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _call(command: list[str], folder: Path) -> None:
    # Output goes to a file, not a pipe: the server inherits it and would keep a pipe open for ever.
    output = folder.parent / f"{folder.name}.log"
    with output.open("ab") as stream:
        done = subprocess.run(
            as_server_user(command),
            stdout=stream,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
        )
    if done.returncode:
        log = output.read_text(errors="replace")[-2000:]
        raise NoServer(f"`{' '.join(command)}` failed:\n{log}")


@contextmanager
def own_server() -> Iterator[str]:
    """Start a server, yield its URL, stop and remove it, also on Ctrl-C and SIGTERM."""
    initdb, pg_ctl = program("initdb"), program("pg_ctl")
    if initdb is None or pg_ctl is None:
        raise NoServer("PostgreSQL is missing. Install with: sudo apt install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="zhike-postgres-"))
    data = folder / "data"
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        _call(
            [initdb, "-D", str(data), "-E", "UTF8", "--locale=C.UTF-8", "-U", "zhike"]
            + ["-A", "trust", "--no-sync"],
            data,
        )
        port = free_port()
        options = {**SETTINGS, "port": str(port), "unix_socket_directories": str(folder)}
        flags = " ".join(f"-c {name}={value}" for name, value in options.items())
        _call([pg_ctl, "-D", str(data), "-w", "-t", "60", "-o", flags, "start"], data)
        yield f"postgresql://zhike@127.0.0.1:{port}/postgres"
    finally:
        if (data / "postmaster.pid").exists():
            _call([pg_ctl, "-D", str(data), "-m", "immediate", "stop"], data)
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    try:
        with own_server() as url:
            return subprocess.run(
                sys.argv[1:], env={**os.environ, "ZHIKE_TEST_DATABASE_URL": url}
            ).returncode
    except NoServer as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
