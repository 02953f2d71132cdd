"""What whoever keeps people cannot open for themselves: levels, and reach by moving people or units."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.urls import reverse

from tests.accounts.test_roles import builtin, state
from tests.cast import SETUP, Cast, Staff, everybody, make_staff, make_unit
from zhike.accounts.models import Role, Unit, User
from zhike.accounts.services import roles
from zhike.accounts.services.passwords import reset_password
from zhike.accounts.services.second_factor import reset
from zhike.accounts.services.units import create_unit, update_unit
from zhike.accounts.services.users import Profile, RoleGrant, update_user
from zhike.core.errors import RuleError

pytestmark = pytest.mark.django_db
SHOWN = ("customers.view", "customers.reveal")
CLOSED = {"phone": "hidden", "birthday": "masked"}


def make_role(
    name: str, *permissions: str, levels: Mapping[str, str] | None = None, scope: str = "all"
) -> Role:
    return roles.save_role(
        actor=SETUP,
        grants=everybody(),
        role=None,
        name=name,
        permissions=permissions,
        default_scope=scope,
        levels=levels,
    )


def give(by: Staff, to: Staff, *given: RoleGrant, unit: Unit | None = None, **more: Any) -> None:
    user = User.objects.get(pk=to.user.pk)
    profile = Profile(user.staff_number, user.name, unit or user.unit)
    fields: dict[str, Any] = {"is_active": True} | more
    update_user(**by.acting, user=user, profile=profile, roles=given, **fields)


def refused(act: Any) -> RuleError:
    before = [state(), list(Unit.objects.order_by("pk").values("pk", "name", "path", "parent"))]
    with pytest.raises(RuleError) as told:
        act()
    assert before == [
        state(),
        list(Unit.objects.order_by("pk").values("pk", "name", "path", "parent")),
    ]
    return told.value


@pytest.fixture
def keeper(cast: Cast) -> Staff:
    """Keeps people and reads files, but no phone number in them."""
    return make_staff(
        "5001",
        "钱管",
        cast.company,
        make_role("管人", "accounts.manage", *SHOWN, levels=CLOSED).code,
    )


@pytest.fixture
def local(cast: Cast) -> Staff:
    """Keeps the people of one station."""
    role = make_role("站内管人", "accounts.manage", "cases.view", scope="subtree")
    return make_staff("5003", "站管", cast.zhoukou, role.code)


# Levels


@pytest.mark.parametrize("to_self", [True, False])
def test_nobody_gives_a_role_that_shows_more_than_they_see(
    cast: Cast, keeper: Staff, to_self: bool
) -> None:
    open_role = make_role("看档", *SHOWN)
    closed = make_role("少看", *SHOWN, levels=CLOSED)
    held = RoleGrant(Role.objects.get(name="管人"))
    to = keeper if to_self else make_staff("5002", "朱", cast.zhoukou, closed.code)
    kept = (held,) if to_self else (RoleGrant(closed),)
    error = refused(lambda: give(keeper, to, *kept, RoleGrant(open_role)))
    assert (error.code, error.field) == ("level_beyond_own", "roles")
    assert "看档" in str(error)
    assert "电话" in str(error)
    mine = kept if to_self else ()
    give(keeper, to, *mine, RoleGrant(closed, "unit"))
    assert to.grants.level("phone") == "hidden"


def test_the_page_says_which_field_a_role_would_open(cast: Cast, keeper: Staff) -> None:
    open_role = make_role("看档", *SHOWN)
    form = {
        "name": "钱管",
        "staff_number": "5001",
        "unit": cast.company.pk,
        "roles": [Role.objects.get(name="管人").pk, open_role.pk],
        "is_active": "on",
    }
    answer = keeper.client().post(reverse("accounts:person", args=[keeper.user.pk]), form)
    assert answer.status_code == 422
    assert "“看档”" in answer.content.decode()


def test_a_role_that_showed_no_files_opens_nothing_when_it_is_made_to(
    cast: Cast, keeper: Staff
) -> None:
    blank = make_role("培训", "accounts.manage")
    fields: dict[str, Any] = {"role": blank, "default_scope": "all"}
    error = refused(
        lambda: roles.save_role(
            **keeper.acting,
            name="培训",
            permissions=["accounts.manage", "customers.view"],
            **fields,
        )
    )
    assert (error.code, error.field) == ("level_beyond_own", "level_phone")
    # As long as it shows none, what stood there may stay.
    roles.save_role(**keeper.acting, name="培训生", permissions=["accounts.manage"], **fields)
    roles.save_role(
        **keeper.acting,
        name="培训生",
        permissions=["accounts.manage", *SHOWN],
        levels=CLOSED,
        **fields,
    )
    blank.refresh_from_db()
    assert blank.levels == CLOSED


# Reach


def test_moving_a_person_gives_their_roles_anew(cast: Cast, local: Staff) -> None:
    mine = RoleGrant(Role.objects.get(name="站内管人"), "subtree")
    error = refused(lambda: give(local, local, mine, unit=cast.company))
    assert error.code == "reach_beyond_own"
    viewer = make_role("看单", "cases.view", scope="unit")
    zhu = make_staff("5002", "朱", cast.zhoukou, viewer.code)
    error = refused(lambda: give(local, zhu, RoleGrant(viewer), unit=cast.shangqiu))
    assert error.code == "reach_beyond_own"
    below = make_unit("周口东组", cast.zhoukou)
    give(local, zhu, RoleGrant(viewer), unit=below)
    assert zhu.grants.unit_ids == {below.pk}
    # A role with a unit of its own reaches no further for it.
    give(cast.admin, zhu, RoleGrant(viewer, "unit", cast.zhoukou), unit=cast.zhoukou)
    give(local, zhu, RoleGrant(viewer, "unit", cast.zhoukou), unit=cast.shangqiu)
    assert zhu.grants.unit_ids == {cast.zhoukou.pk}


def test_those_below_count_when_a_role_reaches_them(cast: Cast) -> None:
    role = make_role("只管本站", "accounts.manage", "cases.view", scope="unit")
    keeps = make_staff("5006", "独管", cast.zhoukou, role.code)
    make_unit("周口东组", cast.zhoukou)
    viewer = make_role("看单", "cases.view", scope="unit")
    zhu = make_staff("5002", "朱", cast.zhoukou, viewer.code)
    error = refused(lambda: give(keeps, zhu, RoleGrant(viewer, "subtree")))
    assert error.code == "reach_beyond_own"


def move(by: Staff, unit: Unit, parent: Unit | None, name: str = "") -> None:
    fresh = Unit.objects.get(pk=unit.pk)
    update_unit(
        **by.acting,
        unit=fresh,
        name=name or fresh.name,
        kind=fresh.kind,
        parent=parent,
        is_active=True,
    )


def test_no_unit_is_moved_under_ones_own_reach(cast: Cast, local: Staff) -> None:
    below = make_unit("周口东组", cast.zhoukou)
    for unit, parent, field in (
        (cast.shangqiu, cast.zhoukou, "name"),
        (below, cast.shangqiu, "parent"),
        (below, None, "parent"),
    ):
        error = refused(lambda unit=unit, parent=parent: move(local, unit, parent))
        assert (error.code, error.field) == ("reach_beyond_own", field)
    assert refused(lambda: move(local, cast.shangqiu, cast.company, "商丘")).field == "name"
    move(local, cast.zhoukou, cast.company, "周口服务站")
    inner = make_unit("周口西组", cast.zhoukou)
    move(local, below, inner)
    assert Unit.objects.get(pk=below.pk).parent_id == inner.pk
    page = local.client().post(
        reverse("accounts:unit", args=[cast.shangqiu.pk]),
        {"name": "商丘站", "kind": "region", "parent": cast.zhoukou.pk, "is_active": "on"},
    )
    assert page.status_code == 422


def test_no_unit_is_added_beyond_ones_own_reach(cast: Cast, local: Staff) -> None:
    def add(parent: Unit | None) -> Unit:
        return create_unit(**local.acting, name="新组", kind="region", parent=parent)

    before = Unit.objects.count()
    for parent in (cast.shangqiu, cast.company, None):
        error = refused(lambda parent=parent: add(parent))
        assert (error.code, error.field) == ("reach_beyond_own", "parent")
    page = local.client().post(
        reverse("accounts:unit-create"),
        {"name": "新组", "kind": "region", "parent": cast.shangqiu.pk},
    )
    assert page.status_code == 422
    assert Unit.objects.count() == before
    made = add(cast.zhoukou)
    assert made.pk in local.grants.unit_ids


# Whoever may do more


def test_who_reaches_further_or_sees_more_is_above(cast: Cast, local: Staff, keeper: Staff) -> None:
    everywhere = make_role("全看", "cases.view", scope="all")
    seeing = make_role("看档", "customers.view")
    far = make_staff("5007", "远", cast.zhoukou, everywhere.code)
    open_eyed = make_staff("5008", "明", cast.zhoukou, seeing.code)
    for by, person in ((local, far), (local, cast.zhou), (keeper, open_eyed)):
        for act in (
            lambda by=by, person=person: reset_password(
                **by.acting, user=person.user, password="Mine-now-1234"
            ),
            lambda by=by, person=person: reset(**by.acting, user=person.user),
            lambda by=by, person=person: give(by, person, is_active=False),
        ):
            assert refused(act).code == "person_above"
    near = make_staff("5009", "近", cast.zhoukou, everywhere.code, "unit")
    reset_password(**local.acting, user=near.user, password="Mine-now-1234")


def test_who_was_locked_out_is_above_as_before(cast: Cast, keeper: Staff) -> None:
    second = make_staff("0002", "副管", cast.company, "administrator")
    held = RoleGrant(builtin("administrator"), "all")
    give(cast.admin, second, held, is_active=False)
    for act in (
        lambda: reset_password(**keeper.acting, user=second.user, password="Mine-now-1234"),
        lambda: give(keeper, second, held),
    ):
        assert refused(act).code == "person_above"
