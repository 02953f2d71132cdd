"""Turning the ring: a new wrapping key, every person's key wrapped anew, the old wrapping key dropped.

What is sealed does not change, only what the keys of people are wrapped with; so a turn touches one small table
and the program goes on meanwhile. The key of the blind indexes stays: digests in every row and the chain of the
log hang on it.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from zhike.core import clock, work
from zhike.core.models import PersonKey
from zhike.core.sealing.box import rewrapped
from zhike.core.sealing.ring import fresh_key, ring, ring_path

ACTOR = work.Actor.system("zhike keys")
CHUNK = 200
# Whoever wrapped with the old key just before the turn has committed by then.
SETTLES_IN = timedelta(minutes=10)


@dataclass(frozen=True)
class Wrapping:
    """One wrapping key of the ring and how many people's keys are wrapped with it."""

    id: str
    people: int
    is_current: bool


class NotYet(Exception):
    """An old wrapping key cannot be dropped: `people` keys still need it, or the turn is too fresh."""

    def __init__(self, people: int = 0, minutes: int = 0) -> None:
        super().__init__(people, minutes)
        self.people, self.minutes = people, minutes


def status() -> list[Wrapping]:
    keys = ring()
    return [
        Wrapping(name, _wrapped_with(name).count(), name == keys.current) for name in keys.wrapping
    ]


def left() -> int:
    """How many people's keys are not wrapped with the present wrapping key yet."""
    return _old().count()


def begin_turn() -> str:
    """A new wrapping key, in the ring and in use from now on; its id. A turn not ended yet goes on instead."""
    keys = ring()
    if len(keys.wrapping) > 1 and left():
        return keys.current
    with _held() as told:
        number = max(int(name[1:]) for name in told["wrapping"]) + 1
        name = f"r{number}"
        told["wrapping"][name] = fresh_key()
        told["current"] = name
        told["turned_at"] = clock.now().astimezone(UTC).isoformat()
    with work.unit(ACTOR) as unit:
        unit.audit("core.keys.turn", None, after={"wrapping": name})
    return name


def wrap_anew(report: Callable[[int], None] = lambda done: None) -> int:
    """Every person's key under the present wrapping key; how many were wrapped anew. Killed, it goes on."""
    done = 0
    while True:
        with work.unit(ACTOR):
            rows = list(_old().select_for_update().order_by("pk")[:CHUNK])
            for row in rows:
                row.wrapped = rewrapped(row.wrapped)
            PersonKey.objects.bulk_update(rows, ["wrapped"])
        done += len(rows)
        report(done)
        if not rows:
            return done


def retire() -> list[str]:
    """Drop every wrapping key but the present one; their ids. Raises `NotYet`."""
    keys = ring()
    people = left()
    if people:
        raise NotYet(people)
    turned_at = json.loads(ring_path().read_text()).get("turned_at")
    if turned_at:
        waited = clock.now() - datetime.fromisoformat(turned_at)
        if waited < SETTLES_IN:
            raise NotYet(minutes=int((SETTLES_IN - waited).total_seconds() // 60) + 1)
    gone = [name for name in keys.wrapping if name != keys.current]
    if not gone:
        return []
    with _held() as told:
        for name in gone:
            del told["wrapping"][name]
    with work.unit(ACTOR) as unit:
        unit.audit("core.keys.retire", None, before={"wrapping": gone}, after={"wrapping": []})
    return gone


def _wrapped_with(name: str) -> "QuerySet[PersonKey]":
    return PersonKey.objects.filter(wrapped__startswith=f"{name}:")


def _old() -> "QuerySet[PersonKey]":
    rows = PersonKey.objects.exclude(wrapped="")
    return rows.exclude(wrapped__startswith=f"{ring().current}:")


@contextmanager
def _held() -> Iterator[dict[str, Any]]:
    """The ring as written, for us alone; what the body made of it replaces the file at once, whole."""
    path = ring_path()
    with (path.parent / "ring.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = json.loads(path.read_text())
        yield told
        fresh = path.with_name(".ring.json")
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as stream:
            stream.write(json.dumps(told, indent=1))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(fresh, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            # The name too is on the disk before anything is wrapped with the new key.
            os.fsync(folder)
        finally:
            os.close(folder)
