"""A round over each class: a hundred rows at a time, its place in the record, so that a kill loses nothing."""

import hashlib
from datetime import timedelta

from zhike.core import clock, work
from zhike.core.jobs import current
from zhike.core.models import RetentionRun
from zhike.core.retention.classes import DataClass
from zhike.core.retention.services import Overview, overview

ACTOR = work.Actor.system("retention")
CHUNK = 100


def run_all() -> int:
    """A round over every class that is switched on; how many rows ended."""
    return sum(run_class(one) for one in overview() if one.is_on and not one.kind.is_fixed)


def run_class(one: Overview) -> int:
    """End what is over. A round that was killed is gone on with, under the cut-off it began with."""
    kind = one.kind
    run = RetentionRun.objects.filter(key=kind.key, done_at__isnull=True).first()
    if run is None:
        assert kind.rows is not None
        cutoff = clock.now() - timedelta(days=one.days)
        if not kind.rows(cutoff).exists():
            return 0
        with work.unit(ACTOR) as unit:
            run = RetentionRun.objects.create(
                key=kind.key, days=one.days, cutoff=cutoff, started_at=unit.now
            )
    ended = 0
    while count := _chunk(kind, run.pk):
        ended += count
        current().report(done=ended)
        current().pause()
    return ended


def _chunk(kind: DataClass, run_id: int) -> int:
    """The next rows; none left ends the round."""
    assert kind.rows is not None
    assert kind.end is not None
    with work.unit(ACTOR) as unit:
        run = RetentionRun.objects.select_for_update().get(pk=run_id)
        if run.done_at is not None:
            return 0
        waiting = kind.rows(run.cutoff).select_for_update(of=("self",)).filter(pk__gt=run.after)
        rows = list(waiting.order_by("pk")[:CHUNK])
        if rows:
            kind.end(rows, unit)
            run.after = rows[-1].pk
            run.rows += len(rows)
            ids = ",".join(str(row.pk) for row in rows)
            run.digest = hashlib.sha256(f"{run.digest}|{kind.key}|{ids}".encode()).hexdigest()
        else:
            run.done_at = unit.now
            unit.audit(
                "core.retention.round",
                run,
                after={
                    "label": str(kind.label),
                    "rows": run.rows,
                    "until": run.cutoff.isoformat(),
                    "digest": run.digest,
                },
            )
        run.save()
    return len(rows)
