"""The fixed cast of every test, made through the services.

Lin answers the phone in Zhoukou, Wang leads that station; Zhou works in Shangqiu and must be refused what is
Zhoukou's; the administrator may do everything; Chen is the customer all of them know of.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from tests.recording import Recorded
from zhike.accounts.grants import actor_of, grants_of_user
from zhike.accounts.models import Role, Unit, User
from zhike.accounts.roles import BUILTIN_ROLES
from zhike.accounts.services.units import create_unit
from zhike.accounts.services.users import Profile, RoleGrant, create_user
from zhike.core.access import Grants, everything
from zhike.core.work import Actor
from zhike.customers import services
from zhike.customers.models import Customer, Region

PASSWORD = "haichen-desk-1"
SETUP = Actor.system("tests")
CHEN_PHONE = "13812346027"


@dataclass(frozen=True)
class Staff:
    """Somebody of the company, ready to call services or pages."""

    user: User

    @property
    def actor(self) -> Actor:
        return actor_of(self.user)

    @property
    def grants(self) -> Grants:
        # Read anew: a test may have changed roles meanwhile.
        return grants_of_user(User.objects.get(pk=self.user.pk))

    @property
    def acting(self) -> dict[str, Any]:
        """`service(**lin.acting, …)`."""
        return {"actor": self.actor, "grants": self.grants}

    def client(self) -> Client:
        client = Client()
        client.force_login(self.user)
        return client


@dataclass(frozen=True)
class Cast:
    company: Unit
    zhoukou: Unit
    shangqiu: Unit
    lin: Staff
    wang: Staff
    zhou: Staff
    admin: Staff
    chen: Customer


def everybody() -> Grants:
    return everything("tests")


def make_unit(name: str, parent: Unit | None = None, kind: str = "region") -> Unit:
    return create_unit(actor=SETUP, grants=everybody(), name=name, kind=kind, parent=parent)


def make_staff(
    staff_number: str, name: str, unit: Unit, role: str = "agent", scope: str = ""
) -> Staff:
    held = RoleGrant(Role.objects.get(code=role), scope)
    user = create_user(
        actor=SETUP,
        grants=everybody(),
        profile=Profile(staff_number=staff_number, name=name, unit=unit),
        password=PASSWORD,
        roles=[held],
    )
    return Staff(user)


def make_customer(unit: Unit, name: str = "许红梅", **fields: Any) -> Customer:
    """A valid file of `unit`; `fields` as for `create_customer`."""
    return services.create_customer(
        actor=SETUP, grants=everybody(), name=name, unit_id=unit.pk, **fields
    )


def make_region(*names: str) -> Region:
    """河南省, 周口市, 商水县: each below the one before; those that exist are taken."""
    parent: Region | None = None
    for name, level in zip(names, ("province", "city", "county", "town"), strict=False):
        known = Region.objects.filter(name=name, parent=parent).first()
        parent = known or services.create_region(
            actor=SETUP,
            grants=everybody(),
            name=name,
            level=level,
            parent_id=parent.pk if parent else None,
        )
    assert parent is not None
    return parent


def _ensure_builtin_roles() -> None:
    # Tests with real transactions empty every table, what the migrations put there included.
    for role in BUILTIN_ROLES:
        Role.objects.get_or_create(
            code=role.code,
            defaults={
                "permissions": list(role.permissions),
                "holds_everything": role.holds_everything,
                "default_scope": role.scope.value,
                "is_builtin": True,
            },
        )


def make_cast() -> Cast:
    _ensure_builtin_roles()
    company = make_unit("海晨三轮车", kind="company")
    zhoukou, shangqiu = make_unit("周口站", company), make_unit("商丘站", company)
    lin = make_staff("1001", "林静", zhoukou)
    chen = services.create_customer(
        **lin.acting,
        name="陈志强",
        phone=CHEN_PHONE,
        salutation="陈老板",
        tier="vip",
        region_id=make_region("河南省", "周口市", "商水县").pk,
        manager_id=lin.user.pk,
    )
    return Cast(
        company=company,
        zhoukou=zhoukou,
        shangqiu=shangqiu,
        lin=lin,
        wang=make_staff("1002", "王建国", zhoukou, "supervisor"),
        zhou=make_staff("2001", "周敏", shangqiu),
        admin=make_staff("0001", "何雨桐", company, "administrator"),
        chen=chen,
    )


recorded_cast = Recorded(make_cast)


@pytest.fixture(name="cast")
def cast_fixture(db: None) -> Cast:
    return recorded_cast()
