"""The two databases we support, from one setting: SQLite in the data folder, or PostgreSQL by URL."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA cache_size=-64000;"
    "PRAGMA mmap_size=268435456;"
    "PRAGMA busy_timeout=20000;"
    # What was deleted or written over is not to be found in the file any more: erased people above all.
    "PRAGMA secure_delete=ON;"
)


def several_processes() -> bool:
    """Whether several servers may share the database: it is one of the network's, not a file of ours."""
    return bool(os.environ.get("ZHIKE_DATABASE_URL"))


def database_settings(url: str, data: Path) -> dict[str, Any]:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(data / "zhike.sqlite3"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # IMMEDIATE takes the write lock at BEGIN, so a transaction never dies upgrading its lock.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": SQLITE_PRAGMAS,
            },
            # A file, not :memory:, so that threads and worker processes of a test see one database.
            "TEST": {"NAME": str(data / "test.sqlite3")},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(
            "ZHIKE_DATABASE_URL must look like postgresql://user:password@host:port/name"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "zhike",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        # Web and job threads live long; one persistent connection each beats a pool (serving bench).
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Short queries by the hundred: compiling one, or starting helpers for it, costs more than running it.
        "OPTIONS": {"options": "-c jit=off -c max_parallel_workers_per_gather=0"},
        "TEST": {"TEMPLATE": "template0"},
    }
