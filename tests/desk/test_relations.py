"""Merge, split, link, parent, undo of an import; and copies kept in step with their origin."""

import pytest

from tests.cast import Cast, make_customer
from tests.desk.conftest import OpenCase
from zhike.accounts.services.users import Profile, update_user
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.work import Actor
from zhike.customers import services as customers
from zhike.customers.models import TimelineEntry
from zhike.desk import selectors, services
from zhike.desk.models import Case, CaseEvent
from zhike.desk.selectors import found


def test_merging_keeps_both_histories_and_leads_to_the_target(cast: Cast, open_case: OpenCase):
    into, gone = open_case(text="第一次来电"), open_case(text="第二次来电")
    services.add_note(**cast.wang.acting, case_id=gone.pk, text="同一件事")
    services.merge_cases(**cast.wang.acting, into_id=into.pk, from_id=gone.pk, reason="重复")
    reached = selectors.load_case(cast.lin.grants, gone.number)
    assert reached.pk == into.pk
    texts = [e.text for e in selectors.record_of(reached).events if e.text]
    assert texts == ["第一次来电", "第二次来电", "同一件事"]
    gone.refresh_from_db()
    assert (gone.state, gone.merged_into_id, gone.due_at) == ("merged", into.pk, None)
    with pytest.raises(Conflict) as refused:
        services.add_note(**cast.lin.acting, case_id=gone.pk, text="写错地方")
    assert refused.value.extra["number"] == into.number
    # What the customer says to the old case arrives in the new one.
    services.receive_message(
        actor=Actor.customer(),
        grants=cast.admin.grants,
        case_id=gone.pk,
        text="还在等",
        channel="tracking",
    )
    assert CaseEvent.objects.get(text="还在等").case_id == into.pk


def test_merging_again_still_takes_one_step(cast: Cast, open_case: OpenCase):
    one, two, three = open_case(), open_case(), open_case()
    services.merge_cases(**cast.wang.acting, into_id=two.pk, from_id=three.pk)
    services.merge_cases(**cast.wang.acting, into_id=one.pk, from_id=two.pk)
    for number in (two.number, three.number):
        assert selectors.load_case(cast.lin.grants, number).pk == one.pk
    assert len(selectors.record_of(one).events) == 2 * 3 + 4


def test_a_merged_record_is_paged_without_gap_or_repeat(cast: Cast, open_case: OpenCase):
    one, two = open_case(), open_case()
    for n in range(9):
        services.add_note(**cast.lin.acting, case_id=(one, two)[n % 2].pk, text=f"第 {n} 条")
    services.merge_cases(**cast.wang.acting, into_id=one.pk, from_id=two.pk)
    seen: list[int] = []
    before = None
    while True:
        record = selectors.record_of(one, before=before, limit=4)
        seen = [e.pk for e in record.events] + seen
        before = record.before
        if before is None:
            break
    everything = CaseEvent.objects.order_by("at", "pk").values_list("pk", flat=True)
    assert seen == list(everything)


def test_cases_of_two_customers_are_not_merged(cast: Cast, open_case: OpenCase):
    other = make_customer(cast.zhoukou, "吴海涛")
    one, two = open_case(type_code="repair"), open_case(customer_id=other.pk)
    with pytest.raises(RuleError) as refused:
        services.merge_cases(**cast.wang.acting, into_id=one.pk, from_id=two.pk)
    assert refused.value.code == "different_customers"
    services.close_case(**cast.lin.acting, case_id=one.pk, outcome="solved", text="好")
    three = open_case(type_code="repair")
    with pytest.raises(RuleError) as closed:
        services.merge_cases(**cast.wang.acting, into_id=one.pk, from_id=three.pk)
    assert closed.value.code == "merge_into_closed"
    assert not Case.objects.filter(state="merged").exists()


def test_an_unnamed_case_takes_the_name_of_what_joins_it(cast: Cast, open_case: OpenCase):
    unnamed, named = open_case(customer_id=None), open_case()
    services.merge_cases(**cast.wang.acting, into_id=unnamed.pk, from_id=named.pk)
    assert selectors.load_case(cast.lin.grants, unnamed.pk).customer_name == "陈志强"


def test_splitting_copies_the_lines_and_links_both(cast: Cast, open_case: OpenCase):
    case = open_case(text="车坏了，还想问保修期")
    line = CaseEvent.objects.get(case=case, kind="message_in")
    fresh = services.split_case(
        **cast.wang.acting,
        case_id=case.pk,
        part=services.Part([line.pk], "保修期多久", "inquiry"),
    )
    assert fresh.number.startswith("ZX")
    assert fresh.customer_id == cast.chen.pk
    assert [e.text for e in selectors.record_of(fresh).events if e.text] == ["车坏了，还想问保修期"]
    assert [line.number for line in selectors.neighbours_of(cast.lin.grants, case)] == [
        fresh.number
    ]
    assert [line.number for line in selectors.neighbours_of(cast.lin.grants, fresh)] == [
        case.number
    ]
    other = open_case()
    with pytest.raises(RuleError):
        services.split_case(
            **cast.wang.acting, case_id=other.pk, part=services.Part([line.pk], "x", "inquiry")
        )


def test_links_are_made_once_and_never_to_oneself(cast: Cast, open_case: OpenCase):
    one, two = open_case(), open_case()
    for _ in range(2):
        services.link_cases(**cast.lin.acting, case_id=one.pk, other=two.number)
    assert CaseEvent.objects.filter(kind="link").count() == 1
    with pytest.raises(RuleError):
        services.link_cases(**cast.lin.acting, case_id=one.pk, other=one.number)


def test_voiding_takes_an_imported_case_out_of_everything(cast: Cast, open_case: OpenCase):
    case = open_case(by=cast.wang, import_run_id=7, external_id="A-1", channel="import")
    with pytest.raises(Conflict):
        open_case(by=cast.wang, external_id="A-1")
    services.void_case(**cast.wang.acting, case_id=case.pk)
    with pytest.raises(NotFound):
        selectors.load_case(cast.lin.grants, case.number)
    assert found.count_messages(cast.lin.grants, "断电") == 0
    assert sum(selectors.counts_by_stage(cast.lin.grants).values()) == 0
    assert not TimelineEntry.objects.filter(room="desk", voided_at__isnull=True).exists()
    # The same file may be imported again afterwards.
    open_case(by=cast.wang, import_run_id=8, external_id="A-1", channel="import")
    own = open_case()
    with pytest.raises(NotFound):
        services.void_case(**cast.wang.acting, case_id=own.pk)


def test_copies_follow_the_customer_and_the_owner(cast: Cast, open_case: OpenCase):
    case = open_case()
    due = case.resolution_due_at
    customers.update_customer(
        **cast.wang.acting, customer_id=cast.chen.pk, name="陈志强（电动车行）", tier="ordinary"
    )
    case.refresh_from_db()
    assert (case.customer_name, case.customer_tier) == ("陈志强（电动车行）", "ordinary")
    assert case.resolution_due_at != due
    assert case.clocks["resolution"]["rule"] == "投诉"
    # A due time never changes in silence.
    last = CaseEvent.objects.filter(case=case).latest("seq")
    assert (last.kind, last.actor_name, last.data["tier"]) == ("due", "王建国", "ordinary")
    assert last.seq == case.seq
    assert found.count_cases(cast.lin.grants, "电动车行") == 1
    update_user(
        **cast.admin.acting,
        user=cast.lin.user,
        is_active=True,
        profile=Profile(staff_number="1001", name="林静静", unit=cast.zhoukou),
        roles=[],
    )
    case.refresh_from_db()
    assert case.owner_name == "林静静"


def test_cases_follow_merged_customers_and_come_back(cast: Cast, open_case: OpenCase):
    twin = make_customer(cast.zhoukou, "陈老板", phone="13900002222")
    case = open_case(customer_id=twin.pk)
    journal = customers.merge_customers(
        **cast.wang.acting, keep_id=cast.chen.pk, drop_id=twin.pk, reason="同一人"
    )
    case.refresh_from_db()
    assert (case.customer_id, case.customer_name) == (cast.chen.pk, "陈志强")
    customers.undo_merge(**cast.wang.acting, journal_id=journal.pk)
    case.refresh_from_db()
    assert (case.customer_id, case.customer_name) == (twin.pk, "陈老板")
