"""Each text that is asked of the list of phrases, written the way a form or a call writes it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.care.conftest import through_steps, visit_of
from tests.cast import Cast
from tests.complaints.conftest import GIVEN, open_complaint
from tests.complaints.notice_scene import ANSWER, Scene, send
from tests.guards import given
from tests.satisfaction.scene import make_improvement
from zhike.care import services as care
from zhike.care.services.settings import Asked, save_script
from zhike.complaints import services as complaints
from zhike.complaints.models import Cause, Notice
from zhike.complaints.rules import Field, Step, Verdict, WayOut
from zhike.complaints.services import approvals, remedies
from zhike.complaints.services import notices as notice_service
from zhike.complaints.services.notice_answers import answer_notice
from zhike.core import clock
from zhike.core.models import OutboxMessage, OutboxState
from zhike.desk import services as desk
from zhike.desk.models import Case, CaseEvent, LegalClock
from zhike.desk.services import Kept, ownership, relations
from zhike.insight.periods import Week
from zhike.insight.services import weeks
from zhike.listening.services.feedback import record_feedback, turn_into_case
from zhike.satisfaction.models import Improvement
from zhike.satisfaction.services.improvements import Plan, change_improvement, end_improvement
from zhike.surveys.drafting import blank
from zhike.surveys.services import make_survey
from zhike.web.services.outbox import decide_message


@dataclass(frozen=True)
class Town:
    cast: Cast
    scene: Scene
    case: Case

    @property
    def lin(self) -> dict[str, Any]:
        return self.cast.lin.acting

    def improvement(self) -> Improvement:
        survey = make_survey(
            **self.cast.wang.acting,
            document=blank(["zh-hans"], "问卷"),
            unit_id=self.cast.zhoukou.pk,
        )
        with given():
            return make_improvement(survey, self.cast.wang.user)

    @property
    def on(self) -> dict[str, Any]:
        return {**self.lin, "case_id": self.case.pk}


Act = Callable[[Town, str, Kept], Any]


def _step(step: Step, field: Field) -> Act:
    def act(town: Town, text: str, kept: Kept) -> Any:
        earlier = [(one, GIVEN[one]) for one in Step if one < step]
        if earlier:
            complaints.record_steps(**town.on, given=earlier)
        fields = {**GIVEN[step], field: text}
        if field is Field.VERDICT_WHY:
            fields[Field.VERDICT] = Verdict.PARTLY
        return complaints.record_steps(**town.on, given=[(step, fields)], kept=kept)

    return act


def _answer(field: str) -> Act:
    def act(town: Town, text: str, kept: Kept) -> Any:
        notice = send(town.scene)
        said: dict[str, Any] = {"cause_id": Cause.objects.all()[0].pk, field: text}
        answer = replace(ANSWER, **said)
        return answer_notice(
            **town.scene.zhang.acting, number=notice.number, answer=answer, kept=kept
        )

    return act


def _of_notice(do: Callable[..., Any], name: str, *, is_answered: bool, **more: Any) -> Act:
    def act(town: Town, text: str, kept: Kept) -> Any:
        notice: Notice = send(town.scene)
        if is_answered:
            answer = replace(ANSWER, cause_id=Cause.objects.all()[0].pk)
            answer_notice(**town.scene.zhang.acting, number=notice.number, answer=answer)
        return do(**town.lin, number=notice.number, kept=kept, **{name: text}, **more)

    return act


def _decided_message(town: Town, text: str, kept: Kept) -> Any:
    with given():
        message = OutboxMessage.objects.create(
            kind="pigeon",
            text="您的工单已处理。",
            subject_type="desk.caseevent",
            subject_id=CaseEvent.objects.filter(case=town.case).latest("pk").pk,
            unit_id=town.case.unit_id,
            dedup_key=f"words-{OutboxMessage.objects.count()}",
            state=OutboxState.UNKNOWN,
            made_at=clock.now(),
            changed_at=clock.now(),
            round_at=clock.now(),
            due_at=clock.now(),
        )
    return decide_message(**town.lin, pk=message.pk, decision="delivered", reason=text, kept=kept)


def _end_legal(town: Town, text: str, kept: Kept) -> Any:
    start = desk.LegalStart("legal_refund", clock.today())
    row = LegalClock.objects.filter(ended_at=None).first() or desk.start_legal_clock(
        **town.on, start=start
    )
    end = desk.LegalEnd("not_applicable", None, text)
    return desk.end_legal_clock(**town.on, clock_id=row.pk, end=end, kept=kept)


def _proposed(town: Town, **asked: Any) -> Any:
    fields = {"kind": "refund", "text": "退差价", "amount_cents": 1000, **asked}
    return remedies.propose_remedy(**town.on, **fields).remedy


def _above(town: Town) -> Any:
    return _proposed(town, amount_cents=50_000, why="摔伤了")


def _visit(field: str, result: str) -> Act:
    def act(town: Town, text: str, kept: Kept) -> Any:
        visit = visit_of(through_steps(town.cast.lin, town.case))
        outcome = care.Outcome(
            result=result,
            words="还是断电。",
            missing="发票",
            person_id=town.scene.zhang.user.pk,
        )
        said: dict[str, Any] = {field: text}
        return care.record_result(
            **town.lin,
            follow_up_id=visit.pk,
            outcome=replace(outcome, **said),
            kept=kept,
        )

    return act


def _attempt(town: Town, text: str, kept: Kept) -> Any:
    visit = visit_of(through_steps(town.cast.lin, town.case))
    return care.record_attempt(**town.lin, follow_up_id=visit.pk, note=text, kept=kept)


def _no_visit(town: Town, text: str, kept: Kept) -> Any:
    visit = visit_of(through_steps(town.cast.lin, town.case))
    return care.call_off(**town.cast.wang.acting, follow_up_id=visit.pk, reason=text, kept=kept)


def _hand_over(town: Town, text: str, kept: Kept) -> Any:
    return ownership.hand_over(
        **town.on,
        to_user_id=town.cast.wang.user.pk,
        expected_owner_id=town.cast.lin.user.pk,
        reason=text,
        kept=kept,
    )


def _merge(town: Town, text: str, kept: Kept) -> Any:
    twin = open_complaint(town.cast.lin, town.cast.chen.pk)
    ids: dict[str, Any] = {"into_id": town.case.pk, "from_id": twin.pk}
    return relations.merge_cases(**town.cast.wang.acting, **ids, reason=text, kept=kept)


def _split(town: Town, text: str, kept: Kept) -> Any:
    line = CaseEvent.objects.filter(case=town.case, kind="message_in").values_list("pk", flat=True)
    part = relations.Part(event_ids=list(line), title=text, type_code="repair")
    return relations.split_case(**town.cast.wang.acting, case_id=town.case.pk, part=part, kept=kept)


def _reopen(town: Town, text: str, kept: Kept) -> Any:
    through_steps(town.cast.lin, town.case)
    return desk.reopen(**town.on, reason=text, kept=kept)


def _open(town: Town, text: str, kept: Kept) -> Any:
    new = desk.NewCase(type_code="repair", channel="phone", text="坏了", title=text)
    return desk.open_case(**town.lin, new=new, kept=kept)


def _into_case(town: Town, text: str, kept: Kept) -> Any:
    acting = town.cast.wang.acting
    row = record_feedback(**acting, unit_id=town.cast.zhoukou.pk, text="骑手很凶")
    return turn_into_case(
        **acting, feedback_id=row.pk, type_code="complaint", title=text, kept=kept
    )


def _undo(town: Town, text: str, kept: Kept) -> Any:
    complaints.take_way_out(**town.on, way=WayOut.WITHDRAWN, why="客户撤回")
    return complaints.undo_way_out(**town.on, reason=text, kept=kept)


def _measure(town: Town, text: str, kept: Kept) -> Any:
    week = Week.of(clock.today())
    new = weeks.NewMeasure(text, "王建国", clock.today())
    unit = town.cast.zhoukou.pk
    return weeks.add_measure(**town.cast.wang.acting, unit_id=unit, week=week, new=new, kept=kept)


def _improvement(town: Town, text: str, kept: Kept) -> Any:
    row = town.improvement()
    plan = Plan(text, town.cast.wang.user.pk, clock.today())
    return change_improvement(**town.cast.wang.acting, improvement_id=row.pk, plan=plan, kept=kept)


def _improved(town: Town, text: str, kept: Kept) -> Any:
    return end_improvement(
        **town.cast.wang.acting, improvement_id=town.improvement().pk, is_done=True, result=text,
        kept=kept,
    )  # fmt: skip


def _measured(town: Town, text: str, kept: Kept) -> Any:
    row = _measure(town, "每周复盘", Kept())
    return weeks.answer_measure(
        **town.cast.wang.acting, measure_id=row.pk, is_done=False, note=text, kept=kept
    )


def _decide(town: Town, text: str, kept: Kept) -> Any:
    pk = _above(town).approval.pk
    return approvals.decide(
        **town.cast.wang.acting, approval_id=pk, grant=False, note=text, kept=kept
    )


def _script(town: Town, text: str, kept: Kept) -> Any:
    return save_script(
        **town.cast.admin.acting,
        type_code="",
        opening=text,
        questions=[Asked("yes_no", "修好了吗？")],
        kept=kept,
    )


def _question(town: Town, text: str, kept: Kept) -> Any:
    asked = [Asked("yes_no", text)]
    return save_script(
        **town.cast.admin.acting, type_code="", opening="您好", questions=asked, kept=kept
    )


ACTS: dict[str, Act] = {
    "care.AttemptForm.note": _attempt,
    "care.CallOffForm.reason": _no_visit,
    "care.ResultForm.missing": _visit("missing", "partly"),
    "care.ResultForm.notice": _visit("notice", "not_content"),
    "care.ScriptForm.opening": _script,
    "care.ScriptForm.text": _question,
    "complaints.AnswerForm.action": _answer("action"),
    "complaints.AnswerForm.cause_text": _answer("cause_text"),
    "complaints.CarryOutForm.proof": lambda town, text, kept: remedies.carry_out(
        **town.lin, remedy_id=_proposed(town).pk, proof=text, cost_cents=0, kept=kept
    ),
    "complaints.CheckForm.note": _of_notice(
        notice_service.check_notice, "note", is_answered=True, held=False
    ),
    "complaints.DecideForm.note": _decide,
    "complaints.EndForm.reason": lambda town, text, kept: remedies.call_off(
        **town.lin, remedy_id=_proposed(town).pk, reason=text, kept=kept
    ),
    "complaints.ProposeForm.text": lambda town, text, kept: remedies.propose_remedy(
        **town.on, kind="gift", text=text, amount_cents=0, kept=kept
    ),
    "complaints.ProposeForm.why": lambda town, text, kept: remedies.propose_remedy(
        **town.on, kind="gift", text="小礼物", amount_cents=0, why=text, kept=kept
    ),
    "complaints.ReasonForm.reason": _undo,
    "complaints.SendForm.text": lambda town, text, kept: send(town.scene, text=text, kept=kept),
    "complaints.SkipForm.reason": lambda town, text, kept: complaints.skip_step(
        **town.cast.wang.acting, case_id=town.case.pk, step=Step.LISTEN, reason=text, kept=kept
    ),
    "complaints.StepsForm.agreed": _step(Step.AGREE, Field.AGREED),
    "complaints.StepsForm.apology": _step(Step.APOLOGISE, Field.APOLOGY),
    "complaints.StepsForm.facts": _step(Step.FACTS, Field.FACTS),
    "complaints.StepsForm.learned": _step(Step.AGREE, Field.LEARNED),
    "complaints.StepsForm.solution": _step(Step.SOLUTION, Field.SOLUTION),
    "complaints.StepsForm.verdict_why": _step(Step.SOLUTION, Field.VERDICT_WHY),
    "complaints.WayOutForm.why": lambda town, text, kept: complaints.take_way_out(
        **town.on, way=WayOut.WITHDRAWN, why=text, kept=kept
    ),
    "complaints.notices.ReasonForm.reason": _of_notice(
        notice_service.withdraw_notice, "reason", is_answered=False
    ),
    "desk.BatchHandOverForm.reason": _hand_over,
    "desk.CloseForm.text": lambda town, text, kept: (
        complaints.take_way_out(**town.on, way=WayOut.WITHDRAWN, why="客户撤回"),
        desk.close_case(**town.on, outcome="solved", text=text, kept=kept),
    ),
    "desk.EditForm.title": lambda town, text, kept: desk.set_title(
        **town.on, title=text, kept=kept
    ),
    "desk.HandOverForm.reason": _hand_over,
    "desk.LegalEndForm.reason": _end_legal,
    "desk.IntakeForm.title": _open,
    "desk.MergeForm.reason": _merge,
    "desk.ReasonForm.reason": _reopen,
    "desk.ReplyForm.text": lambda town, text, kept: desk.reply(
        **town.on, text=text, expected_seq=None, kept=kept
    ),
    "desk.SplitForm.title": _split,
    "desk.UnitForm.reason": lambda town, text, kept: ownership.set_unit(
        **town.cast.admin.acting,
        case_id=town.case.pk,
        unit_id=town.cast.shangqiu.pk,
        reason=text,
        kept=kept,
    ),
    "desk.WaitForm.reason": lambda town, text, kept: desk.wait_for_customer(
        **town.on, reason=text, kept=kept
    ),
    "web.DecisionForm.reason": _decided_message,
    "insight.AnswerForm.note": _measured,
    "insight.MeasureForm.what": _measure,
    "satisfaction.PlanForm.what": _improvement,
    "satisfaction.EndForm.result": _improved,
    "listening.CaseForm.title": _into_case,
}
