from django.utils.translation import gettext as _

from zhike.accounts.models import Unit
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError


def create_unit(
    *, actor: work.Actor, grants: Grants, name: str, kind: str, parent: Unit | None
) -> Unit:
    grants.require(MANAGE_ACCOUNTS)
    name = name.strip()
    if not name:
        raise RuleError(
            "unit_name_missing", _("Please give the unit a name."), field="name"
        )
    if Unit.objects.filter(parent=parent, name=name).exists():
        raise RuleError(
            "unit_name_taken",
            _("There is already a unit of this name here."),
            field="name",
        )
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
