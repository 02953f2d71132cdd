"""What was saved comes back: every row of every table, every byte of every file, the keys; into an empty place."""

import json
import sqlite3
import stat
import subprocess
import sys
import threading
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections

from tests.backup.conftest import ROOT, Place, stored_files
from tests.cast import CHEN_PHONE, Cast
from zhike.core import audit_chain
from zhike.core.backup import keyfile
from zhike.core.backup.saving import Saved, last_backup, save
from zhike.core.files import store_file
from zhike.core.models import AuditRow
from zhike.desk import services

pytestmark = pytest.mark.django_db(transaction=True)
Rows = dict[str, list[str]]


def rows_of_test_database() -> Rows:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            return _rows(cursor, "postgresql")
    # Past Django, which would make dates and truths of what SQLite keeps.
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as reader:
        return _rows(reader.cursor(), "sqlite")


def rows_of(place: Place) -> Rows:
    if place.url:
        with psycopg.connect(place.url) as server, server.cursor() as cursor:
            return _rows(cursor, "postgresql")
    with closing(sqlite3.connect(place.folder / "zhike.sqlite3")) as reader:
        return _rows(reader.cursor(), "sqlite")


def _rows(cursor: Any, vendor: str) -> Rows:
    if vendor == "sqlite":
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
            "AND name NOT LIKE '%_fts%'"
        )
    else:
        cursor.execute("SET TIME ZONE 'UTC'")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    names = [name for (name,) in cursor.fetchall()]
    found = {}
    for name in names:
        # As texts, so that both drivers say the same of the same value.
        row = "t.*" if vendor == "sqlite" else "t::text"
        cursor.execute(f'SELECT {row} FROM "{name}" t')
        found[name] = sorted(repr(tuple(map(str, one))) for one in cursor.fetchall())
    return found


def test_every_row_and_every_file_comes_back(house: Cast, tmp_path: Path, empty_place: Place):
    before, files = rows_of_test_database(), stored_files()
    saved = save(tmp_path / "a.zip", tmp_path / "a.keys")
    answer = empty_place.zhike("restore", tmp_path / "a.zip", "--keys", tmp_path / "a.keys")
    assert answer.returncode == 0, answer.stderr
    after = rows_of(empty_place)
    # The restored one notes that it was restored; nothing else differs.
    assert {name for name in before if before[name] != after[name]} <= {
        "core_auditrow",
        *(("sqlite_sequence",) if connection.vendor == "sqlite" else ()),
    }
    assert before.keys() == after.keys()
    assert len(set(after["core_auditrow"]) - set(before["core_auditrow"])) == 1
    assert set(before["core_auditrow"]) <= set(after["core_auditrow"])
    assert saved.manifest.tables.keys() >= {"desk_case", "core_personkey", "django_migrations"}
    found = empty_place.inspected()
    assert found["last_act"] == "core.backup.restore"
    assert all(name == digest for name, digest in found["files"].items())
    assert set(found["files"]) <= set(files)
    assert len(found["files"]) == saved.manifest.files == 2
    assert f"+86{CHEN_PHONE}" in found["phones"] or CHEN_PHONE in found["phones"]
    assert (found["fault"], found["gaps"], found["miscounted"]) == (None, [], [])
    assert found["head"] == saved.manifest.audit_head
    assert _rights(empty_place.folder / "keys" / "ring.json") == 0o600
    assert _rights(empty_place.folder) == 0o700


def test_the_restored_house_goes_on_working(saved: Saved, empty_place: Place):
    """Numbers and sequences go on where they were: a second restore's backup is written by the command."""
    assert empty_place.zhike("restore", saved.path, "--keys", saved.keys).returncode == 0
    again = empty_place.folder.parent / "again.zip"
    answer = empty_place.zhike("backup", again)
    assert answer.returncode == 0, answer.stderr
    assert "NOT in it" in answer.stdout
    assert again.with_name("again.zip.keys").exists()
    assert last_backup(empty_place.folder) is not None
    assert empty_place.inspected()["last_act"] == "core.backup.make"


def test_a_backup_while_threads_write_is_one_moment(
    house: Cast, tmp_path: Path, empty_place: Place
):
    stop = threading.Event()
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            count = 0
            while not stop.is_set():
                count += 1
                case = services.open_case(
                    **acting,
                    new=services.NewCase(
                        type_code="complaint",
                        channel="letter",
                        text=f"{number}-{count}",
                        keep=False,
                    ),
                ).case
                services.claim(**acting, case_id=case.pk)
                services.reply(**acting, case_id=case.pk, text="好的", expected_seq=None)
                store_file(SimpleUploadedFile("a.txt", f"{number}-{count}".encode()))
                audit_chain.lengthen()
        except Exception as failure:  # noqa: BLE001 — told to the test below
            failures.append(failure)
        finally:
            connections.close_all()

    acting = house.lin.acting
    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        early = AuditRow.objects.count()
        while AuditRow.objects.count() < early + 20 and not failures:
            pass
        saved = save(tmp_path / "a.zip", tmp_path / "a.keys")
        written_meanwhile = AuditRow.objects.count()
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    assert not failures
    assert saved.missing == []
    assert saved.manifest.tables["core_auditrow"].rows < written_meanwhile
    answer = empty_place.zhike("restore", tmp_path / "a.zip", "--keys", tmp_path / "a.keys")
    assert answer.returncode == 0, answer.stderr
    found = empty_place.inspected()
    assert (found["gaps"], found["miscounted"], found["fault"]) == ([], [], None)
    assert found["cases"] == saved.manifest.tables["desk_case"].rows > 3
    assert len(found["files"]) == saved.manifest.files > 2
    assert all(name == digest for name, digest in found["files"].items())


def test_the_keys_are_in_a_file_of_their_own(saved: Saved):
    assert _rights(saved.keys) == _rights(saved.path) == 0o600
    keys = keyfile.read(saved.keys)
    told = json.loads(keys.ring)
    secrets = [told["index"], *told["wrapping"].values(), keys.session_secret]
    with zipfile.ZipFile(saved.path) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert not [secret for secret in secrets if secret.encode() in everything]
    assert CHEN_PHONE.encode() not in everything
    assert [path.name for path in sorted(saved.path.parent.iterdir())] == [
        "night.keys",
        "night.keys.erasures",
        "night.zip",
    ]


def test_a_second_night_keeps_the_file_of_the_same_keys(saved: Saved):
    before = saved.keys.stat().st_mtime_ns
    second = save(saved.path.with_name("second.zip"), saved.keys)
    assert not second.new_keys
    assert saved.keys.stat().st_mtime_ns == before


def test_a_damaged_file_is_named_and_the_rest_is_saved(house: Cast, tmp_path: Path):
    stored = store_file(SimpleUploadedFile("b.txt", b"to be damaged"))
    from zhike.core.files import file_path

    file_path(stored.digest).write_bytes(b"something else")
    saved = save(tmp_path / "a.zip", tmp_path / "a.keys")
    assert saved.missing == [stored.digest]
    assert saved.manifest.files == 2


def test_a_backup_of_an_older_version_is_brought_up_to_date(new_place: Any, tmp_path: Path):
    old, new = new_place(), new_place()
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "-v0", "core", "0012"],
        env=old.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = old.zhike("backup", tmp_path / "old.zip")
    assert answer.returncode == 0, answer.stderr
    answer = new.zhike("restore", tmp_path / "old.zip")
    assert answer.returncode == 0, answer.stderr
    assert "desk_case" not in rows_of(old)
    assert "desk_case" in rows_of(new)
    assert new.inspected()["fault"] is None


def _rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
