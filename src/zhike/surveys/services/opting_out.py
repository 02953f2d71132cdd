"""“Do not ask me again”: said by whoever holds a personal link, written into the ledger of consents."""

from zhike.core import outbox, work
from zhike.customers.models import Customer
from zhike.customers.services.consents import withdraw_by_customer
from zhike.surveys import answer_errors as errors
from zhike.surveys.choices import InvitationState
from zhike.surveys.invited import invitation_id_of
from zhike.surveys.models import Invitation
from zhike.surveys.services.inviting import conversation_of


def invitation_at(token: str) -> Invitation:
    rows = Invitation.objects.select_related("sending__purpose").filter(is_cut=False)
    row = rows.filter(pk=invitation_id_of(token)).first()
    if row is None:
        raise errors.link_not_found()
    return row


def opt_out(*, actor: work.Actor, token: str, channel: str) -> Invitation:
    """Once or ten times, the ledger holds one no. What has not left yet is called off."""
    row = invitation_at(token)
    with work.unit(actor) as unit:
        # In the order of the job that invites: the file, then messages, then the invitation.
        Customer.objects.select_for_update().only("pk").get(pk=row.customer_id)
        outbox.void(unit, conversation=conversation_of(row.pk))
        row = (
            Invitation.objects.select_related("sending__purpose")
            .select_for_update(of=("self",))
            .get(pk=row.pk)
        )
        withdraw_by_customer(unit, row.customer_id, row.sending.purpose, channel)
        if row.opted_out_at is None:
            row.opted_out_at = unit.now
            row.due_at = None
            if row.state != InvitationState.ANSWERED:
                row.state = InvitationState.OPTED_OUT
            row.save(update_fields=["opted_out_at", "due_at", "state"])
    return row
