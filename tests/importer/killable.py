"""One process of the kill test: makes the scene, works off the queue, or counts."""

import json
import sys
from typing import Any

ROWS = 700
TEXT = "内容,编号\n" + "".join(f"第 {n} 句话，送餐很快,K{n}\n" for n in range(ROWS))
AS_CASES = "内容,工单号\n" + "".join(f"第 {n} 件事,G{n}\n" for n in range(40))


def prepare() -> None:
    from tests.cast import make_unit
    from tests.importer.scene import IMPORTER, tried, uploaded
    from zhike.core.importer import services

    unit = make_unit("公司", kind="company")
    for kind, text in (("feedback", TEXT), ("cases", AS_CASES)):
        run = tried(uploaded(kind, text, unit.pk))
        services.begin(actor=IMPORTER, run=run, policy="skip")


def work() -> None:
    from zhike.core.importer import walking
    from zhike.core.jobs import running
    from zhike.core.jobs.discovery import discover
    from zhike.core.jobs.inline import run_pending_jobs
    from zhike.core.jobs.rows import return_orphans

    # Many small transactions: more places to die at. The pauses alone last longer than the first kills take to
    # come, so that a fast machine cannot be done before them.
    walking.MOST_ROWS = 20
    running.PAUSE_SECONDS = 0.05
    discover()
    return_orphans("nobody", [])
    sys.stdout.write("working\n")
    sys.stdout.flush()
    run_pending_jobs(beat=False)


def told() -> dict[str, Any]:
    from zhike.core.models import ImportedRow, ImportIdentity, ImportRun
    from zhike.desk.models import Case
    from zhike.listening.models import Feedback

    runs = list(ImportRun.objects.order_by("pk"))
    return {
        "states": [run.state for run in runs],
        "created": [run.created_count for run in runs],
        "done": [run.rows_done for run in runs],
        "feedback": Feedback.objects.count(),
        "texts": Feedback.objects.values("text").distinct().count(),
        "cases": Case.objects.count(),
        "numbers": Case.objects.values("external_id").distinct().count(),
        "journal": ImportedRow.objects.count(),
        "identities": ImportIdentity.objects.count(),
    }


if __name__ == "__main__":
    import django

    django.setup()
    match sys.argv[1]:
        case "prepare":
            prepare()
        case "company":
            from tests.cast import make_unit

            make_unit("公司", kind="company")
        case "work":
            work()
        case "tell":
            sys.stdout.write(json.dumps(told()))
