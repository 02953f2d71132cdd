"""How a complaint of the demo goes: six steps, a notice, a remedy, the end, the visit, perhaps another round."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from zhike.care.contacting import contact_of
from zhike.care.models import FollowUp
from zhike.care.services.recording import Outcome, record_attempt, record_result
from zhike.complaints import services
from zhike.complaints.models import Approval, Cause, Complaint, Notice, Remedy
from zhike.complaints.rules import Consent, Field, Step, Told, Verdict
from zhike.complaints.services.approvals import decide
from zhike.complaints.services.notice_answers import Answer, answer_notice
from zhike.complaints.services.notices import check_notice, remind, send_notice
from zhike.complaints.services.remedies import carry_out, propose_remedy
from zhike.customers.contact_rules import Verdict as ContactVerdict
from zhike.demo import complaint_words as words_of
from zhike.demo.stories import Story
from zhike.desk.models import Case
from zhike.desk.services import close_case

if TYPE_CHECKING:
    from zhike.demo.plot import Plot

SUPERVISOR = "1010"
Recorded = tuple[Step, dict[Field, Any]]


class ComplaintPlot:
    """Acts of one complaint after another, put into the agenda of the plot it belongs to."""

    def __init__(self, plot: "Plot") -> None:
        self.plot = plot
        self.stage, self.agenda, self.random = plot.stage, plot.agenda, plot.random

    def plan(
        self, story: Story, words: dict[str, str], case: Case, agent: str, at: datetime
    ) -> None:
        """From the first call to archiving, or as far as today lets it."""
        pk, random = case.pk, self.random
        when = at + timedelta(minutes=random.randrange(3, 50))
        if random.random() < 0.05:
            self.agenda.add(when, lambda _at: self._end_otherwise(pk, agent))
            return
        self.agenda.add(when, lambda _at: self._first_steps(pk, agent, words))
        when += timedelta(minutes=random.randrange(20, 300))
        self.agenda.add(when, lambda _at: self.plot.say(pk, words["answer"]))
        when += timedelta(minutes=random.randrange(5, 90))
        self.agenda.add(when, lambda _at: self._facts(pk, agent, words))
        when += timedelta(minutes=random.randrange(5, 60))
        self._settle(story, words, pk, agent, when)

    def _settle(
        self, story: Story, words: dict[str, str], pk: int, agent: str, when: datetime
    ) -> datetime:
        """Notice, remedy, proposal, agreement, closing and visit of one round."""
        random = self.random
        cause, unit, person = self._cause_of(story)
        when = self._plan_notice(pk, agent, when, cause, unit, person, words["note"])
        when = self._plan_remedy(pk, agent, when)
        when = self.stage.at_work(when + timedelta(hours=random.choice((2, 4, 20, 30))), when)
        self.agenda.add(when, lambda _at: self._propose(pk, agent, words["ending"]))
        when += timedelta(minutes=random.randrange(10, 200))
        if random.random() < 0.15:
            self.agenda.add(when, lambda _at: self._not_agreed(pk, agent))
            when = self.stage.at_work(when + timedelta(hours=random.choice((3, 20))), when)
        self.agenda.add(when, lambda _at: self._agree(pk, agent, cause))
        when = self.stage.at_work(when + timedelta(hours=random.choice((1, 18, 26, 40))), when)
        self.agenda.add(when, lambda _at: self._carry_out(pk, agent))
        when += timedelta(minutes=random.randrange(10, 100))
        self.agenda.add(when, lambda _at: self.close(pk, agent, words["ending"]))
        return self._plan_visit(story, words, pk, agent, when)

    def _cause_of(self, story: Story) -> tuple[str, str, str]:
        for word, cause, unit, person in words_of.CAUSES:
            if word in story.title:
                return cause, unit, person
        return "service.slow", "", ""

    def plan_until(
        self, story: Story, words: dict[str, str], case: Case, agent: str, at: datetime, stop: int
    ) -> None:
        """One that has come no further than this today: 1 to 5, and 6 for one that is ready to be closed."""
        pk = case.pk
        cause, unit, person = self._cause_of(story)
        acts = [
            lambda: self._record(pk, agent, self._listened(words)),
            lambda: self._record(pk, agent, self._apologised(words)),
            lambda: self._facts(pk, agent, words),
            lambda: self._propose(pk, agent, words["ending"]),
            lambda: self._agree(pk, agent, cause),
        ]
        for place, act in enumerate(acts[: stop - 1]):
            self._at(at + timedelta(minutes=12 + 18 * place), act)
        if stop == Step.SOLUTION:
            # One waits for a department, which is late by now, or for a decision about money.
            last = at + timedelta(minutes=80)
            is_old = self.stage.now - at > timedelta(days=3)
            if unit and (is_old or self.random.random() < 0.5):
                self._at(last, lambda: self._send(pk, agent, unit, person, words["note"]))
            else:
                self._at(last, lambda: self._offer(pk, agent, "compensation", 30_000))

    def _at(self, when: datetime, act: Callable[[], None]) -> None:
        self.agenda.add(when, lambda _at: act())

    # Steps

    def _at_step(self, pk: int, step: Step) -> Case | None:
        """The live case, when its complaint has come to this step and no further."""
        case = self.plot.live(pk)
        if case is None or case.owner_id is None:
            return None
        waits = Complaint.objects.filter(pk=pk, step=step, way_out="").exists()
        return case if waits else None

    def _record(self, pk: int, agent: str, *steps: Recorded) -> None:
        case = self._at_step(pk, steps[0][0])
        if case is None:
            return
        actor, grants = self.plot.owner(case, agent)
        services.record_steps(actor=actor, grants=grants, case_id=pk, given=steps)

    def _first_steps(self, pk: int, agent: str, words: dict[str, str]) -> None:
        case = self.plot.live(pk)
        if case is not None and case.owner_id is None:
            self.plot.claim(pk, agent)
        self._record(
            pk,
            agent,
            self._listened(words),
            self._apologised(words),
        )

    def _listened(self, words: dict[str, str]) -> Recorded:
        return Step.LISTEN, {Field.WORDS: words["opening"], Field.WISH: "尽快解决，给个准信"}

    def _apologised(self, words: dict[str, str]) -> Recorded:
        return Step.APOLOGISE, {Field.APOLOGY: words["reply"], Field.TOLD: Told.REPLY}

    def _facts(self, pk: int, agent: str, words: dict[str, str]) -> None:
        grave = "断电" in words["opening"] or "断" in words["opening"]
        self._record(
            pk,
            agent,
            (
                Step.FACTS,
                {
                    Field.FACTS: words["note"],
                    Field.WHERE: "客户来电所述地点",
                    Field.SAFETY: grave,
                    Field.SEVERITY: 3 if grave else self.random.choice((1, 2, 2)),
                },
            ),
        )

    def _propose(self, pk: int, agent: str, ending: str) -> None:
        verdict = self.random.choices(list(Verdict), (76, 16, 8))[0]
        given = {Field.VERDICT: verdict, Field.SOLUTION: ending, Field.TOLD: Told.PHONE}
        if verdict is not Verdict.FOUNDED:
            given[Field.VERDICT_WHY] = "客户使用中也有超载，已当面说明。"
        self._record(pk, agent, (Step.SOLUTION, given))

    def _not_agreed(self, pk: int, agent: str) -> None:
        says = "光修不行，耽误的生意也得有个说法。"
        given = {Field.CONSENT: Consent.REFUSED, Field.CUSTOMER_SAYS: says}
        self._record(pk, agent, (Step.AGREE, given))

    def _agree(self, pk: int, agent: str, cause: str) -> None:
        case = self._at_step(pk, Step.AGREE)
        if case is None:
            return
        self._record(
            pk,
            agent,
            (
                Step.AGREE,
                {
                    Field.CONSENT: Consent.AGREED,
                    Field.CUSTOMER_SAYS: "行，就按你说的办。",
                    Field.LEARNED: self.random.choice(words_of.LEARNED),
                    Field.THANKED: True,
                },
            ),
        )
        actor, grants = self.plot.owner(case, agent)
        cause_id = Cause.objects.get(code=cause).pk
        services.set_cause(actor=actor, grants=grants, case_id=pk, cause_id=cause_id)

    # Notices

    def _plan_notice(
        self, pk: int, agent: str, when: datetime, cause: str, unit: str, person: str, note: str
    ) -> datetime:
        if not unit or self.random.random() < 0.25:
            return when
        self.agenda.add(when, lambda _at: self._send(pk, agent, unit, person, note))
        hours = self.random.choice((2, 5, 7, 20, 26, 60))
        answered = self.stage.at_work(when + timedelta(hours=hours), when)
        if hours > 20:
            late = self.stage.at_work(when + timedelta(hours=24), when)
            self.agenda.add(late, lambda _at: self._remind(pk, agent))
        if self.random.random() < 0.94:
            self.agenda.add(answered, lambda at: self._answer(pk, cause, person, at))
            checked = self.stage.at_work(answered + timedelta(days=18), answered)
            self.agenda.add(checked, lambda _at: self._check(pk))
        return answered + timedelta(minutes=30)

    def _send(self, pk: int, agent: str, unit: str, person: str, note: str) -> None:
        case = self._at_step(pk, Step.SOLUTION)
        if case is None:
            return
        actor, grants = self.plot.owner(case, agent)
        send_notice(
            actor=actor,
            grants=grants,
            case_id=pk,
            unit_id=self.stage.units[unit].pk,
            person_id=self.stage.people[person].pk,
            text=f"客户投诉：{note}请查明原因，给出整改措施和完成时间。",
        )

    def _owed(self, pk: int) -> Notice | None:
        return Notice.objects.filter(case_id=pk, state="sent").order_by("pk").first()

    def _remind(self, pk: int, agent: str) -> None:
        notice, case = self._owed(pk), self.plot.live(pk)
        if notice is not None and case is not None:
            actor, grants = self.plot.owner(case, agent)
            remind(actor=actor, grants=grants, number=notice.number)

    def _answer(self, pk: int, cause: str, person: str, at: datetime) -> None:
        notice = self._owed(pk)
        if notice is None:
            return
        actor, grants = self.stage.who(person)
        day = (at + timedelta(days=self.random.choice((3, 7, 10)))).date()
        measure = self.random.choice(words_of.MEASURES).format(day=f"{day.month} 月 {day.day} 日")
        answer = Answer(
            action=measure,
            responsible=self.stage.people[person].name,
            action_due=day,
            cause_id=Cause.objects.get(code=cause).pk,
            cause_text="现场复核属实。",
        )
        answer_notice(actor=actor, grants=grants, number=notice.number, answer=answer)

    def _check(self, pk: int) -> None:
        actor, grants = self.stage.who(SUPERVISOR)
        for notice in Notice.objects.filter(case_id=pk, state="answered"):
            held = self.random.random() < 0.85
            note = "抽查 20 件未再发生。" if held else "本周又有 1 件，措施没有覆盖库存件。"
            check_notice(actor=actor, grants=grants, number=notice.number, held=held, note=note)

    # Remedies

    def _plan_remedy(self, pk: int, agent: str, when: datetime) -> datetime:
        if self.random.random() < 0.5:
            return when
        when += timedelta(minutes=self.random.randrange(5, 60))
        self.agenda.add(when, lambda _at: self._offer(pk, agent))
        decided = self.stage.at_work(when + timedelta(hours=self.random.choice((1, 2, 6))), when)
        self.agenda.add(decided, lambda _at: self._decide(pk))
        return decided + timedelta(minutes=10)

    def _offer(self, pk: int, agent: str, only: str = "", cents: int | None = None) -> None:
        case = self._at_step(pk, Step.SOLUTION)
        if case is None:
            return
        offered = [one for one in words_of.REMEDIES if only in ("", one[0])]
        kind, text, amounts = self.random.choice(offered)
        actor, grants = self.plot.owner(case, agent)
        propose_remedy(
            actor=actor,
            grants=grants,
            case_id=pk,
            kind=kind,
            text=text,
            amount_cents=self.random.choice(amounts) if cents is None else cents,
            why="客户耽误生意，按实际损失估算。",
        )

    def _decide(self, pk: int) -> None:
        actor, grants = self.stage.who(SUPERVISOR)
        for approval in Approval.objects.filter(case_id=pk, state="open"):
            if approval.asked_by_id == actor.id:
                continue
            grant = self.random.random() < 0.88
            note = "" if grant else "金额偏高，请先核实货损。"
            decide(actor=actor, grants=grants, approval_id=approval.pk, grant=grant, note=note)

    def _carry_out(self, pk: int, agent: str) -> None:
        case = self.plot.live(pk)
        if case is None:
            return
        actor, grants = self.plot.owner(case, agent)
        for remedy in Remedy.objects.filter(case_id=pk, state="approved"):
            carry_out(
                actor=actor,
                grants=grants,
                remedy_id=remedy.pk,
                proof="客户已签收，单据留存。",
                cost_cents=remedy.amount_cents,
            )

    # Ends

    def close(self, pk: int, agent: str, ending: str) -> None:
        case = self.plot.live(pk)
        if case is None or case.owner_id is None or self._at_step(pk, Step.FOLLOW_UP) is None:
            return
        actor, grants = self.plot.owner(case, agent)
        row = Case.objects.get(pk=pk)
        if services.closing_reasons(row, grants):
            return
        close_case(
            actor=actor,
            grants=grants,
            case_id=pk,
            outcome="solved",
            text=ending,
            tell_customer=True,
        )

    def told_already(self, pk: int, agent: str) -> None:
        """A second call about what was settled meanwhile."""
        case = self.plot.live(pk)
        if case is None or not Complaint.objects.filter(pk=pk, way_out="").exists():
            return
        actor, grants = self.plot.owner(case, agent)
        why = "与前一件投诉是同一件事，已办好，客户不再追究。"
        services.take_way_out(actor=actor, grants=grants, case_id=pk, way="withdrawn", why=why)

    def _end_otherwise(self, pk: int, agent: str) -> None:
        """Withdrawn, anonymous, or held for a prank until a supervisor decides."""
        case = self.plot.live(pk)
        if case is None:
            return
        if case.owner_id is None:
            self.plot.claim(pk, agent)
        case = Case.objects.get(pk=pk)
        if case.owner_id is None:
            return
        actor, grants = self.plot.owner(case, agent)
        way, why = "withdrawn", "客户来电说邻居帮忙修好了，不追究。"
        if case.customer_id is None:
            way, why = "anonymous", "来电不愿留姓名和电话，情况已记录。"
        done = services.take_way_out(actor=actor, grants=grants, case_id=pk, way=way, why=why)
        if done.way_out:
            close_case(actor=actor, grants=grants, case_id=pk, outcome="withdrawn", text=why)

    # The visit

    def _plan_visit(
        self, story: Story, words: dict[str, str], pk: int, agent: str, when: datetime
    ) -> datetime:
        when = self.stage.at_work(
            when + timedelta(hours=self.random.choice((18, 22, 26, 44))), when
        )
        if self.random.random() < 0.2:
            self.agenda.add(when, lambda _at: self._try(pk, agent))
            when = self.stage.at_work(when + timedelta(hours=22), when)
        fate = self.random.choices(("content", "partly", "not_content"), (84, 8, 8))[0]
        self.agenda.add(when, lambda at: self._visit(story, words, pk, agent, fate, at))
        return when

    def plan_plain_visit(self, pk: int, agent: str, when: datetime) -> None:
        """After a repair or a return: content, most of the time at the first call."""
        when = self.stage.at_work(when + timedelta(hours=self.random.choice((18, 22, 26))), when)
        if self.random.random() < 0.15:
            self.agenda.add(when, lambda _at: self._try(pk, agent))
            when = self.stage.at_work(when + timedelta(hours=22), when)
        said = self.random.choice(words_of.CONTENT)
        self.agenda.add(when, lambda _at: self._content(pk, agent, said))

    def _content(self, pk: int, agent: str, said: str) -> None:
        visit = self._due_visit(pk)
        if visit is not None:
            actor, grants = self._caller(visit, agent)
            outcome = Outcome(result="content", words=said)
            record_result(actor=actor, grants=grants, follow_up_id=visit.pk, outcome=outcome)

    def _due_visit(self, pk: int) -> FollowUp | None:
        return FollowUp.objects.filter(case_id=pk, state="due").first()

    def _caller(self, visit: FollowUp, agent: str) -> tuple[Any, Any]:
        return self.plot.owner(Case.objects.get(pk=visit.case_id), agent)

    def _try(self, pk: int, agent: str) -> None:
        visit = self._due_visit(pk)
        # By chance it may be somebody who said no to calls meanwhile: they are left in peace.
        if visit is not None and contact_of(visit).decision.verdict is not ContactVerdict.WITHDRAWN:
            actor, grants = self._caller(visit, agent)
            record_attempt(actor=actor, grants=grants, follow_up_id=visit.pk, note="无人接听")

    def _visit(
        self, story: Story, words: dict[str, str], pk: int, agent: str, fate: str, at: datetime
    ) -> None:
        visit = self._due_visit(pk)
        if visit is None:
            return
        actor, grants = self._caller(visit, agent)
        _cause, unit, person = self._cause_of(story)
        outcome = Outcome(result="content", words=self.random.choice(words_of.CONTENT))
        if fate == "partly":
            words_said = self.random.choice(words_of.PARTLY)
            outcome = Outcome(result="partly", words=words_said, missing="货损补偿到账后再回访")
        elif fate == "not_content":
            outcome = Outcome(
                result="not_content",
                words=self.random.choice(words_of.UNHAPPY),
                unit_id=self.stage.units[unit or "品质部"].pk,
                person_id=self.stage.people[person or "1040"].pk,
            )
        record_result(actor=actor, grants=grants, follow_up_id=visit.pk, outcome=outcome)
        if fate == "partly":
            later = self.stage.at_work(at + timedelta(days=3), at)
            self.agenda.add(
                later, lambda then: self._visit(story, words, pk, agent, "content", then)
            )
        elif fate == "not_content":
            self._again(story, words, pk, agent, at)

    def _again(
        self, story: Story, words: dict[str, str], pk: int, agent: str, at: datetime
    ) -> None:
        """Round two: the department answers the new notice, the steps are done anew."""
        cause, _unit, person = self._cause_of(story)
        begun = self.stage.at_work(at + timedelta(hours=self.random.choice((1, 20))), at)
        again = words | {"opening": self.random.choice(words_of.UNHAPPY), "reply": words_of.AGAIN}
        self.agenda.add(begun, lambda _at: self._first_steps(pk, agent, again))
        answered = self.stage.at_work(begun + timedelta(hours=20), begun)
        self.agenda.add(answered, lambda then: self._answer(pk, cause, person or "1040", then))
        facts = answered + timedelta(minutes=20)
        self.agenda.add(facts, lambda _at: self._facts(pk, agent, again))
        proposed = self.stage.at_work(facts + timedelta(hours=3), facts)
        self.agenda.add(proposed, lambda _at: self._propose(pk, agent, words["ending"]))
        agreed = proposed + timedelta(minutes=40)
        self.agenda.add(agreed, lambda _at: self._agree(pk, agent, cause))
        closed = self.stage.at_work(agreed + timedelta(hours=20), agreed)
        self.agenda.add(closed, lambda _at: self.close(pk, agent, words["ending"]))
        visited = self.stage.at_work(closed + timedelta(hours=24), closed)
        self.agenda.add(visited, lambda then: self._visit(story, words, pk, agent, "content", then))
