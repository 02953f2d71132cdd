"""The weekly summary by e-mail, through whatever ZHIKE_EMAIL_URL says."""

import smtplib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.utils import DNS_NAME
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _

from zhike.accounts.grants import people_with
from zhike.accounts.models import User
from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.core.errors import Conflict, NotFound
from zhike.core.jobs import GiveUp
from zhike.core.printing import PrintingUnavailable
from zhike.insight.choices import FINAL, TRIED_AGAIN, MailProblem
from zhike.insight.mail_problems import problem_of, said_by
from zhike.insight.models import Subscription, WeeklyMail
from zhike.insight.periods import Week
from zhike.insight.permissions import MANAGE, VIEW
from zhike.insight.selectors.reach import chosen_unit
from zhike.insight.services.weeks import WEEKLY
from zhike.insight.week_page import WeekPage, week_page
from zhike.insight.week_paper import week_pdf

ACTOR = work.Actor.system("insight")
# Longer than a server may be slow at every step; after that whoever began has died.
LONGEST_SENDING = timedelta(minutes=5)
MOST_FAILED = 20


def is_mail_set_up() -> bool:
    return bool(settings.ZHIKE_EMAIL_URL)


def recipients() -> list[tuple[User, Grants]]:
    """Who may read reports, has an address and asked for it."""
    asked = set(
        Subscription.objects.filter(report=WEEKLY, is_on=True).values_list("user_id", flat=True)
    )
    return [(user, grants) for user, grants in people_with(VIEW) if user.email and user.pk in asked]


def due_mails(today: date) -> list[int]:
    """On Mondays: whom last week has not gone to yet. On other days: whom it could not reach so far."""
    if not is_mail_set_up():
        return []
    monday = Week.of(today).before.monday
    known = {row.user_id: row for row in WeeklyMail.objects.filter(monday=monday)}
    waiting = {user_id for user_id, row in known.items() if not row.is_over}
    is_monday = today.weekday() == 0
    if not (is_monday or waiting):
        return []
    return [
        user.pk
        for user, _grants in recipients()
        if user.pk in waiting or (is_monday and user.pk not in known)
    ]


class NotMailed(Exception):
    """Not sent this time; the job tries again."""


def mail_week(user_id: int, monday: date) -> bool:
    """Send one week to one person, once; a failure is noted, and raised so that the job tries again or gives up.

    A process that dies while it hands the message over leaves its mark; after a while another one sends it: then
    twice is better than never, and both carry the same Message-ID.
    """
    found = next(((user, grants) for user, grants in recipients() if user.pk == user_id), None)
    known = WeeklyMail.objects.filter(user_id=user_id, monday=monday).first()
    if found is None or (known is not None and known.is_over):
        return False
    user, grants = found
    with translation.override(user.language or settings.LANGUAGE_CODE):
        try:
            page = week_page(grants, chosen_unit(grants, None), Week(monday))
        except NotFound:
            return False
        message = message_of(user, page)
        if not _claim(user_id, monday):
            raise NotMailed("Another job hands this mail over just now.")
        try:
            message.send()
        except (smtplib.SMTPException, OSError) as error:
            raise _failed(user_id, page.week, error) from error
    _note(user_id, page.week, "insight.week.mail", sent_at=clock.now(), problem="", said="")
    return True


def _claim(user_id: int, monday: date) -> bool:
    """Only one hands it over at a time."""
    now = clock.now()
    with work.unit(ACTOR):
        WeeklyMail.objects.get_or_create(user_id=user_id, monday=monday)
        free = Q(begun_at__isnull=True) | Q(begun_at__lte=now - LONGEST_SENDING)
        rows = WeeklyMail.objects.filter(free, user_id=user_id, monday=monday, sent_at__isnull=True)
        rows = rows.exclude(problem__in=FINAL)
        return bool(rows.update(begun_at=now, attempts=F("attempts") + 1))


def _failed(user_id: int, week: Week, error: Exception) -> Exception:
    problem, said = problem_of(error), said_by(error)
    _note(
        user_id,
        week,
        "insight.week.mail_failed",
        problem=problem,
        said=said,
        failed_at=clock.now(),
    )
    words = f"{problem.label} {said}"
    # What the set-up lacks no further try within the hour brings; tomorrow's does, once it is mended.
    return NotMailed(words) if problem is MailProblem.AWAY else GiveUp(words)


def _note(user_id: int, week: Week, action: str, **came: Any) -> None:
    with work.unit(ACTOR) as unit:
        WeeklyMail.objects.filter(user_id=user_id, monday=week.monday).update(begun_at=None, **came)
        told = {"problem": str(came["problem"])} if came["problem"] else {}
        unit.audit(action, None, after={"user": user_id, "week": week.code, **told})


def send_again(*, actor: work.Actor, grants: Grants, week: Week) -> None:
    """Somebody wants the mail that did not come, or may not have come."""
    from zhike.insight.tasks import mail_one_week

    grants.require(VIEW)
    user_id = grants.user_id or 0
    with work.unit(actor) as unit:
        rows = WeeklyMail.objects.filter(user_id=user_id, monday=week.monday)
        if not rows.exclude(problem="").update(problem="", said="", failed_at=None, begun_at=None):
            raise Conflict(
                "mail_not_failed", _("This week's mail did not fail; nothing is sent again.")
            )
        unit.enqueue(mail_one_week, user_id=user_id, monday=week.monday.isoformat())
        unit.audit("insight.week.mail_again", None, after={"week": week.code})


@dataclass(frozen=True)
class MailNews:
    """What the page says of the mails of a week."""

    week: Week
    own: WeeklyMail | None
    # Of everybody, for who keeps the settings.
    failed: list[WeeklyMail]

    @property
    def is_tried_again(self) -> bool:
        return self.own is not None and self.own.problem in TRIED_AGAIN


def mail_news(grants: Grants, week: Week) -> MailNews:
    """Of the week on the page; while that is running, of the one before, which went out last."""
    week = week if week.is_over else week.before
    if not is_mail_set_up():
        return MailNews(week, None, [])
    rows = WeeklyMail.objects.filter(monday=week.monday)
    mine = rows.filter(user_id=grants.user_id or 0)
    if not grants.allows(MANAGE):
        return MailNews(week, mine.first(), [])
    failed = rows.exclude(problem="").select_related("user").order_by("-failed_at")
    return MailNews(week, mine.first(), list(failed[:MOST_FAILED]))


def message_of(user: User, page: WeekPage) -> EmailMessage:
    subject = _("Weekly summary %(week)s · %(unit)s") % {
        "week": page.week.code,
        "unit": page.unit.name,
    }
    lines = [f"{n}. {sentence}" for n, sentence in enumerate(page.sentences, 1)]
    message = EmailMessage(
        subject,
        "\n".join(lines),
        settings.DEFAULT_FROM_EMAIL,
        [user.email],
        # The same each time, so that a mailbox shows a second copy as the first.
        headers={"Message-ID": f"<zhike-{page.week.code}-{user.pk}@{DNS_NAME}>"},
    )
    try:
        message.attach(f"zhike-{page.week.code}.pdf", week_pdf(page), "application/pdf")
    except PrintingUnavailable as missing:
        message.body = f"{message.body}\n\n{missing}"
    return message
