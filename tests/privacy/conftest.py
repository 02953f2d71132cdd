"""A person with something in every room, each text with signs of its own to look for afterwards."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection

from tests.care.conftest import _planted as _planted
from tests.care.conftest import close, visit_of
from tests.cast import Cast, Staff
from tests.cast import cast_fixture as cast_fixture
from tests.complaints.conftest import GIVEN
from tests.guards import given
from tests.surveys.scene import AFTER_CONTACT, ZH, document, page, published, question
from zhike.care import services as care
from zhike.care.models import FollowUp
from zhike.complaints import services as complaints
from zhike.complaints.models import Approval, Cause, Complaint, Notice, StepRecord
from zhike.complaints.rules import BEFORE_CLOSING, Field
from zhike.complaints.services import approvals, notice_answers, notices, remedies
from zhike.core import clock, work
from zhike.core.files import store_file
from zhike.core.importer import services as imports
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import (
    ExportRun,
    ImportIdentity,
    ImportRun,
    OutboxAttempt,
    OutboxMessage,
)
from zhike.core.phones import valid_id_card
from zhike.core.sealing import new_key
from zhike.customers import services
from zhike.customers.models import (
    Address,
    ChangeRow,
    ConsentPurpose,
    Customer,
    CustomFieldDefinition,
    CustomFieldValue,
    Identity,
    Need,
    Tag,
)
from zhike.customers.services.segment_members import count_members
from zhike.customers.services.segments import SegmentFields, save_segment
from zhike.desk import services as desk
from zhike.desk.models import Case
from zhike.desk.services import Caller, NewCase, NewFile
from zhike.listening.models import Feedback
from zhike.listening.services.feedback import record_feedback
from zhike.satisfaction.models import Delivery
from zhike.surveys.contacts import details
from zhike.surveys.invited import signed
from zhike.surveys.models import Invitation, Link, Sending
from zhike.surveys.services import leaving
from zhike.surveys.services.answers import Sent, invited_way_of, new_ref, save, way_of
from zhike.surveys.services.counting import count_some
from zhike.surveys.services.leaving import Left
from zhike.web.models import SavedView

PHONE = "13987650321"
SECOND_PHONE = "15098760321"
OLD_PHONE = "15012340321"
EMAIL = "planted.person@example.com"
STREET = "果品市场三排十二号"
CARD = next(
    f"41272219851125005{d}" for d in "0123456789X" if valid_id_card(f"41272219851125005{d}")
)
NUMBERS = (PHONE, PHONE[3:], SECOND_PHONE, OLD_PHONE, CARD, CARD[6:], EMAIL, STREET)
# Rare signs that stand in every planted text, and in nothing else.
SIGN = "鎏鱻"
NAME = f"欧阳{SIGN}"
OTHER_NAME = f"欧阳{SIGN}梅"


def told(what: str) -> str:
    return f"{what}：{SIGN}，电话 {PHONE}"


@dataclass
class Planted:
    """The person, their cases, and who looked after them."""

    customer: Customer
    absorbed: Customer
    complaint: Case
    repair: Case
    by: Staff


def every_text() -> Iterator[tuple[str, str]]:
    """(table.column, value) of every value in every table, those of no model included."""
    names = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table in names:
            # What SQLite keeps behind an index of full-text search.
            # Its `bigrams` are those of the table searched.
            if "_fts" in table:
                continue
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [column[0] for column in cursor.description or ()]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    if value is not None:
                        yield f"{table}.{column}", _ESCAPED.sub(_sign, str(value))


# As JSON writes what is not ASCII.
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")


def _sign(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))


def every_file() -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every file below the data folder but the database itself, which tests share."""
    folder = Path(settings.DATA)
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and "sqlite3" not in path.name and inside.parts[0] != "static":
            yield str(inside), path.read_bytes()


def where(*wanted: str) -> list[str]:
    """Every place in which one of these can be read."""
    found = {place for place, value in every_text() if any(one in value for one in wanted)}
    for name, held in every_file():
        if any(one.encode() in held for one in wanted):
            found.add(f"file {name}")
    return sorted(found)


def _imported(cast: Cast) -> None:
    lines = [
        "姓名,手机,备注",
        f"{NAME}丙,{SECOND_PHONE},{told('导入')}",
        f"{NAME}丁,138,{told('错行')}",
    ]
    run = imports.start_import(
        **cast.admin.acting,
        kind_key="customers",
        upload=ContentFile(("\n".join(lines) + "\n").encode("utf-8-sig")),
        file_name=f"{SIGN}.csv",
        unit_id=cast.zhoukou.pk,
    )
    imports.choose_columns(
        actor=cast.admin.actor, run=run, mapping={"name": 0, "phone": 1, "remark": 2}, constants={}
    )
    run_pending_jobs()
    run = ImportRun.objects.get(pk=run.pk)
    imports.begin(actor=cast.admin.actor, run=run, policy="skip")
    run_pending_jobs()
    assert ImportRun.objects.get(pk=run.pk).state == "done"


def _by_hand(cast: Cast, planted: "Planted") -> None:
    """Columns that take many steps to reach: a trade's own field, an old import, a case of another kind."""
    customer, case = planted.customer, planted.complaint
    with given():
        field = CustomFieldDefinition.objects.create(code="stall", label="摊位", kind="text")
        CustomFieldValue.objects.create(customer=customer, definition=field, text=told("摊位"))
        firm = Customer.objects.get(pk=cast.chen.pk)
        Customer.objects.filter(pk=customer.pk).update(
            custom={"stall": told("摊位")},
            organisation=firm,
            organisation_role=SIGN,
            organisation_name=f"{SIGN}商行",
            external_id=f"{SIGN}-1",
        )
        ImportRun.objects.update(failure=told("失败"), kept=[[2, 1, told("留下")]])
        ImportIdentity.objects.create(
            kind="customers",
            identity=f"{SIGN}-1",
            object_id=customer.pk,
            run=ImportRun.objects.get(),
        )
        Case.objects.filter(pk=case.pk).update(external_id=f"{SIGN}-2", close_reason=told("关"))
        Complaint.objects.filter(pk=case.pk).update(way_out_why=told("另路"))
        StepRecord.objects.filter(complaint=case.pk, step=1).update(skip_reason=told("跳过"))
        Notice.objects.filter(case=case).update(check_note=told("复查"), close_reason=told("撤回"))
        FollowUp.objects.filter(customer=customer).update(
            to_check=told("再看"),
            missing=told("没做"),
            answers={"1": told("答")},
            call_off_reason=told("不访"),
        )
        Feedback.objects.filter(customer=customer).update(external_id=f"{SIGN}-3")
        Delivery.objects.create(
            reference=f"{SIGN}-4",
            submit_key=f"{SIGN}-5",
            what=told("送到"),
            customer=customer,
            unit=cast.zhoukou,
            delivered_at=clock.now(),
            told_at=clock.now(),
        )
        SavedView.objects.create(
            owner=cast.lin.user,
            list_name="customers",
            title=NAME,
            query=f"q={NAME}",
            made_at=clock.now(),
        )
        ChangeRow.objects.filter(customer=customer, field="remark").update(
            author_name=f"{SIGN}先生", via="public", reason=told("为何改")
        )
        Need.objects.filter(customer=customer).update(outcome=told("有了"))
        Identity.objects.filter(customer=customer, channel="email").update(added_by_name=SIGN)
        Address.objects.filter(customer=customer).update(added_by_name=SIGN)
        message = OutboxMessage.objects.get(dedup_key="planted")
        OutboxMessage.objects.filter(pk=message.pk).update(receipt=SIGN)
        OutboxAttempt.objects.create(
            message=message, claim="c", began_at=clock.now(), words=told("回话")
        )
        ExportRun.objects.create(
            number="DC1",
            kind="customers",
            actor_name="林静",
            purpose="other",
            reason=f"给{NAME}",
            query=f"q={NAME}",
            file_format="csv",
            rows=1,
            state="gone",
            key=new_key(clock.now()),
            made_at=clock.now(),
            expires_at=clock.now(),
        )


def _file(cast: Cast) -> tuple[Customer, Customer]:
    """A file with something in every field, and one absorbed by it."""
    lin = cast.lin.acting
    first = services.create_customer(
        **lin, name=OTHER_NAME, phone=OLD_PHONE, remark=told("旧备注"), unit_id=cast.zhoukou.pk
    )
    services.record_preference(**lin, customer_id=first.pk, value=told("旧习惯"))
    _imported(cast)
    customer = Customer.objects.get(name=f"{NAME}丙")
    acting = {**lin, "customer_id": customer.pk}
    services.update_customer(
        **acting, name=NAME, salutation=f"{SIGN}嫂", occupation=f"卖{SIGN}", remark=told("备注"),
        household_note=told("家里"), sex="female", birth_month=3, birth_day=8, birth_year=1985,
    )  # fmt: skip
    services.set_tags(**acting, names=["怕吵", "常来"])
    tag = Tag.objects.get(name="常来")
    regulars = SegmentFields("常客", cast.zhoukou.pk, f"tag={tag.pk}", "existing", "loyal")
    segment = save_segment(**cast.wang.acting, fields=regulars)
    count_members(segment.pk)
    services.add_identity(**acting, channel="id_card", value=CARD)
    services.add_identity(**acting, channel="email", value=EMAIL, label=f"{SIGN}信箱")
    services.add_identity(**acting, channel="phone", value=PHONE, is_primary=True)
    services.add_address(**acting, text=STREET, label=f"{SIGN}摊位")
    services.record_preference(**acting, value=told("习惯"), topic=SIGN, source=SIGN)
    need = services.record_need(**acting, kind="need", text=told("想要"))
    services.close_need(**acting, need_id=need.pk, outcome=told("有了"))
    services.change_stage(**acting, stage="at_risk", reason=told("要走"))
    services.reveal_identity(**acting, identity_id=customer.identities.get(channel="id_card").pk)
    services.merge_customers(
        **cast.wang.acting, keep_id=customer.pk, drop_id=first.pk, reason=told("同一个人")
    )
    return Customer.objects.get(pk=customer.pk), Customer.objects.get(pk=first.pk)


def _picture(what: str) -> NewFile:
    return NewFile(store_file(ContentFile(told(what).encode())), f"{SIGN}.txt")


def _complaint(cast: Cast, customer: Customer) -> Case:
    lin = cast.lin.acting
    opened = desk.open_case(
        **lin,
        new=NewCase(
            type_code="complaint", channel="phone", title=told("主题"), text=told("投诉"),
            customer_id=customer.pk, files=(_picture("照片"),),
        ),
    )  # fmt: skip
    case = opened.case
    desk.issue_codes(**lin, case_id=case.pk)
    desk.set_title(**lin, case_id=case.pk, title=told("新主题"))
    desk.reply(**lin, case_id=case.pk, text=told("回复"), expected_seq=None)
    desk.add_note(**lin, case_id=case.pk, text=told("便签"))
    desk.receive_message(
        actor=work.Actor.customer(f"{SIGN}女士"), grants=lin["grants"], case_id=case.pk,
        text=told("来信"), channel="web",
    )  # fmt: skip
    desk.hand_over(
        **lin, case_id=case.pk, to_user_id=cast.wang.user.pk, reason=told("转交"),
        expected_owner_id=cast.lin.user.pk,
    )  # fmt: skip
    wang = cast.wang.acting
    notice = notices.send_notice(
        **wang, case_id=case.pk, unit_id=cast.zhoukou.pk, person_id=cast.lin.user.pk,
        text=told("通知单"),
    )  # fmt: skip
    notice_answers.answer_notice(
        **lin,
        number=notice.number,
        answer=notice_answers.Answer(
            cause_id=Cause.objects.get(code="product.part").pk, cause_text=told("原因"),
            action=told("措施"), responsible="林静", action_due=clock.today(),
        ),
    )  # fmt: skip
    remedy = remedies.propose_remedy(
        **wang,
        case_id=case.pk,
        kind="refund",
        text=told("退款"),
        amount_cents=500,
        why=told("为何"),
    ).remedy
    remedies.carry_out(
        **wang, remedy_id=remedy.pk, proof=told("凭证"), cost_cents=500, files=(_picture("回单"),)
    )
    asked = remedies.propose_remedy(
        **wang,
        case_id=case.pk,
        kind="refund",
        text=told("大额"),
        amount_cents=900_000,
        why=told("多"),
    ).remedy
    approvals.decide(
        **cast.admin.acting,
        approval_id=Approval.objects.get(remedy=asked).pk,
        grant=True,
        note=told("准"),
    )
    remedies.call_off(**wang, remedy_id=asked.pk, reason=told("不退了"))
    evidence = [
        (
            step,
            {
                f: told(v) if isinstance(v, str) and f in _TEXTS else v
                for f, v in GIVEN[step].items()
            },
        )
        for step in BEFORE_CLOSING
    ]
    complaints.record_steps(**wang, case_id=case.pk, given=evidence)
    _legal(wang, case.pk)
    desk.close_case(**wang, case_id=case.pk, outcome="solved", text=told("结案"))
    return Case.objects.get(pk=case.pk)


def _legal(acting: dict[str, Any], case_id: int) -> None:
    notice = desk.LegalStart("legal_authority", clock.today(), clock.today(), "某局", f"{SIGN}-9")
    row = desk.start_legal_clock(**acting, case_id=case_id, start=notice)
    ended = desk.LegalEnd("not_applicable", None, told("撤回投诉"))
    desk.end_legal_clock(**acting, case_id=case_id, clock_id=row.pk, end=ended)


_TEXTS = frozenset(
    {*(Field.WORDS, Field.WISH, Field.APOLOGY, Field.FACTS, Field.SOLUTION), Field.CUSTOMER_SAYS}
    | {Field.LEARNED}
)


def _repair(cast: Cast, customer: Customer) -> Case:
    """Told by somebody who gave a name and number: an open visit and a draft stay behind."""
    lin = cast.lin.acting
    opened = desk.open_case(
        actor=work.Actor.customer(f"{SIGN}先生"),
        grants=lin["grants"],
        new=NewCase(
            type_code="repair", channel="web", text=told("报修"), unit_id=cast.zhoukou.pk,
            caller=Caller(PHONE, f"{SIGN}先生"),
        ),
    )  # fmt: skip
    desk.claim(**lin, case_id=opened.case.pk)
    desk.save_draft(**lin, case_id=opened.case.pk, text=told("草稿"), seq=1)
    return close(cast.lin, opened.case)


def _answer_by_link(cast: Cast, customer: Customer) -> None:
    """Invited by mail, answered by their own link in their own words."""
    link = published(cast.zhoukou, AFTER_CONTACT, token="privacy")
    with given():
        purpose, _made = ConsentPurpose.objects.get_or_create(code="survey", label="满意度调查")
        Link.objects.filter(pk=link.pk).update(is_personal=True)
        sending = Sending.objects.create(
            survey=link.survey, link=link, purpose=purpose, channel="email", plan="all", seed=1,
            frame=1, without_address=0, drawn=1, subject="请评价", text="{link}", state="running",
            made_at=clock.now(),
        )  # fmt: skip
        row = Invitation.objects.create(
            sending=sending, customer=customer, tier="vip", state="sent"
        )
        OutboxMessage.objects.create(
            kind="email", address="", text=told("邀请"), subject_type="surveys.invitation",
            subject_id=row.pk, dedup_key="invited", answer=told("回执"), state="sent",
            receipt=SIGN, made_at=clock.now(), changed_at=clock.now(), due_at=clock.now(),
            round_at=clock.now(),
        )  # fmt: skip
    way = invited_way_of(signed(row.pk))
    pages: list[dict[str, Any]] = [{"q1": 2}, {"why": told("没修好")}]
    for number, answers in enumerate(pages):
        save(way, "", way.version_id, Sent(frozenset(answers), answers, ZH, number))
    count_some()
    save(way, "", way.version_id, Sent(frozenset({"why"}), {"why": told("还是没修好")}, ZH, 1))


def _answer_with_contact(cast: Cast) -> None:
    """By an open link, leaving how to be reached; nobody has said yet whose file it is."""
    asked = document(
        page("s1", question("q1", "scale"), question("why", "text")),
        page("s2", question("reach", "contact", asks=["name", "phone", "email"])),
    )
    way = way_of(published(cast.zhoukou, asked, token="contact").token)
    ref = new_ref()
    first = Sent(frozenset({"q1", "why"}), {"q1": 2, "why": told("等了太久")}, ZH, 0)
    row = save(way, ref, way.version_id, first)
    left = details({"name": NAME, "phone": PHONE, "email": EMAIL})
    last = Sent(frozenset({"reach"}), {"reach": left.parts}, ZH, 1)
    leaving.send(way, ref, way.version_id, last, row, Left(contact=left))


def plant(cast: Cast) -> Planted:
    customer, absorbed = _file(cast)
    complaint = _complaint(cast, customer)
    repair = _repair(cast, customer)
    visit = visit_of(complaint)
    care.record_attempt(**cast.lin.acting, follow_up_id=visit.pk, note=told("没接"))
    care.set_best_time(**cast.lin.acting, follow_up_id=visit.pk, text=f"{SIGN}收摊后")
    care.record_result(
        **cast.wang.acting, follow_up_id=visit.pk, outcome=care.Outcome("content", told("满意"))
    )
    record_feedback(
        **cast.lin.acting, text=told("评价"), unit_id=cast.zhoukou.pk, customer_id=customer.pk
    )
    _answer_by_link(cast, customer)
    _answer_with_contact(cast)
    run_pending_jobs()
    with work.unit(cast.lin.actor) as unit:
        event = complaint.events.first()
        OutboxMessage.objects.create(
            kind="sms", address="", text=told("短信"), subject_type="desk.caseevent",
            subject_id=event.pk, dedup_key="planted", answer=told("回执"), state="sent",
            made_at=unit.now, changed_at=unit.now, due_at=unit.now, round_at=unit.now,
        )  # fmt: skip
    planted = Planted(customer, absorbed, complaint, repair, cast.lin)
    _by_hand(cast, planted)
    return planted


@pytest.fixture
def planted(cast: Cast) -> Planted:
    return plant(cast)
