"""The first minute of an installation: the company and its administrator."""

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.accounts.models import Role, Unit, User
from zhike.accounts.models.units import UnitKind
from zhike.accounts.services.units import create_unit
from zhike.accounts.services.users import Profile, RoleGrant, create_user
from zhike.core import access, numbers, work
from zhike.core.errors import Conflict


def needs_setup() -> bool:
    return not User.objects.exists()


def set_up_company(
    *, company: str, staff_number: str, name: str, password: str, ip: str = ""
) -> User:
    actor = work.Actor(id=None, name=name or staff_number, kind="system", via="setup", ip=ip)
    grants = access.everything("setup")
    with work.unit(actor), transaction.atomic():
        # A counter row makes two people who open the first page at once take turns; the second is refused.
        if numbers.next_number("setup") > 1 and User.objects.exists():
            raise Conflict(
                "already_set_up",
                _("This installation already has an administrator. Please sign in."),
            )
        unit = create_unit(
            actor=actor, grants=grants, name=company, kind=UnitKind.COMPANY, parent=None
        )
        return create_user(
            actor=actor,
            grants=grants,
            profile=Profile(staff_number=staff_number, name=name, unit=unit),
            password=password,
            roles=[RoleGrant(Role.objects.get(code="administrator"))],
        )


def company_name() -> str:
    root = Unit.objects.filter(parent=None).order_by("pk").values_list("name", flat=True).first()
    return root or ""
