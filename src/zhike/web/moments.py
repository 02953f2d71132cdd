"""Time in the words people use: 剩 2 时 50 分, 今天 15:40, 11-25（周三）12:00.

Pure: the present moment is passed in, days are the company's.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy, pgettext_lazy

from zhike.core import clock
from zhike.core.texts import gettext as _

# A deadline nearer than this is told as time left, a farther one as a clock time.
NEAR = timedelta(hours=4)
# From this share of the time on a deadline is amber.
SOON_SHARE = 0.75
SOON_WITHOUT_START = timedelta(hours=1)

WEEKDAYS = (
    pgettext_lazy("weekday", "Mon"),
    pgettext_lazy("weekday", "Tue"),
    pgettext_lazy("weekday", "Wed"),
    pgettext_lazy("weekday", "Thu"),
    pgettext_lazy("weekday", "Fri"),
    pgettext_lazy("weekday", "Sat"),
    pgettext_lazy("weekday", "Sun"),
)
_PAUSED = gettext_lazy("Paused")


def lasting(span: timedelta) -> str:
    """A span in two units at most; below a minute it is one minute."""
    minutes = max(1, int(abs(span.total_seconds()) // 60))
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days and hours:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if days:
        return _("%(days)d d") % {"days": days}
    if hours and minutes:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if hours:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(minutes)d min") % {"minutes": minutes}


def _split(moment: date) -> tuple[date, str]:
    if isinstance(moment, datetime):
        there = clock.local(moment)
        return there.date(), f"{there:%H:%M}"
    return moment, ""


def _near_day(day: date, today: date, time: str) -> str | None:
    days = (day - today).days
    if days == 0:
        words = _("today %(time)s")
    elif days == 1:
        words = _("tomorrow %(time)s")
    elif days == -1:
        words = _("yesterday %(time)s")
    else:
        return None
    return (words % {"time": time}).strip()


def spoken(moment: date, now: datetime) -> str:
    """When something happened, as short as a list wants it: 14:21 of today, 昨天 16:10, 11-08 14:02."""
    day, time = _split(moment)
    today = clock.local(now).date()
    if day == today and time:
        return time
    near = _near_day(day, today, time)
    if near is not None:
        return near
    if day.year == today.year:
        return f"{day:%m-%d} {time}".strip()
    return f"{day:%Y-%m-%d}"


def promised(moment: date, now: datetime) -> str:
    """When something is due: 今天 15:40, 明天 10:20, 11-25（周三）12:00."""
    day, time = _split(moment)
    today = clock.local(now).date()
    near = _near_day(day, today, time)
    if near is not None:
        return near
    written = f"{day:%m-%d}" if day.year == today.year else f"{day:%Y-%m-%d}"
    words = _("%(day)s (%(weekday)s) %(time)s") % {
        "day": written,
        "weekday": WEEKDAYS[day.weekday()],
        "time": time,
    }
    return words.strip()


@dataclass(frozen=True)
class Due:
    """How a deadline stands. `tone` is over, soon, ok, pause or done; `share` the time used, 0..1."""

    tone: str
    text: str
    icon: str
    share: float | None


def paused_words(paused: object) -> str:
    """`paused` is the reason, or True without one."""
    reason = "" if paused is True else str(paused)
    return _("Paused · %(reason)s") % {"reason": reason} if reason else str(_PAUSED)


def standing(
    due_at: datetime,
    now: datetime,
    *,
    started: datetime | None = None,
    paused: object = "",
    done: datetime | None = None,
) -> Due:
    share = None
    if started is not None and due_at > started:
        share = min(1.0, max(0.0, ((done or now) - started) / (due_at - started)))
    if done is not None:
        if done <= due_at:
            return Due("done", _("in time"), "circle-check", share)
        late = _("%(span)s late") % {"span": lasting(done - due_at)}
        return Due("over", late, "alert-triangle", share)
    if paused:
        return Due("pause", paused_words(paused), "player-pause", share)
    left = due_at - now
    if left < timedelta(0):
        over = _("%(span)s over") % {"span": lasting(left)}
        return Due("over", over, "alert-triangle", 1.0 if share is not None else None)
    soon = share >= SOON_SHARE if share is not None else left <= SOON_WITHOUT_START
    same_day = clock.local(due_at).date() == clock.local(now).date()
    if left <= NEAR and (same_day or left <= timedelta(hours=1)):
        text = _("%(span)s left") % {"span": lasting(left)}
    else:
        text = promised(due_at, now)
    return Due("soon" if soon else "ok", text, "clock", share)
