"""Ends without all six steps: each only for its reason."""

from datetime import timedelta
from typing import Any

import pytest

from tests.cast import Cast
from tests.complaints.conftest import GIVEN, open_complaint
from zhike.complaints import services
from zhike.complaints.models import Approval, Complaint
from zhike.complaints.rules import (
    Attempts,
    Consent,
    Field,
    Hindrance,
    Situation,
    Step,
    Verdict,
    WayOut,
    hindrances,
)
from zhike.core import clock
from zhike.core.access import Forbidden
from zhike.core.errors import Conflict, RuleError
from zhike.desk import services as desk
from zhike.desk.models import Case

pytestmark = pytest.mark.django_db

NOTHING = Situation(
    done=frozenset(),
    attempts=Attempts(0, 0),
    refused=False,
    customer_known=True,
    verdict="",
    explained=False,
    recourse_named=False,
)


@pytest.mark.parametrize(
    ("way", "found"),
    [
        (WayOut.UNREACHABLE, (Hindrance.TOO_FEW_ATTEMPTS,)),
        (WayOut.REFUSED, (Hindrance.NOTHING_PROPOSED, Hindrance.RECOURSE_NOT_NAMED)),
        (WayOut.WITHDRAWN, ()),
        (WayOut.ANONYMOUS, (Hindrance.CUSTOMER_KNOWN,)),
        (WayOut.UNFOUNDED, (Hindrance.NOT_UNFOUNDED, Hindrance.NOT_EXPLAINED)),
        (WayOut.PRANK, ()),
    ],
)
def test_what_hinders_each_when_nothing_was_done(way: WayOut, found: tuple[Hindrance, ...]) -> None:
    assert hindrances(way, NOTHING) == found


def try_calls(cast: Cast, case: Case, days: list[int]) -> None:
    now = clock.now()
    for day in days:
        with clock.override(now + timedelta(days=day)):
            desk.record_call(**cast.lin.acting, case_id=case.pk, text="无人接听", reached=False)


@pytest.mark.parametrize(
    ("days", "enough"), [([0, 0, 0], False), ([0, 1], False), ([0, 0, 1], True)]
)
def test_unreachable_takes_three_calls_over_two_days(
    cast: Cast, complaint: Case, days: list[int], enough: bool
) -> None:
    try_calls(cast, complaint, days)
    asked: dict[str, Any] = {"case_id": complaint.pk, "way": "unreachable", "why": "一直无人接听"}
    if enough:
        assert services.take_way_out(**cast.lin.acting, **asked).way_out == "unreachable"
        desk.close_case(
            **cast.lin.acting, case_id=complaint.pk, outcome="unreachable", text="联系不上"
        )
    else:
        with pytest.raises(RuleError) as refused:
            services.take_way_out(**cast.lin.acting, **asked)
        assert refused.value.code == "way_out_hindered"
        assert not Complaint.objects.get(pk=complaint.pk).way_out


def test_the_rule_can_be_changed_and_is_audited(cast: Cast, complaint: Case) -> None:
    with pytest.raises(Forbidden):
        services.set_way_out_rule(**cast.lin.acting, attempts=1, days=0)
    with pytest.raises(RuleError):
        services.set_way_out_rule(**cast.admin.acting, attempts=0, days=0)
    services.set_way_out_rule(**cast.admin.acting, attempts=1, days=1)
    try_calls(cast, complaint, [0])
    done = services.take_way_out(
        **cast.lin.acting, case_id=complaint.pk, way="unreachable", why="打不通"
    )
    assert done.way_out == "unreachable"


def test_refused_needs_a_proposal_a_refusal_and_the_authorities(
    cast: Cast, complaint: Case
) -> None:
    asked: dict[str, Any] = {"case_id": complaint.pk, "way": "refused", "why": "只要退全款"}
    with pytest.raises(RuleError):
        services.take_way_out(**cast.lin.acting, **asked, told=True)
    services.record_steps(
        **cast.lin.acting,
        case_id=complaint.pk,
        given=[(step, GIVEN[step]) for step in list(Step)[:4]],
    )
    with pytest.raises(RuleError):
        services.take_way_out(**cast.lin.acting, **asked, told=True)
    refusal = {Field.CONSENT: Consent.REFUSED, Field.CUSTOMER_SAYS: "只要退全款"}
    services.record_steps(**cast.lin.acting, case_id=complaint.pk, given=[(Step.AGREE, refusal)])
    with pytest.raises(RuleError):
        services.take_way_out(**cast.lin.acting, **asked)
    assert services.take_way_out(**cast.lin.acting, **asked, told=True).way_out == "refused"


def test_unfounded_is_said_in_step_four_and_explained(cast: Cast, complaint: Case) -> None:
    steps = [(step, GIVEN[step]) for step in list(Step)[:3]]
    verdict = {
        **GIVEN[Step.SOLUTION],
        Field.VERDICT: Verdict.UNFOUNDED,
        Field.VERDICT_WHY: "充电器是别家的",
    }
    services.record_steps(
        **cast.lin.acting, case_id=complaint.pk, given=[*steps, (Step.SOLUTION, verdict)]
    )
    done = services.take_way_out(
        **cast.lin.acting, case_id=complaint.pk, way="unfounded", why="已解释", told=True
    )
    assert done.way_out == "unfounded"


def test_a_known_customer_is_not_anonymous(cast: Cast, complaint: Case) -> None:
    with pytest.raises(RuleError):
        services.take_way_out(
            **cast.lin.acting, case_id=complaint.pk, way="anonymous", why="不知道是谁"
        )


def test_a_prank_of_an_agent_asks_and_of_a_supervisor_is_decided(cast: Cast) -> None:
    case = open_complaint(cast.lin)
    asked: dict[str, Any] = {"case_id": case.pk, "way": "prank", "why": "对方承认是开玩笑"}
    assert services.take_way_out(**cast.lin.acting, **asked).way_out == ""
    assert Approval.objects.get(case=case).state == "open"
    assert Case.objects.get(pk=case.pk).state == "waiting_approval"
    with pytest.raises(Conflict):
        services.take_way_out(**cast.lin.acting, **asked)
    with pytest.raises(RuleError):
        desk.close_case(**cast.lin.acting, case_id=case.pk, outcome="no_action", text="恶作剧")
    other = open_complaint(cast.wang)
    done = services.take_way_out(**cast.wang.acting, **{**asked, "case_id": other.pk})
    assert done.way_out == "prank"


def test_one_way_out_at_a_time_and_back(cast: Cast, complaint: Case) -> None:
    services.take_way_out(
        **cast.lin.acting, case_id=complaint.pk, way="withdrawn", why="客户说不追究了"
    )
    with pytest.raises(Conflict):
        services.take_way_out(
            **cast.lin.acting, case_id=complaint.pk, way="unreachable", why="打不通"
        )
    back = services.undo_way_out(**cast.lin.acting, case_id=complaint.pk, reason="客户又来电")
    assert back.way_out == ""
    with pytest.raises(RuleError):
        desk.close_case(**cast.lin.acting, case_id=complaint.pk, outcome="solved", text="好了")
