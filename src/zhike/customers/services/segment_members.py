"""Who is in a segment: written down by a job, a few hundred at a time, only what has changed."""

from collections.abc import Callable

from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import QueryDict

from zhike.core import clock, work
from zhike.core.access import everything
from zhike.customers.listing_filters import file_filters, listed_definitions
from zhike.customers.models import Customer, Segment, SegmentDay, SegmentMember

ACTOR = work.Actor.system("customers")
AT_ONCE = 500


def count_members(segment_id: int, pause: Callable[[], None] = lambda: None) -> None:
    """Bring the members of one segment up to date. Run twice, or beside itself, it comes to the same."""
    segment = Segment.objects.select_related("unit").filter(pk=segment_id, is_active=True).first()
    if segment is None:
        return
    lost, wanted = matching_files(segment)
    if lost:
        # Nobody is thrown out by a condition that is gone; the page says so.
        with work.unit(ACTOR):
            Segment.objects.filter(pk=segment_id).update(problem=", ".join(lost)[:200])
        return
    _let_go(segment, wanted, pause)
    _take_in(segment, wanted, pause)
    _note(segment)


def matching_files(segment: Segment) -> tuple[list[str], QuerySet[Customer]]:
    """Conditions that are no longer there; and the files in use of its unit, and below, that meet the others."""
    grants, asked = everything("segments"), QueryDict(segment.filter)
    bounds = [one.bind(asked, grants) for one in file_filters(listed_definitions(), grants)]
    known = {param for bound in bounds for param in bound.filter.params()}
    lost = [value for bound in bounds for value in bound.unknown]
    lost += [param for param in asked if param not in known]
    rows = Customer.objects.filter(
        merged_into__isnull=True,
        voided_at__isnull=True,
        unit__path__startswith=segment.unit.path,
    )
    for bound in bounds:
        rows = bound.narrow(rows)
    return lost, rows.order_by()


def _let_go(segment: Segment, wanted: QuerySet[Customer], pause: Callable[[], None]) -> None:
    gone = SegmentMember.objects.filter(segment=segment).exclude(
        customer_id__in=wanted.values("pk")
    )
    while ids := list(gone.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        pause()
        with work.unit(ACTOR):
            SegmentMember.objects.filter(pk__in=ids).delete()


def _take_in(segment: Segment, wanted: QuerySet[Customer], pause: Callable[[], None]) -> None:
    member = SegmentMember.objects.filter(segment=segment, customer_id=OuterRef("pk"))
    fresh = wanted.filter(~Exists(member)).distinct()
    while ids := list(fresh.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        pause()
        with work.unit(ACTOR) as unit:
            # Of two jobs at once, the slower finds them there already.
            SegmentMember.objects.bulk_create(
                [SegmentMember(segment=segment, customer_id=pk, since=unit.now) for pk in ids],
                ignore_conflicts=True,
            )


def _note(segment: Segment) -> None:
    members = SegmentMember.objects.filter(segment=segment).count()
    with work.unit(ACTOR) as unit:
        Segment.objects.filter(pk=segment.pk, is_active=True).update(
            members=members, counted_at=unit.now, problem=""
        )
        SegmentDay.objects.update_or_create(
            segment=segment, day=clock.today(), defaults={"members": members}
        )


def due_segments() -> list[int]:
    """Those in use, the longest not counted first."""
    rows = Segment.objects.filter(is_active=True)
    order = F("counted_at").asc(nulls_first=True)
    return list(rows.order_by(order, "pk").values_list("pk", flat=True))
