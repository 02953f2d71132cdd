"""Repeating jobs of reports: settle what is over, look what changed since, mail the week on Mondays."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from zhike.core import clock, work
from zhike.core.jobs import current, job, periodic
from zhike.insight.mailing import due_mails, mail_week
from zhike.insight.periods import Week
from zhike.insight.services.settling import check_days, settle_missing_days

ACTOR = work.Actor.system("insight")


@periodic(daily_at="00:05")
@job(queue="bulk", limit_seconds=3600, label=_("Settle the day"))
def settle_days() -> None:
    settle_missing_days(current().pause)
    check_days(current().pause)


@periodic(daily_at="08:00")
@job(label=_("Mail the weekly summary on Mondays"))
def mail_weeks() -> None:
    monday = Week.of(clock.today()).before.monday
    for user_id in due_mails(clock.today()):
        with work.unit(ACTOR) as unit:
            unit.enqueue(mail_one_week, user_id=user_id, monday=monday.isoformat())


# A server that is away is tried for two hours, then on the mornings after.
@job(queue="bulk", attempts=12, label=_("Mail a weekly summary"))
def mail_one_week(user_id: int, monday: str) -> None:
    mail_week(user_id, date.fromisoformat(monday))
