"""`zhike doctor` on a deployment: the server's settings, processes side by side, and the site from outside."""

import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from zhike import __version__
from zhike.core.checkup import postgresql, processes, site
from zhike.core.checkup.codes import GOOD, Finding, Said
from zhike.core.jobs.worker import new_worker_id, version_of
from zhike.core.models import WorkerBeat
from zhike.core.serving import folderlock, probe

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(frozen_clock: Callable[[datetime], None]) -> None:
    frozen_clock(NOW)


def codes(found: Iterator[Finding]) -> list[Said]:
    return [one.said for one in found]


# --- PostgreSQL

GOOD_SERVER: dict[str, Any] = {
    "server_encoding": "UTF8",
    "datcollate": "C.UTF-8",
    "autovacuum": "on",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_connections": "100",
    "pg_database_size": 4 * 2**30,
    "shared_buffers": 2**30,
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A PostgreSQL that says what stands in here."""
    told = dict(GOOD_SERVER)

    def value(statement: str, *values: str) -> object:
        (name,) = [one for one in told if one in (values or statement)]
        return told[name]

    monkeypatch.setattr(postgresql, "connection", SimpleNamespace(vendor="postgresql"))
    monkeypatch.setattr(postgresql, "_value", value)
    return told


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("server_encoding", "SQL_ASCII", Said.SERVER_ENCODING),
        ("datcollate", "zh_CN.UTF-8", Said.SERVER_LOCALE),
        ("autovacuum", "off", Said.SERVER_AUTOVACUUM),
        ("fsync", "off", Said.SERVER_UNSAFE),
        ("synchronous_commit", "off", Said.SERVER_UNSAFE),
        ("max_connections", "9", Said.SERVER_CONNECTIONS),
        ("shared_buffers", 128 * 2**20, Said.SERVER_BUFFERS),
    ],
)
def test_each_setting_of_the_server_is_looked_at(
    server: dict[str, Any], tmp_path: Path, name: str, value: Any, said: Said
):
    assert codes(postgresql.settings_of_server(tmp_path)) == [Said.SERVER_OK]
    server[name] = value
    assert codes(postgresql.settings_of_server(tmp_path)) == [said]
    assert said not in GOOD


def test_a_small_database_needs_no_large_buffers(server: dict[str, Any], tmp_path: Path):
    server.update(shared_buffers=128 * 2**20, pg_database_size=2**20)
    assert codes(postgresql.settings_of_server(tmp_path)) == [Said.SERVER_OK]


def test_the_real_server_is_asked_in_its_own_words(tmp_path: Path):
    found = codes(postgresql.settings_of_server(tmp_path))
    # The tests' own server is set up for speed, and says so.
    assert found == ([] if connection.vendor == "sqlite" else [Said.SERVER_UNSAFE])


def test_connections_are_counted_for_what_runs(tmp_path: Path):
    assert postgresql.connections_needed(tmp_path) == 10
    WorkerBeat.objects.create(worker_id="a:1:1.0:x", at=NOW, started_at=NOW)
    WorkerBeat.objects.create(worker_id="b", at=NOW - timedelta(minutes=1), started_at=NOW)
    with folderlock.serving(tmp_path, "", port=1, shared=True, processes=2):
        with_both = postgresql.connections_needed(tmp_path)
    assert with_both == 10 + 6 + 2 * 9


def test_a_database_of_a_newer_version_is_told():
    executor = MigrationExecutor(connection)
    assert postgresql.steps_unknown(executor) == []
    executor.loader.applied_migrations[("core", "9999_later")] = None
    executor.loader.applied_migrations[("elsewhere", "0001_initial")] = None
    assert postgresql.steps_unknown(executor) == ["core.9999_later"]


# --- processes


@dataclass
class Elsewhere:
    """A server that answers what it is told to, and remembers what it was asked."""

    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    made = Elsewhere()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.headers)
            status, body = made.answers.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as above
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        made.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield made
        server.shutdown()
        thread.join()


def test_workers_carry_their_version():
    assert version_of(new_worker_id()) == __version__
    assert len(new_worker_id()) <= 64
    assert version_of("inline:abc") == version_of("host:12:abc") == ""


def test_versions_side_by_side_are_told(tmp_path: Path, elsewhere: Elsewhere):
    WorkerBeat.objects.create(worker_id=new_worker_id(), at=NOW, started_at=NOW)
    assert codes(processes.versions(tmp_path)) == [Said.VERSIONS_OK]
    elsewhere.answers["/healthz"] = (200, b'{"version": "0.0.9"}')
    with folderlock.serving(tmp_path, elsewhere.url):
        (found,) = processes.versions(tmp_path)
    assert found.said == Said.VERSIONS_DIFFER
    assert found.values["versions"] == f"0.0.9, {__version__}"
    WorkerBeat.objects.create(worker_id="host:1:0.0.8:ab", at=NOW, started_at=NOW)
    (found,) = processes.versions(tmp_path)
    assert found.values["versions"] == f"0.0.8, {__version__}"


def test_figures_are_read_from_this_machine(tmp_path: Path, elsewhere: Elsewhere):
    assert codes(processes.figures(tmp_path)) == []
    with folderlock.serving(tmp_path, elsewhere.url):
        assert codes(processes.figures(tmp_path)) == [Said.FIGURES_SHUT]
        elsewhere.answers["/metrics"] = (200, b"zhike_workers 1")
        assert codes(processes.figures(tmp_path)) == [Said.FIGURES_OK]


def test_the_log_can_be_written_and_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert codes(processes.log_file()) == []
    file = tmp_path / "zhike.log"
    monkeypatch.setenv("ZHIKE_LOG_FILE", str(file))
    assert codes(processes.log_file()) == [Said.LOG_OK]
    file.touch(0o640)
    assert codes(processes.log_file()) == [Said.LOG_OK]
    file.chmod(0o644)
    assert codes(processes.log_file()) == [Said.LOG_OPEN]
    monkeypatch.setenv("ZHIKE_LOG_FILE", str(tmp_path / "nowhere" / "zhike.log"))
    assert codes(processes.log_file()) == [Said.LOG_UNWRITABLE]


@pytest.mark.parametrize(
    ("answer", "said"), [("yes", [Said.TIME_OK]), ("no", [Said.TIME_ALONE]), ("", [])]
)
def test_the_machines_own_clock(answer: str, said: list[Said], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/timedatectl")
    done = SimpleNamespace(stdout=f"{answer}\n")
    monkeypatch.setattr(subprocess, "run", lambda *given, **named: done)
    assert codes(processes.time_service()) == said
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert codes(processes.time_service()) == []


# --- the site


@pytest.fixture
def mirror(elsewhere: Elsewhere, tmp_path: Path) -> Elsewhere:
    """A site as it should be: one proxy, which writes who called, and styles that arrive."""
    told = {"address": "127.0.0.1", "forwarded": ["127.0.0.1"], "secure": False}
    elsewhere.answers = {
        "/probe": (200, json.dumps(told).encode()),
        "/account/sign-in/": (200, b'<link rel="stylesheet" href="/static/web/app.css">'),
        "/static/web/app.css": (200, b"body {}"),
    }
    return elsewhere


def looked(mirror: Elsewhere, folder: Path) -> list[Said]:
    return codes(site.looked_at(folder, mirror.url))


def seen(**told: Any) -> tuple[int, bytes]:
    usual = {"address": "127.0.0.1", "forwarded": ["127.0.0.1"], "secure": False}
    return 200, json.dumps(usual | told).encode()


ALL_WELL = [Said.SITE_OK, Said.PROXIES_OK, Said.ASSETS_OK]


def test_a_site_that_is_as_it_should_be(mirror: Elsewhere, tmp_path: Path, settings: Any):
    settings.ZHIKE_PROXIES = 1
    assert looked(mirror, tmp_path) == ALL_WELL
    assert mirror.asked[0][probe.HEADER]
    assert mirror.asked[0]["X-Forwarded-For"] == site.MADE_UP
    # The word is gone with the look.
    assert not (tmp_path / probe.FILE).exists()
    assert codes(site.looked_at(tmp_path, "")) == []


@pytest.mark.parametrize(
    ("count", "told", "said"),
    [
        (0, {"forwarded": [site.MADE_UP]}, Said.PROXIES_OK),
        (1, {"forwarded": [site.MADE_UP, "10.0.0.1"], "address": "10.0.0.1"}, Said.PROXIES_OK),
        (1, {"forwarded": [site.MADE_UP], "address": site.MADE_UP}, Said.PROXIES_BELIEVED),
        (
            2,
            {"forwarded": [site.MADE_UP, "10.0.0.1"], "address": site.MADE_UP},
            Said.PROXIES_BELIEVED,
        ),
        (0, {}, Said.PROXIES_UNCOUNTED),
        (1, {"forwarded": ["10.0.0.1", "10.0.0.2"]}, Said.PROXIES_UNCOUNTED),
    ],
)
def test_proxies_are_counted_by_what_they_write(
    mirror: Elsewhere, tmp_path: Path, settings: Any, count: int, told: Any, said: Said
):
    settings.ZHIKE_PROXIES = count
    mirror.answers["/probe"] = seen(**told)
    assert looked(mirror, tmp_path)[1] == said


def test_what_may_be_wrong_outside(mirror: Elsewhere, tmp_path: Path, settings: Any):
    settings.ZHIKE_PROXIES = 1
    mirror.answers["/metrics"] = (200, b"zhike_workers 1")
    assert looked(mirror, tmp_path) == [*ALL_WELL, Said.FIGURES_PUBLIC]
    del mirror.answers["/metrics"], mirror.answers["/static/web/app.css"]
    assert looked(mirror, tmp_path) == [Said.SITE_OK, Said.PROXIES_OK, Said.ASSETS_MISSING]
    mirror.answers["/probe"] = (400, b"")
    assert looked(mirror, tmp_path) == [Said.SITE_NAME_REFUSED]
    for other in ((404, b""), (200, b"<h1>Welcome to nginx</h1>"), (200, b"[]"), (502, b"")):
        mirror.answers["/probe"] = other
        assert looked(mirror, tmp_path) == [Said.SITE_OTHER]
    gone = codes(site.looked_at(tmp_path, "http://127.0.0.1:1"))
    assert gone == [Said.SITE_UNREACHABLE]


def test_https_that_the_program_does_not_know_and_a_certificate_that_ends():
    def said(days: int, *, secure: bool) -> list[Said]:
        answer = site.Answer(200, b"", days)
        return codes(site._line("https://desk.example.com", answer, {"secure": secure}))

    assert said(60, secure=True) == [Said.SITE_OK]
    assert said(60, secure=False) == [Said.SITE_PLAIN]
    assert said(13, secure=True) == [Said.SITE_CERTIFICATE]


def test_the_address_is_what_the_settings_tell(settings: Any):
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "*"]
    assert site.own_address() == ""
    settings.ALLOWED_HOSTS = [".example.com", "127.0.0.1"]
    settings.SESSION_COOKIE_SECURE = True
    assert site.own_address() == "https://example.com"


def test_the_probe_answers_the_doctor_of_this_house_alone(settings: Any, tmp_path: Path):
    settings.DATA = tmp_path
    client = Client()
    assert client.get("/probe").status_code == 404
    with probe.word(tmp_path) as shown:
        assert (tmp_path / probe.FILE).stat().st_mode & 0o077 == 0
        for wrong in ("", "x", shown[:-1], f"{shown}x", "é"):
            assert client.get("/probe", headers={probe.HEADER: wrong}).status_code == 404
        headers = {probe.HEADER: shown, "X-Forwarded-For": "a, b"}
        told = client.get("/probe", headers=headers).json()
        assert told == {"address": "127.0.0.1", "forwarded": ["a", "b"], "secure": False}
    assert client.get("/probe", headers={probe.HEADER: shown}).status_code == 404


def test_a_word_left_behind_opens_nothing(settings: Any, tmp_path: Path):
    import os

    settings.DATA = tmp_path
    with probe.word(tmp_path) as shown:
        old = (tmp_path / probe.FILE).stat().st_mtime - probe.KEPT_SECONDS - 1
        os.utime(tmp_path / probe.FILE, (old, old))
        assert Client().get("/probe", headers={probe.HEADER: shown}).status_code == 404
