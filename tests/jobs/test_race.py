"""Two workers at one row: whatever the moment, one of them gets it."""

import threading

import pytest
from django.db import connection

from tests.jobs import sample
from zhike.core.jobs import rows


@pytest.mark.django_db(transaction=True)
def test_two_workers_race_for_each_job_and_one_wins():
    jobs = 20
    for value in range(jobs):
        sample.note.enqueue(value=value)
    won: list[tuple[str, object]] = []
    together = threading.Barrier(3)

    def work_off(worker: str) -> None:
        together.wait()
        try:
            while (row := rows.claim(worker, ("default",))) is not None:
                won.append((worker, row.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=work_off, args=(f"worker {n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(won) == jobs
    assert len({pk for _worker, pk in won}) == jobs
    assert {row.worker_ids[0] for row in rows.Row.objects.all()} == {worker for worker, _ in won}
