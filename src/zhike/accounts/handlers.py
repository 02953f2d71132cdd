"""What accounts does when a lower room tells of something."""

from django.urls import reverse

from zhike.accounts.grants import people_with
from zhike.accounts.permissions import VIEW_AUDIT
from zhike.core import events
from zhike.core.audit_chain import ChainFault
from zhike.core.notify import notify
from zhike.core.work import Work


def tell_auditors(event: ChainFault, unit: Work) -> None:
    """Everybody who may read the whole log."""
    for person, grants in people_with(VIEW_AUDIT):
        if grants.unit_ids is None:
            notify(
                unit,
                user_id=person.pk,
                kind="audit.fault",
                values={"row": event.audit_id or ""},
                url=reverse("web:audit"),
            )


def register() -> None:
    events.subscribe(ChainFault, tell_auditors)
