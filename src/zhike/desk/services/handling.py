"""One case under lock in a unit of work: a service changes columns and appends events, the rest follows.

The lock is the case's row. Whoever comes second waits, reads what the first one wrote and decides on that;
so two people cannot take, answer or close the same case unawares.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.work import Actor, Work
from zhike.customers.services.timeline import add_timeline_entry
from zhike.desk import errors, rules
from zhike.desk.choices import EventKind, From, Visibility
from zhike.desk.models import Case, CaseEvent
from zhike.desk.permissions import ASSIGN, WORK
from zhike.desk.rules import CaseState, Mover
from zhike.desk.selectors.scope import HEAVY, lock_case

METRIC = "desk.case"
# Audit rows cannot be blanked, so they hold ids and states, never words somebody wrote.
AUDITED = (
    "state", "owner_id", "unit_id", "type_id", "priority", "customer_id", "channel", "outcome",
    "parent_id", "merged_into_id", "voided_at", "import_run_id", "due_at", "legal",
)  # fmt: skip
# What counts as having been in touch with the customer.
CONTACTS = frozenset({"desk.opened", "desk.message", "desk.reply", "desk.dissatisfied"})
_SEARCHED_COLUMNS = {"title", "customer_name", "external_id"}
_ROLE_OF = {"user": Mover.STAFF, "customer": Mover.CUSTOMER, "system": Mover.SYSTEM}
# Events that change what a colleague sees in the queue.
# Columns no page shows.
_UNSEEN = {"told", "alarm_at"}
_QUIET = frozenset({EventKind.LINK, EventKind.TRACKING, EventKind.PARENT})


def mover_of(actor: Actor) -> Mover:
    return _ROLE_OF[actor.kind]


def scoped_key(actor: Actor, key: str) -> str:
    """The key of a form that was sent, made the sender's own: nobody meets another one's row by it."""
    if not key:
        return ""
    return hashlib.sha256(f"{actor.kind}:{actor.id}:{key}".encode()).hexdigest()


def _speaker(event: CaseEvent) -> From | None:
    """Whose words a line holds; None for what was never said between house and customer."""
    match event.kind:
        case EventKind.MESSAGE_IN | EventKind.DISSATISFIED:
            return From.CUSTOMER
        case EventKind.REPLY:
            return From.STAFF
        case EventKind.CALL:
            return From.CALL if event.data.get("reached", True) else None
        case EventKind.CLOSED:
            return From.STAFF if event.visibility == Visibility.PUBLIC else None
    return None


def _columns(case: Case) -> dict[str, Any]:
    return {
        field.attname: getattr(case, field.attname)
        for field in Case._meta.concrete_fields
        if field.attname not in HEAVY and field.attname != "id"
    }


class Handling:
    """What a service holds while it acts on a case."""

    def __init__(self, case: Case, unit: Work, actor: Actor, grants: Grants, action: str) -> None:
        self.case = case
        self.work = unit
        self.actor = actor
        self.grants = grants
        self.action = action
        self.events: list[CaseEvent] = []
        self._unsaved: list[CaseEvent] = []
        self._seq = case.seq
        self._before = _columns(case)
        self._cell = case.counted_as()

    @property
    def mover(self) -> Mover:
        return mover_of(self.actor)

    def append(
        self,
        kind: EventKind,
        *,
        text: str = "",
        data: dict[str, Any] | None = None,
        visibility: Visibility = Visibility.INTERNAL,
        delivered: str = "",
        submit_key: str = "",
        **copied: Any,
    ) -> CaseEvent:
        """The next line of the record. `copied` overrides moment and author, for split and import.

        Lines are inserted together: call `flush` before using the id of one.
        """
        self._seq += 1
        self.case.seq = max(self.case.seq, self._seq)
        fields: dict[str, Any] = {
            "actor_id": self.actor.id,
            "actor_name": self.actor.name[:80],
            "actor_kind": self.actor.kind,
            "at": self.work.now,
        }
        event = CaseEvent(
            case=self.case,
            seq=self._seq,
            kind=kind,
            visibility=visibility,
            text=text,
            data=data or {},
            delivered=delivered,
            submit_key=submit_key,
            **(fields | copied),
        )
        event.refresh_search()
        self._unsaved.append(event)
        self.case.last_event_at = max(self.case.last_event_at, event.at)
        speaker = _speaker(event)
        if text and speaker is not None:
            self.case.last_text, self.case.last_from = rules.excerpt(text), speaker
        self.events.append(event)
        return event

    def flush(self) -> None:
        """Insert the lines appended so far."""
        if self._unsaved:
            CaseEvent.objects.bulk_create(self._unsaved)
            self._unsaved = []

    def move(self, target: CaseState) -> None:
        """Change the state if the table allows it to this actor."""
        source = self.case.case_state
        if not rules.can_move(source, target, self.mover):
            raise errors.move_refused(source, target)
        self.case.state = target.value
        if target in rules.ENDED:
            self.case.closed_at = self.work.now
        elif source in rules.ENDED:
            self.case.closed_at = None

    def own(self, user_id: int | None, name: str) -> None:
        self.case.owner_id = user_id
        self.case.owner_name = name[:60]

    def require_say(self) -> None:
        """Only the owner decides over a case; a lead may; a case without an owner is anybody's."""
        owner_id = self.case.owner_id
        if owner_id is None or owner_id == self.actor.id or self.grants.allows(ASSIGN):
            return
        raise errors.not_the_owner(self.case)

    def customer_spoke(self, *, owes_word: bool = True) -> None:
        """`owes_word` is False for a mere word of thanks: it is to be read, but nothing is owed."""
        case = self.case
        case.unread_count += 1
        if owes_word:
            case.waiting_since = case.waiting_since or self.work.now

    def staff_spoke(self) -> None:
        case = self.case
        case.unread_count = 0
        case.waiting_since = None

    def note_on_timeline(self, kind: str, title: str = "", at: datetime | None = None) -> None:
        """A thin pointer in the customer's file; the words stay here."""
        case = self.case
        if case.customer_id is None:
            return
        add_timeline_entry(
            self.work,
            customer_id=case.customer_id,
            kind=kind,
            room="desk",
            obj=case,
            title=title or case.title,
            unit_id=case.unit_id,
            at=at,
            is_contact=kind in CONTACTS,
        )

    def finish(self) -> None:
        self.flush()
        after = _columns(self.case)
        changed = {name: value for name, value in after.items() if value != self._before[name]}
        if not changed and not self.events:
            return
        self._write(changed)
        self._count()
        told = [name for name in AUDITED if name in changed]
        self.work.audit(
            f"desk.case.{self.action}",
            self.case,
            before={name: self._before[name] for name in told},
            after={name: changed[name] for name in told}
            | {"events": [event.seq for event in self.events]},
        )
        self._tell(changed)

    def _write(self, changed: dict[str, Any]) -> None:
        if _SEARCHED_COLUMNS & changed.keys():
            self.case.refresh_search()
            changed |= {name: getattr(self.case, name) for name in HEAVY}
        if changed:
            Case.objects.filter(pk=self.case.pk).update(**changed)

    def _count(self) -> None:
        cell = self.case.counted_as()
        if cell == self._cell:
            return
        if self._cell is not None:
            self.work.count(METRIC, -1, **self._cell)
        if cell is not None:
            self.work.count(METRIC, 1, **cell)

    def _tell(self, changed: dict[str, Any]) -> None:
        case = self.case
        for event in self.events:
            self.work.touch(
                case.topic,
                event.kind,
                {"seq": event.seq, "by": self.actor.id},
                number=event.seq,
            )
        loud = [event for event in self.events if event.kind not in _QUIET]
        if not loud and changed.keys() <= _UNSEEN:
            return
        news = {"case": case.number, "by": self.actor.id}
        kind = str(loud[-1].kind) if loud else "changed"
        for unit_id in {case.unit_id, self._before["unit_id"]}:
            self.work.touch(f"queue:{unit_id}", kind, news)
        for user_id in {case.owner_id, self._before["owner_id"]} - {None, self.actor.id}:
            self.work.touch(f"user:{user_id}", kind, news)


@contextmanager
def handling(
    action: str,
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    needs: str = WORK,
) -> Iterator[Handling]:
    """Load, authorise and lock in one call; what the body did is written when it ends without an error."""
    grants.require(needs)
    with work.unit(actor) as unit:
        case = lock_case(grants, case_id)
        if case.merged_into_id is not None:
            into = Case.objects.filter(pk=case.merged_into_id).values_list("number", flat=True)
            raise errors.merged(case, into.get())
        if case.erased_at is not None:
            raise errors.erased(case)
        act = Handling(case, unit, actor, grants, action)
        yield act
        act.finish()


def begin(case: Case, *, unit: Work, actor: Actor, grants: Grants) -> Handling:
    """A case that was just inserted: everything on it counts as new, its lines are numbered from 1."""
    act = Handling(case, unit, actor, grants, "open")
    act._cell = None
    act._seq = 0
    return act
