"""For the kill tests, beside the workers: `python -m servingsite.desk feed 100`, `enqueue never_ends`, `rows`."""

import json
import sys
import time
from contextlib import suppress

import django

django.setup()

from servingsite import tasks  # noqa: E402
from zhike.core import work  # noqa: E402
from zhike.core.jobs import rows  # noqa: E402


class Refused(Exception):
    pass


def enqueue(number: int, *, fails: bool) -> None:
    with work.unit(work.Actor.system("tests")) as unit:
        unit.enqueue(tasks.work_a_little, number=number)
        if fails:
            raise Refused


def feed(count: int) -> None:
    """Each tenth transaction is rolled back; its numbers are above 10,000."""
    for number in range(count):
        enqueue(number, fails=False)
        if number % 10 == 0:
            with suppress(Refused):
                enqueue(10_000 + number, fails=True)
        time.sleep(0.02)


def show_rows() -> None:
    found = rows.Row.objects.filter(task_path__startswith="servingsite").order_by("enqueued_at")
    fields = ("task_path", "status", "worker_ids", "exception_class_path")
    json.dump(
        [dict(zip(fields, row, strict=True)) for row in found.values_list(*fields)], sys.stdout
    )


match sys.argv[1:]:
    case ["feed", count]:
        feed(int(count))
    case ["enqueue", name, *arguments]:
        with work.unit(work.Actor.system("tests")) as unit:
            given = {"chunks": int(arguments[0])} if arguments else {}
            unit.enqueue(getattr(tasks, name), **given)
    case ["rows"]:
        show_rows()
