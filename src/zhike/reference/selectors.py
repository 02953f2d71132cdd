"""Reading reference values. They belong to the house, not to a unit: who may read one may read all."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, QuerySet

from zhike.core import settled
from zhike.core.access import Grants, NotFound
from zhike.core.listing.parts import Rows
from zhike.reference.models import ReferenceValue
from zhike.reference.permissions import VIEW


def visible_values(grants: Grants) -> QuerySet[ReferenceValue]:
    if not grants.allows(VIEW):
        return ReferenceValue.objects.none()
    return ReferenceValue.objects.all()


def get_value(grants: Grants, pk: int) -> ReferenceValue:
    found = visible_values(grants).filter(pk=pk).first()
    if found is None:
        raise NotFound()
    return found


def in_use(grants: Grants) -> Collection[ReferenceValue]:
    """All that are not ended, in order; kept in the process, so that a page may show some at no statement."""
    if not grants.allows(VIEW):
        return ()
    return settled.kept(
        grants.stamp,
        ("reference values",),
        lambda: tuple(ReferenceValue.objects.filter(ended_at__isnull=True)),
    )


def beside(grants: Grants, *measures: str, leaving_out: int = 0) -> list[ReferenceValue]:
    """What others say of these measures, to be shown beside a figure of our own by `ui.references`."""
    return [row for row in in_use(grants) if row.measure in measures and row.pk != leaving_out]


def contested(rows: Rows) -> Rows:
    """In use, and somebody else says another thing of the same measure."""
    others = ReferenceValue.objects.filter(
        measure=OuterRef("measure"), ended_at__isnull=True
    ).exclude(pk=OuterRef("pk"))
    return rows.filter(Exists(others), ended_at__isnull=True)


def holding(rows: Rows, text: str) -> Rows:
    """With these letters in what is shown; built-in texts are translated, so rows are asked one by one."""
    wanted = text.casefold()
    found = [
        row.pk
        for row in ReferenceValue.objects.filter(pk__in=rows.values("pk"))
        if any(wanted in shown.casefold() for shown in _shown(row))
    ]
    return rows.filter(pk__in=found)


def _shown(row: ReferenceValue) -> tuple[str, ...]:
    return (row.label, row.value, row.base_text, row.said_by_text, row.source, row.note_text)
