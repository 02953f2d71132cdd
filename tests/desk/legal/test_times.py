"""Times a law sets: counted beside the case's own, never paused, moved by the plan alone."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from tests.cast import Cast
from tests.desk.legal.scene import (
    AUTHORITY,
    DAY,
    MONDAY,
    OFFICE,
    REFUND,
    REFUND_DUE,
    RETURN,
    TODAY,
    close,
    end,
    fresh,
    start,
)
from tests.guards import given
from zhike.core.calendar import seeds
from zhike.core.calendar.plan_book import load_plans
from zhike.core.calendar.plan_services import change_plan, remove_plan, terms_of
from zhike.core.calendar.recounts import run_recounts
from zhike.core.errors import Conflict, RuleError
from zhike.core.models import AuditRow, DuePlan, Notification
from zhike.desk import services
from zhike.desk.models import Case, CaseEvent, LegalClock
from zhike.desk.services import LegalStart
from zhike.desk.services.alarms import watch_clocks
from zhike.desk.services.clocks import all_explained, is_counted_by

pytestmark = pytest.mark.django_db


def test_the_laws_are_planted_with_source_and_day():
    for purpose, amount, unit in (
        (RETURN, 7, "calendar_days"),
        (REFUND, 7, "calendar_days"),
        (AUTHORITY, 7, "business_days"),
    ):
        [plan] = DuePlan.objects.filter(purpose=purpose)
        assert (plan.amount, plan.unit, plan.calendar) == (amount, unit, None)
        assert plan.source
        assert plan.source_on


def test_what_somebody_set_meanwhile_stays():
    with given():
        DuePlan.objects.filter(purpose=REFUND).update(amount=5)
        seeds.plant_legal_plans(apps)
    assert [plan.amount for plan in DuePlan.objects.filter(purpose=REFUND)] == [5]


def test_a_refund_runs_beside_the_times_of_the_house(cast: Cast, case: Case):
    before = {due.purpose: due.at for due in all_explained(case)}
    start(cast, case)
    now = fresh(case)
    assert now.legal == {REFUND: ["2026-11-23", None]}
    assert now.legal_due_at == REFUND_DUE
    after = {due.purpose: due.at for due in all_explained(now)}
    assert after == before | {REFUND: REFUND_DUE}
    [line] = CaseEvent.objects.filter(case=case, data__line="desk.legal_started")
    assert (line.actor_name, line.data["until"]) == ("林静", REFUND_DUE.isoformat())
    assert "第二十五条" in line.data["source"]
    [row] = AuditRow.objects.filter(action="desk.case.legal_start", object_id=case.pk)
    assert json.loads(row.payload)["after"]["legal"] == {REFUND: ["2026-11-23", None]}


def test_the_earliest_is_the_place_in_the_queue(cast: Cast, case: Case):
    start(cast, case, since=date(2026, 11, 16))
    now = fresh(case)
    assert (now.due_what, now.due_at) == (REFUND, datetime(2026, 11, 23, 9, 30, tzinfo=UTC))
    assert now.queue_at == now.due_at
    [name] = [
        str(text) for value, text in Case._meta.get_field("due_what").choices if value == REFUND
    ]
    assert name == "退款（法定）"


def test_a_law_does_not_wait_for_the_customer(
    cast: Cast, case: Case, frozen_clock: Callable[[datetime], None]
):
    start(cast, case)
    services.wait_for_customer(**cast.lin.acting, case_id=case.pk, reason="等客户给账号")
    paused = fresh(case)
    # All else stands still.
    assert (paused.due_what, paused.due_at) == (REFUND, REFUND_DUE)
    frozen_clock(MONDAY + 3 * DAY)
    services.resume(**cast.lin.acting, case_id=case.pk)
    assert fresh(case).legal_due_at == REFUND_DUE


def test_it_survives_reopening(cast: Cast, case: Case):
    start(cast, case, RETURN)
    close(cast, case)
    ended = fresh(case)
    assert (ended.due_at, ended.legal_due_at) == (ended.due_at, None)
    services.reopen(**cast.lin.acting, case_id=case.pk, reason="客户又来")
    assert RETURN in {due.purpose for due in all_explained(fresh(case))}


def test_the_customers_right_is_nothing_we_owe(
    cast: Cast, case: Case, frozen_clock: Callable[[datetime], None]
):
    before = (case.due_at, case.due_what, case.queue_at, case.alarm_at)
    # It ran out a week ago.
    start(cast, case, RETURN, since=date(2026, 11, 9))
    now = fresh(case)
    assert (now.due_at, now.due_what, now.queue_at, now.alarm_at) == before
    assert now.legal_due_at is None
    frozen_clock(MONDAY + timedelta(minutes=1))
    assert watch_clocks() == 0
    close(cast, case)


def test_the_owner_is_warned_and_the_levels_hear_of_it(
    cast: Cast, case: Case, frozen_clock: Callable[[datetime], None]
):
    start(cast, case, since=date(2026, 11, 16))
    # It fell due when everybody went home: they hear of it in the morning.
    frozen_clock(datetime(2026, 11, 23, 9, 31, tzinfo=UTC))
    watch_clocks()
    assert not Notification.objects.filter(kind="desk.due_over").exists()
    frozen_clock(MONDAY + DAY)
    assert watch_clocks() == 1
    told = Notification.objects.filter(kind="desk.due_over", user_id=cast.lin.user.pk)
    assert any("退款（法定）" in note.values["what"] for note in told)
    lines = CaseEvent.objects.filter(case=case, data__line="desk.escalated")
    assert any(REFUND in line.data["what"] for line in lines)


def test_the_day_of_a_notice_beats_the_plan(cast: Cast, case: Case):
    start(cast, case, AUTHORITY, reference="周市监〔2026〕12号", named_on=date(2026, 11, 28))
    now = fresh(case)
    # A Saturday, and not ours to move.
    assert now.legal_due_at == datetime(2026, 11, 28, 15, 59, tzinfo=UTC)
    assert now.legal == {AUTHORITY: ["2026-11-23", "2026-11-28"]}


def test_without_a_day_the_plan_counts_working_days(cast: Cast, case: Case):
    start(cast, case, AUTHORITY)
    assert fresh(case).legal_due_at == datetime(2026, 12, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given_start", "code", "field"),
    [
        (LegalStart("resolution", TODAY), "legal_kind", "kind"),
        (LegalStart(REFUND, TODAY + DAY), "legal_since", "since"),
        (LegalStart(REFUND, date(2025, 11, 20)), "legal_since", "since"),
        (LegalStart(REFUND, TODAY, named_on=TODAY), "legal_notice", "named_on"),
        (LegalStart(REFUND, TODAY, authority=OFFICE), "legal_notice", "authority"),
        (LegalStart(AUTHORITY, TODAY), "legal_authority", "authority"),
        (LegalStart(AUTHORITY, TODAY, authority="局" * 81), "text_too_long", "authority"),
        (LegalStart(AUTHORITY, TODAY, None, OFFICE, "1" * 61), "text_too_long", "reference"),
        (LegalStart(AUTHORITY, TODAY, TODAY - DAY, OFFICE), "legal_named_on", "named_on"),
        (LegalStart(AUTHORITY, TODAY, date(2028, 1, 1), OFFICE), "legal_named_on", "named_on"),
    ],
)
def test_what_cannot_be_is_refused(
    cast: Cast, case: Case, given_start: LegalStart, code: str, field: str
):
    with pytest.raises(RuleError) as refused:
        services.start_legal_clock(**cast.lin.acting, case_id=case.pk, start=given_start)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not LegalClock.objects.exists()
    assert fresh(case).legal is None


def test_each_kind_runs_once_at_a_time(cast: Cast, case: Case):
    row = start(cast, case)
    with pytest.raises(Conflict) as refused:
        start(cast, case)
    assert refused.value.code == "legal_runs"
    with given(), pytest.raises(IntegrityError), transaction.atomic():
        LegalClock.objects.create(
            case=case, kind=REFUND, since=TODAY, started_at=MONDAY, started_by_name="某人"
        )
    end(cast, row)
    start(cast, case)


def test_without_a_plan_only_a_named_day_counts(cast: Cast, case: Case):
    named = start(cast, case, AUTHORITY, named_on=date(2026, 11, 27))
    for plan in DuePlan.objects.filter(purpose__in=(AUTHORITY, REFUND)):
        remove_plan(**cast.admin.acting, plan_id=plan.pk)
    run_recounts()
    assert fresh(case).legal_due_at == datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
    with pytest.raises(RuleError) as refused:
        start(cast, case)
    assert refused.value.code == "legal_no_plan"
    end(cast, named)


def test_a_changed_plan_moves_what_runs_but_not_a_named_day(
    cast: Cast, case: Case, frozen_clock: Callable[[datetime], None]
):
    start(cast, case)
    start(cast, case, AUTHORITY, named_on=date(2026, 12, 4))
    for purpose in (REFUND, AUTHORITY):
        plan = DuePlan.objects.get(purpose=purpose)
        terms = replace(terms_of(plan), amount=3)
        change_plan(**cast.admin.acting, plan_id=plan.pk, terms=terms)
    assert run_recounts() == 1
    dues = {due.purpose: due.at for due in all_explained(fresh(case))}
    assert dues[REFUND] == datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
    assert dues[AUTHORITY] == datetime(2026, 12, 4, 9, 30, tzinfo=UTC)
    assert is_counted_by(fresh(case), load_plans())
