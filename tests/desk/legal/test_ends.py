"""How a time of the law ends: by whom, on which day, in time or late."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from tests.cast import Cast
from tests.desk.legal.scene import (
    AUTHORITY,
    DAY,
    MONDAY,
    OFFICE,
    REFUND,
    REFUND_DUE,
    TODAY,
    end,
    fresh,
    opened,
    start,
)
from zhike.core import work
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import AuditRow
from zhike.core.work import Actor
from zhike.desk import services
from zhike.desk.models import Case, CaseEvent
from zhike.desk.retaining import _end_words
from zhike.desk.services import LegalEnd

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("done_on", "late"), [(date(2026, 11, 30), False), (date(2026, 12, 1), True)]
)
def test_done_is_in_time_or_late_by_whole_days(
    cast: Cast,
    case: Case,
    frozen_clock: Callable[[datetime], None],
    done_on: date,
    late: bool,
):
    row = start(cast, case)
    frozen_clock(MONDAY + 9 * DAY)
    row = end(cast, row, done_on=done_on)
    assert (row.is_late, row.due_at, row.done_on) == (late, REFUND_DUE, done_on)
    assert row.source.startswith("消费者权益保护法")
    now = fresh(case)
    assert (now.legal, now.legal_due_at) == ({}, None)
    assert REFUND not in (now.clocks or {})
    [line] = CaseEvent.objects.filter(case=case, data__line="desk.legal_done")
    assert (line.data["late"], line.data["done"]) == (late, done_on.isoformat())
    assert AuditRow.objects.filter(action="desk.case.legal_end", object_id=case.pk).exists()
    with pytest.raises(Conflict):
        end(cast, row)


def test_what_does_not_apply_needs_a_reason(cast: Cast, case: Case):
    row = start(cast, case)
    with pytest.raises(RuleError) as refused:
        end(cast, row, "not_applicable")
    assert refused.value.code == "reason_missing"
    row = end(cast, row, "not_applicable", reason="客户改为换货")
    assert (row.is_late, row.done_on, row.reason) == (None, None, "客户改为换货")
    [line] = CaseEvent.objects.filter(case=case, data__line="desk.legal_off")
    assert line.text == "客户改为换货"


@pytest.mark.parametrize(
    ("given_end", "code"),
    [
        (LegalEnd("gone"), "legal_result"),
        (LegalEnd("done"), "legal_done_on"),
        (LegalEnd("done", TODAY + DAY), "legal_done_on"),
        (LegalEnd("done", TODAY - DAY), "legal_done_early"),
    ],
)
def test_an_end_that_cannot_be_is_refused(cast: Cast, case: Case, given_end: LegalEnd, code: str):
    row = start(cast, case)
    with pytest.raises(RuleError) as refused:
        services.end_legal_clock(**cast.lin.acting, case_id=case.pk, clock_id=row.pk, end=given_end)
    assert refused.value.code == code
    assert fresh(case).legal == {REFUND: ["2026-11-23", None]}


def test_only_the_owner_or_a_lead_ends_it(cast: Cast, case: Case):
    row = start(cast, case)
    ended: dict[str, Any] = {"case_id": case.pk, "clock_id": row.pk, "end": LegalEnd("done", TODAY)}
    with pytest.raises(NotFound):
        services.end_legal_clock(**cast.zhou.acting, **ended)
    services.end_legal_clock(**cast.wang.acting, **ended)


def test_an_end_belongs_to_its_case(cast: Cast, case: Case):
    row = start(cast, opened(cast))
    with pytest.raises(NotFound):
        services.end_legal_clock(
            **cast.lin.acting, case_id=case.pk, clock_id=row.pk, end=LegalEnd("done", TODAY)
        )


def test_when_words_end_what_names_the_matter_goes_what_names_the_matter(cast: Cast, case: Case):
    row = start(cast, case, AUTHORITY, reference="12号")
    end(cast, row, "not_applicable", reason="陈志强撤回")
    with work.unit(Actor.system("tests")) as unit:
        _end_words(list(CaseEvent.objects.filter(case=case)), unit)
    row.refresh_from_db()
    assert (row.reference, row.reason, row.authority) == ("", "", OFFICE)
