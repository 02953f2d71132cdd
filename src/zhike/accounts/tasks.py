"""What signing in leaves behind and nobody needs any more."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import Attempt, Session
from zhike.accounts.sessions import is_alive, real_now, rows_with_rules
from zhike.core import clock
from zhike.core.jobs import job, periodic

ATTEMPTS_KEPT = timedelta(days=2)
ROWS_AT_ONCE = 200


@periodic(daily_at="03:10")
@job(label=_("Forget ended sessions"))
def forget_ended_sessions() -> None:
    now = real_now()
    # Small bites: a long delete would hold the write lock of SQLite.
    last = ""
    while rows := list(rows_with_rules().filter(pk__gt=last).order_by("pk")[:ROWS_AT_ONCE]):
        last = rows[-1].pk
        Session.objects.filter(pk__in=[row.pk for row in rows if not is_alive(row, now)]).delete()
    old = Attempt.objects.filter(last_at__lt=clock.now() - ATTEMPTS_KEPT)
    while keys := list(old.order_by("pk").values_list("pk", flat=True)[:ROWS_AT_ONCE]):
        Attempt.objects.filter(pk__in=keys).delete()
