"""“Send no more” reaches what already waits in the outbox, a hundred at a time, so that other mails go on."""

from zhike.core import work
from zhike.core.jobs import current
from zhike.core.models import OutboxMessage, OutboxState
from zhike.surveys.choices import SendingState
from zhike.surveys.models import Invitation, Sending
from zhike.surveys.services.inviting import ACTOR, AT_ONCE, STOPPED, SUBJECT
from zhike.surveys.services.standing import call_off


def take_back(sending_id: int) -> None:
    """Void what has not left. What is being sent at this moment may still arrive; it says so of itself."""
    while _some(sending_id):
        current().pause()


def _some(sending_id: int) -> int:
    of_it = Invitation.objects.filter(sending=sending_id).values("pk")
    waiting = OutboxMessage.objects.filter(
        subject_type=SUBJECT, state=OutboxState.WAITING, subject_id__in=of_it
    )
    ids = list(waiting.order_by("pk").values_list("subject_id", flat=True)[:AT_ONCE])
    if not ids:
        return 0
    with work.unit(ACTOR) as unit:
        # Whoever was inviting when it stopped has been waited for then; nothing is put any more.
        sending = Sending.objects.only("state").get(pk=sending_id)
        if sending.state != SendingState.STOPPED:
            # Resumed meanwhile: what still waits may go.
            return 0
        call_off(unit, {pk for pk in ids if pk is not None}, STOPPED)
    return len(ids)
