"""Jobs of this room: flat copies brought up to date after a rename, index rows of a field."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.core import work
from zhike.core.jobs import current, job, periodic
from zhike.customers.models import Customer, CustomFieldDefinition, CustomFieldValue, Region
from zhike.customers.services import erasing
from zhike.customers.services.copies import refresh_copies
from zhike.customers.services.custom_fields import field_value
from zhike.customers.services.segment_members import count_members, due_segments

ACTOR = work.Actor.system("customers")
CHUNK = 100


def _each_file(rows: QuerySet[Customer], change: Callable[[list[Customer]], None]) -> int:
    """Go over files in short transactions, so that pages can write in between."""
    last, done = 0, 0
    while True:
        current().pause()
        ids = list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK])
        if not ids:
            return done
        with work.unit(ACTOR):
            locked = Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk")
            change(list(locked))
            done += len(ids)
            current().report(done=done)
        last = ids[-1]


@job(queue="bulk", limit_seconds=3600, label=_("Renaming a tag on customer files"))
def refresh_files_of_tag(tag_id: int) -> None:
    def change(files: list[Customer]) -> None:
        for customer in files:
            refresh_copies(customer)
            customer.save()

    _each_file(Customer.objects.filter(tag_links__tag_id=tag_id), change)


@job(queue="bulk", limit_seconds=3600, label=_("Renaming a region on customer files"))
def refresh_files_of_region(region_id: int) -> None:
    top = Region.objects.filter(pk=region_id).first()
    if top is None:
        return
    names = dict(Region.objects.filter(path__startswith=top.path).values_list("pk", "full_name"))

    def change(files: list[Customer]) -> None:
        for customer in files:
            if customer.region_id in names:
                customer.region_name = names[customer.region_id]
                customer.save()

    _each_file(Customer.objects.filter(region_id__in=names), change)


@job(queue="bulk", limit_seconds=3600, label=_("Making a field of the customer file filterable"))
def index_field_values(definition_id: int) -> None:
    definition = CustomFieldDefinition.objects.filter(pk=definition_id).first()
    if definition is None:
        return

    def change(files: list[Customer]) -> None:
        CustomFieldValue.objects.filter(definition=definition, customer__in=files).delete()
        rows = [field_value(customer, definition) for customer in files]
        CustomFieldValue.objects.bulk_create([row for row in rows if row is not None])

    _each_file(Customer.objects.filter(custom__has_key=definition.code), change)


@job(queue="bulk", limit_seconds=7200, attempts=20, label=_("Erase a customer"))
def carry_out_erasure(record_id: int) -> None:
    erasing.carry_out(record_id)


@job(queue="bulk", limit_seconds=3600, label=_("Count the members of a segment"))
def count_segment(segment_id: int) -> None:
    count_members(segment_id, current().pause)


@periodic(every_seconds=1800)
@job(queue="bulk", limit_seconds=3600, label=_("Count the members of all segments"))
def count_segments() -> None:
    for segment_id in due_segments():
        count_members(segment_id, current().pause)
