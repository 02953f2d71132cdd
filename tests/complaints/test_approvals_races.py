"""Two at once, with real transactions and threads of their own connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.apps import apps
from django.db import connections

from tests.cast import Cast, make_cast, make_staff
from tests.complaints.conftest import open_complaint
from tests.guards import given
from tests.transactions import real_transactions  # noqa: F401
from zhike.accounts.models import Role
from zhike.complaints.models import Approval, Complaint, Remedy, RemedyLimit
from zhike.complaints.selectors.limits import used_in
from zhike.complaints.services import approvals, remedies
from zhike.complaints.services.deciding import where_it_is
from zhike.core.calendar import seeds
from zhike.core.errors import Conflict, RuleError
from zhike.core.models import Notification
from zhike.desk.case_types import BUILTIN_TYPES
from zhike.desk.models import Case, CaseEvent, CaseType
from zhike.desk.services import merge_cases
from zhike.desk.services.handling import handling

pytestmark = pytest.mark.django_db(transaction=True)
LIMITS = {"agent": 20_000, "supervisor": 200_000}


@pytest.fixture
def town(real_transactions: None) -> Cast:  # noqa: F811
    """What the migrations put there is gone in tests with real transactions."""
    with given():
        seeds.plant(apps)
        for place, kind in enumerate(BUILTIN_TYPES, 1):
            CaseType.objects.get_or_create(
                code=kind.code,
                defaults={"prefix": kind.prefix, "is_builtin": True, "place": place * 10},
            )
        cast = make_cast()
        for role in Role.objects.filter(code__in=LIMITS):
            RemedyLimit.objects.update_or_create(
                role=role, defaults={"limit_cents": LIMITS[role.code]}
            )
    return cast


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """What each call returned or was refused with, all started at the same moment."""
    start = Barrier(len(acts), timeout=20)

    def run(act: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return act()
        except RuleError as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def propose(cast: Cast, case: Case, cents: int) -> Remedy:
    return remedies.propose_remedy(
        **cast.lin.acting,
        case_id=case.pk,
        kind="refund",
        text="退款",
        amount_cents=cents,
        why="停业一天",
    ).remedy


def test_of_two_supervisors_deciding_at_once_one_decides(town: Cast) -> None:
    case = open_complaint(town.lin, town.chen.pk)
    propose(town, case, 30_000)
    approval = Approval.objects.get()
    second = make_staff("1004", "孙主管", town.zhoukou, "supervisor")
    acting = [(one.actor, one.grants) for one in (town.wang, second)]
    results = at_once(
        [
            lambda who=who, grant=grant: approvals.decide(  # type: ignore[misc]  # bound now
                actor=who[0], grants=who[1], approval_id=approval.pk, grant=grant, note="看过了"
            )
            for who, grant in zip(acting, (True, False), strict=True)
        ]
    )
    (late,) = [result for result in results if isinstance(result, Conflict)]
    (row,) = [result for result in results if isinstance(result, Approval)]
    assert late.code == "already_decided"
    assert (late.extra["decided_by"], late.extra["decision"]) == (row.decided_by_name, row.state)
    assert Remedy.objects.get().state == ("approved" if row.state == "granted" else "refused")
    decided = CaseEvent.objects.filter(case=case, data__line__startswith="complaints.approval_")
    assert decided.count() == 1
    assert Notification.objects.filter(user_id=town.lin.user.pk).count() == 1


def test_two_proposals_at_once_do_not_pass_the_limit_together(town: Cast) -> None:
    case = open_complaint(town.lin, town.chen.pk)
    who: dict[str, Any] = {"actor": town.lin.actor, "grants": town.lin.grants}

    def ask(text: str) -> Remedy:
        return remedies.propose_remedy(
            **who, case_id=case.pk, kind="gift", text=text, amount_cents=15_000, why="想留住客户"
        ).remedy

    results = at_once([lambda: ask("水果"), lambda: ask("雨披")])
    assert sorted(remedy.state for remedy in results) == ["approved", "for_approval"]
    assert used_in(case.pk) == 30_000


def test_one_remedy_is_carried_out_once(town: Cast) -> None:
    case = open_complaint(town.lin, town.chen.pk)
    remedy = propose(town, case, 10_000)
    acting = [(one.actor, one.grants) for one in (town.lin, town.wang)]
    results = at_once(
        [
            lambda who=who: remedies.carry_out(  # type: ignore[misc]  # bound now
                actor=who[0], grants=who[1], remedy_id=remedy.pk, proof="单号", cost_cents=10_000
            )
            for who in acting
        ]
    )
    (late,) = [result for result in results if isinstance(result, Conflict)]
    assert late.code == "already_carried_out"
    lines = CaseEvent.objects.filter(case=case, data__line="complaints.remedy_carried_out")
    assert lines.count() == 1


def test_a_decision_while_its_case_goes_into_another_one(town: Cast) -> None:
    """Whichever comes first: it is decided once, nothing is lost, and the case that stays waits for nothing."""
    case = open_complaint(town.lin, town.chen.pk)
    into = open_complaint(town.lin, town.chen.pk)
    propose(town, case, 30_000)
    approval = Approval.objects.get()
    second = make_staff("1004", "孙主管", town.zhoukou, "supervisor")
    wang, other = [(one.actor, one.grants) for one in (town.wang, second)]
    results = at_once(
        [
            lambda: merge_cases(
                actor=other[0], grants=other[1], into_id=into.pk, from_id=case.pk, reason=""
            ),
            lambda: approvals.decide(
                actor=wang[0], grants=wang[1], approval_id=approval.pk, grant=True
            ),
        ]
    )
    assert not [result for result in results if isinstance(result, RuleError)]
    approval.refresh_from_db()
    assert (approval.state, approval.case_id) == ("granted", into.pk)
    assert Remedy.objects.get().state == "approved"
    into.refresh_from_db()
    assert into.state in ("new", "open")
    assert Complaint.objects.get(pk=into.pk).open_approvals == 0
    case.refresh_from_db()
    assert case.state == "merged"


def test_one_who_read_the_old_case_decides_in_the_new_one(town: Cast) -> None:
    """The moment between reading and locking, made certain: the case is merged exactly there."""
    case = open_complaint(town.lin, town.chen.pk)
    into = open_complaint(town.lin, town.chen.pk)
    propose(town, case, 30_000)
    approval = Approval.objects.get()
    read = iter((case.pk, into.pk))
    merge_cases(**town.wang.acting, into_id=into.pk, from_id=case.pk, reason="")

    def decide(case_id: int) -> int:
        with handling("decide", **town.wang.acting, case_id=case_id) as act:
            return act.case.pk

    assert where_it_is(lambda: next(read), decide) == into.pk
    approvals.decide(**town.wang.acting, approval_id=approval.pk, grant=False, note="不必")
    into.refresh_from_db()
    assert into.state == "open"
