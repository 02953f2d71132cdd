"""The six steps as a whole: in order, with evidence, corrected, skipped, and what closing asks for."""

import itertools
from typing import Any

import pytest

from tests.cast import Cast
from tests.complaints.conftest import GIVEN, open_complaint
from zhike.complaints import services
from zhike.complaints.models import Complaint, StepRecord
from zhike.complaints.rules import BEFORE_CLOSING, IN_ONE_CALL, Consent, Field, Step, Told
from zhike.core.access import Forbidden
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.desk import services as desk
from zhike.desk.models import Case, CaseEvent
from zhike.desk.services.words import Kept

pytestmark = pytest.mark.django_db


def record(cast: Cast, case: Case, *steps: Step) -> Complaint:
    return services.record_steps(
        **cast.lin.acting, case_id=case.pk, given=[(step, GIVEN[step]) for step in steps]
    )


def close(cast: Cast, case: Case) -> Case:
    return desk.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="已解决")


def test_a_complaint_begins_with_its_case(complaint: Case) -> None:
    row = Complaint.objects.get(pk=complaint.pk)
    assert (row.round, row.step) == (1, Step.LISTEN)


def test_a_case_that_turns_out_to_be_one_becomes_one(cast: Cast) -> None:
    case = desk.open_case(
        **cast.lin.acting, new=desk.NewCase(type_code="inquiry", channel="phone", text="问问")
    ).case
    assert not Complaint.objects.filter(pk=case.pk).exists()
    desk.change_type(**cast.lin.acting, case_id=case.pk, type_code="complaint")
    assert Complaint.objects.get(pk=case.pk).step == Step.LISTEN


def test_a_refusal_sent_twice_is_one(cast: Cast, complaint: Case) -> None:
    record(cast, complaint, *BEFORE_CLOSING[:4])

    def refuse(says: str) -> int:
        given = {Field.CONSENT: Consent.REFUSED, Field.CUSTOMER_SAYS: says}
        services.record_steps(**cast.lin.acting, case_id=complaint.pk, given=[(Step.AGREE, given)])
        lines = complaint.events.filter(data__line="complaints.refused").count()
        assert Complaint.objects.get(pk=complaint.pk).refusals == lines
        return lines

    assert [refuse("我要退车"), refuse("我要退车"), refuse("赔三千")] == [1, 1, 2]
    # To another proposal the same words are another answer.
    better = {**GIVEN[Step.SOLUTION], Field.SOLUTION: "退车"}
    services.record_steps(**cast.lin.acting, case_id=complaint.pk, given=[(Step.SOLUTION, better)])
    assert refuse("赔三千") == 3


def test_one_save_records_the_first_three(cast: Cast, complaint: Case) -> None:
    row = record(cast, complaint, *IN_ONE_CALL)
    assert row.step == Step.SOLUTION
    assert StepRecord.objects.filter(complaint=row).count() == 3
    fresh = Case.objects.get(pk=complaint.pk)
    assert fresh.first_reply_at is not None, "an apology on the phone is the first word"


ORDERS = [
    order
    for size in range(1, 6)
    for order in itertools.permutations(BEFORE_CLOSING, size)
    if list(order) != list(BEFORE_CLOSING[:size])
]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(str(int(s)) for s in order))
def test_every_other_order_is_refused_and_leaves_nothing(
    cast: Cast, complaint: Case, order: tuple[Step, ...]
) -> None:
    before = CaseEvent.objects.filter(case=complaint).count()
    with pytest.raises(RuleError) as refused:
        record(cast, complaint, *order)
    assert refused.value.code == "step_out_of_order"
    assert not StepRecord.objects.exists()
    assert CaseEvent.objects.filter(case=complaint).count() == before


@pytest.mark.parametrize("done", range(5))
def test_closing_is_refused_before_step_five(cast: Cast, complaint: Case, done: int) -> None:
    if done:
        record(cast, complaint, *BEFORE_CLOSING[:done])
    with pytest.raises(RuleError) as refused:
        close(cast, complaint)
    assert refused.value.code == "closing_refused"
    assert Case.objects.get(pk=complaint.pk).closed_at is None


def test_five_steps_open_the_way_to_closing(cast: Cast, complaint: Case) -> None:
    row = record(cast, complaint, *BEFORE_CLOSING)
    assert (row.learned, row.verdict) == ("密封圈改规格", "founded")
    assert close(cast, complaint).closed_at is not None


@pytest.mark.parametrize("step", BEFORE_CLOSING)
def test_every_missing_evidence_is_named(cast: Cast, complaint: Case, step: Step) -> None:
    earlier = [one for one in BEFORE_CLOSING if one < step]
    if earlier:
        record(cast, complaint, *earlier)
    with pytest.raises(RuleError) as refused:
        services.record_steps(**cast.lin.acting, case_id=complaint.pk, given=[(step, {})])
    assert refused.value.code == "evidence_missing"
    assert refused.value.extra["missing"]
    assert StepRecord.objects.filter(step=step).count() == 0


def test_the_follow_up_is_not_recorded_here(cast: Cast, complaint: Case) -> None:
    with pytest.raises(RuleError) as refused:
        services.record_steps(**cast.lin.acting, case_id=complaint.pk, given=[(Step.FOLLOW_UP, {})])
    assert refused.value.code == "step_by_visit"


def test_an_apology_by_reply_is_sent(cast: Cast, complaint: Case) -> None:
    record(cast, complaint, Step.LISTEN)
    services.record_steps(
        **cast.lin.acting,
        case_id=complaint.pk,
        given=[(Step.APOLOGISE, {Field.APOLOGY: "实在抱歉。", Field.TOLD: Told.REPLY})],
        expected_seq=Case.objects.get(pk=complaint.pk).seq,
    )
    assert CaseEvent.objects.filter(case=complaint, kind="reply", text="实在抱歉。").exists()


def test_a_refusal_leaves_step_five_open_and_keeps_the_wish(cast: Cast, complaint: Case) -> None:
    record(cast, complaint, *BEFORE_CLOSING[:4])
    row = services.record_steps(
        **cast.lin.acting,
        case_id=complaint.pk,
        given=[(Step.AGREE, {Field.CONSENT: Consent.REFUSED, Field.CUSTOMER_SAYS: "我要退车。"})],
    )
    assert (row.step, row.refusals, row.wish) == (Step.AGREE, 1, "我要退车。")
    with pytest.raises(RuleError):
        close(cast, complaint)


def test_a_correction_keeps_the_first_moment_and_both_versions(cast: Cast, complaint: Case) -> None:
    record(cast, complaint, Step.LISTEN)
    first = StepRecord.objects.get()
    services.record_steps(
        **cast.lin.acting,
        case_id=complaint.pk,
        given=[(Step.LISTEN, {Field.WORDS: "是上坡，不是平路。"})],
    )
    row = StepRecord.objects.get()
    assert row.done_at == first.done_at
    assert row.corrected_at is not None
    assert row.evidence["words"] == "是上坡，不是平路。"
    assert CaseEvent.objects.filter(case=complaint, kind="further").count() == 2


def test_the_same_form_sent_twice_is_kept_once_and_told_once(cast: Cast, complaint: Case) -> None:
    told = GIVEN[Step.APOLOGISE] | {Field.TOLD: Told.REPLY}
    given = [(Step.LISTEN, GIVEN[Step.LISTEN]), (Step.APOLOGISE, told)]
    for _ in range(3):
        services.record_steps(**cast.lin.acting, case_id=complaint.pk, given=given)
    lines = CaseEvent.objects.filter(case=complaint)
    assert lines.filter(kind="further").count() == 2
    assert lines.filter(kind="reply").count() == 1
    assert not StepRecord.objects.exclude(corrected_at=None).exists()


def test_a_skip_is_a_supervisors_with_a_reason(cast: Cast, complaint: Case) -> None:
    asked: dict[str, Any] = {"case_id": complaint.pk, "step": Step.LISTEN}
    with pytest.raises(Forbidden):
        services.skip_step(**cast.lin.acting, **asked, reason="已在别处说过")
    with pytest.raises(RuleError):
        services.skip_step(**cast.wang.acting, **asked, reason=" ")
    row = services.skip_step(**cast.wang.acting, **asked, reason="已在别处说过")
    assert row.step == Step.APOLOGISE
    with pytest.raises(RuleError) as refused:
        services.skip_step(**cast.wang.acting, case_id=complaint.pk, step=Step.AGREE, reason="跳过")
    assert refused.value.code == "step_out_of_order"
    with pytest.raises(Conflict):
        services.skip_step(**cast.wang.acting, **asked, reason="再跳一次")


def test_another_unit_sees_no_complaint(cast: Cast, complaint: Case) -> None:
    with pytest.raises(NotFound):
        services.record_steps(
            **cast.zhou.acting, case_id=complaint.pk, given=[(Step.LISTEN, GIVEN[Step.LISTEN])]
        )


def test_reopening_begins_the_next_round(cast: Cast, complaint: Case) -> None:
    record(cast, complaint, *BEFORE_CLOSING)
    close(cast, complaint)
    desk.reopen(**cast.lin.acting, case_id=complaint.pk, reason="客户不满意")
    row = Complaint.objects.get(pk=complaint.pk)
    assert (row.round, row.step, row.verdict) == (2, Step.LISTEN, "")
    with pytest.raises(RuleError):
        close(cast, complaint)
    with pytest.raises(Conflict) as stale:
        services.record_steps(
            **cast.lin.acting,
            case_id=complaint.pk,
            given=[(Step.LISTEN, GIVEN[Step.LISTEN])],
            expected_round=1,
        )
    assert stale.value.code == "round_changed"


def test_a_case_of_another_kind_has_no_steps(cast: Cast) -> None:
    case = desk.open_case(
        **cast.lin.acting, new=desk.NewCase(type_code="inquiry", channel="phone", text="问问")
    ).case
    with pytest.raises(NotFound):
        record(cast, case, Step.LISTEN)
    assert close(cast, case).closed_at is not None


def test_a_new_complaint_of_nobody_can_end_as_anonymous(cast: Cast) -> None:
    case = open_complaint(cast.lin)
    services.take_way_out(
        **cast.lin.acting, case_id=case.pk, way="anonymous", why="没有留下联系方式"
    )
    assert close(cast, case).closed_at is not None


def test_what_is_said_in_a_step_is_asked_for_words_that_should_not_be(
    cast: Cast, complaint: Case
) -> None:
    record(cast, complaint, Step.LISTEN)
    said = {Field.APOLOGY: "抱歉，您可能不明白，这不可能。", Field.TOLD: Told.PHONE}
    with pytest.raises(RuleError) as flagged:
        services.record_steps(
            **cast.lin.acting, case_id=complaint.pk, given=[(Step.APOLOGISE, said)]
        )
    assert flagged.value.code == "phrases_flagged"
    assert StepRecord.objects.count() == 1
    services.record_steps(
        **cast.lin.acting,
        case_id=complaint.pk,
        given=[(Step.APOLOGISE, said)],
        kept=Kept("客户自己先说的"),
    )
    line = CaseEvent.objects.filter(case=complaint).order_by("-seq").first()
    assert line is not None
    assert line.data["why_kept"] == "客户自己先说的"
