"""One unit with one of everything in it; whatever is written there carries its marks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cast import Staff, everybody
from tests.complaints.conftest import GIVEN, open_complaint
from tests.guards import given
from tests.satisfaction.scene import make_improvement
from zhike.accounts.models import Unit
from zhike.care.models import FollowUp
from zhike.care.services.recording import Outcome, record_result
from zhike.complaints import services as complaints
from zhike.complaints.models import Approval
from zhike.complaints.rules import BEFORE_CLOSING
from zhike.complaints.services import remedies
from zhike.complaints.services.notices import send_notice
from zhike.core import clock, work
from zhike.core.exporter import KINDS as EXPORTS
from zhike.core.exporter import begin_export
from zhike.core.files import store_file
from zhike.core.importer import services as importing
from zhike.core.models import ExportRun, ImportRun
from zhike.core.sealing import new_key, seal
from zhike.customers import services as customers
from zhike.customers.models import ConsentPurpose, Customer
from zhike.customers.services.erasing import erase_customer
from zhike.customers.services.identities import NewIdentity
from zhike.customers.services.segment_members import count_members
from zhike.customers.services.segments import SegmentFields, save_segment
from zhike.desk import services as desk
from zhike.desk.models import Attachment, Case
from zhike.insight.models import WeekMeasure
from zhike.insight.periods import Week
from zhike.listening.services.feedback import record_feedback
from zhike.privacy.models import DataRequest
from zhike.privacy.services import take_in
from zhike.satisfaction.models import Ask, AskRule, Delivery
from zhike.satisfaction.services import ask_for_run, carry_out_run, make_system
from zhike.surveys.drafting import blank
from zhike.surveys.models import AnswerContact, Invitation, Link, Response, Sending, Survey
from zhike.surveys.services import make_link, make_survey, publish, save_draft

# Stands in every text of both units: a search for it finds them all.
COMMON = "灯笼鱼"
SETUP = work.Actor.system("matrix")


@dataclass(frozen=True)
class Half:
    """One unit. `marks` is what only its own people may read; `things` are the addresses of its objects.

    `words` stand for capitals in addresses.toml.
    """

    unit: Unit
    lead: Staff
    marks: dict[str, str]
    things: dict[str, dict[str, Any]]
    words: dict[str, Any]


def make_half(unit: Unit, lead: Staff, tag: str, phone: str, asked: Staff) -> Half:
    marks = {
        "phone": phone,
        "masked phone": f"{phone[:3]}****{phone[-4:]}",
        **{
            name: f"{COMMON}{tag}{name}"
            for name in (
                "姓名", "称呼", "备注", "住址", "习惯", "需要", "诉求", "附注", "通话", "查问", "补偿",
                "心声", "措施", "文件", "另一件", "回访", "并入", "职业", "家里", "自填",
                "问卷", "发放", "留名", "规则", "送达", "客群", "改进",
            )
        },
        "email": f"fish-{ord(tag[0])}@example.com",
        "生日": f"19{ord(tag[0]) % 80 + 10}-10-17",
    }  # fmt: skip
    acting = lead.acting
    person = customers.create_customer(
        **acting,
        name=marks["姓名"],
        phone=phone,
        salutation=marks["称呼"],
        remark=marks["备注"],
        identities=[NewIdentity("email", marks["email"])],
        address=customers.NewAddress(marks["住址"]),
        manager_id=lead.user.pk,
        tier="vip",
        occupation=marks["职业"],
        household_note=marks["家里"],
        birth_year=int(marks["生日"][:4]),
        birth_month=10,
        birth_day=17,
        income_band="over_500k",
        custom={"kin": marks["自填"]},
    )
    other = customers.create_customer(**acting, name=marks["并入"], manager_id=lead.user.pk)
    merge = customers.merge_customers(**acting, keep_id=person.pk, drop_id=other.pk)
    leaving = customers.create_customer(**acting, name=f"离去{tag}", manager_id=lead.user.pk)
    erasure = erase_customer(
        actor=SETUP, grants=everybody(), customer_id=leaving.pk, reason="本人要求"
    )
    habit = customers.record_preference(**acting, customer_id=person.pk, value=marks["习惯"])
    need = customers.record_need(**acting, customer_id=person.pk, kind="need", text=marks["需要"])
    case = open_complaint(lead, person.pk, keep=True)
    _talk(lead, case, marks)
    notice = send_notice(
        **acting, case_id=case.pk, unit_id=None, person_id=asked.user.pk, text=marks["查问"]
    )
    remedy, approval = _remedies(lead, case, marks)
    closed, visit = _closed(lead, person, marks["另一件"])
    archived, content = _closed(lead, person, marks["回访"])
    record_result(
        **acting, follow_up_id=content.pk, outcome=Outcome(result="content", words=marks["回访"])
    )
    said = record_feedback(
        **acting, text=marks["心声"], unit_id=unit.pk, customer_id=person.pk, source="门店"
    )
    segment = save_segment(
        **acting,
        fields=SegmentFields(
            name=marks["客群"],
            unit_id=unit.pk,
            filter="tier=vip",
            standing="existing",
            loyalty="loyal",
            strategy=marks["客群"],
        ),
    )
    count_members(segment.pk)
    survey = make_survey(**acting, document=blank(["zh-hans"], marks["问卷"]), unit_id=unit.pk)
    assessment = _assessment(lead, unit, marks)
    unpublished = make_survey(**acting, document=blank(["zh-hans"], marks["问卷"]), unit_id=unit.pk)
    draft = {
        **survey.draft,
        "sections": [
            {
                "key": "s1",
                "questions": [
                    {"key": "q1", "kind": "text", "text": {"zh-hans": marks["问卷"]}},
                    {"key": "q2", "kind": "scale", "points": 5, "text": {"zh-hans": "车"}},
                    {"key": "q3", "kind": "scale", "points": 5, "text": {"zh-hans": "人"}},
                ],
            }
        ],
    }
    save_draft(**acting, survey_id=survey.pk, document=draft, expected_seq=1)
    publish(**acting, survey_id=survey.pk)
    indicators = make_system(**acting, survey_id=survey.pk, title=marks["问卷"])
    # Refused, as nobody has answered: with figures it would look the same.
    carry_out_run(ask_for_run(**acting, system_id=indicators.pk).pk, "zh-hans")
    with given():
        improvement = make_improvement(survey, lead.user, marks["改进"])
    link = make_link(**acting, survey_id=survey.pk, name=marks["问卷"])
    sending = _sending(survey, person, marks)
    survey.refresh_from_db()
    contact = _contact(survey, link, marks)
    ask_rule = _ask_rule(survey, case, marks)
    calling = _ask_rule(survey, case, marks, "called")
    week = Week.of(clock.today())
    with given():
        delivery = Delivery.objects.create(
            reference=marks["送达"], what=marks["送达"], customer=person, unit=unit,
            delivered_at=clock.now(), told_at=clock.now(), told_by_name="某人",
        )  # fmt: skip
        measure = WeekMeasure.objects.create(
            unit=unit, monday=week.monday, what=marks["措施"], who="某人",
            due=clock.today() + timedelta(days=3), added_at=clock.now(), added_by_name="某人",
        )  # fmt: skip
    customer = {"pk": person.pk}
    phone_row = person.identities.get(channel="phone")
    things: dict[str, dict[str, Any]] = {
        "case": {"number": case.number},
        "closed": {"number": closed.number},
        "archived": {"number": archived.number},
        "file": {"pk": Attachment.objects.get(case=case).pk},
        "customer": customer,
        "identity": customer | {"row": phone_row.pk},
        "address": customer | {"row": person.addresses.get().pk},
        "habit": customer | {"row": habit.pk},
        "need": customer | {"row": need.pk},
        "merge": {"pk": merge.pk},
        "erasure": {"pk": erasure.pk},
        "notice": {"number": notice.number},
        # The same notice, by whom it is addressed to.
        "asked": {"number": notice.number},
        "remedy": {"pk": remedy.pk},
        "approval": {"pk": approval.pk},
        "visit": {"pk": visit.pk},
        "feedback": {"pk": said.pk},
        "segment": {"pk": segment.pk},
        "survey": {"pk": survey.pk},
        "indicators": {"pk": indicators.pk},
        "assessment": {"pk": assessment.pk},
        "survey-draft": {"pk": unpublished.pk},
        "survey-draft-id": {"survey_id": unpublished.pk},
        "improvement": {"pk": improvement.pk},
        "improvement-id": {"improvement_id": improvement.pk},
        "indicators-id": {"index_id": indicators.pk},
        "survey-link": {"pk": survey.pk, "link": link.pk},
        "survey-link-id": {"pk": survey.pk, "link_id": link.pk},
        "sending": {"pk": sending.pk},
        "answer-contact": {"pk": contact.pk},
        "ask-rule": {"pk": ask_rule.pk},
        "ask-rule-id": {"rule_id": ask_rule.pk},
        "call": {"pk": calling.pk, "visit": visit.pk},
        "delivery": {"pk": delivery.pk},
        "delivery-id": {"delivery_id": delivery.pk},
        "measure": {"pk": measure.pk},
        "unit": {},
        "export": {"number": _export(lead).number},
        "data-request": {"number": _data_request(person).number},
        "import": {"pk": _import(lead, unit, marks).pk},
    }
    words = {
        "WEEK": week.code,
        "TODAY": clock.today().isoformat(),
        "YESTERDAY": (clock.today() - timedelta(days=1)).isoformat(),
        "CLOSED": closed.number,
        "PERSON": lead.user.pk,
        "UNIT": unit.pk,
        "SURVEY": survey.pk,
        "CUSTOMER": person.pk,
        "CASE": case.pk,
        "PURPOSE": ConsentPurpose.objects.order_by("pk")[0].code,
        "NOTICE": notice.number,
    }
    return Half(unit, lead, marks, things, words)


def _sending(survey: Survey, person: Customer, marks: dict[str, str]) -> Sending:
    """As if it had begun: the house of the tests has no mail server."""
    with given():
        link = Link.objects.create(
            survey=survey, token=f"personal-{survey.pk}", name=marks["发放"], is_personal=True,
            made_at=clock.now(),
        )  # fmt: skip
        purpose, _made = ConsentPurpose.objects.get_or_create(code="survey", label="满意度调查")
        sending = Sending.objects.create(
            survey=survey, link=link, purpose=purpose, channel="email", plan="all", seed=1, frame=1,
            without_address=0, drawn=1, subject=marks["发放"], text="{link}", state="running",
            made_at=clock.now(),
        )  # fmt: skip
        Invitation.objects.create(sending=sending, customer=person, tier="vip", state="sent")
    return sending


def _assessment(lead: Staff, unit: Unit, marks: dict[str, str]) -> Survey:
    """Nobody has answered it yet."""
    rows = [{"key": "a", "text": {"zh-hans": "一"}}]
    asked = {
        "key": "q1",
        "kind": "matrix",
        "points": 5,
        "rows": rows,
        "text": {"zh-hans": "多少？"},
    }
    document = blank(["zh-hans"], f"{marks['问卷']}自评")
    document["sections"][0]["questions"] = [asked]
    made = make_survey(
        **lead.acting,
        document=document,
        unit_id=unit.pk,
        origin="customer_orientation",
        kept=False,
    )
    publish(**lead.acting, survey_id=made.pk)
    return made


def _contact(survey: Survey, link: Link, marks: dict[str, str]) -> AnswerContact:
    """Somebody who left with their answers how to reach them."""
    with given():
        response = Response.objects.create(
            ref=f"{survey.pk:032x}", survey=survey, version_id=survey.current_id, link=link,
            language="zh-hans", state="complete", answers={"q1": marks["留名"]},
            began_at=clock.now(), changed_at=clock.now(),
        )  # fmt: skip
        key = new_key(clock.now())
        return AnswerContact.objects.create(
            survey=survey, response=response, key=key, name_sealed=seal(key, marks["留名"]),
            phone_sealed=seal(key, "+8613799990000"), phone_mask="137****0000", left_at=clock.now(),
        )  # fmt: skip


def _ask_rule(survey: Survey, case: Case, marks: dict[str, str], after: str = "visited") -> AskRule:
    """With a case it met; what customers say by it is no part of its pages. Or one for calls about any case."""
    is_for_calls = after == "called"
    with given():
        sending = Sending.objects.create(
            survey=survey, purpose=ConsentPurpose.objects.get(code="survey"), channel="email",
            link=Link.objects.create(
                survey=survey, token=f"{after[:6]}-{survey.pk}", name=marks["规则"], is_personal=True,
                made_at=clock.now(),
            ),
            plan="event", seed=0, frame=0, without_address=0, drawn=0, subject=marks["规则"],
            text="{link}", state="running", made_at=clock.now(), is_named=is_for_calls,
        )  # fmt: skip
        rule = AskRule.objects.create(
            name=marks["规则"], survey=survey, unit_id=survey.unit_id, sending=sending,
            # As whoever does not reach the whole company makes it.
            of_unit_id=survey.unit_id, after=after, case_types=[] if is_for_calls else ["praise"],
            seed=1, made_at=clock.now(),
        )  # fmt: skip
        if not is_for_calls:
            Ask.objects.create(rule=rule, case=case, made_at=clock.now(), draw=9999, is_drawn=False)
    return rule


def _talk(lead: Staff, case: Case, marks: dict[str, str]) -> None:
    acting = lead.acting
    desk.set_title(**acting, case_id=case.pk, title=marks["诉求"])
    desk.add_note(**acting, case_id=case.pk, text=marks["附注"])
    desk.record_call(**acting, case_id=case.pk, text=marks["通话"])
    upload = SimpleUploadedFile(f"{marks['文件']}.txt", marks["文件"].encode())
    desk.add_attachment(
        **acting, case_id=case.pk, files=[desk.NewFile(store_file(upload), upload.name or "")]
    )


def _remedies(lead: Staff, case: Case, marks: dict[str, str]) -> tuple[Any, Approval]:
    made = remedies.propose_remedy(
        **lead.acting, case_id=case.pk, kind="refund", amount_cents=1000, text=marks["补偿"]
    )
    remedies.propose_remedy(
        **lead.acting,
        case_id=case.pk,
        kind="refund",
        amount_cents=900_000,
        text=marks["补偿"],
        why="停业一周",
    )
    return made.remedy, Approval.objects.get(case=case)


def _closed(lead: Staff, person: Customer, title: str) -> tuple[Case, FollowUp]:
    case = open_complaint(lead, person.pk, keep=True)
    desk.set_title(**lead.acting, case_id=case.pk, title=title)
    steps = [(step, GIVEN[step]) for step in BEFORE_CLOSING]
    complaints.record_steps(**lead.acting, case_id=case.pk, given=steps)
    desk.close_case(**lead.acting, case_id=case.pk, outcome="solved", text="办妥了。")
    return case, FollowUp.objects.get(case=case)


def _export(lead: Staff) -> ExportRun:
    kind = EXPORTS.get("feedback")
    assert kind is not None
    asked: dict[str, Any] = {"file_format": "csv", "purpose": "analysis", "reason": "核对"}
    return begin_export(**lead.acting, kind=kind, **asked).run


def _data_request(person: Customer) -> DataRequest:
    return take_in(
        actor=SETUP, grants=everybody(), customer_id=person.pk, kind="view", channel="phone"
    )


class _Upload:
    def __init__(self, data: str) -> None:
        self.data = data.encode()

    def chunks(self) -> Iterator[bytes]:
        yield self.data


def _import(lead: Staff, unit: Unit, marks: dict[str, str]) -> ImportRun:
    text = f"姓名,手机\n{marks['文件']},13611112222\n{marks['文件']}二,1361111\n"
    return importing.start_import(
        **lead.acting,
        kind_key="customers",
        upload=_Upload(text),
        file_name=f"{marks['文件']}.csv",
        unit_id=unit.pk,
    )
