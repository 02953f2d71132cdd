"""`zhike doctor`: each finding, good and to be mended, and what the terminal says."""

import json
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django_tasks_db.models import DBTaskResult

from tests.guards import given
from tests.server import clean_environment, zhike_command
from zhike.cli.doctor_words import sentences_of_findings
from zhike.core import checkup, clock, printing, sealing, work
from zhike.core.checkup import Finding, Said
from zhike.core.jobs import rows
from zhike.core.models import AuditCheck, OutboxMessage, PersonKey, WorkerBeat
from zhike.core.serving import folderlock
from zhike.core.tasks import fold_counters

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(frozen_clock: Callable[[datetime], None]) -> None:
    frozen_clock(NOW)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    (made / "keys").mkdir(parents=True)
    made.chmod(0o700)
    (made / "keys").chmod(0o700)
    return made


@pytest.fixture
def ring(folder: Path) -> Path:
    path = folder / "keys" / "ring.json"
    path.write_text(json.dumps({"current": "r1", "wrapping": {"r1": "aaaa"}, "index": "aaaa"}))
    path.chmod(0o600)
    return path


def said(found: Finding) -> tuple[Said, bool]:
    return found.said, found.is_good


def test_every_finding_has_words_for_its_values():
    words = sentences_of_findings()
    assert words.keys() == {one.value for one in Said}
    assert set(Said) > checkup.GOOD
    for sentence in words.values():
        assert all(
            name is None or name.isidentifier() for _, name, *_ in Formatter().parse(sentence)
        )


def test_the_data_folder_is_closed_to_others(folder: Path):
    assert said(checkup.folder_rights(folder)) == (Said.FOLDER_OK, True)
    folder.chmod(0o750)
    assert said(checkup.folder_rights(folder)) == (Said.FOLDER_OPEN, False)


def test_the_keys_are_closed_to_others_and_readable(folder: Path, ring: Path):
    assert said(checkup.key_ring(folder, True)) == (Said.KEYS_OK, True)
    ring.chmod(0o644)
    assert said(checkup.key_ring(folder, True)) == (Said.KEYS_OPEN, False)
    ring.chmod(0o600)
    ring.parent.chmod(0o755)
    assert said(checkup.key_ring(folder, True)) == (Said.KEYS_OPEN, False)
    ring.parent.chmod(0o700)
    ring.write_text("{")
    assert said(checkup.key_ring(folder, True)) == (Said.KEYS_UNREADABLE, False)


@pytest.mark.django_db
def test_a_turn_of_the_keys_that_is_not_ended(folder: Path, ring: Path, given):
    two = {"current": "r2", "wrapping": {"r1": "aaaa", "r2": "aaaa"}, "index": "aaaa"}
    ring.write_text(json.dumps(two))
    with given():
        PersonKey.objects.create(wrapped="r1:a:b", made_at=NOW)
    found = checkup.key_ring(folder, True)
    assert (said(found), found.values["count"]) == ((Said.KEYS_TURNING, False), 1)
    with given():
        PersonKey.objects.update(wrapped="r2:a:b")
    assert said(checkup.key_ring(folder, True)) == (Said.KEYS_TO_RETIRE, False)


def test_lost_keys_are_told_from_keys_that_were_never_made(folder: Path):
    assert said(checkup.key_ring(folder, True)) == (Said.KEYS_NONE_YET, True)
    with given():
        sealing.new_key(NOW)
    assert PersonKey.objects.exists()
    assert said(checkup.key_ring(folder, True)) == (Said.KEYS_LOST, False)


def test_the_database_answers_and_is_up_to_date():
    assert [said(one) for one in checkup.database()] == [(Said.DATABASE_OK, True)]


def test_a_database_that_lacks_steps_or_does_not_answer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *given: ["a", "b"])
    assert checkup.database() == [Finding(Said.DATABASE_BEHIND, {"count": 2})]
    assert not checkup.database()[0].is_good

    def refuse() -> None:
        raise OperationalError("connection refused\nIs the server running?")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    assert checkup.database() == [Finding(Said.DATABASE_FAILED, {"why": "connection refused"})]
    # What needs the database is not asked then.
    found = [one.said for one in checkup.findings()]
    assert Said.DATABASE_FAILED in found
    assert not {Said.WORKER_NONE, Said.WORKER_OK, Said.JOBS_OK, Said.CLOCK_OK} & set(found)


def test_an_old_postgresql_and_a_missing_function_are_told(monkeypatch: pytest.MonkeyPatch):
    asked = SimpleNamespace(execute=lambda statement: None, fetchone=lambda: (False,))

    @contextmanager
    def cursor() -> Iterator[Any]:
        yield asked

    old = SimpleNamespace(vendor="postgresql", get_database_version=lambda: (12, 4), cursor=cursor)
    monkeypatch.setattr(checkup, "connection", old)
    found = list(checkup._postgresql())
    assert [one.said for one in found] == [Said.POSTGRESQL_OLD, Said.SEARCH_FUNCTION_MISSING]
    assert not any(one.is_good for one in found)


def test_the_function_of_search_is_missed_when_it_is_gone():
    if connection.vendor == "sqlite":
        assert list(checkup._postgresql()) == []
        return
    assert list(checkup._postgresql()) == []
    with given(), connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION zhike_tokens(text, bigint) CASCADE")
    assert [one.said for one in checkup._postgresql()] == [Said.SEARCH_FUNCTION_MISSING]


def test_the_worker_beats():
    assert said(checkup.worker()) == (Said.WORKER_NONE, False)
    beat = WorkerBeat.objects.create(worker_id="w", at=NOW - timedelta(seconds=3), started_at=NOW)
    assert said(checkup.worker()) == (Said.WORKER_OK, True)
    WorkerBeat.objects.filter(pk=beat.pk).update(at=NOW - timedelta(minutes=3))
    assert checkup.worker() == Finding(Said.WORKER_LATE, {"seconds": 180})


def enqueued(**known: Any) -> DBTaskResult:
    with work.unit(work.Actor.system("tests")) as unit:
        unit.enqueue(fold_counters)
    row = DBTaskResult.objects.latest("enqueued_at")
    DBTaskResult.objects.filter(pk=row.pk).update(**known)
    return row


def test_jobs_that_failed_or_wait_too_long(settings: Any):
    settings.TASKS = {"default": {**settings.TASKS["default"]}}
    assert said(checkup.jobs()) == (Said.JOBS_OK, True)
    old = NOW - timedelta(hours=1)
    row = enqueued(enqueued_at=old)
    assert checkup.jobs() == Finding(Said.JOBS_WAIT, {"count": 1, "minutes": 15})
    # It is to be tried again later.
    DBTaskResult.objects.filter(pk=row.pk).update(run_after=NOW + timedelta(minutes=5))
    assert said(checkup.jobs()) == (Said.JOBS_OK, True)
    failed = {"status": rows.FAILED, "finished_at": old}
    DBTaskResult.objects.filter(pk=row.pk).update(**failed, exception_class_path="x.Y")
    assert checkup.jobs() == Finding(Said.JOBS_FAILED, {"count": 1, "days": 7})
    # One that was called off did not fail, and one of last month is history.
    DBTaskResult.objects.filter(pk=row.pk).update(**rows.CALLED_OFF)
    assert said(checkup.jobs()) == (Said.JOBS_OK, True)
    DBTaskResult.objects.filter(pk=row.pk).update(
        exception_class_path="x.Y", finished_at=NOW - timedelta(days=30)
    )
    assert said(checkup.jobs()) == (Said.JOBS_OK, True)


def test_the_audit_log_is_checked_each_night():
    assert said(checkup.audit()) == (Said.AUDIT_YOUNG, True)
    with clock.override(NOW - timedelta(days=5)), work.unit(work.Actor.system("tests")) as unit:
        unit.audit("tests.did", None)
    assert said(checkup.audit()) == (Said.AUDIT_NEVER, False)
    with given():
        check = AuditCheck.objects.create(at=NOW - timedelta(hours=8), rows=1, head="a")
        assert said(checkup.audit()) == (Said.AUDIT_OK, True)
        AuditCheck.objects.filter(pk=check.pk).update(at=NOW - timedelta(days=3))
        assert said(checkup.audit()) == (Said.AUDIT_UNCHECKED, False)
        AuditCheck.objects.filter(pk=check.pk).update(at=NOW, fault="changed", fault_row=7)
    assert checkup.audit() == Finding(Said.AUDIT_FAULT, {"row": 7})


def test_the_clocks_agree(monkeypatch: pytest.MonkeyPatch):
    there = SimpleNamespace(moment=NOW)
    asked = SimpleNamespace(execute=lambda statement: None, fetchone=lambda: (there.moment,))

    @contextmanager
    def cursor() -> Iterator[Any]:
        yield asked

    monkeypatch.setattr(checkup, "connection", SimpleNamespace(vendor="postgresql", cursor=cursor))
    assert said(checkup.time_of_day()) == (Said.CLOCK_OK, True)
    there.moment = NOW - timedelta(seconds=40)
    assert checkup.time_of_day() == Finding(Said.CLOCK_DIFFERS, {"seconds": 40})


def test_the_databases_own_clock_is_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checkup, "clock", SimpleNamespace(now=lambda: datetime.now(UTC)))
    assert said(checkup.time_of_day()) == (Said.CLOCK_OK, True)


def test_room_on_the_disk(folder: Path, monkeypatch: pytest.MonkeyPatch):
    usage = SimpleNamespace(total=100 * 10**9, free=50 * 10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert said(checkup.disk(folder)) == (Said.DISK_OK, True)
    usage.free = 4 * 10**9
    assert said(checkup.disk(folder)) == (Said.DISK_FULL, False)
    usage.total, usage.free = 10**13, 20 * 10**9
    assert said(checkup.disk(folder)) == (Said.DISK_OK, True)


def reached(folder: Path) -> list[Said]:
    found = list(checkup.reach(folder))
    assert all(one.is_good == (one.said == Said.REACH_OK) for one in found)
    return [one.said for one in found]


def test_names_and_https(folder: Path, settings: Any):
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
    assert reached(folder) == [Said.REACH_OK]
    with folderlock.serving(folder, "http://192.168.1.9:8000"):
        assert reached(folder) == [Said.HOSTS_UNSET]
    settings.ALLOWED_HOSTS = ["desk.example.com"]
    assert reached(folder) == [Said.HTTPS_OFF]
    settings.SESSION_COOKIE_SECURE = True
    assert reached(folder) == [Said.REACH_OK]
    settings.ALLOWED_HOSTS = ["*"]
    settings.DEBUG = True
    assert reached(folder) == [Said.DEBUG_ON, Said.HOSTS_ANY]


def test_paper(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(printing, "can_print", lambda: True)
    assert said(checkup.paper()) == (Said.PRINTING_OK, True)
    monkeypatch.setattr(printing, "can_print", lambda: False)
    assert said(checkup.paper()) == (Said.PRINTING_MISSING, False)
    assert "apt install" in str(checkup.paper().values["line"])


def test_mail_is_asked_for_a_connection_and_told_nothing(settings: Any):
    settings.ZHIKE_EMAIL_URL = ""
    assert said(checkup.mail()) == (Said.MAIL_OFF, True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.ZHIKE_EMAIL_URL = "smtp://127.0.0.1"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()[:2]
        assert said(checkup.mail()) == (Said.MAIL_OK, True)
        taken, _address = server.accept()
        with taken:
            assert taken.recv(100) == b""
    assert said(checkup.mail()) == (Said.MAIL_UNREACHABLE, False)


def test_the_last_backup(folder: Path):
    assert said(checkup.backups(folder)) == (Said.BACKUP_NONE, False)
    note = folder / "last-backup.json"
    note.write_text(json.dumps({"made_at": (NOW - timedelta(hours=9)).isoformat()}))
    assert checkup.backups(folder) == Finding(Said.BACKUP_OK, {"moment": "2026-11-22 03:00"})
    note.write_text(json.dumps({"made_at": (NOW - timedelta(days=3)).isoformat()}))
    assert said(checkup.backups(folder)) == (Said.BACKUP_OLD, False)
    note.write_text("{")
    assert said(checkup.backups(folder)) == (Said.BACKUP_NONE, False)


@pytest.mark.parametrize(
    ("language", "mark", "sentence"),
    [
        ("C.UTF-8", "mend", "The database is older than this version"),
        ("zh_CN.UTF-8", "待处理", "数据库比本版本旧"),
        ("zh_TW.UTF-8", "待處理", "資料庫比本版本舊"),
    ],
)
def test_the_command_says_what_to_mend_in_the_terminals_language(
    tmp_path: Path, language: str, mark: str, sentence: str
):
    done = subprocess.run(
        [zhike_command(), "doctor"],
        env={**clean_environment(tmp_path / "new"), "LC_ALL": language},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert any(line[0] == mark and line[1].startswith(sentence) for line in lines[:-1])
    assert "{" not in done.stdout
    # A new data folder is closed to others from the start.
    assert ["ok", "正常"][language != "C.UTF-8"] == lines[0][0]


def test_mail_without_the_address_of_the_house_is_named(settings: Any):
    settings.ZHIKE_EMAIL_URL, settings.ZHIKE_PUBLIC_URL = "", ""
    assert said(checkup.links(True)) == (Said.LINKS_NONE_NEEDED, True)
    settings.ZHIKE_EMAIL_URL = "smtp://127.0.0.1"
    assert said(checkup.links(False)) == (Said.LINKS_NOWHERE, False)
    settings.ZHIKE_EMAIL_URL = ""
    now = clock.now()
    with given():
        OutboxMessage.objects.create(
            kind="email", text="t", dedup_key="k", state="waiting", made_at=now, changed_at=now,
            round_at=now, due_at=now,
        )  # fmt: skip
    assert said(checkup.links(True)) == (Said.LINKS_NOWHERE, False)
    settings.ZHIKE_PUBLIC_URL = "https://desk.example.com"
    assert said(checkup.links(True)) == (Said.LINKS_OK, True)
