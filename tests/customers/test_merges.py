"""Merging is a journal: every pointer moves, and each row goes back when the merge is taken apart."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import SETUP, Cast, everybody, make_customer
from zhike.core import work
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import AuditRow, CountRow
from zhike.core.sealing import unseal
from zhike.customers import services
from zhike.customers.models import (
    Customer,
    CustomerTag,
    Identity,
    MergeJournal,
    MergeStep,
    Preference,
    TimelineEntry,
)
from zhike.customers.relations import LEFT_ALONE, relations, uniqueness_of
from zhike.customers.selectors import (
    customer_by_external_id,
    customer_by_identity,
    file_now_at,
    visible_customers,
)

pytestmark = pytest.mark.django_db


def twin(cast: Cast, **fields: Any) -> Customer:
    fields.setdefault("phone", "15039412281")
    return make_customer(cast.zhoukou, "陈志强", **fields)


def merge(cast: Cast, drop: Customer, **more: Any) -> MergeJournal:
    return services.merge_customers(
        **cast.wang.acting, keep_id=cast.chen.pk, drop_id=drop.pk, reason="同一个人", **more
    )


def test_every_column_that_points_to_a_customer_is_moved_or_has_a_reason() -> None:
    """A new foreign key is walked by itself; one that cannot be must be listed with its reason."""
    names = {relation.name for relation in relations()}
    assert set(LEFT_ALONE) <= names
    assert all(LEFT_ALONE.values())
    assert {"customers.Identity.customer", "customers.TimelineEntry.customer"} <= names
    for relation in relations():
        if relation.name in LEFT_ALONE:
            continue
        assert relation.model._meta.managed, relation.name
        assert relation.model._meta.pk.get_internal_type() in ("BigAutoField", "AutoField"), (
            f"{relation.name}: a journal keeps whole numbers as ids; list it with a reason."
        )
        for unique in uniqueness_of(relation):
            # A clash must be visible by comparing columns.
            assert all(relation.model._meta.get_field(f) for f in unique.other_fields)
        for constraint in relation.model._meta.constraints:
            spoken = str(getattr(constraint, "expressions", ()) or "")
            assert relation.field.name not in spoken, f"{relation.name}: unique by an expression"


def test_all_that_was_the_dropped_files_is_the_kept_ones(cast: Cast) -> None:
    drop = twin(cast, tags=("老客户", "批发"), occupation="批发商")
    services.set_tags(**cast.lin.acting, customer_id=cast.chen.pk, names=["批发"])
    services.record_preference(**cast.lin.acting, customer_id=drop.pk, value="4:00–8:00 勿来电")
    services.record_need(**cast.lin.acting, customer_id=drop.pk, kind="expectation", text="上门")

    journal = merge(cast, drop)

    keep = Customer.objects.get(pk=cast.chen.pk)
    assert keep.occupation == "批发商"
    assert keep.tags_text.split() == ["批发", "老客户"] or keep.tags_text.split() == [
        "老客户",
        "批发",
    ]
    assert keep.preferences.count() == 1
    assert keep.needs.count() == 1
    assert {way.last4 for way in keep.identities.all()} == {"6027", "2281"}
    assert keep.identities.filter(is_primary=True).get().last4 == "6027"
    assert "2281" in keep.folded
    assert customer_by_identity("phone", "15039412281") == keep
    assert list(visible_customers(cast.lin.grants)) == [keep]
    assert file_now_at(drop.pk) == keep.pk
    assert journal.rows_moved > 0
    assert "同一个人" in unseal(AuditRow.objects.get(action="customers.merge").payload)
    assert sum(CountRow.objects.filter(metric="customers").values_list("n", flat=True)) == 1


def test_choices_decide_field_by_field(cast: Cast) -> None:
    drop = twin(cast, salutation="陈总", tier="key", birth_month=11, birth_day=25, remark="爱吃面")
    merge(cast, drop, choices={"salutation": "drop", "tier": "drop"})
    keep = Customer.objects.get(pk=cast.chen.pk)
    assert (keep.salutation, keep.tier) == ("陈总", "key")
    # Empty here, known there: taken without asking.
    assert (keep.birth_month, keep.birth_day) == (11, 25)
    assert keep.remark == "爱吃面"


def test_the_old_outside_number_leads_to_the_kept_file(cast: Cast) -> None:
    drop = twin(cast, external_id="ERP-77")
    merge(cast, drop)
    found = customer_by_external_id("ERP-77")
    assert found is not None
    assert found.pk == cast.chen.pk


def test_undo_puts_each_row_and_value_back(cast: Cast) -> None:
    drop = twin(cast, salutation="陈总", tags=("批发",), remark="爱吃面")
    services.record_preference(**cast.lin.acting, customer_id=drop.pk, value="爱吃面")
    before = snapshot()
    journal = merge(cast, drop, choices={"salutation": "drop"})
    assert snapshot() != before

    report = services.undo_merge(**cast.wang.acting, journal_id=journal.pk)

    assert snapshot() == before
    assert report.moved_on == {}
    assert report.fields_kept == []
    assert report.rows_restored == journal.rows_moved
    assert visible_customers(cast.lin.grants).count() == 2
    with pytest.raises(RuleError) as refused:
        services.undo_merge(**cast.wang.acting, journal_id=journal.pk)
    assert refused.value.code == "merge_undone"


def test_undo_leaves_what_was_changed_or_moved_on_since(cast: Cast, given) -> None:
    drop = twin(cast, salutation="陈总")
    row = services.record_preference(**cast.lin.acting, customer_id=drop.pk, value="爱吃面")
    other = make_customer(cast.zhoukou, "许红梅")
    journal = merge(cast, drop, choices={"salutation": "drop"})
    services.update_customer(**cast.lin.acting, customer_id=cast.chen.pk, salutation="老陈")
    with given():
        Preference.objects.filter(pk=row.pk).update(customer=other)

    report = services.undo_merge(**cast.wang.acting, journal_id=journal.pk)

    assert report.moved_on == {"customers.Preference": [row.pk]}
    assert report.fields_kept == ["salutation"]
    cast.chen.refresh_from_db()
    assert cast.chen.salutation == "老陈"


def test_an_earlier_merge_waits_for_the_later_one(cast: Cast) -> None:
    second = twin(cast)
    third = make_customer(cast.zhoukou, "陈志刚", phone="15039412282")
    first = merge(cast, second)
    later = services.merge_customers(**cast.wang.acting, keep_id=third.pk, drop_id=cast.chen.pk)
    assert file_now_at(second.pk) == third.pk
    # Nobody may open the absorbed file, but its merge is within reach and says what to do.
    with pytest.raises(RuleError) as refused:
        services.undo_merge(**cast.wang.acting, journal_id=first.pk)
    assert refused.value.code == "merge_covered"
    services.undo_merge(**cast.wang.acting, journal_id=later.pk)
    services.undo_merge(**cast.wang.acting, journal_id=first.pk)
    assert visible_customers(cast.wang.grants).count() == 3


def test_what_cannot_be_merged(cast: Cast) -> None:
    firm = make_customer(cast.zhoukou, "豫东鲜果批发", kind="organisation")
    far = make_customer(cast.shangqiu, "陈志强")
    for drop_id, error in (
        (cast.chen.pk, RuleError),
        (firm.pk, RuleError),
        (far.pk, NotFound),
        (10**9, NotFound),
    ):
        before = snapshot()
        with pytest.raises(error):
            services.merge_customers(**cast.wang.acting, keep_id=cast.chen.pk, drop_id=drop_id)
        assert snapshot() == before
    assert not MergeJournal.objects.exists()


def test_a_long_history_moves_in_batches(cast: Cast, given) -> None:
    drop = twin(cast)
    with given():
        TimelineEntry.objects.bulk_create(
            TimelineEntry(
                customer=drop, at=drop.created_at, kind="case", room="desk", object_type="x"
            )
            for _ in range(1203)
        )
    journal = merge(cast, drop)
    steps = MergeStep.objects.filter(journal=journal, model="customers.TimelineEntry")
    assert sorted(len(step.ids) for step in steps) == [204, 500, 500]
    assert not TimelineEntry.objects.filter(customer=drop).exists()
    services.undo_merge(**cast.wang.acting, journal_id=journal.pk)
    # Its own 1,203, the file's opening, and the line about the undo.
    assert TimelineEntry.objects.filter(customer=drop).count() == 1205


def test_people_and_referrals_follow_and_nobody_points_to_themselves(cast: Cast) -> None:
    firm = make_customer(cast.zhoukou, "豫东鲜果批发", kind="organisation")
    same = make_customer(cast.zhoukou, "豫东鲜果批发部", kind="organisation")
    person = make_customer(cast.zhoukou, "许红梅", organisation_id=same.pk)
    services.update_customer(**cast.lin.acting, customer_id=firm.pk, referrer_id=same.pk)
    journal = services.merge_customers(**cast.wang.acting, keep_id=firm.pk, drop_id=same.pk)
    person.refresh_from_db()
    firm.refresh_from_db()
    assert (person.organisation_id, person.organisation_name) == (firm.pk, "豫东鲜果批发")
    assert firm.referrer_id is None
    services.undo_merge(**cast.wang.acting, journal_id=journal.pk)
    person.refresh_from_db()
    firm.refresh_from_db()
    assert (person.organisation_id, person.organisation_name) == (same.pk, "豫东鲜果批发部")
    assert firm.referrer_id == same.pk


VOLATILE = {"version", "folded", "bigrams", "habits_text"}


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Where every row about customers stands, apart from the records a merge itself leaves."""
    seen: dict[str, list[tuple[Any, ...]]] = {}
    for model in (Identity, Preference, CustomerTag):
        columns = [f.attname for f in model._meta.concrete_fields]
        seen[model.__name__] = list(model.objects.order_by("pk").values_list(*columns))
    columns = [f.attname for f in Customer._meta.concrete_fields if f.name not in VOLATILE]
    seen["Customer"] = list(Customer.objects.order_by("pk").values_list(*columns))
    return seen


person = (
    st.fixed_dictionaries(
        {},
        optional={
            "salutation": st.sampled_from(["陈总", "老陈"]),
            "occupation": st.sampled_from(["批发商", "司机"]),
            "remark": st.sampled_from(["爱吃面", "两行\n文字"]),
            "tier": st.sampled_from(["vip", "careful"]),
            "household_size": st.integers(1, 9),
            "tags": st.lists(st.sampled_from(["批发", "老客户", "商水"]), unique=True),
            "phone": st.sampled_from(["15039412281", "15039412282"]),
            "birth_year": st.just(1985),
            "birth_month": st.just(11),
            "birth_day": st.just(25),
        },
    )
    .filter(lambda f: "birth_day" not in f or "birth_month" in f)
    .filter(lambda f: "birth_month" not in f or "birth_day" in f)
)
choice = st.dictionaries(
    st.sampled_from(
        ["name", "salutation", "occupation", "remark", "tier", "household", "birthday"]
    ),
    st.sampled_from(["keep", "drop"]),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(one=person, other=person, choices=choice, habits=st.integers(0, 3))
def test_merge_then_undo_is_nothing(cast: Cast, one, other, choices, habits) -> None:
    from django.db import transaction

    with transaction.atomic():
        keep = make_customer(cast.zhoukou, "王", **one)
        if one.get("phone") == other.get("phone"):
            other = {**other, "phone": ""}
        drop = make_customer(cast.zhoukou, "王五", **other)
        for number in range(habits):
            services.record_preference(
                actor=SETUP, grants=everybody(), customer_id=drop.pk, value=f"习惯 {number}"
            )
        before = snapshot()
        journal = services.merge_customers(
            **cast.wang.acting, keep_id=keep.pk, drop_id=drop.pk, choices=choices
        )
        assert Customer.objects.get(pk=drop.pk).merged_into_id == keep.pk
        services.undo_merge(**cast.wang.acting, journal_id=journal.pk)
        assert snapshot() == before
        transaction.set_rollback(True)


def test_a_merge_is_one_unit_of_work(cast: Cast, monkeypatch) -> None:
    drop = twin(cast)
    before = snapshot()

    def break_off(*_args: Any, **_kwargs: Any) -> None:
        raise Conflict("staged", "staged")

    monkeypatch.setattr("zhike.customers.services.merges._tell_merge", break_off)
    with pytest.raises(Conflict):
        merge(cast, drop)
    assert snapshot() == before
    assert work.current() is None
