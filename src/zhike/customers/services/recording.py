"""What every change of a file leaves behind: change rows, audit, event, live news, counters."""

from collections.abc import Sequence
from dataclasses import dataclass

from zhike.core.work import Work
from zhike.customers.events import CustomerChanged
from zhike.customers.models import ChangeRow, Customer, TimelineEntry

COUNTER = "customers"


@dataclass(frozen=True)
class Change:
    """One field, as text; `is_sealed` when both sides are sealed tokens."""

    field: str
    before: str = ""
    after: str = ""
    is_sealed: bool = False


@dataclass(frozen=True)
class CountKey:
    """The cell of the counter a file stands in."""

    unit_id: int
    state: str
    kind: str
    owner_id: int | None


def count_key(customer: Customer) -> CountKey:
    owner = customer.manager_id if customer.manager_id is not None else customer.created_by_id
    return CountKey(customer.unit_id, customer.tier, customer.stage, owner)


def count_file(work: Work, key: CountKey, delta: int) -> None:
    work.count(
        COUNTER,
        delta,
        unit_id=key.unit_id,
        state=key.state,
        kind=key.kind,
        owner_id=key.owner_id,
    )


def recount_file(work: Work, before: CountKey, customer: Customer) -> None:
    after = count_key(customer)
    if after != before:
        count_file(work, before, -1)
        count_file(work, after, +1)


def add_change_rows(work: Work, customer: Customer, changes: Sequence[Change]) -> None:
    for change in changes:
        work.add(
            ChangeRow(
                customer=customer,
                version=customer.version,
                field=change.field,
                before=change.before,
                after=change.after,
                is_sealed=change.is_sealed,
                at=work.now,
                author_id=work.actor.id,
                author_name=work.actor.name,
                via=work.actor.via,
                reason=work.reason,
            )
        )


def record_changes(work: Work, customer: Customer, action: str, changes: Sequence[Change]) -> None:
    """Note `changes` of a file whose `version` has been raised already and which the caller saves."""
    add_change_rows(work, customer, changes)
    work.audit(
        action,
        customer,
        before={change.field: change.before for change in changes},
        after={change.field: change.after for change in changes},
        subject=customer.key_id,
    )
    fields = tuple(dict.fromkeys(change.field.split(".")[0] for change in changes))
    work.publish(CustomerChanged(customer.pk, fields))
    work.touch(f"customer:{customer.pk}")


def note_on_timeline(work: Work, customer: Customer, kind: str, title: str = "") -> None:
    """An entry about the file itself; other rooms use `add_timeline_entry`."""
    work.add(
        TimelineEntry(
            customer=customer,
            at=work.now,
            kind=kind,
            room="customers",
            object_type="customers.customer",
            object_id=customer.pk,
            unit_id=customer.unit_id,
            title=title[:200],
            actor_name="customer" if work.actor.kind == "customer" else work.actor.name,
        )
    )
