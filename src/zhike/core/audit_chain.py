"""The chain over the audit log: every row's digest holds the digest before it.

A job lengthens it about every second in the order rows were committed; a chain within each write would make all
writers wait for one another. The digests are keyed by the ring outside the database, so who can write there but
not read the key file cannot make the chain fit again. Rows cut off at the end leave a whole, shorter chain: that
shows only beside a head noted elsewhere, which is why each check logs one and `verify` takes one.
"""

import hmac
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.db import IntegrityError, transaction

from zhike.core import clock, work
from zhike.core.models import AuditCheck, AuditRow, AuditSeal
from zhike.core.sealing.ring import ring

log = logging.getLogger("zhike.audit")

START = "0" * 64
BATCH = 1000
# Numbers are taken shortly before a transaction ends, so a row that comes late is among the last so many.
LATE_ROWS = 2000
# A row without its link is no fault so long: the job may be a moment behind.
GRACE = timedelta(minutes=5)

_FIELDS = (
    *("id", "at", "actor_id", "actor_name", "actor_kind", "via", "ip", "action"),
    *("object_type", "object_id", "unit_id", "reason", "payload", "subject_key_id"),
)


class Fault(StrEnum):
    """What can be wrong with the chain."""

    CHANGED = "changed"
    MISSING = "missing"
    BROKEN = "broken"
    UNSEALED = "unsealed"
    CUT_OFF = "cut_off"


@dataclass(frozen=True)
class Verdict:
    """`rows` links were read up to `head`; `fault` is the first thing wrong, at the audit row `fault_row`."""

    rows: int
    head: str
    fault: Fault | None = None
    fault_row: int | None = None


@dataclass(frozen=True)
class ChainFault:
    """Event: a check found the log tampered with, or links missing."""

    fault: Fault
    audit_id: int | None


def _key() -> bytes:
    return hmac.digest(ring().index, b"audit-chain", "sha256")


def digest_of(key: bytes, previous: str, row: AuditRow) -> str:
    """The link of `row` after the link `previous`: HMAC-SHA-256 over both, as JSON."""
    values = [getattr(row, name) for name in _FIELDS]
    values[1] = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    message = json.dumps([previous, *values], ensure_ascii=False, separators=(",", ":"))
    return hmac.digest(key, message.encode(), "sha256").hex()


def lengthen(rows_at_once: int = BATCH) -> int:
    """Links for the rows that lack one; how many were made. Whoever comes second makes none."""
    made = 0
    while True:
        try:
            count = _lengthen_once(rows_at_once)
        except IntegrityError:
            return made
        made += count
        if count < rows_at_once:
            return made


def _lengthen_once(most: int) -> int:
    with transaction.atomic():
        last = AuditSeal.objects.order_by("-pk").first()
        # By the highest row that has a link, which need not be the last one.
        highest = AuditSeal.objects.order_by("-audit_id").values_list("audit_id", flat=True).first()
        waiting = AuditRow.objects.filter(seal__isnull=True, pk__gt=(highest or 0) - LATE_ROWS)
        return _link(list(waiting.order_by("pk")[:most]), last.digest if last else START)


def waiting() -> tuple[int, datetime | None]:
    """How many of the latest rows have no link yet, and since when the oldest of them waits."""
    highest = AuditSeal.objects.order_by("-audit_id").values_list("audit_id", flat=True).first()
    unsealed = AuditRow.objects.filter(seal__isnull=True, pk__gt=(highest or 0) - LATE_ROWS)
    found = unsealed.order_by("pk").values_list("at", flat=True)[:10_000]
    moments = list(found)
    return len(moments), moments[0] if moments else None


def lengthen_by_stragglers() -> int:
    """Links for rows that came later than any transaction should: the whole log is looked through."""
    with transaction.atomic():
        last = AuditSeal.objects.order_by("-pk").first()
        waiting = AuditRow.objects.filter(seal__isnull=True).order_by("pk")[:BATCH]
        return _link(list(waiting), last.digest if last else START)


def _link(rows: list[AuditRow], previous: str) -> int:
    key, now, links = _key(), clock.now(), []
    for row in rows:
        digest = digest_of(key, previous, row)
        links.append(AuditSeal(audit=row, previous=previous, digest=digest, at=now))
        previous = digest
    AuditSeal.objects.bulk_create(links)
    return len(links)


def verify(noted_head: str = "") -> Verdict:
    """The whole chain read from its start, up to the first fault. `noted_head` must be one of its digests."""
    key, previous, rows = _key(), START, 0
    is_noted = not noted_head
    for link, row in _links():
        if link.previous != previous:
            return Verdict(rows, previous, Fault.BROKEN, link.audit_id)
        if row is None:
            return Verdict(rows, previous, Fault.MISSING, link.audit_id)
        if link.digest != digest_of(key, previous, row):
            return Verdict(rows, previous, Fault.CHANGED, row.pk)
        previous, rows = link.digest, rows + 1
        is_noted = is_noted or link.digest == noted_head
    if not is_noted:
        return Verdict(rows, previous, Fault.CUT_OFF)
    late = AuditRow.objects.filter(seal__isnull=True, at__lt=clock.now() - GRACE)
    unsealed = late.order_by("pk").values_list("pk", flat=True).first()
    if unsealed is not None:
        return Verdict(rows, previous, Fault.UNSEALED, unsealed)
    return Verdict(rows, previous)


def check(actor: work.Actor) -> AuditCheck:
    """Read the whole chain and keep what was found; a fault is told to the rooms above."""
    verdict = verify()
    with work.unit(actor) as unit:
        row = AuditCheck.objects.create(
            at=unit.now,
            rows=verdict.rows,
            head=verdict.head,
            fault=verdict.fault or "",
            fault_row=verdict.fault_row,
        )
        unit.audit("audit.check", row, after={"rows": row.rows, "fault": row.fault})
        if verdict.fault is not None:
            unit.publish(ChainFault(verdict.fault, verdict.fault_row))
    # The log goes where the database's writers cannot reach, so that a cut-off end shows.
    log.log(
        logging.ERROR if row.fault else logging.INFO,
        "audit chain: %d rows, head %s, fault: %s",
        row.rows,
        row.head,
        row.fault or "none",
    )
    return row


def _links() -> Iterator[tuple[AuditSeal, AuditRow | None]]:
    """Links in their order with their rows, read in batches: the log has millions."""
    after = 0
    while True:
        links = list(AuditSeal.objects.filter(pk__gt=after).order_by("pk")[:BATCH])
        if not links:
            return
        rows = AuditRow.objects.in_bulk([link.audit_id for link in links])
        for link in links:
            yield link, rows.get(link.audit_id)
        after = links[-1].pk
