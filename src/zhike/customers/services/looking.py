"""Many looks at full numbers by one person in a day are told to the administrators, once per threshold."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.http import urlencode

from zhike.accounts.grants import people_with
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.core import clock, work
from zhike.core.models import AuditRow
from zhike.core.notify import notify
from zhike.customers.contact_policy import contact_rules
from zhike.customers.models import Customer

LOOK = "customers.reveal"
# What counts as a look; rooms that keep numbers of their own add theirs.
LOOKS: set[str] = {LOOK}
NOTICE = "customers.many_looks"


@dataclass(frozen=True)
class Watch:
    """What was known before a look: how many there were today, and whom to tell when this one is too many."""

    count: int
    told: tuple[int, ...]


def watch(actor: work.Actor) -> Watch:
    """Read before the unit of work of a look begins."""
    if actor.id is None:
        return Watch(0, ())
    start = datetime.combine(clock.today(), time(), tzinfo=clock.zone())
    before = AuditRow.objects.filter(
        actor_id=actor.id, action__in=sorted(LOOKS), at__gte=start
    ).count()
    unusual = contact_rules().looks_unusual_from
    if not unusual or (before + 1) % unusual:
        return Watch(before + 1, ())
    told = tuple(user.pk for user, _grants in people_with(MANAGE_ACCOUNTS))
    return Watch(before + 1, told)


def note_look(unit: work.Work, customer: Customer, watched: Watch, values: dict[str, Any]) -> None:
    """Write the look down, and tell about it when there are unusually many."""
    note_look_at(unit, LOOK, customer, customer.key_id, watched, values)


def note_look_at(
    unit: work.Work,
    action: str,
    row: models.Model,
    key_id: int,
    watched: Watch,
    values: dict[str, Any],
) -> None:
    """The same for a number that stands on no file; `action` is one of `LOOKS`."""
    unit.audit(action, row, after=values, subject=key_id)
    words = {"q": unit.actor.name}
    for user_id in watched.told:
        notify(
            unit,
            user_id=user_id,
            kind=NOTICE,
            values={"who": unit.actor.name, "n": watched.count},
            url=f"{reverse('web:audit')}?{urlencode(words)}"[:200],
        )
