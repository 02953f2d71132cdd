"""A sending without a list: rooms above keep a rule, and add one customer at a time as something happens to them.

What an invitation is about stands in its `occasion`, in words of the room that asked. The same occasion is the
same invitation, however often it is asked for. The policy is asked as its mail leaves, as of any other.
"""

from collections.abc import Collection
from datetime import datetime

from zhike.core import outbox
from zhike.core.work import Work
from zhike.customers.models import ConsentPurpose, Customer
from zhike.surveys.choices import InvitationState, Plan, SendingState
from zhike.surveys.models import Invitation, Sending, Survey
from zhike.surveys.sampling import Sample, Sampling
from zhike.surveys.services.inviting import OVERTAKEN, conversation_of
from zhike.surveys.services.sendings import Message, write

# Nothing has left that could be answered.
NOT_GONE = (InvitationState.WAITING, InvitationState.ON_WAY)


def open_standing(
    unit: Work,
    survey: Survey,
    *,
    name: str,
    purpose: ConsentPurpose,
    message: Message,
    is_named: bool,
) -> Sending:
    """Drawn from no list: nobody is asked until something happens."""
    return write(
        unit,
        survey,
        name=name,
        purpose=purpose,
        sampling=Sampling("", Plan.EVENT, None, 0),
        sample=Sample(0, 0, (), ()),
        message=message,
        is_named=is_named,
    )


def invite_for(
    unit: Work, sending_id: int, *, occasion: str, customer_id: int, due_at: datetime
) -> Invitation:
    """Once for each occasion. What was called off before it left waits again; what has left stays as it is."""
    assert occasion, "a standing sending asks about something"
    found = Invitation.objects.filter(sending_id=sending_id, occasion=occasion)
    row = found.select_for_update(no_key=True).first()
    if row is None:
        customer = Customer.objects.only("tier", "region_id").get(pk=customer_id)
        return Invitation.objects.create(
            sending_id=sending_id,
            customer=customer,
            occasion=occasion,
            tier=customer.tier,
            region_id=customer.region_id,
            due_at=due_at,
        )
    if row.refusal == OVERTAKEN and row.sent_at is None and not row.is_cut:
        row.customer_id, row.due_at = customer_id, due_at
        row.state, row.refusal = InvitationState.WAITING, ""
        row.save(update_fields=["customer", "due_at", "state", "refusal"])
    return row


def invite_in_person(unit: Work, sending_id: int, *, occasion: str, customer_id: int) -> Invitation:
    """Asked by somebody who is talking to them now: no mail leaves, and one that waits is not needed any more."""
    row = invite_for(unit, sending_id, occasion=occasion, customer_id=customer_id, due_at=unit.now)
    outbox.void(unit, conversation=conversation_of(row.pk))
    row = Invitation.objects.select_for_update(no_key=True).get(pk=row.pk)
    if row.state not in (InvitationState.ANSWERED, InvitationState.OPTED_OUT):
        row.state, row.refusal = InvitationState.SENT, ""
    row.sent_at, row.due_at = row.sent_at or unit.now, None
    row.save(update_fields=["state", "refusal", "sent_at", "due_at"])
    return row


def call_off(unit: Work, invitation_ids: Collection[int], why: str = OVERTAKEN) -> None:
    """What has not left is not sent any more, and no reminder follows what has."""
    if not invitation_ids:
        return
    # In the order of the job that invites: the file, then messages, then the invitation. Whoever invites at this
    # moment is waited for, so that what they put into the outbox is seen.
    asked = Invitation.objects.filter(pk__in=invitation_ids).values("customer_id")
    files = Customer.objects.filter(pk__in=asked).order_by("pk").only("pk")
    list(files.select_for_update(no_key=True))
    for pk in sorted(invitation_ids):
        outbox.void(unit, conversation=conversation_of(pk))
        row = Invitation.objects.select_for_update(no_key=True).get(pk=pk)
        if row.sent_at is None and _is_taken_back(row):
            row.state, row.refusal, row.due_at = InvitationState.REFUSED, why, None
            row.save(update_fields=["state", "refusal", "due_at"])
        elif row.due_at is not None:
            row.due_at = None
            row.save(update_fields=["due_at"])


def _is_taken_back(row: Invitation) -> bool:
    """Waiting still, or its mail was called off just now; what is being sent this moment is not."""
    return row.state in (InvitationState.WAITING, InvitationState.FAILED)


def follow_customer(unit: Work, invitation_ids: Collection[int], customer_id: int) -> None:
    """The matter belongs to somebody else: what waits still goes to them."""
    rows = Invitation.objects.filter(
        pk__in=invitation_ids, state=InvitationState.WAITING, is_cut=False
    )
    customer = Customer.objects.only("tier", "region_id").get(pk=customer_id)
    rows.update(customer=customer, tier=customer.tier, region_id=customer.region_id)


def pause(unit: Work, sending: Sending) -> None:
    """What waits ends when it would have left, as for any sending that was stopped."""
    from zhike.surveys.tasks import take_back_mails

    sending.state = SendingState.STOPPED
    sending.save(update_fields=["state"])
    unit.enqueue(take_back_mails, sending_id=sending.pk)


def resume(unit: Work, sending: Sending) -> None:
    sending.state = SendingState.RUNNING
    sending.save(update_fields=["state"])
