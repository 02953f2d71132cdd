"""A case is taken in at the moment its customer is erased or merged away, with real transactions.

Whoever comes second waits: nothing is written to a file that is gone, and no erasure passes a case by.
"""

import time
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from tests.cast import CHEN_PHONE, Cast, make_cast, make_customer
from tests.desk.test_races import at_once, conflicts, take_in
from tests.transactions import real_transactions  # noqa: F401
from zhike.core.errors import NotFound
from zhike.customers import services as customers
from zhike.customers.models import Customer, Erasure
from zhike.customers.services import erasing, merges
from zhike.customers.services.erasing import erase_customer
from zhike.desk import services
from zhike.desk.models import Case
from zhike.desk.services import intake
from zhike.desk.services.callers import Caller
from zhike.listening.models import Feedback
from zhike.listening.services import feedback

pytestmark = pytest.mark.django_db(transaction=True)
WHILE = 0.7
# Time for a whole erasure, its job included, that does not wait.
LONG = 3.0


@pytest.fixture
def town(real_transactions: None, _planted: None) -> Cast:  # noqa: F811
    return make_cast()


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Event]:
    """This function ends late; the event says that it has done its work, inside its unit."""

    def slow(owner: Any, name: str, pause: float = WHILE) -> Event:
        real, done = getattr(owner, name), Event()

        def late(*args: Any, **kwargs: Any) -> Any:
            found = real(*args, **kwargs)
            done.set()
            time.sleep(pause)
            return found

        monkeypatch.setattr(owner, name, late)
        return done

    return slow


def after(begun: Event, act: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> Any:
        assert begun.wait(20)
        return act()

    return run


def erases(town: Cast) -> Callable[[], Any]:
    return lambda: erase_customer(**town.admin.acting, customer_id=town.chen.pk, reason="本人要求")


@pytest.mark.parametrize(
    "known", [{"customer_id": True}, {"caller": Caller(CHEN_PHONE)}], ids=["by file", "by number"]
)
def test_an_erasure_waits_for_the_case_that_is_being_opened(
    town: Cast, slowly: Callable[..., Event], known: dict[str, Any]
) -> None:
    who = {"customer_id": town.chen.pk} if "customer_id" in known else known
    begun = slowly(intake, "_row")
    results = at_once([lambda: take_in(town.lin, **who), after(begun, erases(town))])
    assert [one.code for one in conflicts(results)] == ["erasure_held"]
    assert Case.objects.get().customer_id == town.chen.pk
    assert not Erasure.objects.exists()


def test_an_erasure_waits_for_the_case_that_is_given_its_customer(
    town: Cast, slowly: Callable[..., Event]
) -> None:
    case = take_in(town.lin).case
    begun = slowly(intake, "_name")

    def names() -> Case:
        return services.name_customer(**town.lin.acting, case_id=case.pk, caller=Caller(CHEN_PHONE))

    results = at_once([names, after(begun, erases(town))])
    assert [one.code for one in conflicts(results)] == ["erasure_held"]
    case.refresh_from_db()
    assert case.customer_id == town.chen.pk


def test_who_is_being_erased_is_not_found_and_calls_as_somebody_new(
    town: Cast, slowly: Callable[..., Event]
) -> None:
    begun = slowly(erasing, "begin")

    def by_file() -> Any:
        try:
            return take_in(town.lin, customer_id=town.chen.pk)
        except NotFound as missing:
            return missing

    results = at_once(
        [
            erases(town),
            after(begun, by_file),
            after(begun, lambda: take_in(town.lin, caller=Caller(CHEN_PHONE, "陈先生"))),
        ]
    )
    assert isinstance(results[1], NotFound)
    assert not list(conflicts(results))
    case = Case.objects.get()
    assert case.customer_id not in (None, town.chen.pk)
    assert case.customer_name == "陈先生"
    assert Customer.objects.get(pk=case.customer_id).in_use


def test_a_case_opened_while_two_files_are_merged_lies_in_the_one_that_stays(
    town: Cast, slowly: Callable[..., Event]
) -> None:
    twin = make_customer(town.zhoukou, "陈志强")
    begun = slowly(merges, "_tell_merge")

    def merge() -> Any:
        return customers.merge_customers(
            **town.admin.acting, keep_id=twin.pk, drop_id=town.chen.pk, reason="同一人"
        )

    opens = after(begun, lambda: take_in(town.lin, customer_id=town.chen.pk))
    results = at_once([merge, opens])
    assert not list(conflicts(results))
    assert Case.objects.get().customer_id == twin.pk


def test_a_merge_and_somebody_who_names_the_customer_do_not_wait_for_each_other(
    town: Cast,
) -> None:
    """The one holds the files and moves the case; the other would hold the case and want the file."""
    twin = make_customer(town.zhoukou, "陈志强")
    for _turn in range(5):
        case = take_in(town.lin, customer_id=town.chen.pk).case

        def merge() -> Any:
            return customers.merge_customers(
                **town.admin.acting, keep_id=twin.pk, drop_id=town.chen.pk, reason="同一人"
            )

        def names(case: Case = case) -> Any:
            return services.name_customer(**town.lin.acting, case_id=case.pk, customer_id=twin.pk)

        results = at_once([merge, names])
        assert not [one for one in results if isinstance(one, Exception)]
        case.refresh_from_db()
        assert case.customer_id == twin.pk
        customers.undo_merge(**town.admin.acting, journal_id=results[0].pk)


def test_an_erasure_finds_the_words_that_were_being_written_down(
    town: Cast, slowly: Callable[..., Event]
) -> None:
    begun = slowly(feedback, "_customer", LONG)

    def records() -> Feedback:
        return feedback.record_feedback(
            **town.admin.acting,
            text="送餐很快",
            unit_id=town.zhoukou.pk,
            customer_id=town.chen.pk,
        )

    def erases_whole() -> None:
        erases(town)()
        erasing.carry_out(Erasure.objects.get().pk)

    results = at_once([records, after(begun, erases_whole)])
    assert not list(conflicts(results))
    assert "送餐" not in Feedback.objects.get().text
