"""The weekly summary by e-mail, through whatever ZHIKE_EMAIL_URL says."""

from datetime import date

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from zhike.accounts.grants import people_with
from zhike.accounts.models import User
from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.core.errors import NotFound
from zhike.core.printing import PrintingUnavailable
from zhike.insight.models import Subscription, WeeklyMail
from zhike.insight.periods import Week
from zhike.insight.permissions import VIEW
from zhike.insight.selectors.reach import chosen_unit
from zhike.insight.services.weeks import WEEKLY
from zhike.insight.week_page import WeekPage, week_page
from zhike.insight.week_paper import week_pdf

ACTOR = work.Actor.system("insight")


def is_mail_set_up() -> bool:
    return bool(settings.ZHIKE_EMAIL_URL)


def recipients() -> list[tuple[User, Grants]]:
    """Who may read reports, has an address and asked for it."""
    asked = set(
        Subscription.objects.filter(report=WEEKLY, is_on=True).values_list("user_id", flat=True)
    )
    return [(user, grants) for user, grants in people_with(VIEW) if user.email and user.pk in asked]


def due_mails(today: date) -> list[int]:
    """On Mondays: whom last week has not gone to yet."""
    if today.weekday() != 0 or not is_mail_set_up():
        return []
    monday = Week.of(today).before.monday
    sent = set(WeeklyMail.objects.filter(monday=monday).values_list("user_id", flat=True))
    return [user.pk for user, _grants in recipients() if user.pk not in sent]


def mail_week(user_id: int, monday: date) -> bool:
    """Send one week to one person, once. The message goes out before it is noted: twice is better than never."""
    found = next(((user, grants) for user, grants in recipients() if user.pk == user_id), None)
    if found is None or WeeklyMail.objects.filter(user_id=user_id, monday=monday).exists():
        return False
    user, grants = found
    with translation.override(user.language or settings.LANGUAGE_CODE):
        try:
            page = week_page(grants, chosen_unit(grants, None), Week(monday))
        except NotFound:
            return False
        message_of(user, page).send()
    with work.unit(ACTOR) as unit:
        WeeklyMail.objects.create(user_id=user_id, monday=monday, sent_at=clock.now())
        unit.audit("insight.week.mail", None, after={"user": user_id, "week": page.week.code})
    return True


def message_of(user: User, page: WeekPage) -> EmailMessage:
    subject = _("Weekly summary %(week)s · %(unit)s") % {
        "week": page.week.code,
        "unit": page.unit.name,
    }
    lines = [f"{n}. {sentence}" for n, sentence in enumerate(page.sentences, 1)]
    message = EmailMessage(subject, "\n".join(lines), settings.DEFAULT_FROM_EMAIL, [user.email])
    try:
        message.attach(f"zhike-{page.week.code}.pdf", week_pdf(page), "application/pdf")
    except PrintingUnavailable as missing:
        message.body = f"{message.body}\n\n{missing}"
    return message
