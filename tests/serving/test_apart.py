"""`zhike web` and `zhike worker`: several of each beside one another on PostgreSQL, one server on SQLite."""

import dataclasses
import os
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.server import free_port
from tests.serving.listening import EventSource
from tests.serving.trees import PATIENCE_SECONDS, Tree, is_alive, wait_until
from zhike.core.serving import folderlock

on_postgresql = bool(os.environ.get("ZHIKE_DATABASE_URL"))


@pytest.fixture
def web(prepared_tree: Tree) -> Tree:
    prepared_tree.verb, prepared_tree.workers = "web", 1
    return prepared_tree


@pytest.fixture
def second(web: Tree) -> Iterator[Tree]:
    """Another one on the same data folder and database."""
    made = dataclasses.replace(web, port=free_port(), process=None)
    yield made
    made.stop()


def test_the_second_web_process_shares_the_news_or_is_refused(web: Tree, second: Tree):
    web.start()
    if not on_postgresql:
        refused = second.run_again()
        assert (refused.returncode, refused.stderr.splitlines()) == (
            1,
            [
                f"Zhike already runs on {web.data} (process {web.process.pid}, http://127.0.0.1:{web.port}). "
                "On SQLite one server is all; several need PostgreSQL."
            ],
        )
        return
    (web.folder / "log").write_text("")
    second.start()
    heard = EventSource(second, "desk:1:", second.sign_in())
    wait_until(lambda: heard.last_id, "the stream to open")
    for number in range(5):
        assert web.request(f"/touch/desk:1?n={number}").status == 200
    wait_until(lambda: heard.seqs("desk:1") == [1, 2, 3, 4, 5], "news of the other process")
    heard.close()
    # The same port is refused by name, and a whole `zhike serve` beside them as well.
    assert "already runs" in second.run_again().stderr
    whole = dataclasses.replace(second, verb="serve", port=free_port())
    assert whole.run_again().stderr.startswith(f"Zhike already runs on {web.data} (process ")
    # One of them killed: its children go with it, the other serves on, and its place is free at once.
    pids = second.all_pids()
    os.kill(second.process.pid, signal.SIGKILL)
    second.process.wait()
    wait_until(lambda: not any(map(is_alive, pids)), "all its children to go")
    assert web.request("/page").status == 200
    (web.folder / "log").write_text("")
    second.start()
    assert second.stop() < 9
    assert second.process.returncode == 0
    assert web.request("/page").status == 200


def test_jobs_run_in_a_worker_of_their_own(web: Tree):
    web.start()
    assert web.request("/healthz").json["jobs"]["state"] == "none"
    port = free_port()
    with (web.folder / "worker-log").open("wb") as log:
        worker = subprocess.Popen(
            dataclasses.replace(web, verb="worker").command("--metrics-port", str(port)),
            env=web.env(),
            cwd=web.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: web.request("/healthz").json["jobs"]["state"] == "ok", "the first beat")
        told = wait_until(lambda: figures(port), "figures of the jobs")
        assert re.search(r'zhike_job_runs_total{job="[\w.]+",outcome="done"} \d', told)
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE_SECONDS) == 0
    # It took its leave: nobody waits for the lease of a worker that has gone.
    assert web.request("/healthz").json["jobs"]["state"] == "none"


def figures(port: int) -> str:
    """What a worker tells of itself, once it has done something."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
    except OSError:
        return ""
    return text if 'outcome="done"' in text else ""


@pytest.mark.parametrize("verb", ["web", "worker"])
def test_no_process_among_many_changes_the_database(new_tree: Tree, verb: str):
    new_tree.verb = verb
    refused = new_tree.run_again()
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert line.startswith("The database is older than this version (steps to go: ")
    assert line.endswith(" Run: zhike migrate")


def test_systemd_hears_when_a_web_process_answers(web: Tree, tmp_path: Path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.settimeout(PATIENCE_SECONDS)
        web.environment["NOTIFY_SOCKET"] = str(tmp_path / "notify")
        web.start()
        assert channel.recv(100) == b"READY=1"


def test_web_processes_share_a_folder_that_a_whole_server_has_alone(tmp_path: Path):
    def shared(port: int) -> AbstractContextManager[None]:
        return folderlock.serving(tmp_path, f"http://a:{port}", port=port, shared=True)

    def alone() -> AbstractContextManager[None]:
        return folderlock.serving(tmp_path, "http://a:3")

    with shared(1), shared(2):
        found = [one.address for one in folderlock.servers_of(tmp_path)]
        assert found == ["http://a:1", "http://a:2"]
        with pytest.raises(folderlock.AlreadyServed) as refused, alone():
            pass
        assert refused.value.holder.address == "http://a:1"
        with pytest.raises(folderlock.AlreadyServed), shared(2):
            pass
    with alone():
        with pytest.raises(folderlock.AlreadyServed) as refused, shared(1):
            pass
        assert refused.value.holder.address == "http://a:3"
    assert folderlock.server_of(tmp_path) is None
    # What they leave behind does not make the folder one that is in use.
    assert all(map(folderlock.is_lock, tmp_path.iterdir()))
