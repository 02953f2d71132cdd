from dataclasses import dataclass

from django.db.models import F

from zhike.accounts.models import Unit, User
from zhike.core import settled
from zhike.core.access import Grants, NotFound


@dataclass(frozen=True)
class UnitNode:
    unit: Unit
    depth: int


def unit_tree(active_only: bool = False) -> list[UnitNode]:
    """All units in reading order: each one's children follow it, by name."""
    rows = Unit.objects.all()
    if active_only:
        rows = rows.filter(is_active=True)
    children: dict[int | None, list[Unit]] = {}
    for unit in rows.order_by("name"):
        children.setdefault(unit.parent_id, []).append(unit)
    nodes: list[UnitNode] = []

    def walk(parent_id: int | None, depth: int) -> None:
        for unit in children.get(parent_id, []):
            nodes.append(UnitNode(unit, depth))
            walk(unit.pk, depth + 1)

    walk(None, 0)
    return nodes


def reachable_units(grants: Grants) -> list[Unit]:
    """Units in which this person may act, in reading order; their own when they see only their own rows."""
    nodes = settled.kept(grants.stamp, ("active units",), lambda: unit_tree(active_only=True))
    allowed = grants.unit_ids
    if allowed is None:
        return [node.unit for node in nodes]
    return [n.unit for n in nodes if n.unit.pk in allowed or n.unit.pk == grants.unit_id]


def colleagues(grants: Grants) -> list[User]:
    """Active people of the units this person reaches, by name: whom work can be handed to."""
    units = None if grants.unit_ids is None else grants.unit_ids | {grants.unit_id or 0}
    return settled.kept(grants.stamp, ("colleagues", units), lambda: _people_of(units))


def _people_of(units: frozenset[int] | None) -> list[User]:
    people = User.objects.filter(is_active=True).select_related("unit").order_by("name", "pk")
    return list(people if units is None else people.filter(unit_id__in=units))


def unit_names(grants: Grants) -> dict[int, str]:
    """Of all units; the company, which has none above it, comes first."""

    def read() -> dict[int, str]:
        rows = Unit.objects.order_by(F("parent_id").asc(nulls_first=True), "pk")
        return dict(rows.values_list("pk", "name"))

    return settled.kept(grants.stamp, ("unit names",), read)


def way_up(unit_id: int) -> list[int]:
    """The unit, the one above it, and so on up to the company; empty when there is no such unit."""
    path = Unit.objects.filter(pk=unit_id).values_list("path", flat=True).first()
    return [int(pk) for pk in reversed((path or "").split("/")) if pk]


def load_unit(pk: int) -> Unit:
    unit = Unit.objects.filter(pk=pk).first()
    if unit is None:
        raise NotFound()
    return unit


def load_user(pk: int) -> User:
    user = User.objects.select_related("unit").filter(pk=pk).first()
    if user is None:
        raise NotFound()
    return user
