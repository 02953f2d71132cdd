"""For which units somebody may read figures, and with which rights their rows are counted."""

from dataclasses import replace

from zhike.accounts.models import Unit
from zhike.accounts.selectors import reachable_units
from zhike.core import settled
from zhike.core.access import Grants, ScopeKind, everything
from zhike.insight import errors


def unit_paths(stamp: str = "") -> dict[int, str]:
    """Of all units, also those no longer active: their rows still count above."""
    return settled.kept(
        stamp, ("unit paths",), lambda: dict(Unit.objects.values_list("pk", "path"))
    )


def below(path: str, paths: dict[int, str]) -> frozenset[int]:
    """The unit of this path and all below it."""
    return frozenset(pk for pk, other in paths.items() if other.startswith(path))


def choosable_units(grants: Grants) -> list[Unit]:
    """Units of which this person reaches everything below too: a figure is never of a part of a unit."""
    if grants.own_only:
        return []
    units = reachable_units(grants)
    if grants.unit_ids is None:
        return units
    paths, reach = unit_paths(grants.stamp), grants.unit_ids
    return [unit for unit in units if below(unit.path, paths) <= reach]


def chosen_unit(grants: Grants, asked: str | int | None) -> Unit:
    """The unit asked for; without one the reader's own, or the highest they reach."""
    units = choosable_units(grants)
    if asked not in (None, ""):
        found = next((unit for unit in units if str(unit.pk) == str(asked)), None)
    else:
        own = next((unit for unit in units if unit.pk == grants.unit_id), None)
        found = units[0] if units and (grants.unit_ids is None or own is None) else own
    if found is None:
        raise errors.no_such_unit()
    return found


def counting_grants(unit: Unit, stamp: str = "") -> Grants:
    """Rights under which all rows of this unit and those below it count, whoever reads the sum."""
    paths = unit_paths(stamp)
    units = below(unit.path, paths)
    if len(units) == len(paths):
        return replace(everything("insight"), stamp=stamp)
    return replace(everything("insight"), scope=ScopeKind.SUBTREE, unit_ids=units, stamp=stamp)
