"""A plan is edited while cases and notices are written: in the end all are counted by the plan of today.

Real transactions, threads with connections of their own, two workers that recount meanwhile.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, connections

from tests.cast import make_cast
from tests.complaints.conftest import open_complaint
from tests.complaints.notice_scene import Scene, make_scene, send
from tests.desk.conftest import _planted as _planted
from tests.proofs import figure, rounds
from tests.transactions import real_transactions  # noqa: F401
from zhike.complaints.cause_seeds import plant
from zhike.complaints.models import Notice
from zhike.complaints.services.notice_dues import due_of
from zhike.core import clock, work
from zhike.core.calendar.plan_book import load_plans
from zhike.core.calendar.plan_services import PlanTerms, add_plan, change_plan
from zhike.core.calendar.recounts import run_recounts
from zhike.core.models import DuePlan, DueRecount
from zhike.desk.models import STILL_OPEN, Case, CaseEvent
from zhike.desk.services.clocks import is_counted_by

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof]
LONG_ENOUGH = 60


@pytest.fixture
def scene(real_transactions: None, _planted: None, given) -> Scene:  # noqa: F811
    with given():
        plant(apps)
    return make_scene(make_cast())


def plan_of(scene: Scene, purpose: str) -> DuePlan:
    return add_plan(**scene.cast.admin.acting, terms=terms(purpose, 200))


def terms(purpose: str, amount: int) -> PlanTerms:
    return PlanTerms(
        purpose=purpose,
        subject="complaint",
        tier="vip",
        channel="phone",
        amount=amount,
        unit="business_minutes",
        name=f"{amount} 分钟",
    )


def change(scene: Scene, plan: DuePlan, amount: int) -> None:
    change_plan(**scene.cast.admin.acting, plan_id=plan.pk, terms=terms(plan.purpose, amount))


def run_all(*acts: Callable[[], Any]) -> None:
    def run(act: Callable[[], Any]) -> None:
        try:
            act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(run, act) for act in acts]:
            done.result()


def recount_to_the_end() -> None:
    """What the job does within the next minutes."""
    for _look in range(2):
        run_recounts(clock.now() + timedelta(minutes=2))
    assert not DueRecount.objects.exclude(state=DueRecount.State.DONE).exists()


def under_another_plan() -> tuple[list[str], list[str]]:
    """Open cases and notices that are not counted by the plans of today."""
    plans = load_plans()
    cases = Case.objects.filter(STILL_OPEN)
    notices = Notice.objects.filter(state="sent").select_related("case")
    return (
        [case.number for case in cases if not is_counted_by(case, plans)],
        [
            one.number
            for one in notices
            if one.due_explanation != due_of(one.case, one.unit_id, one.asked_at, plans).to_json()
        ],
    )


def test_whatever_is_written_while_plans_are_edited_ends_under_the_plan_of_today(
    scene: Scene,
) -> None:
    plans = [plan_of(scene, purpose) for purpose in ("resolution", "notice")]
    each = rounds(short=5, long=50)
    writing = threading.Semaphore(0)
    finished = threading.Event()

    def take_in() -> None:
        try:
            for _case in range(each):
                case = open_complaint(scene.cast.lin, scene.cast.chen.pk, keep=True)
                send(scene, case=case)
        finally:
            writing.release()

    def edit() -> None:
        try:
            for number in range(each):
                for plan in plans:
                    change(scene, plan, 201 + number)
        finally:
            writing.release()

    def recount() -> None:
        while not finished.is_set():
            run_recounts()

    def wait_for_writers() -> None:
        for _writer in range(3):
            writing.acquire(timeout=LONG_ENOUGH * 5)
        finished.set()

    run_all(take_in, take_in, edit, recount, recount, wait_for_writers)
    recount_to_the_end()
    assert Notice.objects.count() == 2 * each
    assert under_another_plan() == ([], [])
    rules = {(one.due_explanation or {})["rule"] for one in Notice.objects.all()}
    assert rules == {f"{200 + each} 分钟"}
    figure("Cases and notices written while plans were edited", 4 * each)


def test_a_case_and_a_notice_committed_after_the_first_look_are_found_by_the_second(
    scene: Scene,
) -> None:
    """On SQLite the edit waits for them; on PostgreSQL they still carry the old plan when it is over."""
    plans = [plan_of(scene, purpose) for purpose in ("resolution", "notice")]
    recount_to_the_end()
    written, go_on = threading.Event(), threading.Event()
    lin = scene.cast.lin

    def take_in() -> None:
        with work.unit(lin.actor):
            case = open_complaint(lin, scene.cast.chen.pk, keep=True)
            send(scene, case=case)
            written.set()
            go_on.wait(1 if connection.vendor == "sqlite" else LONG_ENOUGH)

    def edit() -> None:
        try:
            assert written.wait(LONG_ENOUGH)
            for plan in plans:
                change(scene, plan, 30)
            run_recounts()
        finally:
            go_on.set()

    run_all(take_in, edit)
    fresh = Notice.objects.get()
    if connection.vendor == "postgresql":
        assert (fresh.due_explanation or {})["rule"] == "200 分钟", "it had the old plan"
    recount_to_the_end()
    assert under_another_plan() == ([], [])
    assert (Notice.objects.get().due_explanation or {})["rule"] == "30 分钟"
    moved = CaseEvent.objects.filter(data__line="complaints.notice_recounted")
    assert moved.count() == 1
