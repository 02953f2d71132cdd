"""First replies and settled days of the bench. Days are settled by the real service, so their numbers are true."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.db.models import F

from zhike.core import clock, work
from zhike.core.access import everything
from zhike.desk.models import Case
from zhike.insight.models import Settlement
from zhike.insight.services.settling import check_days, settle_day

DAYS = 90
# How many of the settled days are looked at anew, as the nightly job does.
CHECKED = 7
CHUNK = 500


def owe_first_replies(now: datetime, days: int) -> int:
    """Of the cases of the last days, every third came in writing and was owed a first reply."""
    since = Case.objects.filter(opened_at__gte=now - timedelta(days=days), channel="phone")
    ids = [pk for pk in since.order_by("pk").values_list("pk", flat=True) if pk % 3 == 0]
    for place in range(0, len(ids), CHUNK):
        rng, some = random.Random(place), Case.objects.filter(pk__in=ids[place : place + CHUNK])
        some.update(
            channel="web",
            first_reply_due_at=F("opened_at") + timedelta(hours=2),
            first_reply_at=F("opened_at") + timedelta(minutes=rng.randrange(10, 125)),
        )
    return len(ids)


def settle_days(now: datetime, days: int = DAYS) -> int:
    """Every day before the present one that is not settled yet."""
    actor, grants, done = work.Actor.system("bench"), everything("bench"), 0
    with clock.override(now):
        today = clock.today()
        known = set(Settlement.objects.values_list("day", flat=True).distinct())
        for back in range(days, 0, -1):
            day = today - timedelta(days=back)
            if day not in known:
                settle_day(actor=actor, grants=grants, day=day)
                done += 1
        check_days(days=CHECKED)
    return done
