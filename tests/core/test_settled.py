"""What is kept in the process is never older than the database."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from tests.cast import Cast
from zhike.accounts.models import Role, RoleAssignment, Unit, User
from zhike.accounts.selectors import colleagues, reachable_units, unit_names
from zhike.core import access, clock, settled
from zhike.core.models import Stamp
from zhike.customers.models import CustomFieldDefinition
from zhike.desk.models import CaseType
from zhike.desk.selectors.types import active_types
from zhike.web.models import ListPreference, SavedView

pytestmark = pytest.mark.django_db


def stamp() -> str:
    return Stamp.objects.get().value


CHANGES: dict[str, Callable[[Cast], Any]] = {
    "a person moves": lambda c: User.objects.filter(pk=c.lin.user.pk).update(name="林小静"),
    "a person leaves": lambda c: User.objects.filter(pk=c.lin.user.pk).update(is_active=False),
    "a unit is renamed": lambda c: Unit.objects.filter(pk=c.lin.user.unit_id).update(name="一部"),
    "a role is changed": lambda c: Role.objects.filter(code="agent").update(permissions=[]),
    "a role is taken": lambda c: RoleAssignment.objects.filter(user=c.lin.user).delete(),
    "a type is retired": lambda c: CaseType.objects.filter(code="praise").update(is_active=False),
    "a type is added": lambda c: CaseType.objects.bulk_create([CaseType(code="x", name="X")]),
    "a field is added": lambda c: CustomFieldDefinition.objects.create(
        code="trade", label="行业", kind="text"
    ),
    "a list is arranged": lambda c: ListPreference.objects.create(
        user=c.lin.user, list_name="queue"
    ),
    "a view is kept": lambda c: SavedView.objects.create(
        owner=c.lin.user,
        list_name="queue",
        title="急",
        query="due=1",
        made_at=clock.now(),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_of_a_watched_table_makes_a_new_stamp(cast: Cast, given, change: str):
    before = stamp()
    with given():
        CHANGES[change](cast)
    assert stamp() != before


def test_what_only_the_person_sees_makes_none(cast: Cast, given):
    before = stamp()
    with given():
        User.objects.filter(pk=cast.lin.user.pk).update(language="en", must_change_password=True)
    assert stamp() == before


def test_a_stamp_of_a_transaction_rolled_back_never_returns(cast: Cast, given):
    before, seen = stamp(), set()
    for _turn in range(3):
        with given(), transaction.atomic():
            Unit.objects.filter(pk=cast.lin.user.unit_id).update(name="一部")
            seen.add(stamp())
            transaction.set_rollback(True)
        assert stamp() == before
    assert len(seen) == 3


def test_a_value_is_made_once_under_a_stamp_and_anew_without_one():
    made: list[int] = []

    def make() -> int:
        made.append(len(made))
        return made[-1]

    assert [settled.kept("s1", ("t", 1), make) for _ in range(3)] == [0, 0, 0]
    assert settled.kept("s1", ("t", 2), make) == 1
    assert settled.kept("s2", ("t", 1), make) == 2
    assert [settled.kept("", ("t", 1), make) for _ in range(2)] == [3, 4]


def test_the_store_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settled, "MOST_KEPT", 10)
    monkeypatch.setattr(settled, "_kept", type(settled._kept)())
    for number in range(50):
        settled.kept("s", ("many", number), lambda: None)
    assert len(settled._kept) == 10


def test_a_right_taken_away_is_gone_with_the_next_page(cast: Cast, given):
    client = cast.lin.client()
    assert client.get("/cases/").status_code == 200
    assert client.get("/cases/").status_code == 200
    with given():
        RoleAssignment.objects.filter(user=cast.lin.user).delete()
    assert client.get("/cases/").status_code == 403


def test_a_renamed_unit_and_a_new_colleague_stand_on_the_next_page(cast: Cast, given):
    client = cast.lin.client()
    client.get("/cases/")
    with given():
        Unit.objects.filter(pk=cast.lin.user.unit_id).update(name="热线一部")
        User.objects.filter(pk=cast.wang.user.pk).update(
            name="王大国", unit_id=cast.lin.user.unit_id
        )
    page = client.get("/cases/").content.decode()
    assert "热线一部" in page
    assert "王大国" in page


def test_kept_and_asked_anew_are_the_same(cast: Cast):
    user = User.objects.get(pk=cast.lin.user.pk)
    user.stamp = stamp()  # type: ignore[attr-defined]  # as the session's backend gives it
    kept, anew = access.grants_of(user), cast.lin.grants
    assert kept == anew
    assert kept.stamp
    assert not anew.stamp
    for ask in (colleagues, reachable_units, unit_names):
        assert ask(kept) == ask(kept) == ask(anew)
    assert active_types(kept.stamp) == active_types()


def test_a_page_of_a_signed_in_person_asks_for_the_stamp_with_the_person(cast: Cast):
    client = cast.lin.client()
    client.get("/")
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        client.get("/")
    asked = [sql for sql in statements if "core_stamp" in sql]
    assert len(asked) == 1
    assert '"accounts_user"."staff_number"' in asked[0]
    assert not any("accounts_role" in sql for sql in statements)
