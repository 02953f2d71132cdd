"""The tree of causes, as a house keeps it: added, renamed, moved, no longer offered. Nothing is deleted."""

from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from zhike.complaints.models import Cause
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import NotFound, RuleError
from zhike.core.work import Actor
from zhike.desk.services.texts import cleaned

MANAGE_SETTINGS = "settings.manage"
LONGEST = 60
DEEPEST = 6


def add_cause(*, actor: Actor, grants: Grants, name: str, parent_id: int | None = None) -> Cause:
    """A cause of one's own, below another or at the top."""
    grants.require(MANAGE_SETTINGS)
    name = _name_of(name)
    with work.unit(actor) as unit:
        rows = _lock_all()
        parent = _parent(rows, parent_id)
        _refuse_deep(_depth(parent) + 1)
        _refuse_twin(rows, name, parent)
        place = max((row.place for row in rows.values()), default=0) + 1
        cause = Cause.objects.create(name=name, parent=parent, place=place)
        cause.path = f"{parent.path if parent else '/'}{cause.pk}/"
        cause.save(update_fields=["path"])
        unit.audit("complaints.cause.add", cause, after={"name": name, "parent": parent_id})
    return cause


def rename_cause(*, actor: Actor, grants: Grants, cause_id: int, name: str) -> Cause:
    """Another name. A built-in one whose name is emptied has its translated words again."""
    grants.require(MANAGE_SETTINGS)
    with work.unit(actor) as unit:
        rows = _lock_all()
        cause = _known(rows, cause_id)
        before = cause.name
        cause.name = "" if cause.code and not name.strip() else _name_of(name)
        _refuse_twin(rows, str(cause.label), rows.get(cause.parent_id or 0), leaving_out=cause)
        if cause.name != before:
            cause.save(update_fields=["name"])
            unit.audit(
                "complaints.cause.rename",
                cause,
                before={"name": before},
                after={"name": cause.name},
            )
    return cause


def move_cause(
    *, actor: Actor, grants: Grants, cause_id: int, parent_id: int | None = None
) -> Cause:
    """Below another cause, or to the top; everything below it goes along."""
    grants.require(MANAGE_SETTINGS)
    with work.unit(actor) as unit:
        # All rows: two moves at once could otherwise put each below the other.
        rows = _lock_all()
        cause = _known(rows, cause_id)
        parent = _parent(rows, parent_id)
        if cause.parent_id == parent_id:
            return cause
        if parent is not None and parent.path.startswith(cause.path):
            raise RuleError(
                "cause_below_itself", _("A cause cannot lie below itself."), field="parent"
            )
        old_path, before = cause.path, cause.parent_id
        height = max(_depth(row) for row in rows.values() if row.path.startswith(old_path))
        _refuse_deep(_depth(parent) + 1 + height - _depth(cause))
        _refuse_twin(rows, str(cause.label), parent, leaving_out=cause)
        cause.parent = parent
        cause.path = f"{parent.path if parent else '/'}{cause.pk}/"
        cause.save(update_fields=["parent", "path"])
        Cause.objects.filter(path__startswith=old_path).exclude(pk=cause.pk).update(
            path=Concat(Value(cause.path), Substr(F("path"), len(old_path) + 1))
        )
        unit.audit(
            "complaints.cause.move", cause, before={"parent": before}, after={"parent": parent_id}
        )
    return cause


def offer_cause(*, actor: Actor, grants: Grants, cause_id: int, offered: bool) -> Cause:
    """Take a cause, and what lies below it, out of the lists people choose from, or put it back."""
    grants.require(MANAGE_SETTINGS)
    with work.unit(actor) as unit:
        cause = _known(_lock_all(), cause_id)
        if cause.is_active != offered:
            cause.is_active = offered
            cause.save(update_fields=["is_active"])
            unit.audit(
                "complaints.cause.offer",
                cause,
                before={"is_active": not offered},
                after={"is_active": offered},
            )
    return cause


def _lock_all() -> dict[int, Cause]:
    return {row.pk: row for row in Cause.objects.select_for_update().order_by("pk")}


def _known(rows: dict[int, Cause], cause_id: int) -> Cause:
    if cause_id not in rows:
        raise NotFound(_("There is no such cause."))
    return rows[cause_id]


def _parent(rows: dict[int, Cause], parent_id: int | None) -> Cause | None:
    if parent_id is None:
        return None
    if parent_id not in rows:
        raise RuleError("cause_unknown", _("There is no such cause."), field="parent")
    return rows[parent_id]


def _name_of(name: str) -> str:
    name = " ".join(cleaned(name).split())
    if not name:
        raise RuleError("name_missing", _("Please write a name."), field="name")
    if len(name) > LONGEST:
        raise RuleError(
            "name_too_long", _("At most %(n)s characters, please.") % {"n": LONGEST}, field="name"
        )
    return name


def _depth(cause: Cause | None) -> int:
    return 0 if cause is None else cause.path.count("/") - 1


def _refuse_deep(depth: int) -> None:
    if depth > DEEPEST:
        raise RuleError(
            "cause_too_deep",
            _("At most %(n)s levels: nobody finds a cause further down.") % {"n": DEEPEST},
            field="parent",
        )


def _refuse_twin(
    rows: dict[int, Cause], label: str, parent: Any, leaving_out: Cause | None = None
) -> None:
    """Two of one name beside each other cannot be told apart, built-in words included."""
    parent_id = parent.pk if parent is not None else None
    for row in rows.values():
        is_beside = row.parent_id == parent_id and row is not leaving_out
        if is_beside and str(row.label).casefold() == label.casefold():
            raise RuleError(
                "cause_taken", _("There is already a cause of this name here."), field="name"
            )
