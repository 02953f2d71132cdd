import pytest

from zhike.accounts.grants import grants_of_user
from zhike.accounts.models import Role, Unit, User
from zhike.accounts.services.roles import save_role
from zhike.accounts.services.units import create_unit, update_unit
from zhike.accounts.services.users import Profile, RoleGrant, create_user, update_user
from zhike.core import access
from zhike.core.access import ScopeKind, everything
from zhike.core.errors import Forbidden, RuleError
from zhike.core.models import AuditRow
from zhike.core.work import Actor

pytestmark = pytest.mark.django_db
SETUP = Actor.system("tests")
ALL = everything("tests")


def unit(name: str, parent: Unit | None = None, kind: str = "department") -> Unit:
    return create_unit(actor=SETUP, grants=ALL, name=name, kind=kind, parent=parent)


def person(number: str, where: Unit, role: str, scope: str = "") -> User:
    return create_user(
        actor=SETUP,
        grants=ALL,
        profile=Profile(staff_number=number, name=f"员工{number}", unit=where),
        password="haichen-desk-1",
        roles=[RoleGrant(Role.objects.get(code=role), scope)],
    )


@pytest.fixture
def tree() -> dict[str, Unit]:
    company = unit("海晨三轮车", kind="company")
    east = unit("豫东大区", company, "region")
    west = unit("豫西大区", company, "region")
    return {
        "company": company,
        "east": east,
        "west": west,
        "dealer": unit("鹿邑鑫达", east, "dealer"),
    }


@pytest.mark.parametrize(
    ("scope", "reached"),
    [
        ("own", set()),
        ("unit", {"east"}),
        ("subtree", {"east", "dealer"}),
    ],
)
def test_a_scope_reaches_as_far_as_it_says(tree, scope: str, reached: set[str]) -> None:
    grants = grants_of_user(person("1001", tree["east"], "agent", scope))
    assert grants.unit_ids == {tree[name].pk for name in reached}
    assert grants.own_only is (scope == "own")
    assert not grants.reaches_unit(tree["west"].pk)


def test_the_whole_company_is_no_list_of_units(tree) -> None:
    grants = grants_of_user(person("1001", tree["east"], "inspector"))
    assert grants.scope is ScopeKind.ALL
    assert grants.unit_ids is None
    assert grants.reaches_unit(tree["west"].pk)


def test_administrators_hold_every_permission_there_is(tree) -> None:
    grants = grants_of_user(person("1", tree["company"], "administrator"))
    assert grants.codes == {permission.code for permission in access.PERMISSIONS}


def test_builtin_roles_name_only_permissions_that_exist() -> None:
    known = {permission.code for permission in access.PERMISSIONS}
    for role in Role.objects.all():
        assert set(role.permissions) <= known, role.code


def test_somebody_who_may_not_sign_in_has_no_rights(tree, given) -> None:
    agent = person("1001", tree["east"], "agent")
    with given():
        User.objects.filter(pk=agent.pk).update(is_active=False)
    assert grants_of_user(User.objects.get(pk=agent.pk)) == access.NOBODY


def test_moving_a_unit_moves_what_lies_below(tree) -> None:
    update_unit(
        actor=SETUP,
        grants=ALL,
        unit=tree["east"],
        name="豫东大区",
        kind="region",
        parent=tree["west"],
        is_active=True,
    )
    dealer = Unit.objects.get(pk=tree["dealer"].pk)
    assert dealer.path == f"{tree['west'].path}{tree['east'].pk}/{dealer.pk}/"
    grants = grants_of_user(person("1001", tree["west"], "agent"))
    assert grants.reaches_unit(dealer.pk)


def test_a_unit_cannot_lie_below_itself(tree) -> None:
    with pytest.raises(RuleError) as refused:
        update_unit(
            actor=SETUP,
            grants=ALL,
            unit=tree["east"],
            name="豫东大区",
            kind="region",
            parent=tree["dealer"],
            is_active=True,
        )
    assert refused.value.code == "unit_below_itself"
    assert Unit.objects.get(pk=tree["east"].pk).parent_id == tree["company"].pk


def test_an_agent_can_make_nobody(tree) -> None:
    agent = grants_of_user(person("1001", tree["east"], "agent"))
    people, audited = User.objects.count(), AuditRow.objects.count()
    with pytest.raises(Forbidden):
        create_user(
            actor=SETUP,
            grants=agent,
            profile=Profile(staff_number="6", name="周", unit=tree["east"]),
            password="haichen-desk-1",
            roles=[],
        )
    assert (User.objects.count(), AuditRow.objects.count()) == (people, audited)


def test_the_last_administrator_stays(tree) -> None:
    boss = person("1", tree["company"], "administrator")
    with pytest.raises(RuleError) as refused:
        update_user(
            actor=SETUP,
            grants=ALL,
            user=boss,
            profile=Profile(staff_number="1", name="老板", unit=tree["company"]),
            roles=[RoleGrant(Role.objects.get(code="agent"))],
            is_active=True,
        )
    assert refused.value.code == "last_administrator"
    assert grants_of_user(User.objects.get(pk=boss.pk)).allows("accounts.manage")


def test_staff_numbers_are_one_whatever_the_width_and_case(tree) -> None:
    person("a100", tree["east"], "agent")
    assert User.objects.get_by_natural_key("Ａ１００ ").staff_number == "A100"
    with pytest.raises(RuleError) as refused:
        person("A100", tree["east"], "agent")
    assert refused.value.code == "staff_number_taken"


def test_an_own_role_holds_what_was_ticked_and_nothing_unknown() -> None:
    role = save_role(
        actor=SETUP,
        grants=ALL,
        role=None,
        name="夜班",
        permissions=["cases.view", "no.such"],
        default_scope="unit",
    )
    assert role.permissions == ["cases.view"]
    assert role.label == "夜班"


def test_the_administrator_role_cannot_be_cut_down() -> None:
    with pytest.raises(RuleError) as refused:
        save_role(
            actor=SETUP,
            grants=ALL,
            role=Role.objects.get(code="administrator"),
            name="",
            permissions=[],
            default_scope="own",
        )
    assert refused.value.code == "role_fixed"
