"""Workers that die, hang or are told to go: no job is lost, none that was never committed runs."""

import random
import signal
import time
from collections.abc import Iterator

import pytest

from tests.serving.trees import PATIENCE_SECONDS, Tree, wait_until
from tests.serving.workers import Workers


@pytest.fixture
def workers(prepared_tree: Tree) -> Iterator[Workers]:
    made = Workers(prepared_tree)
    yield made
    made.end_all()


def test_nothing_is_lost_and_nothing_leaks_when_workers_are_killed(workers: Workers):
    count = 150
    chance = random.Random(7)
    for _number in range(2):
        workers.start()
    feeder = workers.feed(count)
    for _number in range(6):
        time.sleep(chance.uniform(0.3, 0.9))
        # At once a new one: for five seconds the dead one's beat still looks alive.
        workers.kill(chance.choice(workers.running))
        workers.start()
    assert feeder.wait(PATIENCE_SECONDS) == 0
    wait_until(
        lambda: {row["status"] for row in workers.rows()} == {"SUCCESSFUL"}, "all jobs to end"
    )
    numbers = [int(line) for line in workers.done()]
    assert set(numbers) == set(range(count)), "each ran, and none of those rolled back"
    assert len(workers.rows()) == count
    # At least once, not often more: only what a dead worker had in hand is repeated.
    assert len(numbers) - count <= 2 * 6


def test_a_job_over_its_limit_takes_its_worker_down_but_not_its_neighbour(workers: Workers):
    workers.enqueue("never_ends")
    workers.enqueue("in_chunks", "40")
    worker = workers.start()
    assert worker.wait(PATIENCE_SECONDS) == 75
    workers.running.remove(worker)
    never, chunks = workers.rows()
    assert never["status"] == "FAILED"
    assert never["exception_class_path"].endswith("TimeLimit")
    assert (chunks["status"], chunks["worker_ids"]) == ("READY", []), "as if it had not been tried"
    workers.start()
    wait_until(lambda: "in_chunks ended" in workers.done(), "the neighbour to end")


def test_a_worker_told_to_go_hands_its_long_job_back(workers: Workers):
    workers.enqueue("in_chunks", "1000")
    worker = workers.start()
    wait_until(lambda: workers.rows()[0]["status"] == "RUNNING", "the job to start")
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE_SECONDS) == 0
    # To its end the job would take a minute.
    assert time.monotonic() - began < 30
    workers.running.remove(worker)
    (row,) = workers.rows()
    assert (row["status"], row["worker_ids"]) == ("READY", []), "no attempt is lost by a restart"
