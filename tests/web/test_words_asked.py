"""Every text that is asked: refused with words of the list, kept with a reason, and never for a quotation."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.urls import reverse

from tests.api.test_api import Caller
from tests.care.conftest import through_steps, visit_of
from tests.cast import Cast
from tests.complaints.conftest import GIVEN, open_complaint
from tests.complaints.notice_scene import ANSWER, Scene, make_scene, send
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
from zhike.core.errors import RuleError
from zhike.core.models import AuditRow, OutboxMessage, OutboxState
from zhike.customers import services as customers
from zhike.customers.models import Customer
from zhike.desk import services as desk
from zhike.desk.models import Case, CaseEvent, LegalClock
from zhike.desk.phrases import Place
from zhike.desk.services import Kept, ownership, relations
from zhike.insight.periods import Week
from zhike.insight.services import weeks
from zhike.listening.services.feedback import record_feedback, turn_into_case
from zhike.satisfaction.models import Improvement
from zhike.satisfaction.services.improvements import Plan, change_improvement, end_improvement
from zhike.surveys.drafting import blank
from zhike.surveys.services import make_survey
from zhike.web.services.outbox import decide_message
from zhike.web.written_texts import DECIDED

pytestmark = pytest.mark.django_db

LABEL = "这个客户难缠。"
QUOTED = "客户自己说：“我就是个难缠的人”。"
FORBIDDEN = "陈先生，您可能不太明白。"
WHY = "上级要求原样记录"


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


@pytest.fixture
def town(cast: Cast) -> Town:
    scene = make_scene(cast)
    return Town(cast, scene, scene.case)


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


def test_every_asked_text_of_a_form_is_tried() -> None:
    asked = {
        name
        for name, decided in DECIDED.items()
        if isinstance(decided, Place)
        and name.split(".")[-2].endswith("Form")
        and not name.startswith("customers.")
    }
    assert asked == set(ACTS)


@pytest.mark.parametrize("name", sorted(ACTS))
def test_a_label_is_refused_and_kept_with_a_reason(town: Town, name: str) -> None:
    with pytest.raises(RuleError) as refused:
        ACTS[name](town, LABEL, Kept())
    assert refused.value.code == "phrases_flagged"
    assert refused.value.extra["phrases"][0]["said"] == "难缠"


def decisions() -> set[str]:
    rows = AuditRow.objects.filter(action="outbox.decide").values_list("payload", flat=True)
    return {json.loads(payload)["after"].get("why_kept", "") for payload in rows}


@pytest.mark.parametrize("name", sorted(ACTS))
def test_with_a_reason_it_stays_and_the_record_says_so(town: Town, name: str) -> None:
    ACTS[name](town, LABEL, Kept(WHY))
    lines = CaseEvent.objects.filter(data__why_kept=WHY).count()
    assert lines or AuditRow.objects.filter(reason=WHY).exists() or WHY in decisions()


@pytest.mark.parametrize("name", sorted(ACTS))
def test_a_customer_may_be_quoted(town: Town, name: str) -> None:
    ACTS[name](town, QUOTED, Kept())


@pytest.mark.parametrize("name", sorted(ACTS))
def test_forbidden_phrases_are_asked_of_what_leaves_the_team(town: Town, name: str) -> None:
    if DECIDED[name].value == "note":
        ACTS[name](town, FORBIDDEN, Kept())
        return
    with pytest.raises(RuleError) as refused:
        ACTS[name](town, FORBIDDEN, Kept())
    assert refused.value.code == "phrases_flagged"


def test_a_department_may_be_told_what_was_said(town: Town) -> None:
    send(town.scene, text="客服对客户说：“您可能不太明白”，请培训。")


def test_what_the_customer_said_is_never_asked(town: Town) -> None:
    words = "你们就是难缠的骗子，您可能不太明白！"
    complaints.record_steps(
        **town.on, given=[(Step.LISTEN, {Field.WORDS: words, Field.WISH: words})]
    )
    new = desk.NewCase(type_code="complaint", channel="phone", text=words)
    desk.open_case(**town.lin, new=new)
    visit = visit_of(through_steps(town.cast.lin, town.case))
    care.record_result(
        **town.lin,
        follow_up_id=visit.pk,
        outcome=care.Outcome(result="not_content", words=words, person_id=town.scene.zhang.user.pk),
    )
    assert Notice.objects.get().text == words


# The customer's file


def test_what_is_noted_in_a_file_is_asked_for_labels(cast: Cast) -> None:
    who = {**cast.lin.acting, "customer_id": cast.chen.pk}
    for act in (
        lambda text: customers.update_customer(**who, remark=text),
        lambda text: customers.record_preference(**who, value=text),
        lambda text: customers.change_stage(**who, stage="lost", reason=text),
        lambda text: customers.set_tags(**who, names=[text]),
    ):
        with pytest.raises(RuleError) as refused:
            act("难缠")
        assert (refused.value.code, refused.value.status) == ("phrases_flagged", 422)
        assert refused.value.field in {"remark", "value", "reason", "tags"}
    customers.update_customer(**who, remark="客户自称“难缠”，要求回电。")


def test_a_remark_that_stands_does_not_hold_up_other_changes(cast: Cast) -> None:
    with given():
        Customer.objects.filter(pk=cast.chen.pk).update(remark="难缠")
    customers.update_customer(
        **cast.lin.acting, customer_id=cast.chen.pk, remark="难缠", occupation="司机"
    )


# Pages and interface


def test_a_page_shows_bars_where_the_word_stands_and_asks_once_why(town: Town) -> None:
    client = town.cast.lin.client()
    url = reverse("remedies:propose", args=[town.case.number])
    sent = {"once": "o1", "kind": "gift", "text": FORBIDDEN, "why": LABEL, "amount": "0"}
    answer = client.post(url, sent)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert html.count('name="phrase_reason"') == html.count('name="phrase_shown"') == 1
    assert "“您可能不太明白”" in html
    assert "“难缠”" in html
    box = answer.context["form"].words_box("text")
    assert [flag.said for flag in box.bars.flags] == ["您可能不太明白"]
    assert len(box.shown.split(",")) == 2
    kept = client.post(url, sent | {"phrase_reason": WHY, "phrase_shown": box.shown})
    assert kept.status_code == 302
    line = CaseEvent.objects.get(data__line="complaints.remedy_proposed")
    assert line.data["why_kept"] == WHY
    assert len(line.data["phrases"]) == 2


def test_the_interface_names_the_field_and_takes_a_reason(town: Town) -> None:
    lin = Caller(town.cast.lin)
    body = {"kind": "gift", "text": "小礼物", "why": LABEL, "amount_cents": 0}
    status, answer = lin.post(f"/cases/{town.case.number}/remedies", body)
    assert (status, answer["error"]["code"]) == (422, "phrases_flagged")
    assert answer["error"]["extra"]["phrases"][0]["field"] == "why"
    status, _made = lin.post(f"/cases/{town.case.number}/remedies", {**body, "phrase_reason": WHY})
    assert status == 201
