"""How other rooms put something on a customer's timeline."""

from datetime import datetime

from django.db.models import Model, Q

from zhike.core.work import Work
from zhike.customers.models import Customer, TimelineEntry


def add_timeline_entry(
    unit: Work,
    *,
    customer_id: int,
    kind: str,
    room: str,
    obj: Model | None = None,
    title: str = "",
    unit_id: int | None = None,
    at: datetime | None = None,
    is_contact: bool = False,
) -> None:
    """Call it inside the unit of work that did the thing. `is_contact` moves "last contact" on.

    `kind` is filled into `zhike.customers.slots.TIMELINE_KINDS` by the room that writes it.
    """
    moment = at or unit.now
    unit.add(
        TimelineEntry(
            customer_id=customer_id,
            at=moment,
            kind=kind,
            room=room,
            object_type=obj._meta.label_lower if obj is not None else "",
            object_id=obj.pk if obj is not None else None,
            unit_id=unit_id,
            title=title[:200],
            actor_name="customer" if unit.actor.kind == "customer" else unit.actor.name,
        )
    )
    if is_contact:
        earlier = Q(last_contact_at__isnull=True) | Q(last_contact_at__lt=moment)
        Customer.objects.filter(earlier, pk=customer_id).update(last_contact_at=moment)
    unit.touch(f"customer:{customer_id}", "timeline")
