"""Two people at once: staged with real transactions on both databases."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from tests.cast import Cast, make_cast
from tests.transactions import real_transactions  # noqa: F401
from zhike.core.errors import Conflict, RuleError
from zhike.customers import services
from zhike.customers.models import ChangeRow, Customer, Identity, MergeJournal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(name="cast")
def committed_cast(real_transactions: None) -> Cast:  # noqa: F811
    return make_cast()


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run each call in a thread of its own, all let go together; exceptions are results."""
    gate = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[place] = call()
        except (Conflict, RuleError) as refused:
            results[place] = refused
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return results


def test_one_number_makes_one_file(cast: Cast) -> None:
    acting = cast.lin.acting

    def take_in() -> Any:
        return services.find_or_make(
            **acting, channel="phone", value="150 3941 2281", name="许红梅"
        )

    found = at_once(*[take_in] * 4)
    assert len({one.customer_id for one in found}) == 1
    assert sum(one.is_new for one in found) == 1
    assert Customer.objects.filter(name="许红梅").count() == 1
    assert Identity.objects.filter(last4="2281", voided_at__isnull=True).count() == 1


def test_two_customers_cannot_take_the_same_number(cast: Cast) -> None:
    acting = cast.lin.acting
    other = services.create_customer(**acting, name="许红梅")

    def add(customer_id: int) -> Any:
        return services.add_identity(
            **acting, customer_id=customer_id, channel="wechat", value="same-account"
        )

    results = at_once(lambda: add(cast.chen.pk), lambda: add(other.pk))
    assert sum(isinstance(one, Identity) for one in results) == 1
    (refused,) = [one for one in results if isinstance(one, Conflict)]
    assert refused.code == "identity_taken"


def test_of_two_edits_on_one_version_one_is_refused(cast: Cast) -> None:
    acting = cast.lin.acting

    def edit(text: str) -> Any:
        return services.update_customer(
            **acting, customer_id=cast.chen.pk, version=1, salutation=text
        )

    results = at_once(lambda: edit("陈先生"), lambda: edit("陈总"))
    assert sum(isinstance(one, Conflict) for one in results) == 1
    assert ChangeRow.objects.filter(customer=cast.chen, field="salutation").count() == 1
    assert Customer.objects.get(pk=cast.chen.pk).version == 2


def test_two_merges_over_cross_leave_one(cast: Cast) -> None:
    acting = cast.wang.acting
    other = services.create_customer(**cast.lin.acting, name="陈志强", phone="15039412281")

    def merge(keep: int, drop: int) -> Any:
        return services.merge_customers(**acting, keep_id=keep, drop_id=drop)

    results = at_once(lambda: merge(cast.chen.pk, other.pk), lambda: merge(other.pk, cast.chen.pk))
    assert sum(isinstance(one, MergeJournal) for one in results) == 1
    assert Customer.objects.filter(merged_into__isnull=True).count() == 1
    (journal,) = [one for one in results if isinstance(one, MergeJournal)]
    undone = at_once(*[lambda: services.undo_merge(**acting, journal_id=journal.pk)] * 2)
    assert sum(isinstance(one, services.UndoReport) for one in undone) == 1


def test_the_database_itself_refuses_a_second_holder(cast: Cast, given) -> None:
    from django.db import IntegrityError

    row = cast.chen.identities.get()
    other = services.create_customer(**cast.lin.acting, name="许红梅")
    row.pk, row.customer = None, other
    with given(), pytest.raises(IntegrityError):
        row.save(force_insert=True)
