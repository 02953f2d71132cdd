"""Invitations and reminders leave: a hundred at a time, each asked of the contact policy at that moment.

The unit of work that puts a message into the outbox notes the contact and changes the invitation, so a job that
is killed has sent all three or none. `dedup_key` names invitation and round: nothing is put twice.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from zhike.core import clock, events, outbox, work
from zhike.core.models import OutboxState
from zhike.core.outbox import MessageMoved
from zhike.customers.choices import Channel
from zhike.customers.contact_policy import (
    Decision,
    Verdict,
    contact_rules,
    who_may_be_contacted,
)
from zhike.customers.contact_rules import Rules, quiet_until_of
from zhike.customers.models import Customer, Identity
from zhike.customers.services.consents import note_outreaches
from zhike.surveys.choices import (
    InvitationState,
    Plan,
    ResponseState,
    SendingState,
    SurveyState,
)
from zhike.surveys.invited import STOP
from zhike.surveys.models import Invitation, Response, Sending
from zhike.surveys.services.answers import definition_of
from zhike.surveys.slots import STANDING_OWNERS

ACTOR = work.Actor.system("surveys")
SUBJECT = "surveys.invitation"
AT_ONCE = 100
CHANGED = ("state", "due_at", "refusal", "reminded")
# Reasons of ours, beside the verdicts of the policy.
STOPPED, CLOSED, NO_ADDRESS, OVERTAKEN = "stopped", "closed", "no_address", "overtaken"


def conversation_of(invitation_id: int) -> str:
    """A reminder does not overtake its invitation."""
    return f"invitation:{invitation_id}"


def invite_some() -> int:
    """How many were looked at; 0: nothing is due."""
    now = clock.now()
    due = Invitation.objects.filter(due_at__lte=now)
    first = due.order_by("due_at", "pk").values_list("sending_id", flat=True).first()
    if first is None:
        return 0
    of_one = due.filter(sending=first).order_by("pk")
    found = _once_each(of_one.values_list("pk", "customer_id")[:AT_ONCE])
    with work.unit(ACTOR) as unit:
        # The files first: of two contacts at once, the second sees the first.
        files = Customer.objects.filter(pk__in=found.values()).order_by("pk")
        names = {row.pk: row.name for row in files.only("pk", "name").select_for_update()}
        # Read under a lock: who stops the sending waits, or these wait and find it stopped.
        sending = (
            Sending.objects.select_related("survey", "link", "purpose")
            .select_for_update(of=("self",), no_key=True)
            .get(pk=first)
        )
        rows = due.filter(pk__in=found).order_by("pk").select_for_update()
        # One that belongs to somebody else by now leaves in the next round, with their file held.
        held = [row for row in rows if row.customer_id == found[row.pk]]
        _Round(unit, sending, held, names).go()
    return len(found)


def _once_each(rows: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Of several about one customer (a rule asks about each of their cases) one leaves in a round: the policy then
    sees it when it is asked about the next.
    """
    seen: dict[int, int] = {}
    for pk, customer_id in rows:
        seen.setdefault(customer_id, pk)
    return {pk: customer_id for customer_id, pk in seen.items()}


class _Round:
    """The invitations of one sending that are due, under one lock."""

    def __init__(
        self,
        unit: work.Work,
        sending: Sending,
        rows: Sequence[Invitation],
        names: Mapping[int, str],
    ) -> None:
        self._unit, self._sending, self._rows, self._names = unit, sending, rows, names
        ids = [row.customer_id for row in rows]
        self._decisions: Mapping[int, Decision] = who_may_be_contacted(
            ids,
            sending.purpose.code,
            sending.channel,
            unit.now,
            uncapped=_asked_again(sending, rows),
        )
        self._addresses = _addresses(ids)
        self._quiet_until = _quiet_until(unit.now)
        answered = Response.objects.filter(
            invitation_id__in=[row.pk for row in rows], state=ResponseState.COMPLETE
        )
        self._answered = set(answered.values_list("invitation_id", flat=True))
        self._told: dict[int, str] = {}

    def go(self) -> None:
        for row in self._rows:
            why = self._refusal(row)
            until = self._wait(row)
            if row.pk in self._answered:
                # The job that counts answers will say so of the invitation.
                row.due_at = None
            elif why:
                _refuse(row, why)
            elif until is not None:
                row.due_at = until
            else:
                self._put(row)
        Invitation.objects.bulk_update(self._rows, CHANGED)
        note_outreaches(self._unit, self._sending.purpose, self._sending.channel, self._told)

    def _refusal(self, row: Invitation) -> str:
        sending = self._sending
        if sending.state == SendingState.STOPPED:
            return STOPPED
        if sending.survey.state != SurveyState.OPEN or not sending.link.is_open:
            return CLOSED
        decision = self._decisions[row.customer_id]
        if not decision.allowed and decision.verdict is not Verdict.QUIET:
            return str(decision.verdict)
        return "" if row.customer_id in self._addresses else NO_ADDRESS

    def _wait(self, row: Invitation) -> datetime | None:
        """A mail does not ring; a favour is asked in the daytime all the same."""
        return self._decisions[row.customer_id].until or self._quiet_until

    def _put(self, row: Invitation) -> None:
        sending = self._sending
        round_ = row.reminded + 1 if row.sent_at is not None else 0
        outbox.put(
            self._unit,
            kind=sending.channel,
            address=self._addresses[row.customer_id],
            text=letter_of(sending, self._names[row.customer_id], is_reminder=round_ > 0).text(),
            dedup_key=f"{SUBJECT}:{row.pk}:{round_}",
            subject=row,
            conversation=conversation_of(row.pk),
            unit_id=sending.survey.unit_id,
        )
        self._told[row.customer_id] = f"{SUBJECT}:{row.pk}"
        row.due_at = None
        row.reminded = round_
        if row.sent_at is None:
            row.state = InvitationState.ON_WAY


def _asked_again(sending: Sending, rows: Sequence[Invitation]) -> set[int]:
    """Customers who are asked once more what became of what they told us. Reminders count as any contact."""
    if sending.plan != Plan.EVENT:
        return set()
    firsts = {row.pk: row.customer_id for row in rows if row.sent_at is None}
    return {firsts[pk] for owner in STANDING_OWNERS for pk in owner.once_more(firsts.keys())}


def _refuse(row: Invitation, why: str) -> None:
    """Nothing more goes out to this one; what was sent stays sent."""
    row.due_at, row.refusal = None, why
    if row.sent_at is None:
        row.state = InvitationState.REFUSED


def letter_of(sending: Sending, name: str, *, is_reminder: bool = False) -> outbox.Letter:
    """As it stands in the outbox; the person's own addresses are put in as it leaves."""
    definition = definition_of(sending.survey.current_id or 0, sending.survey_id)
    with translation.override(definition.languages[0]):
        subject = sending.subject
        if is_reminder:
            subject = _("A reminder: %(subject)s") % {"subject": subject}
        foot = _("If you do not want to be asked again: %(address)s") % {"address": STOP}
        if sending.is_named:
            foot = f"{named_sentence()}\n\n{foot}"
    body = sending.text.replace("{name}", name)
    return outbox.Letter(subject, f"{body}\n\n{foot}", STOP)


def named_sentence() -> str:
    """Said in the mail and on the page, before anybody answers."""
    return _(
        "This is a named questionnaire: we see who answered what, and may contact you about your answers."
    )


def _addresses(customer_ids: Collection[int]) -> dict[int, str]:
    """Sealed, the main one where there are several."""
    rows = Identity.objects.filter(
        customer_id__in=customer_ids, channel=Channel.EMAIL, voided_at__isnull=True
    )
    ordered = rows.order_by("is_primary", "-pk")
    return dict(ordered.values_list("customer_id", "value_sealed"))


def _quiet_until(now: datetime) -> datetime | None:
    row = contact_rules()
    rules = Rules(row.quiet_from, row.quiet_until, row.cap_count, row.cap_days)
    return quiet_until_of(rules, now, clock.zone())


def on_moved(event: MessageMoved, unit: work.Work) -> None:
    """What the outbox came to. What is uncertain stays on its way until a person has decided."""
    if event.subject_type != SUBJECT or event.subject_id is None:
        return
    row = Invitation.objects.select_for_update().filter(pk=event.subject_id).first()
    if row is None:
        return
    if event.after in (OutboxState.SENT, OutboxState.DELIVERED):
        _note_sent(row, event.before, unit.now)
    elif row.sent_at is None and row.state in (InvitationState.ON_WAY, InvitationState.FAILED):
        ended = event.after in (OutboxState.FAILED, OutboxState.VOID)
        row.state = InvitationState.FAILED if ended else InvitationState.ON_WAY
    row.save(update_fields=["state", "sent_at", "due_at"])


def _note_sent(row: Invitation, before: str, now: datetime) -> None:
    if before == OutboxState.SENT:
        return
    row.sent_at = row.sent_at or now
    if row.state in (InvitationState.ON_WAY, InvitationState.FAILED):
        row.state = InvitationState.SENT
    sending = Sending.objects.only("reminders", "remind_after_days").get(pk=row.sending_id)
    if row.state == InvitationState.SENT and row.reminded < sending.reminders:
        row.due_at = now + timedelta(days=sending.remind_after_days)


def register() -> None:
    events.subscribe(MessageMoved, on_moved)
