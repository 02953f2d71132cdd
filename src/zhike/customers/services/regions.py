"""The company's own tree of regions."""

from django.utils.translation import gettext as _

from zhike.accounts.permissions import MANAGE_SETTINGS
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.customers import rules
from zhike.customers.choices import RegionLevel
from zhike.customers.errors import missing, too_long
from zhike.customers.models import Region

DEEPEST = 6


def _region(region_id: int) -> Region:
    row = Region.objects.filter(pk=region_id).first()
    if row is None:
        raise missing("region_gone", _("There is no such region."))
    return row


def _name(text: str) -> str:
    name = rules.clean_line(text)
    if not name:
        raise RuleError("region_missing", _("Please enter the name of the region."), field="name")
    if len(name) > 60:
        raise too_long("name", 60)
    return name


def _refuse_twin(name: str, parent: Region | None, own_id: int = 0) -> None:
    twins = Region.objects.filter(parent=parent, name=name).exclude(pk=own_id)
    if twins.exists():
        raise RuleError(
            "region_taken", _("There is a region of this name here already."), field="name"
        )


def _full_name(name: str, parent: Region | None) -> str:
    return (f"{parent.full_name}{name}" if parent else name)[:200]


def create_region(
    *,
    actor: work.Actor,
    grants: Grants,
    name: str,
    level: str = RegionLevel.OTHER,
    parent_id: int | None = None,
    position: int = 0,
) -> Region:
    grants.require(MANAGE_SETTINGS)
    name = _name(name)
    if level not in RegionLevel.values:
        raise RuleError("choice_unknown", _("Please take one of the list."), field="level")
    with work.unit(actor) as unit:
        parent = _region(parent_id) if parent_id is not None else None
        if parent is not None and parent.path.count("/") - 1 >= DEEPEST:
            raise RuleError(
                "region_deep",
                _("The tree of regions is at most %(count)s levels deep.") % {"count": DEEPEST},
                field="parent",
            )
        _refuse_twin(name, parent)
        row = Region.objects.create(
            name=name,
            full_name=_full_name(name, parent),
            level=level,
            parent=parent,
            position=position,
        )
        row.path = f"{parent.path if parent else '/'}{row.pk}/"
        row.save(update_fields=["path"])
        unit.audit("customers.region.add", row, after={"name": row.full_name, "level": level})
    return row


def change_region(
    *, actor: work.Actor, grants: Grants, region_id: int, name: str = "", is_active: bool = True
) -> Region:
    """Rename or retire a region; those below it and the files in it carry the new name after a job."""
    grants.require(MANAGE_SETTINGS)
    from zhike.customers.tasks import refresh_files_of_region

    with work.unit(actor) as unit:
        row = _region(region_id)
        before = {"name": row.full_name, "is_active": row.is_active}
        new_name = _name(name) if name else row.name
        _refuse_twin(new_name, row.parent, row.pk)
        is_renamed = new_name != row.name
        row.name, row.is_active = new_name, is_active
        row.full_name = _full_name(new_name, row.parent)
        row.save()
        if is_renamed:
            _rename_below(row)
            unit.enqueue(refresh_files_of_region, region_id=row.pk)
        unit.audit(
            "customers.region.change",
            row,
            before=before,
            after={"name": row.full_name, "is_active": is_active},
        )
    return row


def _rename_below(top: Region) -> None:
    names = {top.pk: top.full_name}
    # Parents have shorter paths than their children, so each finds its parent's new name.
    below = Region.objects.filter(path__startswith=top.path).exclude(pk=top.pk)
    for row in sorted(below, key=lambda region: region.path.count("/")):
        row.full_name = f"{names[row.parent_id or top.pk]}{row.name}"[:200]
        row.save(update_fields=["full_name"])
        names[row.pk] = row.full_name
