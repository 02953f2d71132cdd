"""What accounts does when a lower room tells of something."""

from django.urls import reverse

from zhike.accounts.grants import people_with
from zhike.accounts.permissions import MANAGE_SETTINGS, VIEW_AUDIT
from zhike.core import events
from zhike.core.audit_chain import ChainFault
from zhike.core.calendar.missing import DatesMissing
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


def tell_of_missing_dates(event: DatesMissing, unit: Work) -> None:
    """Everybody who may enter them."""
    for person, _grants in people_with(MANAGE_SETTINGS):
        notify(
            unit,
            user_id=person.pk,
            kind="calendar.dates_missing",
            values={"year": event.year, "calendars": "、".join(event.calendars)},
            url=reverse("web:calendar-import-new", args=[event.calendar_id]),
        )


def register() -> None:
    events.subscribe(DatesMissing, tell_of_missing_dates)
    events.subscribe(ChainFault, tell_auditors)
