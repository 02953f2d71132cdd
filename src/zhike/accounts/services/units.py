from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from zhike.accounts.models import Unit
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.accounts.services import granting
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError


def create_unit(
    *, actor: work.Actor, grants: Grants, name: str, kind: str, parent: Unit | None
) -> Unit:
    grants.require(MANAGE_ACCOUNTS)
    granting.refuse_adding_beyond(grants, parent)
    name = _checked_name(name, parent, None)
    with work.unit(actor) as unit_of_work:
        unit = Unit.objects.create(name=name, kind=kind, parent=parent)
        unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
        unit.save(update_fields=["path"])
        unit_of_work.audit(
            "accounts.unit.create",
            unit,
            after={"name": name, "kind": kind, "parent": parent.pk if parent else None},
            unit_id=unit.pk,
        )
    return unit


def update_unit(
    *,
    actor: work.Actor,
    grants: Grants,
    unit: Unit,
    name: str,
    kind: str,
    parent: Unit | None,
    is_active: bool,
) -> Unit:
    """Rename or move a unit; everything below it moves along."""
    grants.require(MANAGE_ACCOUNTS)
    granting.refuse_moving_beyond(grants, unit, parent)
    name = _checked_name(name, parent, unit)
    if parent is not None and parent.path.startswith(unit.path):
        raise RuleError("unit_below_itself", _("A unit cannot lie below itself."), field="parent")
    if not is_active and unit.people.filter(is_active=True).exists():
        raise RuleError(
            "unit_has_people",
            _("People still belong to this unit. Please move them to another one first."),
            field="is_active",
        )
    before = {"name": unit.name, "kind": unit.kind, "parent": unit.parent_id}
    before["is_active"] = unit.is_active
    old_path = unit.path
    with work.unit(actor) as unit_of_work:
        unit.name, unit.kind, unit.parent, unit.is_active = name, kind, parent, is_active
        unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
        unit.save()
        if unit.path != old_path:
            Unit.objects.filter(path__startswith=old_path).exclude(pk=unit.pk).update(
                path=Concat(Value(unit.path), Substr(F("path"), len(old_path) + 1))
            )
        after = {"name": name, "kind": kind, "parent": unit.parent_id, "is_active": is_active}
        old, new = work.changes(before, after)
        unit_of_work.audit("accounts.unit.update", unit, before=old, after=new, unit_id=unit.pk)
    return unit


def _checked_name(name: str, parent: Unit | None, unit: Unit | None) -> str:
    name = name.strip()
    if not name:
        raise RuleError("unit_name_missing", _("Please give the unit a name."), field="name")
    same = Unit.objects.filter(parent=parent, name=name)
    if unit is not None:
        same = same.exclude(pk=unit.pk)
    if same.exists():
        raise RuleError(
            "unit_name_taken", _("There is already a unit of this name here."), field="name"
        )
    return name
