"""The house's own repeating jobs."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from zhike.core import audit_chain, clock, counts, work
from zhike.core.calendar import missing, recounts
from zhike.core.exporter import register as exports
from zhike.core.importer import tasks as _import_jobs  # noqa: F401  (found from here)
from zhike.core.jobs import job, periodic
from zhike.core.models import LiveEvent
from zhike.core.outbox import tasks as _outbox_jobs  # noqa: F401
from zhike.core.retention import rounds

# A page that slept longer than this reloads as a whole instead of catching up.
LIVE_EVENTS_KEPT = timedelta(days=2)


@periodic(every_seconds=5)
@job(label=_("Fold counters"))
def fold_counters() -> None:
    counts.fold()


@periodic(every_seconds=1)
@job(label=_("Seal the audit log"))
def lengthen_audit_chain() -> None:
    audit_chain.lengthen()


@periodic(daily_at="03:40")
@job(label=_("Check the audit log"), limit_seconds=3600)
def check_audit_log() -> None:
    while audit_chain.lengthen_by_stragglers():
        pass
    audit_chain.check(work.Actor.system("audit"))


@periodic(daily_at="08:40")
@job(label=_("Remind of missing days off"))
def remind_of_missing_dates() -> None:
    missing.tell_of_missing_dates()


@periodic(every_seconds=600)
@job(label=_("Forget old live news"))
def forget_old_live_events() -> None:
    old = LiveEvent.objects.filter(at__lt=clock.now() - LIVE_EVENTS_KEPT)
    # Small bites: a long delete would hold the write lock of SQLite.
    while ids := list(old.order_by("pk").values_list("pk", flat=True)[:500]):
        LiveEvent.objects.filter(pk__in=ids).delete()


@periodic(every_seconds=1800)
@job(label=_("Delete expired exports"))
def remove_expired_exports() -> None:
    exports.remove_expired()


@periodic(every_seconds=60)
@job(label=_("Recount due times"), queue="bulk", limit_seconds=3600)
def recount_due_times() -> None:
    recounts.run_recounts()


@periodic(daily_at="02:20")
@job(queue="bulk", limit_seconds=3600, label=_("End what has been kept long enough"))
def end_what_is_over() -> None:
    rounds.run_all()
