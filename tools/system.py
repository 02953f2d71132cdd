"""What the tests need from the system: looked for, installed through apt when that is allowed."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from postgres import program


@dataclass(frozen=True)
class Need:
    what: str
    package: str
    present: Callable[[], bool]


def _has_chinese_font() -> bool:
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(
        ["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False
    )
    return bool(listed.stdout.strip())


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def nginx() -> str | None:
    # Debian keeps it off the PATH of users.
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


NGINX = Need("nginx", "nginx-light", lambda: nginx() is not None)
SYSTEMD = Need(
    "systemd-analyze, which reads units", "systemd", lambda: bool(shutil.which("systemd-analyze"))
)
POSTGRES = Need("a PostgreSQL server program", "postgresql", lambda: program("initdb") is not None)


def _loads(*names: str) -> bool:
    try:
        for name in names:
            ctypes.CDLL(name)
    except OSError:
        return False
    return True


BROWSER = (
    Need("Chromium", "chromium", lambda: chromium() is not None),
    # What drives the browser brings a node of its own, which needs it.
    Need("libatomic", "libatomic1", lambda: _loads("libatomic.so.1")),
)


PANGO = Need(
    "Pango, which prints papers",
    "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    # Loaded as WeasyPrint loads them.
    lambda: _loads("libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"),
)
CHINESE_FONT = Need("a Chinese font", "fonts-noto-cjk fontconfig", _has_chinese_font)


def ensure(needs: Iterable[Need]) -> str:
    """Install what lacks; the answer is empty, or one sentence saying what to do."""
    lacking = [need for need in needs if not need.present()]
    if not lacking:
        return ""
    packages = [package for need in lacking for package in need.package.split()]
    line = "apt install " + " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return f"Missing: {', '.join(need.what for need in lacking)}. Install with: sudo {line}"
    print(f"Installing {' '.join(packages)} …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(
            command, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode:
            return f"`{' '.join(command)}` failed:\n{done.stdout[-1500:]}"
    still = [need.what for need in lacking if not need.present()]
    return f"After `{line}` still missing: {', '.join(still)}." if still else ""
