"""Complaints of the bench with all that belongs to them, poured in; and the counters beside menu entries."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import models, transaction

from bench.complaint_plans import CaseRow, Planner
from bench.pour import Indexes, insert, reset_sequences
from zhike.care.models import FollowUp, FollowUpAttempt
from zhike.care.models.visits import STILL_DUE
from zhike.care.selectors import METRIC as VISITS
from zhike.complaints.models import Approval, Complaint, Notice, Remedy, StepRecord
from zhike.complaints.selectors.notices import METRIC as NOTICES
from zhike.complaints.services.deciding import METRIC as APPROVALS
from zhike.core.models import CountRow
from zhike.desk.case_types import COMPLAINT
from zhike.desk.models import Case

WRITTEN = (NOTICES, APPROVALS, VISITS)


def case_rows() -> Iterator[CaseRow]:
    rows = Case.objects.filter(type_id=COMPLAINT, merged_into=None).order_by("pk")
    yield from map(CaseRow._make, rows.values_list(*CaseRow._fields).iterator(5000))


def fill_complaints(now: datetime) -> int:
    """All rows, and the counters beside menu entries. Returns how many rows."""
    planner = Planner(now)
    plans = [planner.plan(case) for case in case_rows()]
    parts = {
        StepRecord: "steps",
        Notice: "notices",
        Remedy: "remedies",
        Approval: "approvals",
        FollowUp: "visits",
        FollowUpAttempt: "tries",
    }
    with transaction.atomic():
        Complaint.objects.all()._raw_delete("default")
        count = insert(Complaint, (plan.complaint for plan in plans))
    with Indexes(*(model._meta.db_table for model in parts)):
        for model, name in parts.items():
            flat = itertools.chain.from_iterable(getattr(plan, name) for plan in plans)
            count += insert(model, _numbered(flat))
    reset_sequences(*parts)
    _count()
    return count


def _numbered(rows: Iterator[Any]) -> Iterator[Any]:
    """Those that nothing points to get their ids here."""
    for number, row in enumerate(rows, 1):
        row.pk = row.pk or number
        yield row


def _count() -> None:
    """Counters as the services would have left them; those of ended rows only where a page sums them."""
    CountRow.objects.filter(metric__in=WRITTEN).delete()
    n = models.Count("pk")
    notices = Notice.objects.values_list("unit_id", "state", "person_id").annotate(n=n)
    visits = FollowUp.objects.values_list("unit_id", "state", "result", "assigned_id").annotate(n=n)
    waiting = Approval.objects.filter(state="open").values_list("case__unit_id").annotate(n=n)
    rows = [
        CountRow(metric=NOTICES, unit_id=unit, state=state, owner_id=owner, n=k)
        for unit, state, owner, k in notices.order_by()
    ]
    rows += [
        CountRow(metric=VISITS, unit_id=unit, state=state, kind=result, owner_id=owner, n=k)
        for unit, state, result, owner, k in visits.order_by()
    ]
    rows += [
        CountRow(metric=APPROVALS, unit_id=unit, state="open", n=k)
        for unit, k in waiting.order_by()
    ]
    CountRow.objects.bulk_create(rows)


def told() -> str:
    """What there is now, in one line."""
    names = {"steps": StepRecord, "notices": Notice, "remedies": Remedy, "visits": FollowUp}
    known = ", ".join(f"{model.objects.count():,} {name}" for name, model in names.items())
    due = FollowUp.objects.filter(STILL_DUE).count()
    return f"{Complaint.objects.count():,} complaints, {known} ({due:,} still due)"
