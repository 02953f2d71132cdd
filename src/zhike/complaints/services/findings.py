"""What is found out about a complaint beside its steps."""

from django.utils.translation import gettext as _

from zhike.complaints.models import Cause, Complaint
from zhike.complaints.services.record import complaint_of, write_line
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.work import Actor
from zhike.desk.services.handling import Handling, handling


def active_cause(cause_id: int) -> Cause:
    found = Cause.objects.filter(pk=cause_id, is_active=True).first()
    if found is None:
        raise RuleError("cause_unknown", _("There is no such cause."), field="cause")
    return found


def set_cause(*, actor: Actor, grants: Grants, case_id: int, cause_id: int | None) -> Complaint:
    """Say why it happened, or that it is not known. May be said after closing too: causes are found late."""
    with handling("cause", actor=actor, grants=grants, case_id=case_id) as act:
        complaint = complaint_of(act)
        put_cause(act, complaint, active_cause(cause_id) if cause_id is not None else None)
    return complaint


def put_cause(act: Handling, complaint: Complaint, cause: Cause | None) -> None:
    if complaint.cause_id == (cause.pk if cause is not None else None):
        return
    complaint.cause = cause
    complaint.save(update_fields=["cause"])
    write_line(
        act,
        "cause",
        cause=cause.pk if cause is not None else None,
        label=str(cause.name or cause.code) if cause is not None else "",
    )
