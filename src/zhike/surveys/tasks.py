"""Repeating jobs of questionnaires."""

from django.utils.translation import gettext_lazy as _

from zhike.core.jobs import current, job, periodic
from zhike.surveys.services.counting import AT_ONCE, count_some
from zhike.surveys.services.files import AT_ONCE as FILES_AT_ONCE
from zhike.surveys.services.files import drop_abandoned
from zhike.surveys.services.inviting import invite_some
from zhike.surveys.services.taking_back import take_back


@periodic(every_seconds=5)
@job(label=_("Count answers to questionnaires"))
def count_responses() -> None:
    while count_some() == AT_ONCE:
        current().pause()


@periodic(every_seconds=3600)
@job(queue="bulk", label=_("Remove files of answers nobody goes on with"))
def drop_abandoned_files() -> None:
    while drop_abandoned() == FILES_AT_ONCE:
        current().pause()


@periodic(every_seconds=60)
@job(queue="bulk", label=_("Invite customers to questionnaires, and remind them"))
def invite_customers() -> None:
    while invite_some():
        current().pause()


@job(queue="bulk", label=_("Take back mails of a sending that was stopped"))
def take_back_mails(sending_id: int) -> None:
    take_back(sending_id)
