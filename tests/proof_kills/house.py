"""Processes of the kill proof that look into the house: make the scene, glance at what was under way, tell all.

`python -m tests.proof_kills.house prepare|glance|tell`, with the settings of the killed program.
"""

import json
import sys
from collections import Counter
from typing import Any

PEOPLE = 40
ACTS = ("desk.case.open", "desk.case.reply", "desk.case.close")


def prepare() -> dict[str, Any]:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    from tests.cast import make_cast
    from zhike.accounts.services.tokens import create_token

    cast = make_cast()
    tokens = {
        name: create_token(
            **cast.admin.acting, user=staff.user, label=name, scopes=["read", "write"]
        )[1]
        for name, staff in (("agent", cast.lin), ("admin", cast.admin))
    }
    return {"tokens": tokens, "customer": cast.chen.pk}


def glance() -> dict[str, Any]:
    """What the kill has hit, read while nothing runs."""
    from zhike.core.jobs.rows import RUNNING, Row
    from zhike.core.models import ImportRun, OutboxMessage

    runs = ImportRun.objects.filter(state="running")
    return {
        "sending": OutboxMessage.objects.filter(state="sending").count(),
        "importing": [run.rows_done for run in runs],
        "jobs": Row.objects.filter(status=RUNNING).count(),
    }


def tell() -> dict[str, Any]:
    from zhike.core.jobs.rows import FAILED, READY, RUNNING, Row
    from zhike.core.models import ImportRun, OutboxMessage, PeriodicRun

    jobs = Counter(Row.objects.values_list("status", flat=True))
    messages = OutboxMessage.objects.values_list("dedup_key", "kind", "state", "subject_id")
    return {
        "running": jobs[RUNNING],
        "ready": jobs[READY],
        "failed": list(Row.objects.filter(status=FAILED).values_list("task_path", "traceback")),
        "stumbled": list(PeriodicRun.objects.exclude(last_error="").values_list("last_error")),
        "messages": [list(row) for row in messages],
        "imports": [
            [r.pk, r.state, r.created_count, r.rows_total] for r in ImportRun.objects.all()
        ],
    }


def tell_all() -> dict[str, Any]:
    from zhike.core import audit_chain

    while audit_chain.lengthen_by_stragglers():
        pass
    verdict = audit_chain.verify()
    return {
        **tell(),
        **_rows(),
        "chain": str(verdict.fault or ""),
        "chain_rows": verdict.rows,
        "integrity": _integrity(),
        "counters": {name: _off(metric, cells) for name, (metric, cells) in _counters().items()},
    }


def _rows() -> dict[str, Any]:
    """By case: its lines, its closings, its visits, and the rows of the log about it."""
    from zhike.care.models import FollowUp
    from zhike.core.models import AuditRow, ImportedRow, ImportIdentity
    from zhike.customers.models import TimelineEntry
    from zhike.desk.models import Case, CaseEvent
    from zhike.listening.models import Feedback

    lines: dict[int, list[tuple[int, str, int]]] = {}
    for case_id, seq, kind, pk in CaseEvent.objects.order_by("case_id", "seq").values_list(
        "case_id", "seq", "kind", "pk"
    ):
        lines.setdefault(case_id, []).append((seq, kind, pk))
    visits = Counter(FollowUp.objects.values_list("case_id", flat=True))
    told: dict[int, Counter[str]] = {}
    for case_id, action in AuditRow.objects.filter(
        object_type="desk.case", action__in=ACTS
    ).values_list("object_id", "action"):
        told.setdefault(case_id or 0, Counter())[action] += 1
    marks: dict[int, Counter[str]] = {}
    for case_id, kind in TimelineEntry.objects.filter(object_type="desk.case").values_list(
        "object_id", "kind"
    ):
        marks.setdefault(case_id, Counter())[kind] += 1
    cases = {
        case.number: {
            "state": case.state,
            "seq": case.seq,
            "lines": lines.get(case.pk, []),
            "visits": visits[case.pk],
            "audit": dict(told.get(case.pk, {})),
            "timeline": dict(marks.get(case.pk, {})),
        }
        for case in Case.objects.defer("folded", "bigrams")
    }
    feedback = Feedback.objects.all()
    return {
        "cases": cases,
        "feedback": feedback.count(),
        "texts": feedback.values("text").distinct().count(),
        "journal": ImportedRow.objects.count(),
        "identities": ImportIdentity.objects.count(),
    }


Cell = tuple[Any, ...]


def _counters() -> dict[str, tuple[str, Counter[Cell]]]:
    """What a plain count of the rows says, by metric."""
    from zhike.care.models import FollowUp
    from zhike.care.selectors import METRIC as VISITS
    from zhike.core.models import OutboxMessage
    from zhike.core.outbox.moving import METRIC as OUTBOX
    from zhike.core.outbox.rules import TO_DECIDE
    from zhike.desk.models import Case
    from zhike.desk.services.handling import METRIC as CASES

    def cells(rows: Any) -> Counter[Cell]:
        found = (row.counted_as() for row in rows)
        return Counter(
            (c["unit_id"], c["state"], c["kind"], c["owner_id"]) for c in found if c is not None
        )

    uncertain = OutboxMessage.objects.filter(state__in=list(TO_DECIDE))
    return {
        "cases": (CASES, cells(Case.objects.defer("folded", "bigrams"))),
        "visits": (VISITS, cells(FollowUp.objects.all())),
        "outbox": (OUTBOX, Counter((m.unit_id, m.state, "", None) for m in uncertain)),
    }


def _off(metric: str, plain: Counter[Cell]) -> list[str]:
    from zhike.core import counts
    from zhike.core.access import everything

    kept: Counter[Cell] = Counter()
    for cell in counts.cells(metric, everything("proof")):
        kept[cell.unit_id, cell.state, cell.kind, cell.owner_id] += cell.n
    wrong = {key for key in {*kept, *plain} if kept[key] != plain[key]}
    return [f"{key}: {kept[key]} counted, {plain[key]} there" for key in wrong]


def _integrity() -> str:
    from django.db import connection

    connection.check_constraints()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA integrity_check")
            return str(cursor.fetchone()[0])
        cursor.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
        cursor.execute(
            "SELECT count(bt_index_check(c.oid, true)) FROM pg_class c"
            " JOIN pg_am a ON a.oid = c.relam JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE a.amname = 'btree' AND c.relkind = 'i' AND n.nspname = 'public'"
        )
        return "ok" if cursor.fetchone()[0] > 100 else "no index was checked"


if __name__ == "__main__":
    import django

    django.setup()
    doing = {"prepare": prepare, "glance": glance, "tell": tell, "tell-all": tell_all}
    sys.stdout.write(json.dumps(doing[sys.argv[1]](), default=str))
