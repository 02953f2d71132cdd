from datetime import UTC, datetime, timedelta

import pytest

from tests.jobs import sample
from zhike.core.jobs import pruning, repeating, rows
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import PeriodicRun, WorkerBeat

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.fixture(autouse=True)
def only_the_samples(monkeypatch):
    kept = {name: job for name, job in repeating._periodic.items() if "sample" in name}
    monkeypatch.setattr(repeating, "_periodic", kept)


def run_round() -> list[str]:
    won = []
    for job, row in repeating.due():
        if repeating.take(job, row):
            won.append(job.name.rsplit(".", 1)[-1])
            if not job.has_rows:
                repeating.run_here(job)
    return won


def test_each_due_time_is_won_once(frozen_clock):
    frozen_clock(NOON)
    repeating.plan()
    due = repeating.due()
    assert {job.name.rsplit(".", 1)[-1] for job, _row in due} == {"minutely", "each_second"}
    assert [repeating.take(job, row) for job, row in due] == [True, True]
    assert [repeating.take(job, row) for job, row in due] == [False, False]


def test_a_daily_job_is_due_at_the_local_hour(frozen_clock):
    frozen_clock(NOON)
    repeating.plan()
    planned = PeriodicRun.objects.get(name__endswith="nightly")
    assert planned.next_at == datetime(2026, 11, 22, 19, 10, tzinfo=UTC)  # 03:10 tomorrow
    frozen_clock(planned.next_at)
    assert "nightly" in run_round()
    planned.refresh_from_db()
    assert planned.next_at == datetime(2026, 11, 23, 19, 10, tzinfo=UTC)
    run_pending_jobs()
    assert "nightly" in sample.seen


def test_the_rhythm_holds_and_missed_rounds_are_made_up_once(frozen_clock):
    frozen_clock(NOON)
    repeating.plan()
    run_round()
    frozen_clock(NOON + timedelta(seconds=63))
    run_round()
    assert PeriodicRun.objects.get(name__endswith="minutely").next_at == NOON + timedelta(
        seconds=120
    )
    later = NOON + timedelta(hours=5)
    frozen_clock(later)
    assert "minutely" in run_round()
    assert "minutely" not in run_round()
    assert PeriodicRun.objects.get(name__endswith="minutely").next_at == later + timedelta(
        seconds=60
    )


def test_a_round_does_not_pile_up_behind_one_that_still_waits(frozen_clock):
    frozen_clock(NOON)
    repeating.plan()
    for minute in range(3):
        frozen_clock(NOON + timedelta(minutes=minute))
        run_round()
    assert rows.Row.objects.filter(task_path__endswith="minutely").count() == 1


def test_a_fast_job_leaves_no_rows_and_its_failure_is_noted_until_it_succeeds(frozen_clock):
    frozen_clock(NOON)
    repeating.plan()
    sample.seen.append("break the tick")
    run_round()
    planned = PeriodicRun.objects.get(name__endswith="each_second")
    assert "broken tick" in planned.last_error
    sample.seen.clear()
    frozen_clock(NOON + timedelta(seconds=2))
    run_round()
    planned.refresh_from_db()
    assert (planned.last_error, sample.seen) == ("", ["tick"])
    assert not rows.Row.objects.filter(task_path__endswith="each_second").exists()


def test_a_faster_rhythm_takes_effect_at_the_next_start(frozen_clock):
    frozen_clock(NOON)
    repeating.plan()
    PeriodicRun.objects.filter(name__endswith="minutely").update(next_at=NOON + timedelta(days=1))
    repeating.plan()
    assert PeriodicRun.objects.get(name__endswith="minutely").next_at == NOON + timedelta(minutes=1)


def test_pruning_keeps_what_is_recent_or_unfinished(frozen_clock):
    frozen_clock(NOON)
    ages = {"old": timedelta(days=8), "new": timedelta(days=6)}
    for age in ages.values():
        sample.note.enqueue(value=1)
        row = rows.claim("w", ("default",))
        assert row is not None
        rows.succeed(row, None)
        rows.Row.objects.filter(pk=row.pk).update(finished_at=NOON - age)
    sample.note.enqueue(value=2)
    WorkerBeat.objects.create(worker_id="w", at=NOON - timedelta(days=1), started_at=NOON)
    assert pruning.prune.func() == 2
    assert rows.Row.objects.count() == 2
