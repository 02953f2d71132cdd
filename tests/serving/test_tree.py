"""The process tree: started once, stopped quickly, and never leaving anything behind."""

import contextlib
import http.client
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.serving.listening import EventSource
from tests.serving.trees import Tree, is_alive, wait_until


def beat_is_fresh(tree: Tree) -> bool:
    try:
        jobs = tree.request("/healthz").json["jobs"]
    except OSError:
        return False
    return jobs["state"] == "ok" and jobs["beat_age_seconds"] < 3


def open_files(pid: int) -> int:
    """Of two web workers the one with more has the streams, or most of them."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_a_second_instance_on_the_same_data_is_refused_in_one_sentence(site: Tree):
    refused = site.run_again("--port", "1")
    assert refused.returncode == 1
    assert site.process is not None
    assert refused.stderr.splitlines() == [
        f"Zhike already runs on {site.data} (process {site.process.pid}, http://127.0.0.1:{site.port})."
    ]
    assert site.request("/page").status == 200


def test_a_taken_port_is_named_before_anything_starts(site: Tree, new_tree: Tree):
    new_tree.port = site.port
    refused = new_tree.run_again()
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        f"Port {site.port} on 127.0.0.1 is taken by another program. Choose another with --port."
    ]
    assert not (new_tree.data / "zhike.sqlite3").exists()


def test_the_demo_company_is_not_shown_to_the_network_unasked(new_tree: Tree):
    refused = new_tree.run_again("--demo", "--host", "0.0.0.0")
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert not (new_tree.data / "serve.lock").exists()


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host"])
def test_an_address_that_is_not_ours_is_named(new_tree: Tree, host: str):
    refused = new_tree.run_again("--host", host)
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    assert host in refused.stderr


@pytest.mark.parametrize("url", ["mysql://host/name", "postgresql://nobody@127.0.0.1:1/none"])
def test_a_database_that_cannot_be_used_is_told_in_one_sentence(new_tree: Tree, url: str):
    new_tree.database_url = url
    refused = new_tree.run_again()
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    assert "Traceback" not in refused.stderr


def test_health_tells_database_jobs_and_version(site: Tree):
    wait_until(lambda: beat_is_fresh(site), "the first beat")
    told = site.request("/healthz")
    assert told.status == 200
    assert set(told.json) == {"database", "jobs", "version"}
    assert told.json["database"] == "ok"


def test_killed_children_come_back_and_leave_no_orphans(site: Tree):
    jobs, web = site.child("jobs"), site.child("web")
    workers = site.web_workers()
    assert len(workers) == 2
    for pid in (jobs, web):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, [jobs, web, *workers])), "the old processes to go")
    wait_until(lambda: beat_is_fresh(site), "jobs and web to come back")
    assert site.child("jobs") != jobs
    assert site.request("/page").status == 200


def test_streams_survive_the_death_of_a_worker_without_a_gap_or_a_repetition(site: Tree):
    # The test before may have brought new web workers up one after the other; only one may listen as yet.
    wait_until(lambda: site.web_workers()[1:], "two web workers")
    cookie = site.sign_in()
    sources = [EventSource(site, "desk:1:,case:3:", cookie) for _number in range(30)]
    wait_until(lambda: all(source.last_id for source in sources), "all streams to open")
    sent = 0
    for number in range(40):
        topic = "case:3" if number % 4 == 0 else "desk:1"
        try:
            sent += site.request(f"/touch/{topic}?n={number}").status == 200
        except OSError:
            # Cut off with the worker: whether it was written, the numbers themselves will tell.
            continue
        if number == 15:
            os.kill(max(site.web_workers(), key=open_files), signal.SIGKILL)
        time.sleep(0.03)
    position = site.request("/poll?topics=desk:1:,case:3:", headers={"Cookie": cookie}).json
    last = dict(part.rsplit(":", 1) for part in position["topics"].split(","))
    wanted = {topic: list(range(1, int(seq) + 1)) for topic, seq in last.items()}
    assert sum(map(len, wanted.values())) >= sent >= 38

    def all_heard() -> bool:
        return all(s.seqs(topic)[-1:] == wanted[topic][-1:] for s in sources for topic in wanted)

    try:
        wait_until(all_heard, "all news to arrive")
        for source in sources:
            assert {topic: source.seqs(topic) for topic in wanted} == wanted
        assert any(source.opened > 1 for source in sources), "nobody lost their stream"
    finally:
        for source in sources:
            source.close()


def test_it_stops_at_once_although_streams_and_downloads_are_open(prepared_tree: Tree):
    # Long enough that a slow machine ends by itself too: that it does is what is shown here. On a machine full of
    # other tests a worker was seen to miss it now and then, and to be killed; why is not known yet.
    prepared_tree.environment["ZHIKE_GRANIAN_KILL_SECONDS"] = "6"
    assert any(stops_by_itself(prepared_tree) for _try in range(3))


def stops_by_itself(tree: Tree) -> bool:
    """Stopped with streams and a download open: whether granian had to kill nobody, which it would say."""
    (tree.folder / "log").write_text("")
    tree.start()
    cookie = tree.sign_in()
    sources = [EventSource(tree, "desk:1:", cookie) for _number in range(20)]
    wait_until(lambda: all(source.last_id for source in sources), "all streams to open")
    idle = tree.connect()
    idle.request("GET", "/page")
    idle.getresponse().read()
    download = tree.connect()
    download.request("GET", "/csv?rows=3000000")
    answer = download.getresponse()

    def read_on() -> None:
        # Whoever reads is cut off after half a second; whoever stalls is left to granian's own limit.
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            while answer.read(65536):
                pass

    reader = threading.Thread(target=read_on)
    reader.start()
    pids = tree.all_pids()
    assert len(pids) == 5
    try:
        # Streams end at once, downloads after half a second: 0.9 s on a quiet machine.
        assert tree.stop() < 9
    finally:
        idle.close()
        download.close()
        reader.join(10)
        for source in sources:
            source.close()
    assert tree.process is not None
    assert tree.process.returncode == 0
    assert not any(map(is_alive, pids))
    return "refused to gracefully stop" not in tree.log


def test_killing_the_parent_leaves_nothing_and_frees_the_port(new_tree: Tree):
    new_tree.start()
    pids = new_tree.all_pids()
    assert new_tree.process is not None
    os.kill(new_tree.process.pid, signal.SIGKILL)
    new_tree.process.wait()
    wait_until(lambda: not any(map(is_alive, pids)), "all children to go")
    # Lock and port are free, and nothing has to be prepared a second time.
    stamp = (new_tree.data / "static" / ".collected").stat().st_mtime_ns
    assert "Bringing the database" in new_tree.log
    new_tree.process = None
    (new_tree.folder / "log").write_text("")
    new_tree.start()
    assert "Bringing the database" not in new_tree.log
    assert (new_tree.data / "static" / ".collected").stat().st_mtime_ns == stamp


def test_a_view_that_hangs_does_not_stop_the_stop(prepared_tree: Tree):
    prepared_tree.workers = 1
    prepared_tree.start()
    hanging = threading.Thread(target=lambda: _ignore_cut(prepared_tree), daemon=True)
    hanging.start()
    wait_until(lambda: prepared_tree.request("/state").json["slow_begun"], "the view to hang")
    assert prepared_tree.stop() < 10
    hanging.join(5)


def _ignore_cut(tree: Tree) -> None:
    with pytest.raises(Exception, match=r"(?i)remote end|reset|incomplete"):
        tree.request("/slow?seconds=30")
