from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from zhike.accounts.events import UserChanged
from zhike.accounts.models import RoleAssignment, Unit, User
from zhike.accounts.models.users import normal_staff_number
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.accounts.services import granting, passwords
from zhike.accounts.services.granting import RoleGrant as RoleGrant
from zhike.accounts.services.sessions import end_all_in
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError


@dataclass(frozen=True)
class Profile:
    """What is kept about somebody of the company, apart from password and roles."""

    staff_number: str
    name: str
    unit: Unit
    email: str = ""
    title: str = ""
    extension: str = ""


def create_user(
    *,
    actor: work.Actor,
    grants: Grants,
    profile: Profile,
    password: str,
    roles: Sequence[RoleGrant],
    must_change_password: bool = False,
) -> User:
    grants.require(MANAGE_ACCOUNTS)
    user = User(must_change_password=must_change_password)
    _apply(user, profile)
    granting.refuse_beyond(grants, user, profile.unit, roles, [])
    passwords.check_rules(password, user)
    digest = passwords.hashed(password)
    with work.unit(actor) as unit_of_work:
        passwords.set_password(unit_of_work, user, digest)
        _write_roles(user, roles)
        granting.refuse_breach([user.pk])
        unit_of_work.audit("accounts.user.create", user, after=_facts(user, roles))
    return user


def update_user(
    *,
    actor: work.Actor,
    grants: Grants,
    user: User,
    profile: Profile,
    roles: Sequence[RoleGrant],
    is_active: bool,
) -> User:
    grants.require(MANAGE_ACCOUNTS)
    held = _grants_held(user)
    granting.refuse_above(grants, user)
    granting.refuse_beyond(grants, user, profile.unit, roles, held)
    before = _facts(user, held)
    was_active = user.is_active
    _apply(user, profile)
    user.is_active = is_active
    with work.unit(actor) as unit_of_work:
        user.save()
        RoleAssignment.objects.filter(user=user).delete()
        _write_roles(user, roles)
        granting.refuse_house_locked()
        granting.refuse_breach([user.pk])
        if was_active and not is_active:
            end_all_in(unit_of_work, user.pk)
        old, new = work.changes(before, _facts(user, roles))
        unit_of_work.audit("accounts.user.update", user, before=old, after=new)
        unit_of_work.publish(UserChanged(user.pk, tuple(new)))
    return user


def set_language(*, actor: work.Actor, user: User, language: str) -> None:
    with work.unit(actor) as unit_of_work:
        before = user.language
        user.language = language
        user.save(update_fields=["language"])
        unit_of_work.audit(
            "accounts.user.language",
            user,
            before={"language": before},
            after={"language": language},
        )


def _apply(user: User, profile: Profile) -> None:
    staff_number = normal_staff_number(profile.staff_number)
    if not staff_number:
        raise RuleError(
            "staff_number_missing", _("Please enter the staff number."), field="staff_number"
        )
    if not profile.name.strip():
        raise RuleError("name_missing", _("Please enter the name."), field="name")
    if User.objects.filter(staff_number=staff_number).exclude(pk=user.pk).exists():
        raise RuleError(
            "staff_number_taken",
            _("This staff number is already in use. Each person has their own."),
            field="staff_number",
        )
    user.staff_number = staff_number
    user.name = profile.name.strip()
    user.unit = profile.unit
    user.email = profile.email
    user.title = profile.title
    user.extension = profile.extension


def _grants_held(user: User) -> list[RoleGrant]:
    held = RoleAssignment.objects.filter(user=user).select_related("role", "unit")
    return [RoleGrant(one.role, one.scope, one.unit) for one in held]


def _facts(user: User, roles: Sequence[RoleGrant]) -> dict[str, Any]:
    return {
        "staff_number": user.staff_number,
        "name": user.name,
        "unit": user.unit_id,
        "email": user.email,
        "title": user.title,
        "extension": user.extension,
        "is_active": user.is_active,
        "roles": sorted(
            f"{grant.role.code}:{grant.reach}" + (f":{grant.unit.pk}" if grant.unit else "")
            for grant in roles
        ),
    }


def _write_roles(user: User, roles: Sequence[RoleGrant]) -> None:
    RoleAssignment.objects.bulk_create(
        RoleAssignment(
            user=user,
            role=grant.role,
            scope=grant.reach,
            unit=grant.unit,
        )
        for grant in roles
    )
