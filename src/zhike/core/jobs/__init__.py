"""Jobs: work that a page does not wait for. It survives `kill -9`, so it may run twice and must not mind.

A room defines jobs in its `tasks.py`:

    @job(queue="bulk", limit_seconds=3600, label=_("Import"))
    def run_import(import_id: int) -> None: ...

and starts one inside a unit of work: `unit.enqueue(run_import, import_id=row.pk)`. The row is part of that
transaction. Pass ids only: arguments are stored in clear. A long job works in chunks:

    for chunk in chunks:
        current().pause()                      # lets pages write; ends the job if somebody asked to
        with work.unit(...): ...; current().report(done=n, total=m)

`@periodic(every_seconds=…)` or `@periodic(daily_at="03:10")` above `@job()` repeats it.
"""

from zhike.core.jobs.definition import job
from zhike.core.jobs.repeating import periodic
from zhike.core.jobs.running import Cancelled, GiveUp, Interrupted, PutOff, current

__all__ = ["Cancelled", "GiveUp", "Interrupted", "PutOff", "current", "job", "periodic"]
