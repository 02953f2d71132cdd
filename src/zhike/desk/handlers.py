"""Keeping flat copies on cases in step with customers and users."""

from zhike.accounts.events import UserChanged
from zhike.accounts.models import User
from zhike.core.work import Work
from zhike.customers.events import CustomerChanged, CustomersMerged, CustomersMergeUndone
from zhike.customers.models import Customer
from zhike.desk.models import Case
from zhike.desk.services.clocks import set_clock

COPIED = {"name", "tier"}


def refresh_customer_copies(customer_id: int, work: Work) -> None:
    """Name and tier on all cases of a customer; a new tier may mean another due time."""
    customer = Customer.objects.filter(pk=customer_id).only("name", "tier").first()
    if customer is None:
        return
    stale = Case.objects.filter(customer_id=customer_id).exclude(
        customer_name=customer.name, customer_tier=customer.tier
    )
    for case in stale.order_by("id").iterator(chunk_size=200):
        another_tier = case.customer_tier != customer.tier
        case.customer_name, case.customer_tier = customer.name, customer.tier
        case.refresh_search()
        fields = ["customer_name", "customer_tier", "folded", "bigrams"]
        if another_tier and not case.is_ended:
            set_clock(case)
            fields += ["due_at", "due_warn_at", "due_what", "due_explanation", "queue_at"]
        case.save(update_fields=fields)
        if not case.is_ended:
            work.touch(f"queue:{case.unit_id}", "changed", {"case": case.number, "by": None})


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
