"""A sending of the demo company that went out by mail three weeks ago: who answered, and who did not.

The house of the demo has no mail server: what left is written down as if it had, and answers come as answers do.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from zhike.core import clock, work
from zhike.customers.contact_policy import Verdict
from zhike.customers.models import ConsentPurpose, Customer
from zhike.customers.services import add_identity
from zhike.demo.surveys import SUPERVISOR
from zhike.surveys import flow
from zhike.surveys.choices import InvitationState
from zhike.surveys.invited import signed
from zhike.surveys.models import Invitation, Sending, Survey
from zhike.surveys.sampling import Sampling, draw
from zhike.surveys.services.answers import Sent, invited_way_of, save
from zhike.surveys.services.counting import count_some
from zhike.surveys.services.sendings import Message, write

if TYPE_CHECKING:
    from zhike.demo.load import Stage

ADDRESSES, DRAWN, SEED = 90, 60, 20261101
SUBJECT = "请您给海晨三轮车打个分"
TEXT = """{name}，您好：

您的海晨三轮车用了一段时间了。想请您说说车和服务怎么样，大约三分钟：

{link}

谢谢您。祝您生意兴隆，一路平安。
海晨三轮车 客服部"""
# Not written to, and why; the rest got their mail.
REFUSED = (Verdict.WITHDRAWN, Verdict.TOO_OFTEN, Verdict.TOO_OFTEN)
WORDS = ("配件等得太久", "电池再耐用些", "师傅来得快，满意", "刹车片换得勤", "价格再实在点")


def make_sending(stage: "Stage") -> None:
    """The owners' survey, to a sample of those with an address, each tier its share."""
    actor, grants = stage.who(SUPERVISOR)
    survey = Survey.objects.filter(origin="").order_by("pk")[0]
    with clock.override(stage.at_work(stage.now - timedelta(days=40))):
        _addresses(actor, grants)
    purpose = ConsentPurpose.objects.get(code="survey")
    message = Message(SUBJECT, TEXT, reminders=1, remind_after_days=5)
    with clock.override(stage.at_work(stage.now - timedelta(days=21))):
        frame = draw(grants, Sampling("", "all", None, SEED)).frame
        sampling = Sampling("", "tier", min(DRAWN, frame * 2 // 3), SEED)
        sample = draw(grants, sampling)
        with work.unit(actor) as unit:
            sending = write(
                unit,
                survey,
                name="车主年度调查（抽样）",
                purpose=purpose,
                sampling=sampling,
                sample=sample,
                message=message,
            )
            _left(sending, unit.now)
    _answers(stage, sending)


def _addresses(actor: work.Actor, grants: Any) -> None:
    rows = Customer.objects.filter(merged_into=None, voided_at=None).order_by("pk")
    for number, customer_id in enumerate(rows.values_list("pk", flat=True)[:ADDRESSES], 1):
        add_identity(
            actor=actor,
            grants=grants,
            customer_id=customer_id,
            channel="email",
            value=f"owner{number}@example.com",
        )


def _left(sending: Sending, now: Any) -> None:
    rows = list(Invitation.objects.filter(sending=sending).order_by("pk"))
    for place, row in enumerate(rows):
        row.due_at = None
        if place < len(REFUSED):
            row.state, row.refusal = InvitationState.REFUSED, REFUSED[place]
        elif place == len(REFUSED):
            row.state = InvitationState.FAILED
        else:
            row.state, row.sent_at = InvitationState.SENT, now
            row.reminded = place % 2
    Invitation.objects.bulk_update(rows, ["state", "refusal", "due_at", "sent_at", "reminded"])


def _answers(stage: "Stage", sending: Sending) -> None:
    """VIPs answer more often than others do, as they will."""
    rows = Invitation.objects.filter(sending=sending, state=InvitationState.SENT).order_by("pk")
    for row in rows:
        if stage.random.random() > (0.75 if row.tier == "vip" else 0.45):
            continue
        day = stage.now - timedelta(days=stage.random.randrange(12, 20))
        with clock.override(stage.at_work(day)):
            _answer(stage, row)
    while count_some():
        pass


def _answer(stage: "Stage", row: Invitation) -> None:
    """Page by page, as the page does it."""
    way, number = invited_way_of(signed(row.pk)), 0
    answers: dict[str, Any] = {}
    while True:
        given = {
            one.key: value
            for one in flow.asked(way.definition.sections[number], answers, way.ref)
            if (value := _value(stage, one)) is not None
        }
        sent = Sent(frozenset(given), given, way.definition.languages[0], number)
        came = save(way, way.ref, way.version_id, sent)
        answers = dict(came.answers)
        following = flow.next_page(way.definition, answers, number)
        if following is None:
            return
        number = following


def _value(stage: "Stage", question: Any) -> Any:
    chance = stage.random
    if question.kind == "single":
        return chance.choice(question.options).key
    if question.kind == "matrix":
        return {one.key: chance.choices((2, 3, 4, 5), (1, 3, 6, 4))[0] for one in question.rows}
    if question.kind == "nps":
        return chance.choices((5, 7, 8, 9, 10), (1, 2, 3, 3, 2))[0]
    if question.kind == "ces":
        return chance.randint(1, 5)
    if question.kind == "text" and chance.random() < 0.3:
        return chance.choice(WORDS)
    return None
