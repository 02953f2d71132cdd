"""Words of staff: to the customer, on the phone, among colleagues."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from zhike.accounts.models import User
from zhike.core import access, outbox
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.notify import notify
from zhike.core.work import Actor
from zhike.desk import errors, rules
from zhike.desk.addresses import case_url
from zhike.desk.choices import Delivery, EventKind, Visibility
from zhike.desk.deliveries import conversation_of
from zhike.desk.events import ReplySent
from zhike.desk.models import Case, CaseEvent, Draft, Mention
from zhike.desk.permissions import VIEW
from zhike.desk.phrases import Place
from zhike.desk.rules import CaseState, Mover
from zhike.desk.selectors.scope import may_see
from zhike.desk.services.attaching import NewFile, already_sent, attach, checked_files
from zhike.desk.services.clocks import stop_answered
from zhike.desk.services.handling import Handling, handling, scoped_key
from zhike.desk.services.moves import enter_state, hold_stale
from zhike.desk.services.texts import body_of
from zhike.desk.services.words import NOT_KEPT, Kept, check_words
from zhike.desk.slots import ADAPTERS


def reply(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    text: str,
    expected_seq: int | None,
    delivery: str = Delivery.PAGE,
    then: str = "",
    files: Sequence[NewFile] = (),
    submit_key: str = "",
    kept: Kept = NOT_KEPT,
) -> CaseEvent:
    """A public word to the customer; who answers a case without an owner takes it.

    `expected_seq` is the version the writer has read: news since then raises Conflict "news". None is for
    the system's own replies. `then` is the state the case goes to afterwards.
    """
    text = body_of(text, required=not files)
    checked_files(files)
    words = check_words(text, Place.OUTGOING, actor=actor, grants=grants, kept=kept)
    key = scoped_key(actor, submit_key)
    with handling("reply", actor=actor, grants=grants, case_id=case_id) as act:
        case = act.case
        if (sent := already_sent(case.pk, key)) is not None:
            return sent
        hold_stale(act, expected_seq)
        if then:
            act.require_say()
        event = reply_within(
            act, text=text, delivery=delivery, files=files, submit_key=key, words=words
        )
        if then:
            _go_on(act, CaseState(then))
        if actor.id is not None:
            Draft.objects.filter(case=case, user_id=actor.id, is_note=False).delete()
    return event


def reply_within(
    act: Handling,
    *,
    text: str,
    delivery: str = Delivery.PAGE,
    files: Sequence[NewFile] = (),
    submit_key: str = "",
    words: dict[str, Any] | None = None,
) -> CaseEvent:
    """The reply itself, for a service that holds the case already; `text` and `files` are checked.

    `words` is what `check_words` gave for the text.
    """
    case = act.case
    adapter = _deliverer(case, delivery)
    _take_if_free(act)
    event = act.append(
        EventKind.REPLY,
        text=text,
        visibility=Visibility.PUBLIC,
        delivered=Delivery.OUTBOX if adapter else delivery,
        data=(words or {}) | ({"adapter": adapter[0]} if adapter else {}),
        submit_key=submit_key,
    )
    attach(act, event, files)
    if adapter:
        _hand_to_outbox(act, event, *adapter)
    answered(act, event)
    return event


def _deliverer(case: Case, delivery: str) -> tuple[str, str] | None:
    """(adapter, sealed address) when a channel carries the reply, None when the page or the phone does."""
    if delivery in (Delivery.PAGE, Delivery.TOLD_BY_PHONE):
        return None
    adapter = ADAPTERS.get(delivery)
    address = adapter.address(case) if adapter else None
    if adapter is None or address is None:
        raise RuleError(
            "delivery_unknown",
            _("This customer cannot be reached in that way. Please choose another one."),
            field="delivery",
        )
    return adapter.key, address


def _hand_to_outbox(act: Handling, event: CaseEvent, kind: str, address: str) -> None:
    act.flush()
    outbox.put(
        act.work,
        kind=kind,
        address=address,
        text=event.text,
        dedup_key=f"case-event:{event.pk}",
        subject=event,
        conversation=conversation_of(act.case.pk),
        unit_id=act.case.unit_id,
        author_id=act.actor.id,
    )


def _take_if_free(act: Handling) -> None:
    case = act.case
    if act.mover is not Mover.STAFF or case.is_ended:
        return
    if case.owner_id is None:
        act.own(act.actor.id, act.actor.name)
        act.append(EventKind.CLAIM, data={"to": act.actor.id, "to_name": act.actor.name})
    if case.case_state is CaseState.NEW:
        act.move(CaseState.OPEN)


def answered(act: Handling, event: CaseEvent) -> None:
    """The customer has had a word of ours, told of by `event`: the clocks of first and next word stop."""
    case = act.case
    is_first = case.first_reply_at is None
    act.staff_spoke()
    if is_first:
        case.first_reply_at = act.work.now
    stop_answered(case)
    act.note_on_timeline("desk.reply")
    act.flush()
    act.work.publish(ReplySent(case.pk, event.pk, case.customer_id, is_first))


def _go_on(act: Handling, target: CaseState) -> None:
    if target in rules.ENDED:
        raise errors.move_refused(act.case.case_state, target)
    if target is not act.case.case_state:
        enter_state(act, target)


def add_note(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    text: str,
    mentions: Iterable[int] = (),
    files: Sequence[NewFile] = (),
    submit_key: str = "",
    kept: Kept = NOT_KEPT,
) -> CaseEvent:
    """A word among colleagues. Those mentioned are told, provided they may see the case."""
    text = body_of(text, required=not files)
    checked_files(files)
    words = check_words(text, Place.NOTE, actor=actor, grants=grants, kept=kept)
    key = scoped_key(actor, submit_key)
    wanted = sorted(set(mentions) - {actor.id or 0})
    with handling("note", actor=actor, grants=grants, case_id=case_id) as act:
        if (sent := already_sent(case_id, key)) is not None:
            return sent
        people = _mentionable(act.case, wanted)
        event = act.append(
            EventKind.NOTE,
            text=text,
            data={"mentions": [{"id": user.pk, "name": user.name} for user in people]} | words,
            submit_key=key,
        )
        attach(act, event, files)
        if people:
            act.flush()
        Mention.objects.bulk_create(
            Mention(case=act.case, event=event, user=user) for user in people
        )
        for user in people:
            notify(
                act.work,
                user_id=user.pk,
                kind="desk.mention",
                values={
                    "name": actor.name,
                    "number": act.case.number,
                    "text": rules.excerpt(text, 60),
                },
                url=case_url(act.case.number),
            )
        if actor.id is not None:
            Draft.objects.filter(case=act.case, user_id=actor.id, is_note=True).delete()
    return event


def _mentionable(case: Case, user_ids: Sequence[int]) -> list[User]:
    if not user_ids:
        return []
    people = list(User.objects.filter(pk__in=user_ids, is_active=True).order_by("pk"))
    for user in people:
        theirs = access.grants_of(user)
        # Who sees only their own cases comes to see this one by being asked.
        if not (theirs.allows(VIEW) and (theirs.own_only or may_see(theirs, case))):
            raise RuleError(
                "mention_out_of_reach",
                _("%(name)s may not see this case, so cannot be asked in it.")
                % {"name": user.name},
                field="mentions",
            )
    if len(people) != len(user_ids):
        raise RuleError(
            "mention_unknown",
            _("One of the people mentioned is not here any more."),
            field="mentions",
        )
    return people


def record_call(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    text: str,
    incoming: bool = False,
    reached: bool = True,
    minutes: int | None = None,
    submit_key: str = "",
    kept: Kept = NOT_KEPT,
) -> CaseEvent:
    """What was said on the phone. A call in which the customer was reached is an answer."""
    text = body_of(text)
    key = scoped_key(actor, submit_key)
    if minutes is not None and not 0 <= minutes <= 1440:
        raise RuleError(
            "minutes_wrong", _("A call lasts between 0 and 1,440 minutes."), field="minutes"
        )
    words = check_words(text, Place.NOTE, actor=actor, grants=grants, kept=kept)
    with handling("call", actor=actor, grants=grants, case_id=case_id) as act:
        if (sent := already_sent(case_id, key)) is not None:
            return sent
        if reached:
            _take_if_free(act)
        event = act.append(
            EventKind.CALL,
            text=text,
            data={"incoming": incoming, "reached": reached, "minutes": minutes} | words,
            submit_key=key,
        )
        if reached:
            answered(act, event)
    return event


def add_attachment(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    files: Sequence[NewFile],
    public: bool = False,
    submit_key: str = "",
) -> CaseEvent:
    """Files without words. `public` shows them to the customer too."""
    key = scoped_key(actor, submit_key)
    if not files:
        raise RuleError("file_missing", _("Please choose a file."), field="files")
    checked_files(files)
    with handling("attachment", actor=actor, grants=grants, case_id=case_id) as act:
        known = already_sent(case_id, key)
        if known is not None:
            return known
        event = act.append(
            EventKind.ATTACHMENT,
            data={"names": [file.name[:200] for file in files]},
            visibility=Visibility.PUBLIC if public else Visibility.INTERNAL,
            submit_key=key,
        )
        attach(act, event, files)
    return event
