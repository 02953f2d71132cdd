"""Erasing a person: their keys are destroyed at once, then a job blanks what lies in every room.

The first unit of work destroys the keys, takes the file out of use and notes the erasure; from then on no number
and no address of theirs can be read anywhere, backups with today's keys included. What is written in clear is
blanked place by place (`zhike.core.erasing.PLACES`), a hundred rows at a time, each with its place in the record:
killed, the job goes on where it was, and going through a place twice changes nothing. See
docs/adr/0018-erasing-a-person.md.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from zhike.core import sealing, work
from zhike.core.access import Grants
from zhike.core.erasing import HOLDS, PLACES, Person, Place, Reason, notes
from zhike.core.errors import Conflict, RuleError
from zhike.core.files import remove_bytes
from zhike.core.jobs import current
from zhike.core.jobs.rows import forget_words
from zhike.core.sealing.ring import ring
from zhike.core.search import masked_numbers
from zhike.core.search.forgetting import forget_deleted
from zhike.customers import rules
from zhike.customers.errors import customer_missing
from zhike.customers.events import CustomerErased
from zhike.customers.models import ChangeRow, Customer, Erasure, Identity
from zhike.customers.permissions import ERASE
from zhike.customers.selectors import in_reach, visible_customers
from zhike.customers.services.opening import open_file
from zhike.customers.services.recording import count_file, count_key

ACTOR = work.Actor.system("erasure")
CHUNK = 100
LONGEST_REASON = 300


@dataclass(frozen=True)
class Part:
    """One line of the preview: what lies in a place, and what of it stays."""

    label: Any
    count: int
    stays: Any


@dataclass(frozen=True)
class Preview:
    """What erasing this customer would do; `reasons` are what stands against it now."""

    customer: Customer
    parts: tuple[Part, ...]
    reasons: tuple[Reason, ...]

    @property
    def rows(self) -> int:
        return sum(part.count for part in self.parts)


def preview_erasure(*, grants: Grants, customer_id: int) -> Preview:
    grants.require(ERASE)
    customer = visible_customers(grants).filter(pk=customer_id).first()
    if customer is None:
        raise customer_missing()
    person = person_of(_all_files(customer.pk))
    parts = [Part(p.label, p.rows(person).count(), p.stays) for p in in_order()]
    return Preview(
        customer, tuple(part for part in parts if part.count), tuple(reasons_against(person))
    )


def erase_customer(*, actor: work.Actor, grants: Grants, customer_id: int, reason: str) -> Erasure:
    """Erase a person and all that is known of them. Asked twice, the first erasure is the answer.

    Refused while something is open or must be kept by law: settle it, or wait, and ask again. Nothing overrides
    that, for what is still owed to the customer, or to the law, cannot be done without knowing whom.
    """
    grants.require(ERASE)
    known = _erased_before(grants, customer_id)
    if known is not None:
        return known
    reason = rules.clean_line(reason)
    _refuse_reason(reason)
    with work.unit(actor, reason) as unit:
        customer = open_file(grants, customer_id, ERASE)
        person = person_of(_all_files(customer.pk))
        _refuse_naming(reason, person)
        against = reasons_against(person)
        if against:
            raise _held(against)
        return begin(unit, customer, person, reason=reason)


def begin(
    unit: work.Work,
    customer: Customer,
    person: Person,
    *,
    reason: str,
    again: notes.Note | None = None,
) -> Erasure:
    """Destroy the keys, take the files out of use, note it, and let the job do the rest. `again` is the noted
    erasure a restore does once more."""
    record = Erasure.objects.create(
        token=again.token if again else str(uuid.uuid4()),
        customer=customer,
        files=list(person.file_ids),
        keys=list(person.key_ids),
        unit_id=customer.unit_id,
        reason=reason,
        asked_at=unit.now,
        actor_id=unit.actor.id,
        actor_name=unit.actor.name,
        is_again=again is not None,
    )
    for key_id in person.key_ids:
        sealing.destroy_key(key_id, unit.now)
    for file in Customer.objects.filter(pk__in=person.file_ids).order_by("pk"):
        if file.in_use:
            count_file(unit, count_key(file), -1)
    Identity.objects.filter(customer_id__in=person.file_ids, voided_at__isnull=True).update(
        voided_at=unit.now, is_primary=False
    )
    Customer.objects.filter(pk__in=person.file_ids).update(erased_at=unit.now, voided_at=unit.now)
    unit.audit(
        "customers.erase",
        customer,
        after={"record": record.pk, "files": record.files, "again": record.is_again},
    )
    unit.publish(CustomerErased(customer.pk, record.pk))
    for file_id in person.file_ids:
        unit.touch(f"customer:{file_id}", "erased")
    if again is None:
        from zhike.customers.tasks import carry_out_erasure

        unit.enqueue(carry_out_erasure, record_id=record.pk)
        unit.on_commit(lambda: note_outside(record))
    return record


def carry_out(record_id: int) -> None:
    """Blank everything, from where the record says. Safe to run again at any point, and by two at once."""
    record = Erasure.objects.filter(pk=record_id, done_at__isnull=True).first()
    if record is None:
        return
    # First of all: what is gone here must not come back with a restore.
    note_outside(record)
    person = person_of(record.files)
    forget_words(person.names)
    for place in _still_to_go(record):
        while _go_on(record, place, person):
            current().pause()
    remove_bytes()
    forget_deleted(current().pause)
    with work.unit(ACTOR) as unit:
        if Erasure.objects.filter(pk=record.pk, done_at__isnull=True).update(done_at=unit.now):
            counts = Erasure.objects.values_list("counts", flat=True).get(pk=record.pk)
            unit.audit("customers.erase.done", record, after={"rows": sum(counts.values())})
            unit.touch(f"customer:{record.customer_id}", "erased")


def in_order() -> list[Place]:
    return sorted(PLACES, key=lambda place: (place.order, place.key))


def _still_to_go(record: Erasure) -> Iterator[Place]:
    places = in_order()
    keys = [place.key for place in places]
    # A place this version does not know any more: from the start, for nothing is lost by that.
    start = keys.index(record.place) if record.place in keys else 0
    yield from places[start:]


def _go_on(record: Erasure, place: Place, person: Person) -> bool:
    """The next rows of a place; False when there are none left."""
    with work.unit(ACTOR) as unit:
        held = Erasure.objects.select_for_update().get(pk=record.pk)
        after = held.after if held.place == place.key else 0
        rows = list(
            place.rows(person).select_for_update().filter(pk__gt=after).order_by("pk")[:CHUNK]
        )
        if rows:
            place.blank(rows, person, unit)
            held.counts = {
                **held.counts,
                place.key: held.counts.get(place.key, 0) + len(rows),
            }
        held.place, held.after = place.key, rows[-1].pk if rows else after
        held.save(update_fields=["place", "after", "counts"])
        current().report(done=sum(held.counts.values()))
    return len(rows) == CHUNK


def file_ids_of(customer_id: int) -> list[int]:
    """The file and every file merged into it, however long ago."""
    found, layer = [customer_id], [customer_id]
    while layer:
        absorbed = Customer.objects.filter(merged_into_id__in=layer).order_by("pk")
        layer = list(absorbed.values_list("pk", flat=True))
        found += layer
    return found


def _all_files(customer_id: int) -> list[int]:
    """What goes with a file: those merged into it, and those an undone import of the same person left behind."""
    found = file_ids_of(customer_id)
    return found + _voided_with(found)


def _voided_with(file_ids: Sequence[int]) -> list[int]:
    """Files taken out of use that were known by a number of theirs: nobody can open and erase those alone."""
    known = Identity.objects.filter(customer_id__in=file_ids).values_list("channel", "value_blind")
    by_number = [Q(channel=channel, value_blind=blind) for channel, blind in known]
    voided = Identity.objects.filter(
        reduce(or_, by_number, Q(pk__in=[])),
        customer__voided_at__isnull=False,
        customer__erased_at__isnull=True,
        customer__merged_into__isnull=True,
    ).exclude(customer_id__in=file_ids)
    return sorted(set(voided.values_list("customer_id", flat=True)))


def person_of(file_ids: Sequence[int]) -> Person:
    files = list(Customer.objects.filter(pk__in=file_ids).order_by("pk").only("name", "key_id"))
    renamed = ChangeRow.objects.filter(customer_id__in=file_ids, field="name")
    names = {file.name for file in files}
    for before, after in renamed.values_list("before", "after"):
        names |= {before, after}
    return Person(
        tuple(file_ids),
        tuple(file.key_id for file in files),
        # One sign alone is nobody's name, and would be found everywhere.
        tuple(sorted(name for name in names if len(name) > 1)),
    )


def reasons_against(person: Person) -> list[Reason]:
    return [reason for hold in HOLDS for reason in hold.reasons(person)]


def note_outside(record: Erasure) -> None:
    """The line beside the keys by which a restore does it again."""
    notes.add(notes.path_in(Path(settings.DATA)), note_of(record))


def note_of(record: Erasure) -> notes.Note:
    """The file itself first, as in the record."""
    files = Customer.objects.only("key_id", "created_at").in_bulk(record.files)
    return notes.Note(
        record.token,
        record.asked_at.astimezone(UTC).isoformat(),
        tuple(notes.NotedFile(pk, files[pk].key_id, mark_of(files[pk])) for pk in record.files),
    )


def mark_of(customer: Customer) -> str:
    return notes.mark_of(ring().index, customer.pk, customer.key_id, customer.created_at)


def erasure_of(customer_id: int) -> Erasure | None:
    """The erasure that took this file, or the one it had been merged into."""
    while True:
        row = Customer.objects.filter(pk=customer_id).only("merged_into_id").first()
        if row is None:
            return None
        if row.merged_into_id is None or Erasure.objects.filter(customer_id=row.pk).exists():
            return Erasure.objects.filter(customer_id=row.pk).first()
        customer_id = row.merged_into_id


def visible_erasures(grants: Grants) -> QuerySet[Erasure]:
    """The records of one's own units, for who may erase."""
    if not grants.allows(ERASE):
        return Erasure.objects.none()
    rows = Erasure.objects.all()
    return rows if grants.unit_ids is None else rows.filter(unit_id__in=grants.unit_ids)


def _erased_before(grants: Grants, customer_id: int) -> Erasure | None:
    erased = Customer.objects.filter(pk=customer_id, erased_at__isnull=False)
    return erasure_of(customer_id) if in_reach(erased, grants).exists() else None


def _refuse_reason(reason: str) -> None:
    if len(reason) < 2:
        raise RuleError("reason_missing", _("Please say why."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise RuleError(
            "too_long",
            _("At most %(limit)s characters, please.") % {"limit": LONGEST_REASON},
            field="reason",
        )


def _refuse_naming(reason: str, person: Person) -> None:
    """The reason stays when the person is gone, so it may not say who it was."""
    if masked_numbers(reason) != reason or any(name in reason for name in person.names):
        raise RuleError(
            "reason_names",
            _("The reason is kept. Please write it without the customer's name or number."),
            field="reason",
        )


def _held(against: Sequence[Reason]) -> Conflict:
    return Conflict(
        "erasure_held",
        _("This customer cannot be erased yet.") + " " + " ".join(r.sentence for r in against),
        extra={
            "reasons": [{"code": r.code, "sentence": r.sentence, "until": r.until} for r in against]
        },
    )
