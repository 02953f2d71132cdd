"""Figures of others beside ours: they come by import, and are taken out again here."""

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.work import Actor
from zhike.satisfaction import errors
from zhike.satisfaction.models import OutsideIndex
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.selectors import get_system


def end_outside(*, actor: Actor, grants: Grants, system_id: int, outside_id: int) -> None:
    """Shown no longer; kept all the same."""
    grants.require(MANAGE)
    system = get_system(grants, system_id)
    with work.unit(actor) as unit:
        row = (
            OutsideIndex.objects.select_for_update()
            .filter(pk=outside_id, system=system, ended_at__isnull=True)
            .first()
        )
        if row is None:
            raise errors.outside_not_found()
        row.ended_at = unit.now
        row.save(update_fields=["ended_at"])
        unit.audit(
            "satisfaction.outside_end",
            system,
            before={"name": row.name, "value": row.score, "source": row.origin},
        )
