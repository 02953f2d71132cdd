"""A job's row from the queue to its end, in one process."""

from datetime import timedelta

import pytest
from django.db import transaction

from tests.jobs import sample
from zhike.core import clock, work
from zhike.core.jobs import control, rows, runner
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import JobProgress, WorkerBeat

pytestmark = pytest.mark.django_db


def enqueue(task, **kwargs):
    with work.unit(work.Actor.system("tests")) as unit:
        unit.enqueue(task, **kwargs)
    return rows.Row.objects.latest("enqueued_at")


def beat(worker_id):
    WorkerBeat.objects.create(worker_id=worker_id, at=clock.now(), started_at=clock.now())


def enqueue_and_fail():
    with work.unit(work.Actor.system("tests")) as unit:
        unit.enqueue(sample.note, value=1)
        raise ZeroDivisionError


def test_a_job_runs_with_its_arguments_and_keeps_its_answer():
    row = enqueue(sample.note, value=21)
    assert run_pending_jobs() == 1
    row.refresh_from_db()
    assert (row.status, row.return_value, sample.seen) == (rows.SUCCESSFUL, 42, [21])


def test_a_job_of_a_rolled_back_transaction_was_never_there():
    with pytest.raises(ZeroDivisionError):
        enqueue_and_fail()
    assert run_pending_jobs() == 0
    assert not rows.Row.objects.exists()


def test_a_failing_job_waits_longer_each_time_and_succeeds_at_the_third(frozen_clock):
    start = clock.now()
    frozen_clock(start)
    row = enqueue(sample.fail_twice, key="k")
    waits = []
    for _attempt in range(2):
        run_pending_jobs()
        row.refresh_from_db()
        assert row.status == rows.READY
        assert "not yet" in row.traceback
        waits.append(row.run_after - clock.now())
        assert run_pending_jobs() == 0, "it is not due yet"
        frozen_clock(row.run_after + timedelta(seconds=1))
    run_pending_jobs()
    row.refresh_from_db()
    assert row.status == rows.SUCCESSFUL
    assert row.traceback == ""
    assert timedelta(seconds=4) <= waits[0] <= timedelta(seconds=6)
    assert waits[1] > 3 * waits[0] - timedelta(seconds=3)


def test_a_job_out_of_attempts_has_failed_and_can_be_tried_again(frozen_clock):
    frozen_clock(clock.now())
    row = enqueue(sample.fail_twice, key="k")
    sample.seen.extend(["other"] * 5)
    for _attempt in range(3):
        sample.seen[:] = ["other"]
        frozen_clock(clock.now() + timedelta(hours=1))
        run_pending_jobs()
    row.refresh_from_db()
    assert row.status == rows.FAILED
    assert control.try_again(row.pk)
    sample.seen[:] = ["k", "k"]
    run_pending_jobs()
    row.refresh_from_db()
    assert row.status == rows.SUCCESSFUL
    assert not control.try_again(row.pk), "only a failed job can be tried again"


@pytest.mark.parametrize(
    ("task", "words"),
    [(sample.hopeless, "the file is gone"), (sample.answers_nonsense, "程序出了故障")],
)
def test_the_page_of_jobs_says_what_went_wrong(task, words):
    row = enqueue(task)
    run_pending_jobs()
    shown = control.view(row.pk)
    assert shown is not None
    assert shown.problem is not None
    assert words in str(shown.problem.words)


def test_a_hopeless_job_is_not_tried_twice():
    row = enqueue(sample.hopeless)
    run_pending_jobs()
    row.refresh_from_db()
    assert (row.status, len(row.worker_ids)) == (rows.FAILED, 1)


def test_what_the_machine_lacks_costs_no_attempt_and_is_said_once(caplog, frozen_clock):
    frozen_clock(clock.now())
    rows_put_off = [enqueue(sample.waits_for_paper) for _each in range(2)]
    run_pending_jobs()
    for row in rows_put_off:
        row.refresh_from_db()
        assert (row.status, row.worker_ids) == (rows.READY, [])
        assert row.run_after == clock.now() + timedelta(hours=1)
        shown = control.view(row.pk)
        assert shown is not None
        assert shown.problem is not None
        assert shown.problem.words == "there is no paper"
    assert [r.levelname for r in caplog.records if r.name == "zhike.jobs"] == ["WARNING"]
    sample.seen.append("paper")
    frozen_clock(clock.now() + timedelta(hours=1, seconds=1))
    assert run_pending_jobs() == 2
    assert {row.status for row in rows.Row.objects.all()} == {rows.SUCCESSFUL}


def test_a_job_a_rule_refused_is_logged_as_one_sentence(caplog):
    enqueue(sample.refused)
    run_pending_jobs()
    (told,) = [record for record in caplog.records if record.name == "zhike.jobs"]
    assert told.getMessage().endswith("attempt 1: There is no paper in the tray.")
    assert told.exc_info is None


def test_a_job_this_version_does_not_know_has_failed_at_once():
    row = enqueue(sample.note, value=1)
    rows.Row.objects.filter(pk=row.pk).update(task_path="tests.jobs.sample.gone")
    run_pending_jobs()
    row.refresh_from_db()
    assert row.status == rows.FAILED
    assert "gone" in row.traceback


def test_an_interrupted_job_goes_back_without_losing_an_attempt():
    row = enqueue(sample.interrupted)
    claimed = rows.claim("worker", ("default",))
    assert claimed is not None
    runner.run_row(claimed, lambda: True)
    row.refresh_from_db()
    assert (row.status, row.worker_ids) == (rows.READY, [])


def test_progress_is_stored_and_a_stop_is_heard_at_the_next_pause():
    row = enqueue(sample.chunked, chunks=3)
    run_pending_jobs()
    progress = JobProgress.objects.get(job_id=row.pk)
    assert (progress.done, progress.total, progress.note) == (3, 3, "working")

    sample.seen.clear()
    second = enqueue(sample.chunked, chunks=3)
    claimed = rows.claim("worker", ("bulk",))
    assert claimed is not None
    control.request_cancel(second.pk)
    runner.run_row(claimed, lambda: False)
    assert sample.seen == []
    shown = control.view(second.pk)
    assert shown is not None
    assert shown.state == "CALLED_OFF"


def test_a_cancelled_job_that_waited_never_starts():
    row = enqueue(sample.note, value=1)
    control.request_cancel(row.pk)
    assert run_pending_jobs() == 0
    assert sample.seen == []
    assert control.try_again(row.pk)
    assert run_pending_jobs() == 1


def test_a_dead_workers_job_is_given_back_and_a_living_ones_is_not():
    now = clock.now()
    WorkerBeat.objects.create(worker_id="dead", at=now - timedelta(seconds=6), started_at=now)
    WorkerBeat.objects.create(worker_id="alive", at=now - timedelta(seconds=3), started_at=now)
    for value in (1, 2, 3):
        enqueue(sample.note, value=value)
    lost = [rows.claim(holder, ("default",)) for holder in ("dead", "alive", "never beat")]
    assert rows.return_orphans("me", ()) == 2
    states = {row.worker_ids[-1]: row.status for row in rows.Row.objects.all()}
    assert states == {
        rows.WITH_ALL + "dead": rows.READY,
        "alive": rows.RUNNING,
        rows.WITH_ALL + "never beat": rows.READY,
    }
    assert lost[0] is not None
    assert not rows.succeed(lost[0], None), "a worker thought dead cannot overwrite its successor"


def test_a_job_that_kills_its_workers_is_not_tried_for_ever():
    """Their supervisor lives on and has started the next one."""
    row = enqueue(sample.note, value=1)
    beat("desk:99:0.1:aaaa-new")
    for number in range(5):
        row.refresh_from_db()
        assert row.status == rows.READY
        assert rows.claim(f"desk:{number}:0.1:aaaa-{number}", ("default",))
        rows.return_orphans("desk:99:0.1:aaaa-new", ())
    row.refresh_from_db()
    assert (row.status, rows.attempts(row)) == (rows.FAILED, 5)


def test_being_killed_with_everything_costs_no_attempt_but_not_without_end():
    """Power cuts are not the job's doing; a job that takes the whole machine down is."""
    row = enqueue(sample.note, value=1)
    beat("desk:99:0.1:zzzz-new")
    for number in range(rows.MOST_WITH_ALL):
        row.refresh_from_db()
        assert (row.status, rows.attempts(row)) == (rows.READY, 0)
        assert rows.claim(f"desk:{number}:0.1:{number:04}-a", ("default",))
        rows.return_orphans("desk:99:0.1:zzzz-new", ())
    row.refresh_from_db()
    assert row.status == rows.FAILED
    assert control.try_again(row.pk)
    assert run_pending_jobs() == 1
    assert "died" in row.traceback


def test_our_own_job_whose_thread_is_gone_is_given_back(frozen_clock):
    row = enqueue(sample.note, value=1)
    rows.claim("me", ("default",))
    assert rows.return_orphans("me", ()) == 0, "perhaps it was claimed this very moment"
    frozen_clock(clock.now() + timedelta(seconds=11))
    assert rows.return_orphans("me", (row.pk,)) == 0, "it runs"
    assert rows.return_orphans("me", ()) == 1


def test_long_jobs_do_not_take_the_place_of_short_ones():
    enqueue(sample.chunked, chunks=1)
    assert rows.claim("me", ("default",)) is None
    assert rows.claim("me", ("default", "bulk")) is not None


@pytest.mark.django_db(transaction=True)
def test_the_job_starts_only_after_the_commit():
    with transaction.atomic():
        sample.note.enqueue(value=1)
        assert sample.seen == []
    assert run_pending_jobs() == 1
