"""What a person may do to the audit log: have it checked. Nothing else can be done to it."""

from zhike.accounts.permissions import VIEW_AUDIT
from zhike.core import work
from zhike.core.access import Forbidden, Grants
from zhike.core.tasks import check_audit_log


def ask_for_check(*, actor: work.Actor, grants: Grants) -> None:
    """A job reads the whole chain; only for who may read the whole log."""
    grants.require(VIEW_AUDIT)
    if grants.unit_ids is not None:
        raise Forbidden(VIEW_AUDIT)
    with work.unit(actor) as unit:
        unit.enqueue(check_audit_log)
        unit.audit("audit.ask_check", None)
