"""The bell before a request is due, and once more when it is over."""

from datetime import datetime

from django.db.models import QuerySet

from zhike.accounts.grants import people_with
from zhike.core import clock, work
from zhike.core.notify import notify
from zhike.privacy.models import STILL_OPEN, DataRequest
from zhike.privacy.permissions import HANDLE
from zhike.privacy.services.taking_in import address_of

ACTOR = work.Actor.system("privacy")
AT_ONCE = 50


def requests_to_ring_for(now: datetime) -> QuerySet[DataRequest]:
    # The index knows only those that still have a bell before them.
    return DataRequest.objects.filter(STILL_OPEN, remind_at__isnull=False, remind_at__lte=now)


def remind(limit: int = AT_ONCE) -> int:
    """Run twice it rings once: the next time goes in the same transaction."""
    rows = requests_to_ring_for(clock.now())
    if not rows.exists():
        return 0
    handlers = people_with(HANDLE)
    with work.unit(ACTOR) as unit:
        found = list(rows.select_for_update(skip_locked=True).order_by("remind_at", "pk")[:limit])
        for request in found:
            is_over = request.due_at <= unit.now
            for user, grants in handlers:
                if not grants.reaches_unit(request.unit_id):
                    continue
                notify(
                    unit,
                    user_id=user.pk,
                    kind="privacy.overdue" if is_over else "privacy.due",
                    values={
                        "number": request.number,
                        "due": f"{clock.local(request.due_at):%m-%d %H:%M}",
                    },
                    url=address_of(request),
                )
            request.remind_at = None if is_over else request.due_at
            request.save(update_fields=["remind_at"])
    return len(found)
