"""Roles as they are kept: nobody gives what they lack, the house keeps a way in, three duties may lie apart."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import SETUP, Cast, Staff, everybody, make_staff
from zhike.accounts.models import Role, RoleAssignment, User
from zhike.accounts.services import duties, granting, roles
from zhike.accounts.services.passwords import reset_password
from zhike.accounts.services.second_factor import reset
from zhike.accounts.services.users import Profile, RoleGrant, update_user
from zhike.core.errors import Conflict, Forbidden, RuleError
from zhike.core.models import AuditRow

pytestmark = pytest.mark.django_db


def make_role(*permissions: str, name: str = "排班员", scope: str = "all") -> Role:
    return roles.save_role(
        actor=SETUP,
        grants=everybody(),
        role=None,
        name=name,
        permissions=permissions,
        default_scope=scope,
    )


@pytest.fixture
def keeper(cast: Cast) -> Staff:
    """Keeps people and roles, and little else."""
    role = make_role("accounts.manage", "cases.view")
    return make_staff("5001", "钱管", cast.company, role.code)


def give(by: Staff | None, to: Staff, *given: RoleGrant, **more: Any) -> User:
    acting = by.acting if by is not None else {"actor": SETUP, "grants": everybody()}
    user = User.objects.get(pk=to.user.pk)
    profile = Profile(user.staff_number, user.name, user.unit)
    fields: dict[str, Any] = {"is_active": True} | more
    return update_user(**acting, user=user, profile=profile, roles=given, **fields)


def builtin(code: str) -> Role:
    return Role.objects.get(code=code)


def state() -> list[Any]:
    return [
        list(Role.objects.order_by("pk").values()),
        list(RoleAssignment.objects.order_by("user_id", "role_id").values("user", "role", "scope")),
        list(User.objects.order_by("pk").values("pk", "password", "is_active")),
        AuditRow.objects.count(),
    ]


# Nobody gives what they lack


@pytest.mark.parametrize("code", ["administrator", "supervisor"])
def test_nobody_gives_a_role_that_may_more_than_they_do(cast: Cast, keeper: Staff, code: str):
    viewer = make_role("cases.view", name="看单")
    zhu = make_staff("5002", "朱", cast.zhoukou, viewer.code)
    before = state()
    for to in (zhu, keeper):
        held = [RoleGrant(a.role, a.scope) for a in to.user.assignments.select_related("role")]
        with pytest.raises(RuleError) as refused:
            give(keeper, to, *held, RoleGrant(builtin(code)))
        assert refused.value.code == "beyond_own"
    assert state() == before


def test_what_somebody_holds_already_may_stay(cast: Cast, keeper: Staff):
    cast_lin = cast.lin.user.assignments.get()
    viewer = make_role("cases.view", name="看单")
    # Lin holds more than the keeper, who may therefore not touch her at all.
    with pytest.raises(RuleError) as refused:
        give(keeper, cast.lin, RoleGrant(cast_lin.role, cast_lin.scope), RoleGrant(viewer))
    assert refused.value.code == "person_above"
    zhu = make_staff("5002", "朱", cast.zhoukou, viewer.code)
    give(keeper, zhu, RoleGrant(viewer, "unit"))
    assert zhu.user.assignments.get().scope == "unit"


def test_a_role_gains_only_what_its_editor_holds(cast: Cast, keeper: Staff):
    role = make_role("cases.view", "customers.view", name="看档")
    before = state()
    fields: dict[str, Any] = {"role": role, "name": "看档", "default_scope": "all"}
    with pytest.raises(RuleError) as refused:
        roles.save_role(
            **keeper.acting, permissions=[*role.permissions, "customers.reveal"], **fields
        )
    assert refused.value.code == "beyond_own"
    assert state() == before
    # What stood there may stay, though the editor lacks it.
    roles.save_role(**keeper.acting, permissions=role.permissions, **fields)


@pytest.mark.parametrize("scope", ["all", "subtree"])
def test_nobody_reaches_further_through_others_than_themselves(cast: Cast, scope: str):
    role = make_role("accounts.manage", name="站内管人", scope="unit")
    local = make_staff("5003", "站管", cast.zhoukou, role.code)
    other = make_staff("5004", "他站", cast.shangqiu, role.code, "own")
    with pytest.raises(RuleError) as refused:
        give(local, other, RoleGrant(role, scope, cast.shangqiu))
    assert refused.value.code == "reach_beyond_own"
    give(local, other, RoleGrant(role, "unit", cast.zhoukou))
    assert other.grants.unit_ids == {cast.zhoukou.pk}


def test_whoever_may_less_cannot_sign_in_as_an_administrator(cast: Cast, keeper: Staff):
    before = state()
    for act in (
        lambda: reset_password(**keeper.acting, user=cast.admin.user, password="Mine-now-1234"),
        lambda: reset(**keeper.acting, user=cast.admin.user),
        lambda: give(keeper, cast.admin, is_active=False),
    ):
        with pytest.raises(RuleError) as refused:
            act()
        assert refused.value.code == "person_above"
    assert state() == before


# Keeping roles


def test_a_role_is_copied_changed_and_deleted_by_page(cast: Cast):
    client = cast.admin.client()
    agent = builtin("agent")
    page = client.get(reverse("accounts:role-create") + f"?like={agent.pk}")
    assert set(page.context["form"]["permissions"].value()) == set(agent.permissions)
    form = {"name": "夜班坐席", "default_scope": "unit", "permissions": ["cases.view"]}
    assert client.post(reverse("accounts:role-create"), form).status_code == 302
    role = Role.objects.get(name="夜班坐席")
    assert (role.permissions, role.default_scope, role.is_builtin) == (
        ["cases.view"],
        "unit",
        False,
    )
    form |= {"permissions": ["cases.view", "cases.work"]}
    assert client.post(reverse("accounts:role", args=[role.pk]), form).status_code == 302
    told = json.loads(AuditRow.objects.filter(action="accounts.role.save").latest("pk").payload)
    assert told["before"] == {"permissions": ["cases.view"]}
    assert told["after"] == {"permissions": ["cases.view", "cases.work"]}
    again = client.post(reverse("accounts:role-create"), form)
    assert (again.status_code, Role.objects.filter(name="夜班坐席").count()) == (422, 1)
    holder = make_staff("5005", "夜班", cast.zhoukou, role.code)
    assert "夜班" in client.get(reverse("accounts:role", args=[role.pk])).content.decode()
    client.post(reverse("accounts:role-delete", args=[role.pk]))
    assert Role.objects.filter(pk=role.pk).exists()
    give(None, holder, RoleGrant(agent))
    client.post(reverse("accounts:role-delete", args=[role.pk]))
    assert not Role.objects.filter(pk=role.pk).exists()
    assert AuditRow.objects.filter(action="accounts.role.delete").count() == 1


def test_a_built_in_or_held_role_stays(cast: Cast):
    own = make_role("cases.view")
    make_staff("5006", "持有", cast.zhoukou, own.code)
    for role, error in ((builtin("trainer"), RuleError), (own, Conflict)):
        with pytest.raises(error):
            roles.delete_role(**cast.admin.acting, role_id=role.pk)
    with pytest.raises(Forbidden):
        roles.delete_role(**cast.lin.acting, role_id=own.pk)
    assert Role.objects.filter(pk__in=[own.pk, builtin("trainer").pk]).count() == 2


def test_a_changed_role_holds_at_once(cast: Cast):
    client = cast.lin.client()
    assert client.get(reverse("customers:list")).status_code == 200
    agent = builtin("agent")
    less = [code for code in agent.permissions if not code.startswith("customers.")]
    roles.save_role(
        **cast.admin.acting,
        role=agent,
        name="",
        permissions=less,
        default_scope=agent.default_scope,
    )
    assert client.get(reverse("customers:list")).status_code == 403


def test_several_roles_each_from_a_unit_of_its_own(cast: Cast):
    agent, inspector = builtin("agent"), builtin("inspector")
    form = {
        "name": "林静",
        "staff_number": "1001",
        "unit": cast.zhoukou.pk,
        "roles": [agent.pk, inspector.pk],
        f"scope-{inspector.pk}": "unit",
        f"unit-{inspector.pk}": cast.shangqiu.pk,
        "is_active": "on",
    }
    address = reverse("accounts:person", args=[cast.lin.user.pk])
    assert cast.admin.client().post(address, form).status_code == 302
    held = {a.role.code: (a.scope, a.unit_id) for a in cast.lin.user.assignments.all()}
    assert held == {"agent": ("subtree", None), "inspector": ("unit", cast.shangqiu.pk)}
    assert cast.lin.grants.unit_ids == {cast.zhoukou.pk, cast.shangqiu.pk}
    page = cast.admin.client().get(address).content.decode()
    assert f'<option value="{cast.shangqiu.pk}" selected>' in page


# Three duties apart


@pytest.fixture
def three(cast: Cast) -> dict[str, Staff]:
    found = {
        duty: make_staff(f"600{n}", duty, cast.company, f"{duty}_administrator")
        for n, duty in enumerate(("system", "security", "audit"))
    }
    # The executive's audit log and the administrator go; the administrator gives up their role themselves.
    give(cast.admin, cast.admin, RoleGrant(builtin("trainer")))
    return found


@pytest.fixture
def apart(three: dict[str, Staff]) -> dict[str, Staff]:
    duties.keep_apart(**three["security"].acting, apart=True)
    return three


def test_switching_on_says_who_must_change_first(cast: Cast):
    page = cast.admin.client().get(reverse("accounts:duties"))
    assert [one["person"] for one in page.context["breaches"]] == [cast.admin.user]
    assert len(page.context["missing"]) == 0
    refused = cast.admin.client().post(reverse("accounts:duties"), {"apart": "1"})
    assert refused.status_code == 422
    assert not granting.duties_apart()


def test_the_administrator_role_goes_only_when_each_duty_lies_with_somebody(cast: Cast):
    make_staff("6000", "系统", cast.company, "system_administrator")
    with pytest.raises(RuleError) as refused:
        give(cast.admin, cast.admin, RoleGrant(builtin("trainer")))
    assert refused.value.code == "last_administrator"


@pytest.mark.parametrize("second", ["system", "audit"])
def test_nobody_holds_two_of_the_three(apart: dict[str, Staff], cast: Cast, second: str):
    before = state()
    security = apart["security"]
    for to, code in (
        (apart[second], "security_administrator"),
        (cast.lin, f"{second}_administrator"),
        (cast.lin, "administrator"),
        (cast.lin, "executive"),
    ):
        held = [RoleGrant(a.role, a.scope) for a in to.user.assignments.select_related("role")]
        with pytest.raises(RuleError) as refused:
            give(security, to, *held, RoleGrant(builtin(code)))
        assert refused.value.code == "duties_meet"
    assert state() == before


def test_the_security_administrator_gives_roles_to_others_and_never_to_themselves(
    apart: dict[str, Staff], cast: Cast
):
    security = apart["security"]
    give(security, cast.zhou, RoleGrant(builtin("supervisor")))
    assert cast.zhou.grants.allows("cases.assign")
    before = state()
    own = RoleGrant(builtin("security_administrator"), "all")
    for given in ([own, RoleGrant(builtin("trainer"))], [RoleGrant(builtin("trainer"))]):
        with pytest.raises(RuleError) as refused:
            give(security, security, *given)
        assert refused.value.code == "own_roles"
    with pytest.raises(RuleError) as refused:
        roles.save_role(
            **security.acting,
            role=builtin("security_administrator"),
            name="",
            permissions=["accounts.manage", "cases.view"],
            default_scope="all",
        )
    assert refused.value.code == "own_role"
    assert state() == before


def test_a_role_may_not_join_duties_in_who_holds_it(apart: dict[str, Staff], cast: Cast):
    before = state()
    with pytest.raises(RuleError) as refused:
        roles.save_role(
            **apart["security"].acting,
            role=builtin("agent"),
            name="",
            permissions=[*builtin("agent").permissions, "audit.view"],
            default_scope="subtree",
        )
    assert refused.value.code == "duties_meet"
    assert state() == before


def test_each_duty_opens_its_pages_and_no_others(apart: dict[str, Staff]):
    opened = {
        "system": {"web:calendars", "desk:types", "customers:fields"},
        "security": {"accounts:people", "accounts:roles", "accounts:security", "accounts:duties"},
        # How long proofs and words are kept is audit's, and nobody else's.
        "audit": {"web:audit", "web:retention", "web:legal-holds"},
    }
    closed = {"desk:queue", "customers:list", "complaints:list", "listening:list", "insight:weekly"}
    every = set().union(*opened.values()) | closed
    for duty, pages in opened.items():
        client = apart[duty].client()
        allowed = {name for name in every if client.get(reverse(name)).status_code == 200}
        assert allowed == pages, duty
        assert client.get("/").status_code == 200


def test_switched_off_somebody_can_be_administrator_again(apart: dict[str, Staff], cast: Cast):
    with pytest.raises(Forbidden):
        duties.keep_apart(**apart["system"].acting, apart=False)
    duties.keep_apart(**apart["security"].acting, apart=False)
    told = AuditRow.objects.filter(action="accounts.duties.apart").latest("pk")
    assert json.loads(told.payload)["after"] == {"duties_apart": False}
    give(apart["security"], cast.admin, RoleGrant(builtin("administrator")))
    assert cast.admin.grants.allows("cases.view")


def test_the_three_pages_tell_refusals_in_place(apart: dict[str, Staff], cast: Cast):
    client: Client = apart["security"].client()
    form = {
        "name": "林静",
        "staff_number": "1001",
        "unit": cast.zhoukou.pk,
        "roles": [builtin("system_administrator").pk, builtin("agent").pk],
        "is_active": "on",
    }
    answer = client.post(reverse("accounts:person", args=[cast.lin.user.pk]), form)
    assert answer.status_code == 422
    assert "林静" in str(answer.context["form"].errors["roles"])
