"""The bell when a visit is to be made; rung once for each time agreed."""

from datetime import datetime

from django.db.models import QuerySet

from zhike.care.models import FollowUp
from zhike.care.models.visits import STILL_DUE
from zhike.care.services.changes import visit_url
from zhike.core import clock, work
from zhike.core.notify import notify
from zhike.core.work import Actor

AT_ONCE = 50


def visits_to_ring_for(now: datetime) -> QuerySet[FollowUp]:
    rows = FollowUp.objects.filter(STILL_DUE, remind_at__isnull=False, remind_at__lte=now)
    return rows.order_by("remind_at", "id")


def remind_due(limit: int = AT_ONCE) -> int:
    """Ring for those whose time has come. Run twice it rings once: the mark goes in the same transaction."""
    rows = visits_to_ring_for(clock.now())
    if not rows.exists():
        # Nearly always: then no transaction takes the write lock.
        return 0
    with work.unit(Actor.system("care")) as unit:
        found = list(rows.select_for_update(skip_locked=True)[:limit])
        for visit in found:
            if visit.assigned_id is None:
                continue
            notify(
                unit,
                user_id=visit.assigned_id,
                kind="care.due",
                values={
                    "customer": visit.customer_name,
                    "due": f"{clock.local(visit.due_at):%m-%d %H:%M}",
                },
                url=visit_url(visit.pk),
            )
        FollowUp.objects.filter(pk__in=[visit.pk for visit in found]).update(remind_at=None)
    return len(found)
