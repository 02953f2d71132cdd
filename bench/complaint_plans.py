"""What each complaint of the bench has beyond a case: steps, notices, remedies, decisions, visits, calls.

A plan of each complaint follows from its case alone (its number seeds the chance), so that the same rows come out
for a database seeded now and for one seeded before.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from zhike.accounts.models import Unit, User
from zhike.care.models import FollowUp, FollowUpAttempt
from zhike.complaints.models import (
    Approval,
    Cause,
    Complaint,
    Notice,
    Remedy,
    StepRecord,
)
from zhike.core import clock
from zhike.demo import complaint_words as words
from zhike.desk.case_types import COMPLAINT

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SUPERVISOR = "1010"
# How far a complaint under way has come, by the state of its case.
STEPS_DONE = {
    "new": (0,),
    "open": (1, 2, 3, 4),
    "waiting_department": (3,),
    "waiting_customer": (4,),
}
# Shares of all complaints.
AGAIN, OTHERWISE, NOTICED, REMEDIED = 0.08, 0.05, 0.6, 0.5


class CaseRow(NamedTuple):
    id: int
    state: str
    opened_at: datetime
    closed_at: datetime | None
    unit_id: int
    owner_id: int | None
    owner_name: str
    customer_id: int | None
    customer_name: str
    customer_tier: str


@dataclass
class Plan:
    """One complaint: the row itself and all that belongs to it."""

    complaint: Complaint
    steps: list[StepRecord] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    remedies: list[Remedy] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    visits: list[FollowUp] = field(default_factory=list)
    tries: list[FollowUpAttempt] = field(default_factory=list)


EVIDENCE: dict[int, dict[str, Any]] = {
    1: {"words": "车骑到半路断电，推回来的，耽误一天生意。", "wish": "尽快修好，给个说法"},
    2: {"apology": "给您添麻烦了，非常抱歉，我来负责到底。", "told": "phone"},
    3: {"facts": "控制器报错 E06，雨后断电。", "safety": False, "severity": 2, "where": "商水县"},
    4: {"verdict": "founded", "solution": "免费更换控制器，上门装好。", "told": "phone"},
    5: {"consent": "agreed", "customer_says": "行，就这么办。", "learned": words.LEARNED[0],
        "thanked": True},
    6: {"customer_says": words.CONTENT[0]},
}  # fmt: skip


class Planner:
    def __init__(self, now: datetime) -> None:
        self.now = now
        people = {user.staff_number: user for user in User.objects.all()}
        units = {unit.name: unit for unit in Unit.objects.all()}
        self.asked = [
            (units["品质部"], people["1040"]),
            (units["仓储部"], people["1041"]),
        ]
        self.supervisor = people[SUPERVISOR]
        self.causes = list(Cause.objects.filter(children=None).order_by("pk"))
        self.notice_ids, self.remedy_ids, self.visit_ids = (itertools.count(1) for _ in range(3))

    def plan(self, case: CaseRow) -> Plan:
        rng = random.Random(case.id)
        plan = Plan(
            Complaint(case_id=case.id, round_since=case.opened_at, step_since=case.opened_at)
        )
        if case.closed_at is None:
            self._under_way(plan, case, rng)
        else:
            self._ended(plan, case, case.closed_at, rng)
        return plan

    # A complaint that is closed

    def _ended(self, plan: Plan, case: CaseRow, closed: datetime, rng: random.Random) -> None:
        row, begun = plan.complaint, case.opened_at
        if rng.random() < OTHERWISE:
            row.way_out, row.way_out_why = "withdrawn", "客户来电撤回，问题已自行解决。"
            row.step, row.unconfirmed = 3, "not_visited"
            self._steps(plan, case, begun, range(1, 3), closed)
            return
        if rng.random() < AGAIN:
            middle = begun + (closed - begun) / 2
            self._round(plan, case, begun, begun + (closed - begun) / 4, rng)
            self._visit(plan, case, middle - HOUR, "not_content", rng, at=middle)
            row.round, row.round_since, begun = 2, middle, middle
        self._round(plan, case, begun, closed, rng)
        row.step, row.step_since = 6, closed
        row.verdict = rng.choices(("founded", "partly", "unfounded"), (76, 16, 8))[0]
        row.severity, row.is_safety = rng.choice((1, 2, 2, 3)), rng.random() < 0.05
        row.cause, row.learned = rng.choice(self.causes), rng.choice(words.LEARNED)
        if case.customer_id is None:
            return
        result = rng.choices(("content", "partly", "unreachable"), (78, 9, 13))[0]
        done = self._visit(plan, case, closed, result, rng)
        if result == "partly" and done is not None:
            result, done = "content", self._visit(plan, case, done, "content", rng, sequence=2)
        if result == "unreachable" and done is not None:
            row.unconfirmed = "unreachable"
            # A supervisor archives those; some wait for it.
            row.archived_at = None if self.now - done < 5 * DAY else done + DAY
        if result == "content" and done is not None:
            row.step, row.step_since, row.archived_at = 7, done, done
            self._steps(plan, case, closed, range(6, 7), done)

    def _round(
        self, plan: Plan, case: CaseRow, begun: datetime, ended: datetime, rng: random.Random
    ) -> None:
        self._steps(plan, case, begun, range(1, 6), ended)
        if rng.random() < NOTICED:
            answered = begun + (ended - begun) * rng.uniform(0.1, 0.9)
            self._notice(plan, case, begun, rng, answered)
        if rng.random() < REMEDIED:
            self._remedy(plan, case, begun, rng, ended)

    # One that is not

    def _under_way(self, plan: Plan, case: CaseRow, rng: random.Random) -> None:
        row, begun = plan.complaint, case.opened_at
        done = rng.choice(STEPS_DONE.get(case.state, (0,)))
        ended = min(begun + DAY, self.now)
        self._steps(plan, case, begun, range(1, done + 1), ended)
        row.step, row.step_since = done + 1, ended if done else begun
        if done >= 3:
            row.severity, row.cause = rng.choice((1, 2, 2, 3)), rng.choice(self.causes)
        if done >= 4:
            row.verdict = "founded"
        if case.state == "waiting_department":
            self._notice(plan, case, begun, rng, None)
            row.open_notices = 1
        if done >= 3 and rng.random() < REMEDIED:
            waits = done == 3 and rng.random() < 0.3
            self._remedy(plan, case, begun, rng, None, waits=waits)
            row.open_remedies, row.open_approvals = 1, int(waits)

    # Their parts

    def _steps(
        self, plan: Plan, case: CaseRow, begun: datetime, numbers: range, ended: datetime
    ) -> None:
        for place, number in enumerate(numbers, 1):
            plan.steps.append(
                StepRecord(
                    complaint_id=case.id,
                    round=plan.complaint.round,
                    step=number,
                    evidence=EVIDENCE[number],
                    done_at=begun + (ended - begun) * place / len(numbers),
                    done_by_id=case.owner_id,
                    done_by_name=case.owner_name,
                    minutes=20 * place,
                    event_seq=2,
                )
            )

    def _notice(
        self,
        plan: Plan,
        case: CaseRow,
        begun: datetime,
        rng: random.Random,
        answered: datetime | None,
    ) -> None:
        unit, person = rng.choice(self.asked)
        pk, sent = next(self.notice_ids), begun + HOUR / 2
        row = Notice(
            id=pk,
            number=f"TZ2019{pk:08d}",
            case_id=case.id,
            case_unit_id=case.unit_id,
            round=plan.complaint.round,
            unit=unit,
            person=person,
            person_name=person.name,
            text=f"客户投诉：{rng.choice(words.CAUSES)[0]}。请查明原因，给出整改措施和完成时间。",
            sent_by_id=case.owner_id,
            sent_by_name=case.owner_name,
            sent_at=sent,
            due_at=sent + HOUR * rng.choice((8, 24, 24)),
        )
        if answered is not None:
            self._answer(row, max(answered, sent + HOUR / 4), rng)
        row.refresh_search()
        plan.notices.append(row)

    def _answer(self, row: Notice, answered: datetime, rng: random.Random) -> None:
        if rng.random() < 0.04:
            row.state, row.close_reason = "withdrawn", "客户撤回，不再需要答复。"
            return
        row.state, row.answered_at = "answered", answered
        row.answered_by, row.answered_by_name = row.person, row.person.name
        row.answer_minutes = int((answered - row.sent_at).total_seconds() / 180)
        row.cause, row.cause_text = rng.choice(self.causes), "现场复核属实。"
        row.action = rng.choice(words.MEASURES).format(day="月底")
        row.responsible = row.person.name
        day = clock.local(answered).date()
        row.action_due, row.check_due = day + 7 * DAY, day + 18 * DAY
        # Looked at three weeks later; a few never were.
        if self.now - answered > 21 * DAY and rng.random() < 0.98:
            row.state = "held" if rng.random() < 0.88 else "failed"
            row.checked_at, row.checked_by_name = answered + 20 * DAY, self.supervisor.name
            row.check_note = "抽查 20 件未再发生。"

    def _remedy(
        self,
        plan: Plan,
        case: CaseRow,
        begun: datetime,
        rng: random.Random,
        ended: datetime | None,
        *,
        waits: bool = False,
    ) -> None:
        kind, text, amounts = rng.choice(words.REMEDIES)
        row = Remedy(
            id=next(self.remedy_ids),
            case_id=case.id,
            case_unit_id=case.unit_id,
            round=plan.complaint.round,
            kind=kind,
            state="for_approval" if waits else "approved",
            text=text,
            amount_cents=rng.choice(amounts),
            proposed_by_id=case.owner_id,
            proposed_by_name=case.owner_name,
            proposed_at=begun + HOUR,
        )
        chance = rng.random()
        if ended is not None and chance < 0.05:
            row.state, row.end_reason = "refused", "金额偏高，请先核实货损。"
        elif ended is not None and chance < 0.08:
            row.state, row.end_reason = "called_off", "客户改要保养一次。"
        elif ended is not None:
            row.state, row.carried_out_at, row.cost_cents = "carried_out", ended, row.amount_cents
            row.carried_out_by_name, row.proof = case.owner_name, "客户已签收，单据留存。"
        plan.remedies.append(row)
        if waits or row.state == "refused" or chance > 0.85:
            self._decision(plan, row, waits)

    def _decision(self, plan: Plan, remedy: Remedy, waits: bool) -> None:
        row = Approval(
            case_id=remedy.case_id,
            case_unit_id=remedy.case_unit_id,
            kind="remedy",
            state="open" if waits else ("refused" if remedy.state == "refused" else "granted"),
            remedy_id=remedy.pk,
            why="客户耽误生意，按实际损失估算。",
            sum_cents=remedy.amount_cents,
            limit_cents=20_000,
            asked_by_id=remedy.proposed_by_id,
            asked_by_name=remedy.proposed_by_name,
            asked_at=remedy.proposed_at,
        )
        if not waits:
            row.decided_by, row.decided_by_name = self.supervisor, self.supervisor.name
            row.decided_at = remedy.proposed_at + HOUR
        plan.approvals.append(row)

    def _visit(
        self,
        plan: Plan,
        case: CaseRow,
        made: datetime,
        result: str,
        rng: random.Random,
        *,
        sequence: int = 1,
        at: datetime | None = None,
    ) -> datetime | None:
        """The visit, and when it was recorded: nothing as long as it is still to be made."""
        if case.customer_id is None:
            return None
        due = made + DAY * (1 if sequence == 1 else 3)
        done = at or made + HOUR * rng.uniform(4, 30)
        row = FollowUp(
            id=next(self.visit_ids),
            case_id=case.id,
            round=plan.complaint.round,
            sequence=sequence,
            unit_id=case.unit_id,
            type_code=COMPLAINT,
            customer_id=case.customer_id,
            customer_name=case.customer_name,
            customer_tier=case.customer_tier,
            assigned_id=case.owner_id,
            assigned_name=case.owner_name,
            made_at=made,
            due_at=due,
            plan_at=due,
            remind_at=due,
        )
        plan.visits.append(row)
        # Of those long due a few were forgotten.
        if done > self.now or (at is None and rng.random() < 0.01):
            return None
        calls = 4 if result == "unreachable" else rng.choice((1, 1, 1, 2, 3))
        row.state, row.result, row.remind_at = "done", result, None
        row.attempts, row.last_attempt_at = calls, done
        row.done_at = row.ended_at = done
        row.done_by_id, row.done_by_name = case.owner_id, case.owner_name
        said = {"content": words.CONTENT, "partly": words.PARTLY, "not_content": words.UNHAPPY}
        row.words = rng.choice(said[result]) if result in said else ""
        row.missing = "货损的钱还没到账。" if result == "partly" else ""
        for call in range(calls):
            reached = call == calls - 1 and result != "unreachable"
            plan.tries.append(
                FollowUpAttempt(
                    follow_up_id=row.pk,
                    at=done - HOUR * (calls - 1 - call) / 2,
                    by_id=case.owner_id,
                    by_name=case.owner_name,
                    reached=reached,
                )
            )
        return done
