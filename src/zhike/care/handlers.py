"""What desk, customers and staff tell, and visits make of it."""

from zhike.accounts.events import UserChanged
from zhike.care.choices import CallOff
from zhike.care.services import making
from zhike.core import events
from zhike.core.work import Work
from zhike.customers.events import (
    CustomerChanged,
    CustomerErased,
    CustomersMerged,
    CustomersMergeUndone,
)
from zhike.customers.models import Customer
from zhike.desk.events import (
    CaseClosed,
    CaseMoved,
    CaseReopened,
    CasesMerged,
    CaseVoided,
    CustomerNamed,
)

COPIED = {"name", "tier"}


def on_closed(event: CaseClosed, work: Work) -> None:
    # Nobody is called about what ended long ago in another system.
    if not event.is_history:
        making.make_for(event.case_id, work)


def on_reopened(event: CaseReopened, work: Work) -> None:
    making.call_off_open(event.case_id, CallOff.REOPENED, work)


def on_merged(event: CasesMerged, work: Work) -> None:
    making.call_off_open(event.from_id, CallOff.MERGED, work)
    # The case that stays may have learnt its customer from the other one.
    making.make_late(event.into_id, work)


def on_voided(event: CaseVoided, work: Work) -> None:
    making.call_off_open(event.case_id, CallOff.VOIDED, work)


def on_moved(event: CaseMoved, work: Work) -> None:
    making.move_with_case(event.case_id, event.to_unit_id, work)


def _refresh(customer_id: int) -> None:
    customer = Customer.objects.filter(pk=customer_id).only("name", "tier").first()
    if customer is not None:
        making.refresh_copies(customer_id, customer.name, customer.tier)


def on_customer_changed(event: CustomerChanged, work: Work) -> None:
    if COPIED & set(event.fields):
        _refresh(event.customer_id)


def on_customers_merged(event: CustomersMerged, work: Work) -> None:
    # The merge itself moved the rows, as it moves every row that points to a customer.
    _refresh(event.keep_id)


def on_merge_undone(event: CustomersMergeUndone, work: Work) -> None:
    _refresh(event.keep_id)
    _refresh(event.drop_id)


def on_customer_erased(event: CustomerErased, work: Work) -> None:
    making.call_off_for_customer(event.customer_id, CallOff.ERASED, work)


def on_named(event: CustomerNamed, work: Work) -> None:
    making.follow_customer(event.case_id, event.customer_id)
    making.make_late(
        event.case_id,
        work,
        customer_id=event.customer_id,
        is_correction=event.before_id is not None,
    )


def on_user_changed(event: UserChanged, work: Work) -> None:
    if "name" in event.fields:
        making.rename_staff(event.user_id)


def register() -> None:
    events.subscribe(CaseClosed, on_closed)
    events.subscribe(CaseReopened, on_reopened)
    events.subscribe(CasesMerged, on_merged)
    events.subscribe(CaseVoided, on_voided)
    events.subscribe(CaseMoved, on_moved)
    events.subscribe(CustomerNamed, on_named)
    events.subscribe(CustomerChanged, on_customer_changed)
    events.subscribe(CustomersMerged, on_customers_merged)
    events.subscribe(CustomersMergeUndone, on_merge_undone)
    events.subscribe(CustomerErased, on_customer_erased)
    events.subscribe(UserChanged, on_user_changed)
