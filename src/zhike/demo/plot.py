"""How a case of the demo goes: from its first words to its end, or as far as today lets it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from zhike.core.access import Grants
from zhike.core.work import Actor
from zhike.customers.models import Customer
from zhike.demo import company, stories
from zhike.demo.complaints import ComplaintPlot
from zhike.demo.stories import Story
from zhike.desk import services
from zhike.desk.case_types import COMPLAINT
from zhike.desk.models import Case

if TYPE_CHECKING:
    from zhike.demo.load import Agenda, Stage

KINDS = ("inquiry", "repair", "complaint", "request", "return", "suggestion", "praise")
WEIGHTS = (30, 26, 20, 10, 6, 4, 4)
CHANNELS = ("phone", "counter", "visit", "letter")
CHANNEL_WEIGHTS = (70, 18, 9, 3)
SUPERVISOR = "1010"


class Plot:
    """Plans cases into the agenda. An act that finds the case elsewhere than it expected does nothing."""

    def __init__(self, stage: "Stage", agenda: "Agenda", customers: list[Customer]) -> None:
        self.stage = stage
        self.agenda = agenda
        self.customers = customers
        self.random = stage.random
        self.complaints = ComplaintPlot(self)

    def plan_case(self, days: int) -> None:
        # More of late than long ago, as in any growing company.
        back = days * (1 - self.random.random() ** 0.8)
        moment = self.stage.at_work(self.stage.now - timedelta(days=back))
        if moment >= self.stage.now:
            moment = self.stage.now - timedelta(minutes=self.random.randrange(5, 180))
        kind = self.random.choices(KINDS, WEIGHTS)[0]
        story = self.random.choice([one for one in stories.STORIES if one.kind == kind])
        self.agenda.add(moment, lambda at: self._open(story, at))

    def plan_open_complaints(self) -> None:
        """Some of the last days' complaints, one at each step, so that every step can be seen."""
        told = [one for one in stories.STORIES if one.kind == COMPLAINT]
        for place, stop in enumerate((1, 2, 3, 4, 4, 4, 5, 5, 6, 4)):
            day = self.stage.now - timedelta(hours=3 + 9 * place)
            moment = min(self.stage.at_work(day), self.stage.now - timedelta(hours=2))
            self.agenda.add(moment, self._opening(told[place % len(told)], stop))

    def _opening(self, story: Story, stop: int) -> Callable[[datetime], None]:
        return lambda at: self._open(story, at, stop)

    def _open(self, story: Story, at: datetime, stop: int = 0) -> None:
        values = stories.values_for(self.random)
        customer = self.random.choice(self.customers)
        agent = self.random.choice(company.AGENTS[:3])
        is_fresh = self.stage.now - at < timedelta(days=2)
        keep = bool(stop) or self.random.random() > (0.45 if is_fresh else 0.1)
        actor, grants = self.stage.who(agent)
        opened = services.open_case(
            actor=actor,
            grants=grants,
            new=services.NewCase(
                type_code=story.kind,
                channel=self.random.choices(CHANNELS, CHANNEL_WEIGHTS)[0],
                title=stories.fill(story.title, values),
                text=stories.fill(story.opening, values),
                unit_id=customer.unit_id,
                customer_id=customer.pk if self.random.random() > 0.03 else None,
                keep=keep,
                priority=3 if story.kind == "complaint" and self.random.random() < 0.3 else 2,
            ),
        )
        case = opened.case
        # Some of today's are still nobody's.
        if not keep and not (is_fresh and self.random.random() < 0.6):
            later = at + timedelta(minutes=self.random.randrange(5, 240))
            self.agenda.add(later, lambda when: self.claim(case.pk, agent))
        if story.kind == COMPLAINT:
            words = {
                name: stories.fill(getattr(story, name), values)
                for name in ("opening", "reply", "answer", "note", "ending")
            }
            if stop:
                self.complaints.plan_until(story, words, case, agent, at, stop)
            else:
                self.complaints.plan(story, words, case, agent, at)
        else:
            self._plan_talk(story, values, case, agent, at)
        if case.customer_id is not None and self.random.random() < 0.03:
            later = at + timedelta(minutes=self.random.randrange(20, 90))
            self.agenda.add(later, lambda when: self._call_again(case, agent, when))

    def _call_again(self, first: Case, agent: str, at: datetime) -> None:
        """The customer rings a second time, somebody opens a second case, and the supervisor unites them."""
        actor, grants = self.stage.who(agent)
        second = services.open_case(
            actor=actor,
            grants=grants,
            new=services.NewCase(
                type_code=first.type_id,
                channel="phone",
                title=first.title,
                text="刚才打过电话了，想问问安排好了没有。",
                unit_id=first.unit_id,
                customer_id=first.customer_id,
                keep=False,
            ),
        ).case
        self.agenda.add(at + timedelta(minutes=15), lambda _when: self._merge(second.pk, first.pk))

    def _plan_talk(
        self, story: Story, values: dict[str, str], case: Case, agent: str, at: datetime
    ) -> None:
        """The middle: reply, answer, note, perhaps a hand-over or a wait, then the end."""
        minutes = self.random.randrange(4, 90)
        if self.random.random() < 0.06:
            minutes += 60 * self.random.randrange(5, 30)
        when = at + timedelta(minutes=minutes)
        pk = case.pk
        self.agenda.add(when, lambda _at: self._reply(pk, agent, stories.fill(story.reply, values)))
        when += timedelta(minutes=self.random.randrange(5, 200))
        self.agenda.add(when, lambda _at: self.say(pk, stories.fill(story.answer, values)))
        when += timedelta(minutes=self.random.randrange(2, 60))
        self.agenda.add(when, lambda _at: self._note(pk, agent, stories.fill(story.note, values)))
        owner = agent
        if self.random.random() < 0.14:
            owner = self.random.choice([one for one in company.AGENTS[:3] if one != agent])
            new_owner = owner
            when += timedelta(minutes=self.random.randrange(10, 300))
            self.agenda.add(when, lambda _at: self._hand_over(pk, agent, new_owner))
        when = self._plan_wait(pk, owner, when)
        if self.random.random() < 0.35:
            when += timedelta(hours=self.random.randrange(2, 30))
            self.agenda.add(when, lambda _at: self._call(pk, owner))
        hours = self.random.choice((2, 5, 20, 28, 50, 75, 120))
        when = self.stage.at_work(when + timedelta(hours=hours), when)
        ending = stories.fill(story.ending, values)
        self.agenda.add(when, lambda _at: self._close(pk, owner, story.outcome, ending))
        self.complaints.plan_plain_visit(pk, owner, when)
        if self.random.random() < 0.04:
            when += timedelta(days=self.random.randrange(1, 6))
            self.agenda.add(when, lambda _at: self._come_back(pk))
            when += timedelta(days=2)
            self.agenda.add(
                when, lambda _at: self._close(pk, owner, "solved", "再次处理后客户确认没问题。")
            )

    def _plan_wait(self, pk: int, owner: str, when: datetime) -> datetime:
        """One case in three waits for somebody on the way."""
        chance = self.random.random()
        target, hours = "", self.random.choice((3, 20, 45, 100, 150))
        if chance < 0.18:
            target, reason = "waiting_customer", "请客户补拍故障照片"
        elif chance < 0.3:
            target, reason = "waiting_department", "等责任部门答复"
        elif chance < 0.34:
            target, reason = "waiting_approval", "补偿超出权限，等主管审批"
        elif chance < 0.37:
            target, reason = "waiting_consent", "方案已告知，等客户确认"
        if not target:
            return when
        when += timedelta(minutes=self.random.randrange(10, 120))
        self.agenda.add(when, lambda _at: self._move(pk, owner, target, reason))
        when = self.stage.at_work(when + timedelta(hours=hours), when)
        words = self.random.choice(stories.MORE_WORDS)
        if target == "waiting_customer":
            self.agenda.add(when, lambda _at: self.say(pk, words))
        else:
            self.agenda.add(when, lambda _at: self._move(pk, owner, "open", "已有答复"))
        return when + timedelta(minutes=20)

    def live(self, pk: int) -> Case | None:
        return Case.objects.filter(pk=pk, closed_at=None).only("seq", "state", "owner_id").first()

    def owner(self, case: Case, planned: str) -> tuple[Actor, Grants]:
        """Whoever has the case by now: plans of hand-overs do not always come true."""
        for number, person in self.stage.people.items():
            if person.pk == case.owner_id:
                return self.stage.who(number)
        return self.stage.who(planned)

    def claim(self, pk: int, agent: str) -> None:
        case = self.live(pk)
        if case is not None and case.owner_id is None:
            actor, grants = self.stage.who(agent)
            services.claim(actor=actor, grants=grants, case_id=pk)

    def _reply(self, pk: int, agent: str, text: str) -> None:
        case = self.live(pk)
        if case is None or case.owner_id is None:
            return
        actor, grants = self.stage.who(agent)
        services.reply(
            actor=actor,
            grants=grants,
            case_id=pk,
            text=text,
            expected_seq=case.seq,
            delivery="told_by_phone",
        )

    def say(self, pk: int, text: str) -> None:
        case = self.live(pk)
        if case is None or case.owner_id is None:
            return
        services.receive_message(
            actor=Actor.customer(),
            grants=self.stage.who(SUPERVISOR)[1],
            case_id=pk,
            text=text,
            channel="tracking",
        )

    def _note(self, pk: int, agent: str, text: str) -> None:
        if self.live(pk) is None:
            return
        actor, grants = self.stage.who(agent)
        mentions = [self.stage.people[SUPERVISOR].pk] if self.random.random() < 0.05 else []
        services.mark_read(actor=actor, grants=grants, case_id=pk)
        services.add_note(actor=actor, grants=grants, case_id=pk, text=text, mentions=mentions)

    def _hand_over(self, pk: int, agent: str, to: str) -> None:
        case = self.live(pk)
        if case is None or case.owner_id != self.stage.people[agent].pk:
            return
        actor, grants = self.stage.who(agent)
        services.hand_over(
            actor=actor,
            grants=grants,
            case_id=pk,
            to_user_id=self.stage.people[to].pk,
            reason=self.random.choice(stories.HANDOVER_REASONS),
            expected_owner_id=case.owner_id,
        )

    def _move(self, pk: int, owner: str, target: str, reason: str) -> None:
        case = self.live(pk)
        wanted = "open" if target != "open" else "waiting"
        if case is None or not case.state.startswith(wanted):
            return
        actor, grants = self.owner(case, owner)
        services.change_state(actor=actor, grants=grants, case_id=pk, target=target, reason=reason)

    def _call(self, pk: int, owner: str) -> None:
        if self.live(pk) is None:
            return
        actor, grants = self.stage.who(owner)
        services.record_call(
            actor=actor,
            grants=grants,
            case_id=pk,
            text=self.random.choice(stories.INTERNAL_WORDS),
            minutes=self.random.randrange(1, 9),
        )

    def _close(self, pk: int, owner: str, outcome: str, text: str) -> None:
        case = self.live(pk)
        if case is None:
            return
        if case.state.startswith("waiting"):
            self._move(pk, owner, "open", "已有答复")
        elif case.state == "new":
            self.claim(pk, owner)
        case = self.live(pk)
        assert case is not None
        actor, grants = self.owner(case, owner)
        services.close_case(
            actor=actor,
            grants=grants,
            case_id=pk,
            outcome=outcome,
            text=text,
            tell_customer=True,
        )

    def _come_back(self, pk: int) -> None:
        closed = Case.objects.filter(pk=pk, state="closed").exists()
        if closed:
            services.receive_message(
                actor=Actor.customer(),
                grants=self.stage.who(SUPERVISOR)[1],
                case_id=pk,
                text="用了两天又出现了，麻烦再看看。",
                channel="tracking",
            )

    def _merge(self, pk: int, other: int) -> None:
        if self.live(pk) is None:
            return
        if self.live(other) is None:
            # The first call was settled meanwhile; the second one is answered with that.
            self.complaints.told_already(pk, SUPERVISOR)
            self._close(pk, SUPERVISOR, "answered", "前一次来电已办好，已告诉客户。")
            return
        actor, grants = self.stage.who(SUPERVISOR)
        services.merge_cases(
            actor=actor, grants=grants, into_id=other, from_id=pk, reason="同一件事来电两次"
        )
