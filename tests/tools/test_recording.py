"""The cast written again is the cast made through the services, and no test sees what another did to it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import translation

from tests.cast import PASSWORD, Cast, make_cast, make_unit
from tests.guards import given
from tests.recording import CannotRecord, Recorded
from zhike.accounts.models import Role, Unit, User
from zhike.core import clock
from zhike.customers.models import Customer

pytestmark = pytest.mark.django_db


def everything_kept() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, those a trigger writes included."""
    names = connection.introspection.table_names()
    with connection.cursor() as cursor:
        found = {}
        for name in names:
            cursor.execute(f'SELECT * FROM "{name}"')
            found[name] = sorted(cursor.fetchall(), key=repr)
        return found


def undone(make: Callable[[], Any]) -> dict[str, list[tuple[Any, ...]]]:
    with transaction.atomic():
        make()
        found = everything_kept()
        transaction.set_rollback(True)
    return found


@pytest.fixture
def recorded() -> Recorded[Cast]:
    """A recorder of one's own, which has kept nothing yet."""
    return Recorded(make_cast)


def test_every_row_is_written_again_as_it_was_made(recorded: Recorded[Cast]) -> None:
    nothing = everything_kept()
    made, again = undone(recorded), undone(recorded)
    assert recorded.written_again == 1
    # Triggers draw the stamp at random, by which processes notice changed settings: they notice this too.
    assert made.pop("core_stamp") != again.pop("core_stamp")
    assert made == again
    changed = {name for name, rows in made.items() if rows != nothing[name]}
    assert {"accounts_user", "customers_identity", "core_auditrow", "core_countrow"} <= changed
    assert everything_kept() == nothing


def test_the_objects_are_what_the_rows_say(recorded: Recorded[Cast]) -> None:
    undone(recorded)
    cast = recorded()
    assert recorded.written_again == 1
    for one in (
        cast.company,
        cast.zhoukou,
        cast.lin.user,
        cast.wang.user,
        cast.admin.user,
        cast.chen,
    ):
        fresh = type(one).objects.get(pk=one.pk)
        names = [field.attname for field in one._meta.concrete_fields]
        assert {n: getattr(one, n) for n in names} == {n: getattr(fresh, n) for n in names}
    assert cast.lin.user.check_password(PASSWORD)
    assert [found.pk for found in Customer.objects.filter(name="陈志强")] == [cast.chen.pk]


def test_what_one_test_does_to_it_the_next_does_not_see(recorded: Recorded[Cast]) -> None:
    undone(recorded)

    def spoil() -> None:
        cast = recorded()
        with given():
            User.objects.update(name="改了", is_active=False)
            Role.objects.filter(code="agent").update(permissions=[])
        cast.chen.name = "改了"
        cast.lin.user.name = "改了"
        cast.lin.user.__dict__["spoiled"] = True

    undone(spoil)
    cast = recorded()
    assert recorded.written_again == 2
    assert (cast.chen.name, cast.lin.user.name) == ("陈志强", "林静")
    assert "spoiled" not in cast.lin.user.__dict__
    assert User.objects.get(pk=cast.lin.user.pk).name == "林静"
    assert Role.objects.get(code="agent").permissions


def test_beside_other_rows_it_is_made_anew(recorded: Recorded[Cast]) -> None:
    undone(recorded)
    make_unit("先来的站", kind="company")
    cast = recorded()
    assert recorded.written_again == 0
    assert cast.company.name == "海晨三轮车"
    assert Unit.objects.count() == 4


def test_at_another_time_in_another_language_or_with_other_keys_too(
    recorded: Recorded[Cast], settings: Any, tmp_path: Path
) -> None:
    undone(recorded)
    with clock.override(datetime(2026, 3, 2, 9, tzinfo=UTC)):
        undone(recorded)
    with translation.override("en"):
        undone(recorded)
    (tmp_path / "keys").mkdir()
    settings.DATA = tmp_path
    undone(recorded)
    assert recorded.written_again == 0


def test_what_asks_another_table_than_before_is_made_and_looked_at_anew() -> None:
    remembered = [True]

    def make() -> str:
        with given():
            Unit.objects.create(name="站", kind="company")
        return "made" if remembered[0] or Customer.objects.exists() else "made, and asked"

    recorder = Recorded(make)
    undone(recorder)
    # It cannot be written again beside other rows, so it is made, and asks what it had remembered.
    remembered[0] = False
    make_unit("先来的站", kind="company")
    assert recorder() == "made, and asked"
    assert Unit.objects.filter(name="站").count() == 1
    assert recorder() == "made, and asked"
    assert (Unit.objects.filter(name="站").count(), recorder.written_again) == (2, 0)


def test_what_changes_rows_that_were_there_is_not_recorded() -> None:
    def rename() -> None:
        with given():
            Role.objects.filter(code="agent").update(name="客服")

    with pytest.raises(CannotRecord, match="accounts_role"):
        Recorded(rename)()
