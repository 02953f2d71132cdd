"""What the customer says: messages, a request for news, discontent."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.notify import notify
from zhike.core.work import Actor
from zhike.desk import rules
from zhike.desk.addresses import case_url
from zhike.desk.choices import EventKind, Visibility
from zhike.desk.events import MessageReceived
from zhike.desk.models import CaseEvent
from zhike.desk.rules import CaseState
from zhike.desk.selectors.scope import load_case
from zhike.desk.services.attaching import NewFile, already_sent, attach, checked_files
from zhike.desk.services.clocks import set_clock
from zhike.desk.services.handling import handling, scoped_key
from zhike.desk.services.moves import reopen_now, wake
from zhike.desk.services.texts import body_of


def receive_message(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    text: str,
    channel: str,
    files: Sequence[NewFile] = (),
    submit_key: str = "",
) -> CaseEvent:
    """The customer's words reach the case they belong to: a waiting case wakes, a closed one reopens.

    A mere word of thanks starts no clock. Words for a merged case go where it went.
    """
    text = body_of(text, required=not files)
    checked_files(files)
    key = scoped_key(actor, submit_key)
    home = load_case(grants, case_id).pk
    with handling("message", actor=actor, grants=grants, case_id=home) as act:
        case = act.case
        if (sent := already_sent(home, key)) is not None:
            return sent
        event = act.append(
            EventKind.MESSAGE_IN,
            text=text,
            data={"channel": channel},
            visibility=Visibility.PUBLIC,
            submit_key=key,
        )
        attach(act, event, files)
        state = case.case_state
        # While we wait for the customer, "fine" is an answer.
        asked = state in (CaseState.WAITING_CUSTOMER, CaseState.WAITING_CONSENT)
        owes = asked or bool(files) or not rules.is_goodbye(text)
        act.customer_spoke(owes_word=owes)
        if asked:
            wake(act)
        elif state is CaseState.CLOSED and owes:
            reopen_now(act, "")
        elif owes:
            set_clock(case)
        act.note_on_timeline("desk.message")
        act.flush()
        act.work.publish(MessageReceived(case.pk, event.pk, case.customer_id))
    return event


def urge(*, actor: Actor, grants: Grants, case_id: int) -> CaseEvent:
    """The customer asks for news; once an hour is heard, more often changes nothing."""
    home = load_case(grants, case_id).pk
    with handling("urge", actor=actor, grants=grants, case_id=home) as act:
        if act.case.is_ended:
            raise RuleError(
                "already_done", _("This matter is done. If you are not content, please tell us.")
            )
        last = CaseEvent.objects.filter(case_id=home, kind=EventKind.URGE).order_by("-seq").first()
        if last is not None and (act.work.now - last.at).total_seconds() < 3600:
            return last
        event = act.append(EventKind.URGE, visibility=Visibility.PUBLIC)
        act.customer_spoke()
        set_clock(act.case)
        if act.case.owner_id is not None:
            notify(
                act.work,
                user_id=act.case.owner_id,
                kind="desk.urge",
                values={"number": act.case.number, "title": act.case.title},
                url=case_url(act.case.number),
            )
    return event


def dissatisfied(
    *, actor: Actor, grants: Grants, case_id: int, text: str = "", submit_key: str = ""
) -> CaseEvent:
    """The customer is not content: a closed case reopens, an open one is marked and its owner told."""
    text = body_of(text, required=False)
    key = scoped_key(actor, submit_key)
    home = load_case(grants, case_id).pk
    with handling("dissatisfied", actor=actor, grants=grants, case_id=home) as act:
        case = act.case
        if (sent := already_sent(home, key)) is not None:
            return sent
        event = act.append(
            EventKind.DISSATISFIED, text=text, visibility=Visibility.PUBLIC, submit_key=key
        )
        act.customer_spoke()
        if case.case_state is CaseState.CLOSED:
            reopen_now(act, "dissatisfied")
        elif case.case_state in (CaseState.WAITING_CUSTOMER, CaseState.WAITING_CONSENT):
            wake(act)
        else:
            set_clock(case)
        act.note_on_timeline("desk.dissatisfied")
        if case.owner_id is not None:
            notify(
                act.work,
                user_id=case.owner_id,
                kind="desk.dissatisfied",
                values={"number": case.number, "title": case.title},
                url=case_url(case.number),
            )
        act.flush()
        act.work.publish(MessageReceived(case.pk, event.pk, case.customer_id))
    return event
