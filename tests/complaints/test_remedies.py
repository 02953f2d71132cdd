"""Remedies by their services: limits that cannot be split, proof, what holds a case open."""

from typing import Any

import pytest

from tests.cast import Cast, Staff, make_staff
from tests.complaints.conftest import GIVEN, open_complaint
from zhike.accounts.models import Role
from zhike.complaints import services
from zhike.complaints.choices import RemedyKind
from zhike.complaints.models import Approval, Complaint, Remedy, RemedyLimit
from zhike.complaints.money import MOST_CENTS, AmountUnreadable, cents_of, typed, written
from zhike.complaints.rules import BEFORE_CLOSING
from zhike.complaints.selectors.limits import allowance, deciders, limit_of, used_in
from zhike.complaints.selectors.remedies import remedies_for_list, totals_of
from zhike.complaints.services import limits, remedies
from zhike.core.access import Forbidden
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import AuditRow, Notification
from zhike.customers.models import TimelineEntry
from zhike.desk import services as desk
from zhike.desk.models import Case, CaseEvent

pytestmark = pytest.mark.django_db
YUAN = 100


def propose(
    who: Staff, case: Case, cents: int = 100 * YUAN, kind: str = "refund", **more: Any
) -> Remedy:
    fields: dict[str, Any] = {"text": "退回运费，三天内到账", "why": "客户为此停业一天"} | more
    made = remedies.propose_remedy(
        **who.acting, case_id=case.pk, kind=kind, amount_cents=cents, **fields
    )
    return made.remedy


def carry_out(who: Staff, remedy: Remedy, cents: int | None = None, **more: Any) -> Remedy:
    cost = remedy.amount_cents if cents is None else cents
    fields = {"proof": "转账单号 20261124001"} | more
    return remedies.carry_out(**who.acting, remedy_id=remedy.pk, cost_cents=cost, **fields)


def nothing_written(case: Case) -> bool:
    return not Remedy.objects.filter(case=case).exists() and not Approval.objects.exists()


# Within and above the limit


def test_the_seeded_limits_hold(cast: Cast) -> None:
    assert limit_of(cast.lin.user.pk) == 200 * YUAN
    assert limit_of(cast.wang.user.pk) == 2_000 * YUAN
    assert limit_of(None) == 0
    trainer = make_staff("9001", "钱阅", cast.company, "trainer", "all")
    assert limit_of(trainer.user.pk) == 0


def test_within_the_limit_it_stands_at_once(cast: Cast, complaint: Case) -> None:
    before = Case.objects.get(pk=complaint.pk).state
    remedy = propose(cast.lin, complaint, 200 * YUAN)
    assert (remedy.state, remedy.round) == ("approved", 1)
    assert not Approval.objects.exists()
    assert Case.objects.get(pk=complaint.pk).state == before
    assert Complaint.objects.get(pk=complaint.pk).open_remedies == 1
    row = AuditRow.objects.get(action="complaints.remedy.propose")
    assert '"amount_cents": 20000' in row.payload
    line = CaseEvent.objects.get(case=complaint, kind="further")
    assert line.data["line"] == "complaints.remedy_proposed"
    assert line.visibility == "internal"


def test_above_the_limit_it_waits_and_supervisors_are_told(cast: Cast, complaint: Case) -> None:
    remedy = propose(cast.lin, complaint, 200 * YUAN + 1)
    approval = Approval.objects.get()
    assert remedy.state == "for_approval"
    assert (approval.sum_cents, approval.limit_cents) == (20_001, 20_000)
    assert (approval.why, approval.asked_by_id) == ("客户为此停业一天", cast.lin.user.pk)
    assert Case.objects.get(pk=complaint.pk).state == "waiting_approval"
    counted = Complaint.objects.get(pk=complaint.pk)
    assert (counted.open_approvals, counted.open_remedies) == (1, 1)
    told = set(Notification.objects.values_list("user_id", flat=True))
    assert cast.wang.user.pk in told
    assert cast.lin.user.pk not in told
    assert cast.zhou.user.pk not in told


def test_only_those_who_may_decide_on_it_are_asked(cast: Cast, complaint: Case) -> None:
    other = make_staff("2002", "李主管", cast.shangqiu, "supervisor")
    propose(cast.lin, complaint, 2_000 * YUAN + 1)
    told = set(Notification.objects.values_list("user_id", flat=True))
    assert told == {cast.admin.user.pk}, "two thousand and a cent are above a supervisor's limit"
    assert other.user not in deciders(complaint, 0)
    assert cast.wang.user in deciders(complaint, 0)


def test_an_agent_must_say_why_it_should_be_more(cast: Cast, complaint: Case) -> None:
    with pytest.raises(RuleError) as refused:
        propose(cast.lin, complaint, 300 * YUAN, why="  ")
    assert (refused.value.code, refused.value.field) == ("why_missing", "why")
    assert "¥200" in str(refused.value)
    assert nothing_written(complaint)


def test_splitting_does_not_help(cast: Cast, complaint: Case) -> None:
    assert propose(cast.lin, complaint, 120 * YUAN).state == "approved"
    assert propose(cast.lin, complaint, 80 * YUAN).state == "approved"
    assert propose(cast.lin, complaint, 1).state == "for_approval"
    assert Approval.objects.get().sum_cents == 20_001


def test_nor_does_splitting_over_rounds_or_between_colleagues(cast: Cast, complaint: Case) -> None:
    carry_out(cast.lin, propose(cast.lin, complaint, 150 * YUAN))
    services.record_steps(
        **cast.lin.acting,
        case_id=complaint.pk,
        given=[(step, GIVEN[step]) for step in BEFORE_CLOSING],
    )
    desk.close_case(**cast.lin.acting, case_id=complaint.pk, outcome="solved", text="好")
    desk.reopen(**cast.wang.acting, case_id=complaint.pk, reason="客户不满意")
    again = propose(cast.lin, complaint, 60 * YUAN)
    assert (again.round, again.state) == (2, "for_approval")
    # What is within the supervisor's own limit stands when the supervisor says it.
    assert propose(cast.wang, complaint, 60 * YUAN).state == "approved"


def test_what_was_called_off_gives_its_amount_back(cast: Cast, complaint: Case) -> None:
    first = propose(cast.lin, complaint, 200 * YUAN)
    remedies.call_off(**cast.lin.acting, remedy_id=first.pk, reason="客户想换货")
    assert used_in(complaint.pk) == 0
    assert propose(cast.lin, complaint, 200 * YUAN).state == "approved"


def test_an_apology_needs_no_limit(cast: Cast, complaint: Case) -> None:
    propose(cast.wang, complaint, 1_900 * YUAN)
    assert propose(cast.lin, complaint, 0, kind="apology").state == "approved"


def test_the_largest_of_several_roles_counts(cast: Cast, given: Any) -> None:
    from zhike.accounts.models import RoleAssignment

    with given():
        RoleAssignment.objects.create(
            user=cast.lin.user, role=Role.objects.get(code="supervisor"), scope="unit"
        )
    assert limit_of(cast.lin.user.pk) == 2_000 * YUAN


def test_a_case_of_any_kind_can_have_one(cast: Cast) -> None:
    case = desk.open_case(
        **cast.lin.acting, new=desk.NewCase(type_code="repair", channel="phone", text="充电器坏")
    ).case
    assert propose(cast.lin, case, 50 * YUAN).state == "approved"
    assert propose(cast.lin, case, 500 * YUAN).state == "for_approval"
    with pytest.raises(RuleError) as refused:
        desk.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="好")
    assert refused.value.code == "closing_refused"


def test_one_form_sent_twice_makes_one(cast: Cast, complaint: Case) -> None:
    fields: dict[str, Any] = {
        "case_id": complaint.pk, "kind": "gift", "text": "一箱水果", "amount_cents": 50 * YUAN,
        "submit_key": "once-1",
    }  # fmt: skip
    first = remedies.propose_remedy(**cast.lin.acting, **fields)
    again = remedies.propose_remedy(**cast.lin.acting, **fields)
    assert (first.is_new, again.is_new) == (True, False)
    assert first.remedy.pk == again.remedy.pk
    assert Remedy.objects.count() == 1
    # The key belongs to its sender: nobody meets a colleague's row by it.
    assert remedies.propose_remedy(**cast.wang.acting, **fields).is_new


# Bad input


@pytest.mark.parametrize(
    "cents", [-1, -(2**63), MOST_CENTS + 1, 2**63, 12.5, 12.0, True, "100", None, float("nan")]
)
def test_no_crooked_amount_gets_in(cast: Cast, complaint: Case, cents: Any) -> None:
    with pytest.raises(RuleError) as refused:
        propose(cast.lin, complaint, cents)
    assert refused.value.code == "amount_wrong"
    assert nothing_written(complaint)


@pytest.mark.parametrize(
    ("kind", "cents", "code"),
    [
        ("refund", 0, "amount_missing"),
        ("compensation", 0, "amount_missing"),
        ("apology", 1, "amount_not_wanted"),
        ("bribe", 100, "remedy_unknown"),
        ("", 100, "remedy_unknown"),
    ],
)
def test_kind_and_amount_fit(cast: Cast, complaint: Case, kind: str, cents: int, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        propose(cast.lin, complaint, cents, kind=kind)
    assert refused.value.code == code
    assert nothing_written(complaint)


@pytest.mark.parametrize("kind", ["exchange", "repair", "substitute", "gift"])
def test_things_may_cost_nothing(cast: Cast, complaint: Case, kind: str) -> None:
    assert propose(cast.lin, complaint, 0, kind=kind).state == "approved"


@pytest.mark.parametrize(
    ("more", "field"),
    [({"text": " \n\x00 "}, "text"), ({"text": "字" * 501}, "text"), ({"why": "字" * 501}, "why")],
)
def test_texts_are_there_and_not_endless(
    cast: Cast, complaint: Case, more: dict[str, str], field: str
) -> None:
    with pytest.raises(RuleError) as refused:
        propose(cast.lin, complaint, 300 * YUAN, **more)
    assert refused.value.field == field
    assert nothing_written(complaint)


def test_a_closed_case_gets_none(cast: Cast, complaint: Case) -> None:
    services.record_steps(
        **cast.lin.acting,
        case_id=complaint.pk,
        given=[(step, GIVEN[step]) for step in BEFORE_CLOSING],
    )
    desk.close_case(**cast.lin.acting, case_id=complaint.pk, outcome="solved", text="好")
    with pytest.raises(RuleError) as refused:
        propose(cast.lin, complaint)
    assert refused.value.code == "already_closed"


def test_another_unit_and_a_missing_one_look_alike(cast: Cast, complaint: Case) -> None:
    remedy = propose(cast.lin, complaint)
    with pytest.raises(NotFound):
        propose(cast.zhou, complaint)
    for pk in (remedy.pk, 10**9):
        with pytest.raises(NotFound):
            remedies.carry_out(**cast.zhou.acting, remedy_id=pk, proof="x", cost_cents=0)
        with pytest.raises(NotFound):
            remedies.call_off(**cast.zhou.acting, remedy_id=pk, reason="x")


def test_who_may_not_work_or_say_does_neither(cast: Cast, complaint: Case) -> None:
    reader = make_staff("9001", "钱阅", cast.company, "inspector", "all")
    with pytest.raises(Forbidden):
        propose(reader, complaint)
    colleague = make_staff("1003", "赵同", cast.zhoukou)
    with pytest.raises(RuleError) as refused:
        propose(colleague, complaint)
    assert refused.value.code == "not_the_owner"


# Carrying out


def test_carried_out_with_proof_it_stands_in_the_customers_file(
    cast: Cast, complaint: Case
) -> None:
    remedy = carry_out(cast.lin, propose(cast.lin, complaint, 120 * YUAN), 99_50)
    assert (remedy.state, remedy.cost_cents, remedy.carried_out_by_name) == (
        "carried_out", 9_950, "林静",
    )  # fmt: skip
    entry = TimelineEntry.objects.get(kind="complaints.remedy")
    assert (entry.customer_id, entry.title) == (cast.chen.pk, "退回运费，三天内到账")
    assert Complaint.objects.get(pk=complaint.pk).open_remedies == 0
    row = AuditRow.objects.get(action="complaints.remedy.carry_out")
    assert '"cost_cents": 9950' in row.payload
    # The promise counts against the limit even if it came out cheaper.
    assert used_in(complaint.pk) == 120 * YUAN


def test_twice_is_once(cast: Cast, complaint: Case) -> None:
    remedy = carry_out(cast.lin, propose(cast.lin, complaint))
    with pytest.raises(Conflict) as refused:
        carry_out(cast.wang, remedy, 0)
    assert refused.value.code == "already_carried_out"
    assert "林静" in str(refused.value)
    assert Remedy.objects.get().cost_cents == 100 * YUAN
    assert TimelineEntry.objects.filter(kind="complaints.remedy").count() == 1


def test_not_before_it_is_approved(cast: Cast, complaint: Case) -> None:
    remedy = propose(cast.lin, complaint, 300 * YUAN)
    with pytest.raises(RuleError) as refused:
        carry_out(cast.lin, remedy)
    assert refused.value.code == "not_approved"


def test_it_costs_no_more_than_one_may_decide(cast: Cast, complaint: Case) -> None:
    remedy = propose(cast.lin, complaint, 150 * YUAN)
    with pytest.raises(RuleError) as refused:
        carry_out(cast.lin, remedy, 200 * YUAN + 1)
    assert (refused.value.code, refused.value.field) == ("cost_above_limit", "cost_cents")
    assert Remedy.objects.get().state == "approved"
    assert carry_out(cast.lin, remedy, 200 * YUAN).cost_cents == 200 * YUAN
    assert allowance(complaint.pk, cast.lin.user.pk).left == 0


def test_something_for_nothing_does_not_become_dear_afterwards(cast: Cast, complaint: Case) -> None:
    remedy = propose(cast.lin, complaint, 0, kind="exchange")
    with pytest.raises(RuleError) as refused:
        carry_out(cast.lin, remedy, 5_000 * YUAN)
    assert refused.value.code == "cost_above_limit"


@pytest.mark.parametrize("cents", [-1, MOST_CENTS + 1, 1.5, True, None])
def test_no_crooked_cost_gets_in(cast: Cast, complaint: Case, cents: Any) -> None:
    remedy = propose(cast.lin, complaint)
    with pytest.raises(RuleError) as refused:
        remedies.carry_out(**cast.lin.acting, remedy_id=remedy.pk, proof="x", cost_cents=cents)
    assert refused.value.code == "amount_wrong"
    with pytest.raises(RuleError) as refused:
        carry_out(cast.lin, remedy, proof=" ")
    assert refused.value.code == "proof_missing"
    assert Remedy.objects.get().state == "approved"


def test_what_is_done_or_over_is_not_called_off(cast: Cast, complaint: Case) -> None:
    remedy = propose(cast.lin, complaint)
    with pytest.raises(RuleError):
        remedies.call_off(**cast.lin.acting, remedy_id=remedy.pk, reason=" ")
    carry_out(cast.lin, remedy)
    for _again in range(2):
        with pytest.raises(Conflict) as refused:
            remedies.call_off(**cast.lin.acting, remedy_id=remedy.pk, reason="不要了")
        assert refused.value.code == "remedy_ended"


def test_calling_off_takes_the_open_request_along(cast: Cast, complaint: Case) -> None:
    remedy = propose(cast.lin, complaint, 300 * YUAN)
    remedies.call_off(**cast.lin.acting, remedy_id=remedy.pk, reason="客户想换货")
    approval = Approval.objects.get()
    assert (approval.state, approval.decided_by_name) == ("called_off", "林静")
    assert Case.objects.get(pk=complaint.pk).state == "open"
    assert Complaint.objects.get(pk=complaint.pk).open_approvals == 0


def test_closing_waits_for_an_open_remedy(cast: Cast, complaint: Case) -> None:
    services.record_steps(
        **cast.lin.acting,
        case_id=complaint.pk,
        given=[(step, GIVEN[step]) for step in BEFORE_CLOSING],
    )
    remedy = propose(cast.lin, complaint)
    with pytest.raises(RuleError) as refused:
        desk.close_case(**cast.lin.acting, case_id=complaint.pk, outcome="solved", text="好")
    assert refused.value.code == "closing_refused"
    carry_out(cast.lin, remedy)
    closed = desk.close_case(**cast.lin.acting, case_id=complaint.pk, outcome="solved", text="好")
    assert closed.closed_at is not None


# Merging, sums, limits, amounts


def test_a_merged_case_hands_its_remedies_on(cast: Cast, complaint: Case) -> None:
    twin = open_complaint(cast.wang, cast.chen.pk)
    propose(cast.wang, twin, 100 * YUAN)
    desk.merge_cases(**cast.wang.acting, into_id=complaint.pk, from_id=twin.pk)
    assert used_in(complaint.pk) == 100 * YUAN
    assert Complaint.objects.get(pk=complaint.pk).open_remedies == 1


def test_the_sums_of_the_ledger(cast: Cast, complaint: Case) -> None:
    carry_out(cast.lin, propose(cast.lin, complaint, 50 * YUAN), 40 * YUAN)
    propose(cast.lin, complaint, 30 * YUAN)
    propose(cast.lin, complaint, 900 * YUAN)
    off = propose(cast.wang, complaint, 7 * YUAN)
    remedies.call_off(**cast.wang.acting, remedy_id=off.pk, reason="不要了")
    totals = totals_of(remedies_for_list(cast.lin.grants))
    assert (totals.carried_out, totals.cost, totals.promised, totals.asked) == (
        1, 40 * YUAN, 30 * YUAN, 900 * YUAN,
    )  # fmt: skip
    assert totals_of(remedies_for_list(cast.zhou.grants)).cost == 0


def test_a_limit_is_set_by_who_manages_settings(cast: Cast) -> None:
    role = Role.objects.get(code="trainer")
    with pytest.raises(Forbidden):
        limits.set_limit(**cast.wang.acting, role_id=role.pk, limit_cents=1)
    for wrong in (-1, MOST_CENTS + 1, 1.5, True):
        with pytest.raises(RuleError):
            limits.set_limit(**cast.admin.acting, role_id=role.pk, limit_cents=wrong)  # type: ignore[arg-type]  # on purpose
    with pytest.raises(NotFound):
        limits.set_limit(**cast.admin.acting, role_id=10**9, limit_cents=1)
    limits.set_limit(**cast.admin.acting, role_id=role.pk, limit_cents=500)
    limits.set_limit(**cast.admin.acting, role_id=role.pk, limit_cents=700)
    assert RemedyLimit.objects.get(role=role).limit_cents == 700
    assert AuditRow.objects.filter(action="complaints.remedy.limit").count() == 2


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("120", 12_000),
        ("99.5", 9_950),
        ("¥1,200.50", 120_050),
        ("１２０元", 12_000),
        ("0", 0),
        ("-3", -300),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, cents: int) -> None:
    assert cents_of(text) == cents


@pytest.mark.parametrize(
    "text", ["", "abc", "1.005", "1e999999", "1e-999999", "NaN", "∞", "1 2", "--1"]
)
def test_what_is_no_amount_is_not_guessed(text: str) -> None:
    with pytest.raises(AmountUnreadable):
        cents_of(text)


def test_amounts_are_written_one_way() -> None:
    assert [written(0), written(12_000), written(120_050)] == ["¥0", "¥120", "¥1,200.50"]
    assert typed(9_905) == "99.05"


def test_every_kind_has_a_name_of_its_own() -> None:
    assert len({str(kind.label) for kind in RemedyKind}) == len(RemedyKind)
