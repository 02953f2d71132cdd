from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from zhike.accounts.grants import is_more_open, level_of, shows_files
from zhike.accounts.models import Role
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.accounts.services import granting
from zhike.core import work
from zhike.core.access import PERMISSIONS, PERSONAL_FIELDS, Grants
from zhike.core.errors import Conflict, NotFound, RuleError


def save_role(
    *,
    actor: work.Actor,
    grants: Grants,
    role: Role | None,
    name: str,
    permissions: Sequence[str],
    default_scope: str,
    levels: Mapping[str, str] | None = None,
) -> Role:
    """Make a role of your own, or change what a role may do. Administrators always hold everything."""
    grants.require(MANAGE_ACCOUNTS)
    chosen = sorted(set(permissions) & {permission.code for permission in PERMISSIONS})
    wanted = _levels(levels or {})
    if role is not None and role.holds_everything:
        raise RuleError(
            "role_fixed", _("The administrator role holds every permission and stays as it is.")
        )
    name = name.strip()
    if (role is None or not role.is_builtin) and not name:
        raise RuleError("role_name_missing", _("Please give the role a name."), field="name")
    if name and Role.objects.filter(name=name).exclude(pk=role.pk if role else 0).exists():
        raise RuleError("role_name_taken", _("There is a role of this name."), field="name")
    before: dict[str, Any] = {}
    if role is not None:
        before = _facts(role)
    _refuse(grants, role, frozenset(chosen))
    _refuse_opening(grants, role, wanted, chosen)
    with work.unit(actor) as unit_of_work:
        if role is None:
            role = Role(code=f"own-{unit_of_work.now:%Y%m%d%H%M%S%f}")
        role.name = name
        role.permissions = chosen
        role.default_scope = default_scope
        role.levels = wanted
        role.save()
        if set(before.get("permissions", ())) - set(chosen):
            granting.refuse_house_locked()
        granting.refuse_breach(role.assignments.values_list("user_id", flat=True))
        old, new = work.changes(before, _facts(role))
        unit_of_work.audit("accounts.role.save", role, before=old, after=new)
    return role


def _facts(role: Role) -> dict[str, Any]:
    return {
        "name": role.name,
        "permissions": role.permissions,
        "default_scope": role.default_scope,
        "levels": role.levels,
    }


def _refuse(grants: Grants, role: Role | None, chosen: frozenset[str]) -> None:
    """Nobody adds what they lack; with duties apart, nobody changes a role they hold themselves."""
    before = frozenset(role.permissions) if role is not None else frozenset()
    if not granting.duties_apart():
        granting.refuse_codes_beyond(grants, chosen - before)
    elif role is not None and role.assignments.filter(user_id=grants.user_id or 0).exists():
        raise RuleError(
            "own_role", _("Nobody changes their own role while the three duties lie apart.")
        )


def _levels(asked: Mapping[str, str]) -> dict[str, str]:
    """The levels that are not the usual ones; a field or level nobody knows is refused."""
    kept: dict[str, str] = {}
    for code, level in sorted(asked.items()):
        field = PERSONAL_FIELDS.get(code)
        if field is None or level not in field.levels:
            raise RuleError(
                "level_unknown", _("Please take one of the list."), field=f"level_{code}"
            )
        if level != field.usual:
            kept[code] = str(level)
    return kept


def _refuse_opening(
    grants: Grants, role: Role | None, wanted: Mapping[str, str], chosen: Sequence[str]
) -> None:
    """What the editor sees only in part, a role they save does not show more of; what stood there may stay.

    In a role that showed no files levels may stand open that counted for nothing: once it shows files they would.
    """
    if granting.duties_apart():
        return
    after = Role(permissions=list(chosen), levels=dict(wanted))
    counted = role is not None and (shows_files(role) or not shows_files(after))
    for field in PERSONAL_FIELDS:
        new, own = level_of(after, field), grants.level(field.code)
        before = level_of(role, field) if role is not None and counted else own
        if is_more_open(new, own) and is_more_open(new, before):
            raise RuleError(
                "level_beyond_own",
                _(
                    "You do not see “%(field)s” to this extent yourself, so you cannot show it to others."
                )
                % {"field": field.label},
                field=f"level_{field.code}",
            )


def delete_role(*, actor: work.Actor, grants: Grants, role_id: int) -> None:
    """Take away a role of your own that nobody holds any more."""
    grants.require(MANAGE_ACCOUNTS)
    with work.unit(actor) as unit:
        role = Role.objects.select_for_update().filter(pk=role_id).first()
        if role is None:
            raise NotFound()
        if role.is_builtin:
            raise RuleError(
                "role_builtin", _("A built-in role stays; it can be changed, or given to nobody.")
            )
        holders = role.assignments.count()
        if holders:
            raise Conflict(
                "role_held",
                _("%(n)d people hold this role. Give them another one first.") % {"n": holders},
            )
        unit.audit("accounts.role.delete", role, before={**_facts(role), "code": role.code})
        role.delete()
