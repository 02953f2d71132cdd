"""Times a law sets: beside the case's own, never paused, ended by a person, and nothing closes over them."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.api.test_api import Caller
from tests.cast import Cast
from tests.guards import given
from zhike.core import work
from zhike.core.access import Forbidden
from zhike.core.calendar import seeds
from zhike.core.calendar.plan_book import load_plans
from zhike.core.calendar.plan_services import change_plan, remove_plan, terms_of
from zhike.core.calendar.recounts import run_recounts
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import AuditRow, DuePlan, Notification
from zhike.core.work import Actor
from zhike.desk import services
from zhike.desk.models import Case, CaseEvent, LegalClock
from zhike.desk.retaining import _end_words
from zhike.desk.services import LegalEnd, LegalStart
from zhike.desk.services.alarms import watch_clocks
from zhike.desk.services.clocks import all_explained, is_counted_by

pytestmark = pytest.mark.django_db
# A Monday, nine o'clock in Zhoukou.
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
REFUND, AUTHORITY, RETURN = "legal_refund", "legal_authority", "legal_return"
# The seventh day after is Monday the 30th, closing time.
REFUND_DUE = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
OFFICE = "周口市市场监督管理局"


@pytest.fixture(autouse=True)
def _planted(db: None) -> None:
    with given():
        seeds.plant_legal_plans(apps)


@pytest.fixture
def case(cast: Cast, frozen_clock: Callable[[datetime], None]) -> Case:
    frozen_clock(MONDAY)
    return opened(cast)


def opened(cast: Cast, **more: Any) -> Case:
    known: dict[str, Any] = {
        "type_code": "return",
        "channel": "phone",
        "text": "要退掉这台车",
        "customer_id": cast.chen.pk,
    }
    return services.open_case(**cast.lin.acting, new=services.NewCase(**(known | more))).case


def start(cast: Cast, case: Case, kind: str = REFUND, **more: Any) -> LegalClock:
    if kind == AUTHORITY:
        more = {"authority": OFFICE, **more}
    begun = LegalStart(kind, more.pop("since", TODAY), **more)
    return services.start_legal_clock(**cast.lin.acting, case_id=case.pk, start=begun)


def end(cast: Cast, row: LegalClock, result: str = "done", **more: Any) -> LegalClock:
    if result == "done":
        more.setdefault("done_on", TODAY)
    return services.end_legal_clock(
        **cast.lin.acting, case_id=row.case_id, clock_id=row.pk, end=LegalEnd(result, **more)
    )


def close(cast: Cast, case: Case) -> Case:
    return services.close_case(
        **cast.lin.acting, case_id=case.pk, outcome="solved", text="款已退回"
    )


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


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


# The gate


@pytest.mark.parametrize("kind", [REFUND, AUTHORITY])
def test_a_case_is_not_closed_over_it(cast: Cast, case: Case, kind: str):
    row = start(cast, case, kind)
    with pytest.raises(RuleError) as refused:
        close(cast, case)
    assert refused.value.code == "closing_refused"
    assert "法定期限" in str(refused.value)
    assert fresh(case).state == "open"
    end(cast, row, "not_applicable", reason="投诉已撤回")
    assert close(cast, case).state == "closed"


def test_the_page_names_it_before_anybody_fills_in_the_form(cast: Cast, case: Case):
    start(cast, case)
    url = reverse("desk:case-act", args=[case.number, "close"])
    page = cast.lin.client().get(url).content.decode()
    assert "法定期限“退款”尚未结束（2026-11-30 17:30 到期）" in page
    seen = fresh(case).seq
    sent = {"outcome": "solved", "text": "好", "seen": seen}
    assert cast.lin.client().post(url, sent).status_code == 422
    assert fresh(case).state == "open"


def test_the_api_obeys_the_gate(cast: Cast, case: Case):
    start(cast, case)
    status, body = Caller(cast.lin).post(
        f"/cases/{case.number}/close", {"outcome": "solved", "text": "好"}
    )
    assert (status, body["error"]["code"]) == (422, "closing_refused")


def test_no_case_is_merged_away_with_what_we_owe(cast: Cast, case: Case):
    start(cast, case)
    into = opened(cast)
    with pytest.raises(RuleError) as refused:
        services.merge_cases(**cast.wang.acting, into_id=into.pk, from_id=case.pk)
    assert (refused.value.code, refused.value.extra["legal"]) == ("merge_refused", [REFUND])
    assert fresh(case).state == "open"
    # The other way round it stays where it runs.
    services.merge_cases(**cast.wang.acting, into_id=case.pk, from_id=into.pk)
    assert fresh(case).legal_due_at == REFUND_DUE


def test_the_batch_leaves_such_a_case_as_it_is(cast: Cast, case: Case):
    start(cast, case)
    into = opened(cast)
    sent = {"id": [case.pk, into.pk], "into": into.pk}
    answer = cast.wang.client().post(reverse("desk:batch-merge"), sent, follow=True)
    assert "法定期限" in answer.content.decode()
    assert fresh(case).state == "open"


def test_the_customers_right_goes_along_with_a_merge(cast: Cast, case: Case):
    row = start(cast, case, RETURN)
    into = opened(cast)
    services.merge_cases(**cast.wang.acting, into_id=into.pk, from_id=case.pk)
    row.refresh_from_db()
    assert row.case_id == into.pk
    assert fresh(into).legal == {RETURN: ["2026-11-23", None]}
    assert not fresh(case).legal


def test_nothing_starts_on_a_closed_case(cast: Cast, case: Case):
    close(cast, case)
    with pytest.raises(RuleError) as refused:
        start(cast, case)
    assert refused.value.code == "case_closed"


# Plans


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


# Pages and API


def test_the_page_of_due_times_shows_and_takes_them(cast: Cast, case: Case):
    client = cast.lin.client()
    page = reverse("desk:clocks", args=[case.number])
    assert "尚未登记" in client.get(page).content.decode()
    url = reverse("desk:legal-start", args=[case.number])
    assert client.get(url).status_code == 200
    assert client.post(url, {"kind": REFUND, "since": "2026-11-24"}).status_code == 422
    assert client.post(url, {"kind": "other", "since": "2026-11-23"}).status_code == 422
    answer = client.post(url, {"kind": REFUND, "since": "2026-11-23"})
    assert (answer.status_code, answer["Location"]) == (302, page)
    shown = client.get(page).content.decode()
    assert "2026-11-30 17:30" in shown
    assert "第二十五条" in shown
    assert (
        "退款（法定） 11-30 止"
        in client.get(reverse("desk:case", args=[case.number])).content.decode()
    )
    row = LegalClock.objects.get()
    ending = reverse("desk:legal-end", args=[case.number, row.pk])
    assert client.get(ending).status_code == 200
    assert client.post(ending, {"result": "not_applicable"}).status_code == 422
    assert client.post(ending, {"result": "done", "done_on": "2026-11-23"}).status_code == 302
    assert "按期办结" in client.get(page).content.decode()
    assert client.post(ending, {"result": "done", "done_on": "2026-11-23"}).status_code == 409
    other = reverse("desk:legal-end", args=[opened(cast).number, row.pk])
    assert client.get(other).status_code == 404


def test_who_may_only_read_sees_no_button(cast: Cast, case: Case):
    start(cast, case)
    reader = cast.zhou.client()
    assert reader.get(reverse("desk:legal-start", args=[case.number])).status_code == 404
    with pytest.raises(Forbidden):
        services.start_legal_clock(
            actor=cast.lin.actor,
            grants=replace(cast.lin.grants, codes=frozenset({"cases.view"})),
            case_id=case.pk,
            start=LegalStart(REFUND, TODAY),
        )


def test_the_record_tells_it_in_words(cast: Cast, case: Case):
    row = start(cast, case, AUTHORITY, reference="12号")
    end(cast, row)
    page = cast.lin.client().get(reverse("desk:case", args=[case.number])).content.decode()
    assert "林静 登记了法定期限“答复受理机关”" in page
    assert f"{OFFICE} 12号" in page
    assert "未超期限" in page


def test_the_same_over_the_api(cast: Cast, case: Case):
    lin = Caller(cast.lin)
    path = f"/cases/{case.number}/legal-clocks"
    body = {"kind": AUTHORITY, "since": "2026-11-23", "authority": OFFICE, "reference": "12号"}
    status, row = lin.post(path, body)
    assert (status, row["due_at"], row["is_owed"]) == (201, "2026-12-02T09:30:00Z", True)
    assert lin.post(path, body)[0] == 409
    assert lin.post(path, {"kind": REFUND, "since": "2027-01-01"})[0] == 422
    assert lin.get(f"/cases/{case.number}")[1]["legal_due_at"] == "2026-12-02T09:30:00Z"
    end_path = f"{path}/{row['id']}/end"
    assert lin.post(end_path, {"result": "done"})[0] == 422
    status, ended = lin.post(end_path, {"result": "done", "done_on": "2026-11-23"})
    assert (status, ended["result"], ended["is_late"]) == (200, "done", False)
    assert ended["due_at"] == "2026-12-02T09:30:00Z"
    assert [one["id"] for one in lin.get(path)[1]] == [row["id"]]
    assert Caller(cast.zhou).get(path)[0] == 404


def test_the_list_sorts_by_it(cast: Cast, case: Case):
    start(cast, case)
    other = opened(cast)
    start(cast, other, since=date(2026, 11, 20))
    client, url = cast.lin.client(), reverse("desk:queue")
    assert client.get(f"{url}?what={REFUND}").status_code == 200
    page = client.get(f"{url}?sort=due_legal").content.decode()
    assert 0 < page.index(other.number) < page.index(case.number)


def test_services_ask_nothing_more_of_a_case_without(cast: Cast, case: Case):
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            services.set_priority(**cast.lin.acting, case_id=case.pk, priority=next(levels))
        return len(seen)

    levels = iter((3, 4, 1))
    statements()
    before = statements()
    start(cast, case)
    assert statements() == before


def test_when_words_end_what_names_the_matter_goes_what_names_the_matter(cast: Cast, case: Case):
    row = start(cast, case, AUTHORITY, reference="12号")
    end(cast, row, "not_applicable", reason="陈志强撤回")
    with work.unit(Actor.system("tests")) as unit:
        _end_words(list(CaseEvent.objects.filter(case=case)), unit)
    row.refresh_from_db()
    assert (row.reference, row.reason, row.authority) == ("", "", OFFICE)
