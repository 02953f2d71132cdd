"""Whom this version tells about a house that came from an earlier one; a process on that house's data folder.

What is told of cases that were late before the upgrade goes out as JSON; and what would be told without the mark
the upgrade left on them.
"""

import json
import sys


def bells() -> int:
    from zhike.core.models import Notification

    return Notification.objects.filter(kind="desk.due_over").count()


def look() -> dict[str, int]:
    from zhike.core import clock, work
    from zhike.core.calendar import next_open
    from zhike.core.calendar.plans import load_default
    from zhike.core.calendar.recounts import run_recounts
    from zhike.core.work import Actor
    from zhike.desk.models import STILL_OPEN, Case
    from zhike.desk.services.alarms import watch_clocks

    at_work = next_open(load_default(), clock.now())
    with clock.override(at_work):
        run_recounts()
        late = Case.objects.filter(STILL_OPEN, queue_at__lte=at_work)
        found = {
            "late": late.count(),
            "unlooked": Case.objects.filter(STILL_OPEN, alarm_at=None).count(),
        }
        watch_clocks()
        found["told"] = bells()
        with work.unit(Actor.system("tests")):
            late.update(told=None, alarm_at=at_work)
        watch_clocks()
        return found | {"told_without_the_mark": bells()}


if __name__ == "__main__":
    import django

    django.setup()
    sys.stdout.write(json.dumps(look()))
