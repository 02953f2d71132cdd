"""Keeping flat copies on cases in step with customers and users."""

from zhike.accounts.events import UserChanged
from zhike.accounts.models import User
from zhike.core.access import NOBODY
from zhike.core.work import Work
from zhike.customers.events import CustomerChanged, CustomersMerged, CustomersMergeUndone
from zhike.customers.models import Customer
from zhike.desk.models import Case
from zhike.desk.selectors.scope import HEAVY
from zhike.desk.services.handling import Handling
from zhike.desk.services.moves import set_clock_openly

COPIED = {"name", "tier"}


def refresh_customer_copies(customer_id: int, work: Work) -> None:
    """Name and tier on all cases of a customer; of open ones a new tier may change the due time."""
    customer = Customer.objects.filter(pk=customer_id).only("name", "tier").first()
    if customer is None:
        return
    stale = Case.objects.filter(customer_id=customer_id).exclude(
        customer_name=customer.name, customer_tier=customer.tier
    )
    # Read whole before the first change: SQLite must not walk rows that are being changed.
    for case in list(stale.defer(*HEAVY).select_for_update().order_by("id")):
        act = Handling(case, work, work.actor, NOBODY, "customer_copies")
        before_tier = case.customer_tier
        case.customer_name, case.customer_tier = customer.name, customer.tier
        if before_tier != customer.tier and not case.is_ended:
            set_clock_openly(act, tier=customer.tier)
        act.finish()


def on_customer_changed(event: CustomerChanged, work: Work) -> None:
    if COPIED & set(event.fields):
        refresh_customer_copies(event.customer_id, work)


def on_customers_merged(event: CustomersMerged, work: Work) -> None:
    # The merge itself moved the rows, as it moves every row that points to a customer.
    refresh_customer_copies(event.keep_id, work)


def on_merge_undone(event: CustomersMergeUndone, work: Work) -> None:
    refresh_customer_copies(event.keep_id, work)
    refresh_customer_copies(event.drop_id, work)


def on_user_changed(event: UserChanged, work: Work) -> None:
    if "name" not in event.fields:
        return
    name = User.objects.filter(pk=event.user_id).values_list("name", flat=True).get()
    Case.objects.filter(owner_id=event.user_id).exclude(owner_name=name).update(owner_name=name)


def register() -> None:
    from zhike.core import events

    events.subscribe(CustomerChanged, on_customer_changed)
    events.subscribe(CustomersMerged, on_customers_merged)
    events.subscribe(CustomersMergeUndone, on_merge_undone)
    events.subscribe(UserChanged, on_user_changed)
