"""What cannot be right is refused before anything is written, and what is broken off leaves nothing behind."""

import errno
import glob
import json
import random
import resource
import shutil
import signal
import struct
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.backup.conftest import LARGE, Place, tables_of
from tests.cast import Cast
from zhike.cli.backup_problems import sentence_of
from zhike.core.backup import archive, keyfile, postgres
from zhike.core.backup.problems import BackupProblem, Why
from zhike.core.backup.restoring import STAGE, restore
from zhike.core.backup.saving import Saved, save
from zhike.core.serving import folderlock

pytestmark = pytest.mark.django_db(transaction=True)


def refused(saved: Saved, place: Place, **known: Any) -> Why:
    """Why a restore is refused, having written nothing."""
    left = sorted(place.folder.iterdir()) if place.folder.exists() else None
    tables = tables_of(place.url)
    with pytest.raises(BackupProblem) as raised:
        restore(
            known.get("source", saved.path),
            known.get("keys", saved.keys),
            place.folder,
            known.get("database", place.database),
            place.environment,
        )
    assert (sorted(place.folder.iterdir()) if place.folder.exists() else None) == left
    assert tables_of(place.url) == tables
    assert "{" not in sentence_of(raised.value)
    return raised.value.why


def with_manifest(saved: Saved, **changed: Any) -> Path:
    """The same archive with another manifest, sealed with the right keys."""
    target = saved.path.with_name("other.zip")
    with zipfile.ZipFile(saved.path) as source, zipfile.ZipFile(target, "w") as made:
        for name in source.namelist():
            if name not in {archive.MANIFEST, archive.SEAL}:
                made.writestr(name, source.read(name))
        told = json.loads(source.read(archive.MANIFEST)) | changed
        written = json.dumps(told).encode()
        made.writestr(archive.MANIFEST, written)
        made.writestr(archive.SEAL, keyfile.seal_of(keyfile.read(saved.keys).opened, written))
    return target


def test_a_truncated_file_is_refused(saved: Saved, empty_place: Place):
    whole = saved.path.read_bytes()
    cut = saved.path.with_name("cut.zip")
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        cut.write_bytes(whole[:length])
        assert refused(saved, empty_place, source=cut) == Why.DAMAGED


def test_a_flipped_byte_is_refused_wherever_it_counts(saved: Saved, tmp_path: Path):
    whole, dice = saved.path.read_bytes(), random.Random(11)
    flipped = tmp_path / "flipped.zip"
    with zipfile.ZipFile(saved.path) as opened:
        places = [info.header_offset + 80 for info in opened.infolist()]
    for number in [*places, *(dice.randrange(len(whole)) for _ in range(60))]:
        flipped.write_bytes(whole[:number] + bytes([whole[number] ^ 0x20]) + whole[number + 1 :])
        try:
            with archive.opened(flipped) as opened:
                manifest, written, seal = archive.manifest_of(opened, flipped)
                same = keyfile.seal_of(keyfile.read(saved.keys).opened, written) == seal
                archive.check_members(opened, manifest, flipped)
        except BackupProblem:
            continue
        # Not noticed only where it changes nothing: a date or a right in the ZIP's own table.
        assert not same or manifest == saved.manifest
        assert number not in places


def test_a_table_that_leads_to_before_the_file_begins_is_refused(
    saved: Saved, empty_place: Place
) -> None:
    """One flipped bit in the length of the table moves every member by as much."""
    whole = saved.path.read_bytes()
    end = whole.rindex(b"PK\x05\x06")
    moved = bytearray(whole)
    _length, begins = struct.unpack_from("<LL", whole, end + 12)
    struct.pack_into("<L", moved, end + 16, begins + 2**29)
    broken = saved.path.with_name("moved.zip")
    broken.write_bytes(moved)
    assert refused(saved, empty_place, source=broken) == Why.DAMAGED


@pytest.mark.parametrize("member", ["database", "files/", archive.MANIFEST])
def test_a_flipped_byte_of_content_stops_the_restore(saved: Saved, empty_place: Place, member: str):
    whole = bytearray(saved.path.read_bytes())
    with zipfile.ZipFile(saved.path) as opened:
        info = max(
            (one for one in opened.infolist() if one.filename.startswith(member)),
            key=lambda one: one.compress_size,
        )
    whole[info.header_offset + 80 + info.compress_size // 2] ^= 0x01
    broken = saved.path.with_name("broken.zip")
    broken.write_bytes(whole)
    assert refused(saved, empty_place, source=broken) == Why.DAMAGED


def test_other_keys_are_refused_and_so_are_none(saved: Saved, empty_place: Place, tmp_path: Path):
    told = json.loads(saved.keys.read_text())
    key = told["ring"]["index"]
    other = tmp_path / "other.keys"
    other.write_text(json.dumps(told | {"ring": told["ring"] | {"index": key[4:8] + key[4:]}}))
    assert refused(saved, empty_place, keys=other) == Why.WRONG_KEYS
    told["ring"] |= {"wrapping": {"r1": key}}
    other.write_text(json.dumps(told))
    assert refused(saved, empty_place, keys=other) == Why.WRONG_KEYS
    other.write_text("{}")
    assert refused(saved, empty_place, keys=other) == Why.KEYS_UNREADABLE
    assert refused(saved, empty_place, keys=tmp_path / "none.keys") == Why.KEYS_MISSING


def test_a_ring_with_further_keys_still_fits(saved: Saved, tmp_path: Path):
    told = json.loads(saved.keys.read_text())
    told["ring"]["wrapping"]["r2"] = told["ring"]["index"]
    told["ring"]["current"] = "r2"
    later = tmp_path / "later.keys"
    later.write_text(json.dumps(told))
    assert keyfile.fits(keyfile.read(later).opened, saved.manifest.key_marks)


def test_a_place_that_is_not_empty_is_refused(saved: Saved, empty_place: Place):
    empty_place.folder.mkdir()
    (empty_place.folder / "zhike.sqlite3").write_bytes(b"somebody's")
    assert refused(saved, empty_place) == Why.FOLDER_NOT_EMPTY
    (empty_place.folder / "zhike.sqlite3").unlink()
    if empty_place.url:
        with psycopg.connect(empty_place.url) as writer:
            writer.execute("CREATE TABLE somebody (id int)")
        assert refused(saved, empty_place) == Why.DATABASE_NOT_EMPTY


def test_a_folder_in_use_is_refused(saved: Saved, empty_place: Place):
    empty_place.folder.mkdir()
    with folderlock.using(empty_place.folder):
        assert refused(saved, empty_place) == Why.FOLDER_IN_USE


def test_a_newer_versions_backup_is_refused(saved: Saved, empty_place: Place):
    newer = [*saved.manifest.migrations, ["core", "9999_next_year"]]
    assert refused(saved, empty_place, source=with_manifest(saved, migrations=newer)) == Why.NEWER
    assert refused(saved, empty_place, source=with_manifest(saved, format=2)) == Why.NEWER


def test_the_other_database_is_refused(saved: Saved, empty_place: Place):
    other = {
        "sqlite": {"ENGINE": "django.db.backends.postgresql", "NAME": "x"},
        "postgresql": {"ENGINE": "django.db.backends.sqlite3", "NAME": "x"},
    }[connection.vendor]
    assert refused(saved, empty_place, database=other) == Why.OTHER_DATABASE


def test_a_database_that_is_not_what_the_manifest_says_is_taken_back(
    saved: Saved, empty_place: Place
):
    """Sealed with the right keys, and yet a table does not match: nothing stays, PostgreSQL's tables included."""
    told = json.loads(saved.manifest.written())["tables"]
    told["desk_case"]["rows"] += 1
    source = with_manifest(saved, tables=told)
    assert refused(saved, empty_place, source=source) == Why.DAMAGED
    assert empty_place.is_untouched()


def test_something_else_is_no_backup(saved: Saved, empty_place: Place, tmp_path: Path):
    other = tmp_path / "holiday.zip"
    with zipfile.ZipFile(other, "w") as made:
        made.writestr("photo.jpg", b"sea")
    assert refused(saved, empty_place, source=other) == Why.NOT_A_BACKUP
    assert refused(saved, empty_place, source=tmp_path / "none.zip") == Why.FILE_UNREADABLE


def test_nothing_is_overwritten(saved: Saved, tmp_path: Path):
    with pytest.raises(BackupProblem) as raised:
        save(saved.path, tmp_path / "x.keys")
    assert raised.value.why == Why.FILE_EXISTS
    told = json.loads(saved.keys.read_text())
    told["ring"]["wrapping"]["r1"] = told["ring"]["index"]
    saved.keys.write_text(json.dumps(told))
    with pytest.raises(BackupProblem) as raised:
        save(tmp_path / "x.zip", saved.keys)
    assert raised.value.why == Why.KEYS_DIFFER
    assert not list(tmp_path.glob("x.*"))


def test_a_full_disk_leaves_no_half_backup(
    house: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*given: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archive, "add", full)
    kept = tmp_path / "kept"
    kept.mkdir()
    with pytest.raises(BackupProblem) as raised:
        save(kept / "a.zip", kept / "a.keys")
    assert raised.value.why == Why.NO_SPACE
    assert list(kept.iterdir()) == []


def test_a_full_disk_leaves_no_half_restore(saved: Saved, empty_place: Place):
    def small() -> None:
        # A file may grow no further than this, as on a disk that is full.
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGE // 2, LARGE // 2))

    answer = empty_place.zhike("restore", saved.path, "--keys", saved.keys, preexec_fn=small)
    assert answer.returncode == 1
    assert "not enough room" in answer.stderr
    assert empty_place.is_untouched()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_restore_told_to_stop_leaves_nothing(
    saved: Saved, empty_place: Place, number: signal.Signals
):
    process = begun(saved, empty_place)
    process.send_signal(number)
    assert process.wait(30) == 130
    assert empty_place.is_untouched()


def test_after_a_killed_restore_the_next_one_succeeds(saved: Saved, empty_place: Place):
    process = begun(saved, empty_place)
    process.kill()
    process.wait()
    assert not (empty_place.folder / "zhike.sqlite3").exists()
    assert (empty_place.folder / STAGE).exists()
    wait_for(lambda: not tables_of(empty_place.url))
    answer = empty_place.zhike("restore", saved.path, "--keys", saved.keys)
    assert answer.returncode == 0, answer.stderr
    assert not (empty_place.folder / STAGE).exists()


def test_without_postgresqls_tools_the_package_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(glob, "glob", lambda pattern: [])
    with pytest.raises(BackupProblem) as raised:
        postgres.program("pg_dump", 15)
    assert "apt install postgresql-client-15" in sentence_of(raised.value)
    monkeypatch.setattr(glob, "glob", lambda pattern: ["/usr/lib/postgresql/13/bin/pg_dump"])
    with pytest.raises(BackupProblem) as raised:
        postgres.program("pg_dump", 15)
    assert raised.value.why == Why.TOOLS_OLD


def begun(saved: Saved, place: Place) -> "subprocess.Popen[bytes]":
    """A restore that has begun to write."""
    process = subprocess.Popen(
        place.command("restore", saved.path, "--keys", saved.keys),
        env=place.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # As in a terminal; a test run in the background ignores Ctrl-C and would hand that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    wait_for(lambda: (place.folder / STAGE / "keys" / "ring.json").exists())
    return process


def wait_for(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.01)
