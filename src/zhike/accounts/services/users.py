from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from zhike.accounts.models import Role, RoleAssignment, Unit, User
from zhike.accounts.models.users import normal_staff_number
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError


@dataclass(frozen=True)
class RoleGrant:
    role: Role
    scope: str = ""
    unit: Unit | None = None


def create_user(
    *,
    actor: work.Actor,
    grants: Grants,
    staff_number: str,
    name: str,
    unit: Unit,
    password: str,
    roles: Sequence[RoleGrant],
    email: str = "",
    title: str = "",
    extension: str = "",
    must_change_password: bool = False,
) -> User:
    grants.require(MANAGE_ACCOUNTS)
    staff_number = normal_staff_number(staff_number)
    if not staff_number:
        raise RuleError(
            "staff_number_missing",
            _("Please enter the staff number."),
            field="staff_number",
        )
    if User.objects.filter(staff_number=staff_number).exists():
        raise RuleError(
            "staff_number_taken",
            _("This staff number is already in use."),
            field="staff_number",
        )
    user = User(
        staff_number=staff_number,
        name=name.strip(),
        unit=unit,
        email=email,
        title=title,
        extension=extension,
        must_change_password=must_change_password,
    )
    check_password_rules(password, user)
    user.set_password(password)
    with work.unit(actor) as unit_of_work:
        user.save()
        _write_roles(user, roles)
        unit_of_work.audit(
            "accounts.user.create",
            user,
            after={
                "staff_number": staff_number,
                "name": user.name,
                "unit": unit.pk,
                "roles": [grant.role.code for grant in roles],
            },
        )
    return user


def check_password_rules(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise RuleError(
            "password_weak", " ".join(error.messages), field="password"
        ) from error


def _write_roles(user: User, roles: Sequence[RoleGrant]) -> None:
    RoleAssignment.objects.bulk_create(
        RoleAssignment(
            user=user,
            role=grant.role,
            scope=grant.scope or grant.role.default_scope,
            unit=grant.unit,
        )
        for grant in roles
    )
