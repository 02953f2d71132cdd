from collections.abc import Sequence

from django.utils.translation import gettext as _

from zhike.accounts.models import Role
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.core import work
from zhike.core.access import PERMISSIONS, Grants
from zhike.core.errors import RuleError


def save_role(
    *,
    actor: work.Actor,
    grants: Grants,
    role: Role | None,
    name: str,
    permissions: Sequence[str],
    default_scope: str,
) -> Role:
    """Make a role of your own, or change what a role may do. Administrators always hold everything."""
    grants.require(MANAGE_ACCOUNTS)
    known = {permission.code for permission in PERMISSIONS}
    chosen = sorted(set(permissions) & known)
    if role is not None and role.holds_everything:
        raise RuleError(
            "role_fixed", _("The administrator role holds every permission and stays as it is.")
        )
    if (role is None or not role.is_builtin) and not name.strip():
        raise RuleError("role_name_missing", _("Please give the role a name."), field="name")
    with work.unit(actor) as unit_of_work:
        before: dict[str, object] = {}
        if role is None:
            role = Role(code=f"own-{Role.objects.count() + 1}-{unit_of_work.now:%Y%m%d%H%M%S}")
        else:
            before = {"permissions": role.permissions, "default_scope": role.default_scope}
        role.name = name.strip()
        role.permissions = chosen
        role.default_scope = default_scope
        role.save()
        after: dict[str, object] = {"permissions": chosen, "default_scope": default_scope}
        unit_of_work.audit("accounts.role.save", role, before=before, after=after)
    return role
