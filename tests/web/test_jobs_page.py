"""The page of jobs: what runs, what failed and why in plain words, what administrators see; the bell."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from tests.cast import Cast
from tests.jobs import sample
from zhike.accounts.services.tokens import create_token
from zhike.core import clock
from zhike.core.errors import RuleError
from zhike.core.jobs import rows
from zhike.core.jobs.running import note_progress
from zhike.core.models import Notification, PeriodicRun
from zhike.web.services.failed_jobs import tell_of_failed_jobs

pytestmark = pytest.mark.django_db
JOBS, REPEATING = "/jobs/", "/jobs/repeating/"


def enqueue(task=sample.note, **kwargs) -> DBTaskResult:
    return DBTaskResult.objects.get(pk=task.enqueue(**(kwargs or {"value": 1})).id)


def fail(error: BaseException, task=sample.note) -> DBTaskResult:
    """Failed for good with this error."""
    row = enqueue(task)
    claimed = rows.claim("worker", ("default", "bulk"))
    assert claimed is not None
    claimed.worker_ids = ["w"] * 99
    assert rows.fail(claimed, error)
    row.refresh_from_db()
    assert row.status == rows.FAILED
    return row


def page(cast: Cast, address: str = JOBS) -> str:
    answer = cast.admin.client().get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (rows.TimeLimit("x"), "time_limit", "超过时限"),
        (rows.Died("x"), "worker_died", "程序都被结束"),
        (ImportError("x"), "unknown_job", "没有这项任务"),
        (ConnectionRefusedError("x"), "network", "连不上对方"),
        (RuleError("full", "仓库已满。"), "rule", "仓库已满。"),
        (ZeroDivisionError("x"), "fault", "程序出了故障"),
    ],
)
def test_a_failure_is_told_in_words_with_a_code(cast: Cast, error, code, words):
    fail(error)
    shown = page(cast)
    assert words in shown
    assert f"<code>{code}</code>" in shown


def test_tabs_and_kinds_narrow_the_list(cast: Cast):
    fail(ZeroDivisionError("x"))
    enqueue(sample.hopeless)
    shown = page(cast, JOBS + "?tab=waiting")
    assert shown.count("data-row=") == 1
    assert page(cast, JOBS + "?tab=failed").count("data-row=") == 1
    assert page(cast, JOBS + "?tab=done").count("data-row=") == 0


def test_it_is_paged_by_place_and_no_job_is_shown_twice(cast: Cast):
    made = {str(enqueue(value=n).pk) for n in range(45)}
    seen: list[str] = []
    address = JOBS + "?size=20"
    for _page in range(5):
        answer = cast.admin.client().get(address)
        listed = answer.context["list"]
        seen += [str(row.pk) for row in listed.rows]
        if not listed.next_url:
            break
        address = listed.next_url
    assert len(seen) == 45
    assert set(seen) == made


@pytest.mark.parametrize("cursor", ["x", "eyJh", "WyItcXVldWVkIiwiMjAyNiIsMV0"])
def test_a_place_that_never_was_is_no_fault(cast: Cast, cursor: str):
    assert cast.admin.client().get(JOBS, {"after": cursor}).status_code == 200


def test_its_page_shows_progress_and_to_administrators_where_it_failed(cast: Cast):
    row = fail(ValueError("call 13812346027 back"))
    note_progress(row.pk, done=3, total=12)
    shown = page(cast, reverse("web:job", args=[row.pk]))
    assert "3 / 12" in shown
    assert "ValueError: call" in shown
    assert "13812346027" not in shown
    lead = cast.wang.client().get(reverse("web:job", args=[row.pk])).content.decode()
    assert "程序出了故障" in lead
    assert "ValueError" not in lead
    assert cast.lin.client().get(reverse("web:job", args=[row.pk])).status_code == 403
    assert cast.admin.client().get(reverse("web:job", args=[uuid4()])).status_code == 404


def test_a_waiting_job_says_when_it_is_tried_next(cast: Cast):
    row = enqueue()
    claimed = rows.claim("worker", ("default", "bulk"))
    assert claimed is not None
    rows.fail(claimed, TimeoutError("x"))
    shown = page(cast, reverse("web:job", args=[row.pk]))
    assert "等待重试" in shown
    assert "对方没有及时答复" in shown
    assert "下次尝试" in shown


def test_a_job_that_runs_and_is_asked_to_stop_says_so(cast: Cast):
    row = enqueue()
    rows.claim("worker", ("default", "bulk"))
    client = cast.admin.client()
    assert reverse("web:job-cancel", args=[row.pk]) in page(cast)
    client.post(reverse("web:job-cancel", args=[row.pk]))
    shown = page(cast)
    assert "正在取消" in shown
    assert reverse("web:job-cancel", args=[row.pk]) not in shown


def test_what_repeats_stands_on_a_page_of_its_own(cast: Cast, given):
    with given():
        PeriodicRun.objects.create(
            name="zhike.core.tasks.fold_counters",
            next_at=clock.now(),
            last_error="Traceback\nOperationalError: locked",
        )
    assert "OperationalError: locked" in page(cast, REPEATING)
    lead = cast.wang.client().get(REPEATING).content.decode()
    assert "上一轮失败了" in lead
    assert "OperationalError" not in lead
    assert "每 5 秒" in lead
    assert cast.lin.client().get(REPEATING).status_code == 403


def bells(cast: Cast) -> list[int]:
    return list(Notification.objects.filter(kind="jobs.failed").values_list("user_id", flat=True))


def test_administrators_hear_of_a_kind_of_failure_once_a_day(cast: Cast):
    assert tell_of_failed_jobs() == 0
    fail(ZeroDivisionError("x"))
    fail(ZeroDivisionError("x"))
    assert tell_of_failed_jobs() == 1
    assert tell_of_failed_jobs() == 0
    assert bells(cast) == [cast.admin.user.pk], "leads see the page, the bell is for who can mend"
    fail(ZeroDivisionError("x"), sample.hopeless)
    assert tell_of_failed_jobs() == 1, "another kind"
    with clock.override(clock.now() + timedelta(hours=25)):
        assert tell_of_failed_jobs() == 0, "long ago"
        fail(ZeroDivisionError("x"))
        assert tell_of_failed_jobs() == 1
    assert "后台任务失败" in page(cast, "/notifications/")


def test_a_job_that_was_called_off_is_no_failure(cast: Cast):
    row = enqueue()
    cast.admin.client().post(reverse("web:job-cancel", args=[row.pk]))
    assert tell_of_failed_jobs() == 0


def test_a_round_without_rows_that_failed_is_told_too(cast: Cast, given):
    with given():
        PeriodicRun.objects.create(
            name="zhike.core.tasks.lengthen_audit_chain",
            next_at=clock.now(),
            last_at=clock.now(),
            last_error="x",
        )
    assert tell_of_failed_jobs() == 1
    assert tell_of_failed_jobs() == 0


def call(cast: Cast, staff, path: str):
    _row, secret = create_token(**cast.admin.acting, user=staff.user, label="t", scopes=["read"])
    headers = {"Authorization": f"Bearer {secret}"}
    return staff.client().get(f"/api/v1{path}", headers=headers)


def test_other_programs_read_jobs_over_the_api(cast: Cast):
    row = fail(RuleError("full", "仓库已满。"))
    for n in range(3):
        enqueue(value=n)
    first = call(cast, cast.admin, "/jobs?limit=3").json()
    assert [one["state"] for one in first["items"]] == ["waiting"] * 3
    second = call(cast, cast.admin, f"/jobs?limit=3&cursor={first['next']}").json()
    assert [one["id"] for one in second["items"]] == [str(row.pk)]
    assert second["next"] is None
    one = call(cast, cast.admin, f"/jobs/{row.pk}").json()
    assert (one["state"], one["problem"], one["problem_words"]) == ("failed", "rule", "仓库已满。")
    assert len(call(cast, cast.admin, "/jobs?state=failed").json()["items"]) == 1
    assert call(cast, cast.admin, "/jobs?cursor=nonsense").status_code == 422
    assert call(cast, cast.admin, f"/jobs/{uuid4()}").status_code == 404
    assert call(cast, cast.lin, "/jobs").status_code == 403
