"""A rule of the demo company that asks after a case was closed, by name. Low scores opened
two cases, one of which was seen to and measured again.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from zhike.core import clock, work
from zhike.core.models import DueUnit
from zhike.customers.models import ConsentPurpose
from zhike.demo.surveys import SUPERVISOR
from zhike.desk import services as desk
from zhike.desk.models import Case
from zhike.satisfaction.choices import After, Loop
from zhike.satisfaction.models import Ask
from zhike.satisfaction.services.ask_rules import Low, NewRule, When, write_rule
from zhike.satisfaction.services.asking import ask_about, running_rules
from zhike.satisfaction.services.closing_loop import judge
from zhike.surveys import flow
from zhike.surveys.choices import InvitationState
from zhike.surveys.invited import signed
from zhike.surveys.models import Invitation, Survey
from zhike.surveys.services.answers import Sent, invited_way_of, save
from zhike.surveys.services.counting import count_some
from zhike.surveys.services.sendings import Message

if TYPE_CHECKING:
    from zhike.demo.load import Stage

TEXT = """{name}，您好：

您反映的事已经办结。办得怎么样，请您点一下打个分，不到一分钟：

{link}

海晨三轮车 客服部"""
WHY = {
    1: "说好当天来，第二天才到，车停了一天没法拉货。",
    2: "修是修好了，但没人跟我说什么时候能取车。",
}
AGAIN = "这回主任亲自打电话来，还免了工时费，满意。"
SEEN_TO = "已向客户致歉，说明延误原因并减免工时费，客户认可。"
# What each of them answers; None: nothing. A day passes before each step.
SCORES = (5, 4, 2, 5, None, 5, 4, 3, None, 5, 4, 1)
# Read out by whoever makes the follow-up call, to customers without an address too.
IN_CALLS = NewRule(
    name="回访电话里问一句",
    purpose="survey",
    when=When(After.CALLED, delay_hours=0),
    message=Message("", ""),
    is_named=True,
    low=Low(Loop.CASE, "q1", "at_most", 2, (), "request", None),
)
# Sooner than the three working days of its type: whoever was let down hears from us the next day.
SEEN_TO_IN_A_DAY = Low(
    Loop.CASE, "q1", "at_most", 2, (), "request",
    asks_again=True, due_amount=8 * 60, due_unit=DueUnit.BUSINESS_MINUTES,
)  # fmt: skip
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SETTLED, OLDEST, RULED = timedelta(days=9), timedelta(days=34), timedelta(days=38)


def make_ask_rule(stage: "Stage") -> None:
    survey = Survey.objects.get(origin="after_contact")
    actor, _grants = stage.who(SUPERVISOR)
    new = NewRule(
        name="办结后评价（记名）",
        purpose="survey",
        when=When(After.CLOSED, delay_hours=2),
        message=Message("您反映的事，办得怎么样？", TEXT),
        is_named=True,
        low=SEEN_TO_IN_A_DAY,
    )
    purpose = ConsentPurpose.objects.get(code="survey")
    with clock.override(stage.at_work(stage.now - RULED)), work.unit(actor) as unit:
        write_rule(unit, survey, new, purpose)
        write_rule(unit, survey, IN_CALLS, purpose)
    found = _cases(stage)
    if not found:
        return
    *cases, newest = found
    cases = [case for case in cases if case.last_event_at < stage.now - SETTLED]
    spread = cases[:: max(1, len(cases) // len(SCORES))][: len(SCORES) - 1]
    for case, score in zip(spread, SCORES, strict=False):
        ask = _asked(case)
        if score is not None:
            answer_ask(ask, score, WHY.get(score, ""), stage.at_work(case.last_event_at + DAY))
        if score in WHY:
            see_to(stage, ask, SEEN_TO, AGAIN)
    # This morning's, which nobody has taken up yet.
    answer_ask(_asked(newest), SCORES[-1], WHY[1], stage.now - 2 * HOUR)


def _cases(stage: "Stage") -> list[Case]:
    """Closed a while ago, with nothing said since, of customers who have an address: one of each."""
    rows = Case.objects.filter(
        closed_at__gt=stage.now - OLDEST,
        last_event_at__lt=stage.now - DAY,
        merged_into=None,
        customer__identities__channel="email",
        customer__identities__voided_at=None,
        customer__merged_into=None,
    )
    found = {case.customer_id: case for case in rows.order_by("-closed_at", "pk").distinct()}
    return sorted(found.values(), key=lambda case: (case.last_event_at, case.pk))


def _asked(case: Case) -> Ask:
    assert case.closed_at is not None
    with clock.override(case.closed_at), work.unit(work.Actor.system("demo")) as unit:
        ask_about(case.pk, After.CLOSED, running_rules(), unit)
    ask = Ask.objects.get(case=case)
    mail_left(ask, case.closed_at + 2 * HOUR)
    return ask


def mail_left(ask: Ask, at: datetime) -> None:
    """As if the mail had gone out: the house of the demo has no mail server."""
    with work.unit(work.Actor.system("demo")):
        Invitation.objects.filter(ask=ask).update(
            state=InvitationState.SENT, sent_at=at, due_at=None
        )


def answer_ask(ask: Ask, score: int, words: str, at: datetime) -> None:
    with clock.override(at):
        way = invited_way_of(signed(ask.invitation_id or 0))
        given = {"q1": score, **({"q2": words} if words else {})}
        number: int | None = 0
        while number is not None:
            keys = {one.key for one in way.definition.sections[number].questions}
            here = {key: value for key, value in given.items() if key in keys}
            sent = Sent(frozenset(keys), here, way.definition.languages[0], number)
            row = save(way, way.ref, way.version_id, sent)
            number = flow.next_page(way.definition, row.answers, number)
        while count_some():
            pass
        judge(ask.pk)


def see_to(stage: "Stage", ask: Ask, done: str, again: str) -> None:
    """The case a low score opened is closed the next day, and its customer answers a second time."""
    ask.refresh_from_db()
    assert ask.opened is not None
    actor, grants = stage.who(SUPERVISOR)
    at = stage.at_work(ask.opened.opened_at + DAY)
    with clock.override(at):
        desk.close_case(
            actor=actor, grants=grants, case_id=ask.opened.pk, outcome="solved", text=done
        )
    second, left = Ask.objects.get(first=ask), at + 3 * HOUR
    mail_left(second, left)
    # Where both fall on a weekend they come to the same Monday; nobody answers before they were asked.
    answer_ask(second, 5, again, stage.at_work(at + DAY, after=left))
