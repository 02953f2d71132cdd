"""The unit of work: the only way to write.

One transaction, one acting person, one moment. On the outermost exit, in this order: collected rows
(timeline, events), audit rows, counters, then topic numbers in sorted order. Topic rows are locked until
commit, so they come last, and sorted so that two units cannot wait for each other.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from zhike.core import clock, events
from zhike.core.models import AuditRow, CountRow, LiveEvent
from zhike.core.sealing import seal


@dataclass(frozen=True)
class Actor:
    """Who acts: a signed-in person, a customer on a public page, or a named part of the system."""

    id: int | None
    name: str
    kind: str = "user"
    via: str = "page"
    ip: str = ""

    @classmethod
    def system(cls, name: str, via: str = "job") -> "Actor":
        return cls(id=None, name=name, kind="system", via=via)

    @classmethod
    def customer(cls, name: str = "", ip: str = "") -> "Actor":
        return cls(id=None, name=name or "customer", kind="customer", via="public", ip=ip)


class Work:
    """What one unit collects. Services call its methods; nobody constructs it."""

    def __init__(self, actor: Actor, reason: str, now: datetime) -> None:
        self.actor = actor
        self.reason = reason
        self.now = now
        self._rows: list[models.Model] = []
        self._audit: list[AuditRow] = []
        self._counts: dict[tuple[str, int | None, str, str, int | None], int] = {}
        self._topics: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        self._numbers: dict[str, int] = {}

    def add(self, row: models.Model) -> None:
        """Insert `row` at the end, together with the others of its kind."""
        self._rows.append(row)

    def audit(
        self,
        action: str,
        obj: models.Model | None,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        subject: int | None = None,
        unit_id: int | None = None,
    ) -> None:
        """Note what was done. `subject` is the key id of the person the values are about: they are sealed, and
        so is the reason somebody typed. Rows of the log are never changed, so nothing of a person stands in clear.
        """
        payload, reason = "", self.reason
        if before is not None or after is not None:
            told: dict[str, Any] = {"before": before, "after": after}
            if subject is not None and reason:
                told, reason = {**told, "reason": reason}, ""
            payload = json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False)
            if subject is not None:
                payload = seal(subject, payload)
        self._audit.append(
            AuditRow(
                at=self.now,
                actor_id=self.actor.id,
                # A customer is known by the object of the row; the name they gave would stay for good.
                actor_name="customer" if self.actor.kind == "customer" else self.actor.name,
                actor_kind=self.actor.kind,
                via=self.actor.via,
                ip=self.actor.ip,
                action=action,
                object_type=obj._meta.label_lower if obj is not None else "",
                object_id=obj.pk if obj is not None else None,
                unit_id=unit_id if unit_id is not None else getattr(obj, "unit_id", None),
                reason=reason,
                payload=payload,
                subject_key_id=subject,
            )
        )

    def publish(self, event: Any) -> None:
        for handler in events.handlers_of(type(event)):
            handler(event, self)

    def count(
        self,
        metric: str,
        delta: int,
        *,
        unit_id: int | None = None,
        state: str = "",
        kind: str = "",
        owner_id: int | None = None,
    ) -> None:
        key = (metric, unit_id, state, kind, owner_id)
        self._counts[key] = self._counts.get(key, 0) + delta

    def touch(
        self,
        topic: str,
        kind: str = "changed",
        payload: dict[str, Any] | None = None,
        *,
        number: int | None = None,
    ) -> None:
        """Tell everyone who watches `topic`. Equal news in one unit is told once.

        `number` is for a topic whose numbers its record gives out itself, under a lock of its own
        (a case: its version); then every piece of news of that topic carries the next one.
        """
        news = self._topics.setdefault(topic, [])
        if (kind, payload or {}) not in news:
            news.append((kind, payload or {}))
        if number is not None:
            self._numbers[topic] = number

    def enqueue(self, task: Any, **kwargs: Any) -> None:
        """Start a job after the commit; its row is part of this transaction. Pass ids, never texts."""
        task.enqueue(**kwargs)

    def on_commit(self, call: Callable[[], None]) -> None:
        transaction.on_commit(call)

    def _finish(self) -> None:
        # Handlers may add while rows are written only through this same object, before the exit; so one pass.
        by_model: dict[type[models.Model], list[models.Model]] = {}
        for row in self._rows:
            by_model.setdefault(type(row), []).append(row)
        for model, rows in by_model.items():
            model._default_manager.bulk_create(rows, batch_size=200)
        AuditRow.objects.bulk_create(self._audit, batch_size=200)
        CountRow.objects.bulk_create(
            [
                CountRow(
                    metric=metric,
                    unit_id=unit_id,
                    state=state,
                    kind=kind,
                    owner_id=owner_id,
                    n=n,
                )
                for (metric, unit_id, state, kind, owner_id), n in self._counts.items()
                if n
            ],
            batch_size=200,
        )
        self._number_topics()

    def _number_topics(self) -> None:
        fresh: list[LiveEvent] = []
        for topic in sorted(self._topics):
            news = self._topics[topic]
            last = _advance(topic, len(news), self._numbers.get(topic))
            first = last - len(news) + 1
            fresh.extend(
                LiveEvent(
                    topic=topic,
                    seq=first + offset,
                    kind=kind,
                    payload=payload,
                    at=self.now,
                )
                for offset, (kind, payload) in enumerate(news)
            )
        LiveEvent.objects.bulk_create(fresh, batch_size=200)


def _advance(topic: str, by: int, number: int | None) -> int:
    start, rise = (
        (by, "core_livetopic.seq + excluded.seq") if number is None else (number, "excluded.seq")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_livetopic (name, seq) VALUES (%s, %s) "
            f"ON CONFLICT (name) DO UPDATE SET seq = {rise} RETURNING seq",
            [topic, start],
        )
        return int(cursor.fetchone()[0])


_current: ContextVar[Work | None] = ContextVar("zhike_work", default=None)


def current() -> Work | None:
    """The open unit, if any."""
    return _current.get()


@contextmanager
def unit(actor: Actor, reason: str = "", now: datetime | None = None) -> Iterator[Work]:
    """Open a unit of work, or join the open one: the outer actor, reason and moment then stand."""
    open_unit = _current.get()
    if open_unit is not None:
        yield open_unit
        return
    work = Work(actor, reason[:300], now or clock.now())
    with transaction.atomic():
        token = _current.set(work)
        try:
            yield work
            work._finish()
        finally:
            _current.reset(token)


def changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only the fields that differ, as (before, after)."""
    keys = [k for k in after if before.get(k) != after.get(k)]
    return {k: before.get(k) for k in keys}, {k: after[k] for k in keys}


__all__ = ["Actor", "Work", "changes", "current", "unit"]
