"""Run on a restored installation: is it as whole as one that was never away? Prints JSON."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any


def _gaps() -> list[int]:
    from zhike.desk.models import Case, CaseEvent

    wrong = []
    for case in Case.objects.all():
        seqs = list(
            CaseEvent.objects.filter(case=case).order_by("seq").values_list("seq", flat=True)
        )
        if seqs != list(range(1, len(seqs) + 1)) or case.seq != len(seqs):
            wrong.append(case.pk)
    return wrong


def _miscounted() -> list[str]:
    from django.db.models import Count

    from zhike.core import access, counts
    from zhike.desk.models import Case
    from zhike.desk.services.handling import METRIC

    counted: Counter[Any] = Counter()
    for cell in counts.cells(METRIC, access.everything("tests")):
        counted[cell.unit_id, cell.state, cell.kind, cell.owner_id] += cell.n
    rows = Case.objects.filter(voided_at__isnull=True).values_list(
        "unit_id", "state", "type_id", "owner_id"
    )
    plainly = Counter({row[:4]: row[4] for row in rows.annotate(n=Count("pk"))})
    present = Counter({key: n for key, n in counted.items() if n})
    return [str(key) for key in {*present, *plainly} if present[key] != plainly[key]]


def _files(folder: Path) -> dict[str, str]:
    from zhike.core.models import StoredFile

    found = {}
    for stored in StoredFile.objects.all():
        path = folder / "files" / stored.digest[:2] / stored.digest
        found[stored.digest] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _phones() -> list[str]:
    from zhike.core.sealing import unseal
    from zhike.customers.models import Identity

    return [unseal(sealed) for sealed in Identity.objects.values_list("value_sealed", flat=True)]


def main() -> None:
    import django

    django.setup()
    from django.conf import settings

    from zhike.core import audit_chain
    from zhike.core.models import AuditRow
    from zhike.desk.models import Case, CaseEvent

    verdict = audit_chain.verify()
    print(  # noqa: T201 — its answer
        json.dumps(
            {
                "gaps": _gaps(),
                "miscounted": _miscounted(),
                "files": _files(Path(settings.DATA)),
                "phones": _phones(),
                "fault": verdict.fault,
                "sealed": verdict.rows,
                "head": verdict.head,
                "cases": Case.objects.count(),
                "events": CaseEvent.objects.count(),
                "last_act": AuditRow.objects.latest("pk").action,
            }
        )
    )


if __name__ == "__main__":
    main()
