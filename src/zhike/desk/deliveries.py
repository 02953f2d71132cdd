"""What becomes of replies that a channel carries: shown at the reply, recorded where it needs somebody."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.accounts.models import User
from zhike.core import events, outbox
from zhike.core.access import NOBODY, Grants
from zhike.core.models import LiveTopic, OutboxMessage, OutboxState
from zhike.core.notify import notify
from zhike.core.outbox import MessageMoved, Subject, SubjectLine
from zhike.core.shell import NOTICES, Notice
from zhike.core.work import Work
from zhike.desk.addresses import case_url
from zhike.desk.choices import Delivery, EventKind
from zhike.desk.events import CaseMoved, CaseVoided
from zhike.desk.models import Case, CaseEvent
from zhike.desk.permissions import WORK
from zhike.desk.selectors.scope import HEAVY, visible_events
from zhike.desk.services.handling import Handling
from zhike.desk.slots import LINES, RecordLine

SUBJECT = "desk.caseevent"
LINE = "delivery"
NEEDS_SOMEBODY = frozenset({OutboxState.FAILED, OutboxState.UNKNOWN})
NOTICE_OF = {
    OutboxState.FAILED: "desk.delivery_failed",
    OutboxState.UNKNOWN: "desk.delivery_unknown",
}


def conversation_of(case_id: int) -> str:
    return f"case:{case_id}"


def topic_of(case_id: int) -> str:
    """News of deliveries alone: they have numbers of their own, so that a case's version stays its record's."""
    return f"delivery:{case_id}"


def deliveries_of(shown: Iterable[CaseEvent]) -> dict[int, OutboxMessage]:
    """By line of the record; no statement when no channel carried any of them."""
    ids = [event.pk for event in shown if event.delivered == Delivery.OUTBOX]
    if not ids:
        return {}
    rows = OutboxMessage.objects.filter(subject_type=SUBJECT, subject_id__in=ids)
    return {row.subject_id: row for row in rows if row.subject_id is not None}


def heard_up_to(case_id: int) -> int:
    topic = LiveTopic.objects.filter(name=topic_of(case_id))
    return topic.values_list("seq", flat=True).first() or 0


def _visible(ids: Collection[int], grants: Grants) -> dict[int, SubjectLine]:
    found = visible_events(grants).filter(pk__in=ids).values_list("pk", "case__number")
    return {pk: SubjectLine(number, case_url(number)) for pk, number in found}


def _may_decide(event_id: int, grants: Grants) -> bool:
    return grants.allows(WORK) and visible_events(grants).filter(pk=event_id).exists()


def _lock(event_id: int) -> None:
    cases = Case.objects.filter(events__pk=event_id).order_by()
    list(cases.select_for_update(of=("self",)).values_list("pk", flat=True))


def on_moved(event: MessageMoved, work: Work) -> None:
    if event.subject_type != SUBJECT or event.subject_id is None:
        return
    line = CaseEvent.objects.filter(pk=event.subject_id).only("case_id", "seq", "actor_id").first()
    if line is None:
        return
    work.touch(topic_of(line.case_id), "delivery", {"seq": line.seq})
    came_late = event.before == OutboxState.UNKNOWN and not event.by_person
    if event.after in NEEDS_SOMEBODY or event.by_person or came_late:
        _write_down(event, line, work)


def _write_down(event: MessageMoved, line: CaseEvent, work: Work) -> None:
    case = Case.objects.defer(*HEAVY).select_for_update().get(pk=line.case_id)
    act = Handling(case, work, work.actor, NOBODY, "delivery")
    act.append(
        EventKind.FURTHER,
        data={
            "line": LINE,
            "to": event.after,
            "of": line.seq,
            "reason": event.words,
            "decided": event.by_person,
        },
    )
    act.finish()
    kind = NOTICE_OF.get(OutboxState(event.after))
    if kind is None or event.by_person:
        return
    people = [pk for pk in (case.owner_id, line.actor_id) if pk is not None]
    known = User.objects.filter(pk__in=people, is_active=True).order_by("pk")
    for user_id in known.values_list("pk", flat=True):
        notify(
            work,
            user_id=user_id,
            kind=kind,
            values={"number": case.number, "title": case.title},
            url=case_url(case.number),
        )


_SENTENCES = {
    OutboxState.WAITING: gettext_lazy("%(name)s has the reply sent once more"),
    OutboxState.SENT: gettext_lazy("It is certain now: the reply was sent"),
    OutboxState.FAILED: gettext_lazy("The reply could not be sent"),
    OutboxState.UNKNOWN: gettext_lazy("It is not certain whether the reply reached the customer"),
    OutboxState.VOID: gettext_lazy("%(name)s does not have the reply sent any more"),
}


def _sentence(data: Mapping[str, Any], name: str) -> str:
    to = OutboxState(data["to"])
    if to is OutboxState.DELIVERED:
        if data.get("decided"):
            return _("%(name)s says that the reply has arrived") % {"name": name}
        return _("It is certain now: the reply has arrived")
    return str(_SENTENCES[to]) % {"name": name}


def on_voided(event: CaseVoided, work: Work) -> None:
    outbox.void(work, conversation=conversation_of(event.case_id))


def on_case_moved(event: CaseMoved, work: Work) -> None:
    outbox.move_to_unit(work, conversation=conversation_of(event.case_id), unit_id=event.to_unit_id)


def register() -> None:
    outbox.SUBJECTS.fill(Subject(SUBJECT, _visible, _may_decide, _lock))
    LINES.fill(RecordLine(LINE, "send", _sentence))
    NOTICES.fill(
        Notice(
            NOTICE_OF[OutboxState.FAILED],
            gettext_lazy("A reply in %(number)s could not be sent: %(title)s"),
            "alert-circle",
        )
    )
    NOTICES.fill(
        Notice(
            NOTICE_OF[OutboxState.UNKNOWN],
            gettext_lazy("Did the reply in %(number)s arrive? Please look: %(title)s"),
            "help-circle",
        )
    )
    events.subscribe(MessageMoved, on_moved)
    events.subscribe(CaseVoided, on_voided)
    events.subscribe(CaseMoved, on_case_moved)
