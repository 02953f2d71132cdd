"""What seldom changes stays in the process: rights, units, colleagues, kinds of case, saved views.

Triggers give the one row of `Stamp` a new random value whenever a watched table changes. The stamp comes with the
row of the signed-in user, so it costs no statement, and travels in `Grants`. What was computed under one stamp
stays true: the stamp is read before the data, and one of a transaction that was rolled back never returns.
Without a stamp (jobs, commands, the API) everything is asked anew.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from threading import Lock
from typing import Any, TypeVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

T = TypeVar("T")

# Some kilobytes each: rights of a person, colleagues of a unit.
MOST_KEPT = 2000

_kept: OrderedDict[Hashable, tuple[str, Any]] = OrderedDict()
_lock = Lock()


def kept(stamp: str, key: tuple[Hashable, ...], make: Callable[[], T]) -> T:
    """What `make` gave under this stamp. Shared between requests: nobody may change it."""
    if not stamp:
        return make()
    found = _kept.get(key)
    if found is not None and found[0] == stamp:
        value: T = found[1]
        return value
    value = make()
    with _lock:
        _kept[key] = (stamp, value)
        _kept.move_to_end(key)
        if len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return value


_NEW_VALUE = {"postgresql": "gen_random_uuid()::text", "sqlite": "lower(hex(randomblob(16)))"}


def create_stamp() -> migrations.RunPython:
    """The row, and on PostgreSQL the function all triggers share."""

    def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        value = _NEW_VALUE[editor.connection.vendor]
        editor.execute(f"INSERT INTO core_stamp (id, value) VALUES (1, {value})")
        if editor.connection.vendor == "postgresql":
            editor.execute(
                "CREATE FUNCTION zhike_new_stamp() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN UPDATE core_stamp SET value = {value}; RETURN NULL; END $$"
            )

    def backwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute("DROP FUNCTION zhike_new_stamp()")

    return migrations.RunPython(forwards, backwards)


def watch(table: str, columns: Iterable[str] = ()) -> migrations.RunPython:
    """A change of `table`, or of these columns of its rows, makes a new stamp."""
    changed = f"UPDATE OF {', '.join(columns)}" if columns else "UPDATE"
    verbs = {"new": "INSERT", "changed": changed, "gone": "DELETE"}

    def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        for name, verb in verbs.items():
            if editor.connection.vendor == "postgresql":
                editor.execute(
                    f"CREATE TRIGGER {table}_stamp_{name} AFTER {verb} ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION zhike_new_stamp()"
                )
            else:
                editor.execute(
                    f"CREATE TRIGGER {table}_stamp_{name} AFTER {verb} ON {table} "
                    f"BEGIN UPDATE core_stamp SET value = {_NEW_VALUE['sqlite']}; END"
                )

    def backwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        on = f" ON {table}" if editor.connection.vendor == "postgresql" else ""
        for name in verbs:
            editor.execute(f"DROP TRIGGER {table}_stamp_{name}{on}")

    return migrations.RunPython(forwards, backwards)


def unwatch(table: str) -> migrations.RunPython:
    """Before SQLite builds a table anew, which would lose its triggers; `watch` it again afterwards."""
    watched = watch(table)
    assert watched.reverse_code is not None
    return migrations.RunPython(watched.reverse_code, watched.code)
