"""The jobs of the outbox: one looks every second whether there is something to send, one sends."""

from django.utils.translation import gettext_lazy as _

from zhike.core import work
from zhike.core.jobs import job, periodic, rows
from zhike.core.outbox.carriers import CARRIERS, LONGEST_CALL_SECONDS
from zhike.core.outbox.claiming import ACTOR, anything_ready, lapse
from zhike.core.outbox.delivering import TURN_SECONDS, send_due


@job(
    queue="outbox",
    limit_seconds=TURN_SECONDS + LONGEST_CALL_SECONDS + 30,
    label=_("Send messages to customers"),
)
def send_messages() -> int:
    return send_due()


@periodic(every_seconds=1)
@job(label=_("Look for messages to send"))
def wake_outbox() -> None:
    """Asked rather than told: whatever died where, what is due is found again."""
    if not CARRIERS:
        return
    lapse()
    path = send_messages.module_path
    if anything_ready() and not rows.Row.objects.filter(task_path=path, status=rows.READY).exists():
        with work.unit(ACTOR) as unit:
            unit.enqueue(send_messages)
