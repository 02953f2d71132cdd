"""How often the public pages may be used from one place: counted in one small table."""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from zhike.channels.webform.models import Attempt
from zhike.core import clock, work


def _key(kind: str, subject: str, window: int) -> str:
    text = f"{kind}|{subject}|{window}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()


def _window(now: datetime, length: timedelta) -> tuple[int, datetime]:
    seconds = int(length.total_seconds())
    number = int(now.timestamp()) // seconds
    return number, datetime.fromtimestamp((number + 1) * seconds, now.tzinfo)


def note_try(kind: str, subject: str, length: timedelta) -> int:
    """Count one more; returns the count within the window. One statement, so that no try slips through."""
    number, end = _window(clock.now(), length)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO webform_attempt (key, count, expires_at) VALUES (%s, 1, %s) "
            "ON CONFLICT (key) DO UPDATE SET count = webform_attempt.count + 1 RETURNING count",
            [_key(kind, subject, number), connection.ops.adapt_datetimefield_value(end)],
        )
        return int(cursor.fetchone()[0])


def end_of_window(length: timedelta) -> datetime:
    return _window(clock.now(), length)[1]


def note_refusal(*, actor: work.Actor, kind: str, most: int) -> None:
    """That somebody was refused, and from where; the log of changes tells administrators."""
    with work.unit(actor) as unit:
        unit.audit("webform.limit", None, after={"limit": kind, "most": most, "address": actor.ip})


def forget_expired(at_most: int = 500) -> int:
    """Drop windows that are over; called when a new one is counted, so that the table stays small."""
    old = Attempt.objects.filter(expires_at__lt=clock.now()).values_list("key", flat=True)
    return Attempt.objects.filter(key__in=list(old[:at_most])).delete()[0]
