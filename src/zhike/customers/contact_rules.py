"""May a customer be contacted now? Arithmetic alone; facts and the moment are given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

# Ways that ring or buzz in somebody's pocket: quiet hours are for these.
RINGING = frozenset({"phone", "sms", "wechat", "wecom"})


class Verdict(StrEnum):
    ALLOWED = "allowed"
    NO_FILE = "no_file"
    NO_PURPOSE = "no_purpose"
    WITHDRAWN = "withdrawn"
    NO_CONSENT = "no_consent"
    RENEWAL = "renewal"
    TOO_OFTEN = "too_often"
    QUIET = "quiet"


@dataclass(frozen=True)
class Rules:
    quiet_from: int
    quiet_until: int
    cap_count: int
    cap_days: int


@dataclass(frozen=True)
class Asked:
    """What is known of a customer and a purpose. `said` is their latest yes or no, None when never asked."""

    needs_consent: bool
    is_capped: bool
    said: bool | None
    # The version of the words they agreed to, and the last one that asked everybody anew.
    version: int
    renewed_at_version: int
    # Contacts that count, latest last.
    contacts: Sequence[datetime]


@dataclass(frozen=True)
class Decision:
    """`until` is when to ask again: the end of the quiet hours, or of the window that is full."""

    verdict: Verdict
    until: datetime | None = None

    @property
    def allowed(self) -> bool:
        return self.verdict is Verdict.ALLOWED


def decide(asked: Asked, rules: Rules, channel: str, at: datetime, zone: tzinfo) -> Decision:
    """The customer's own word first, then how often, then the hour."""
    if asked.said is False:
        return Decision(Verdict.WITHDRAWN)
    if asked.needs_consent:
        if asked.said is None:
            return Decision(Verdict.NO_CONSENT)
        if asked.version < asked.renewed_at_version:
            return Decision(Verdict.RENEWAL)
    full_until = _full_until(asked, rules, at)
    if full_until is not None:
        return Decision(Verdict.TOO_OFTEN, full_until)
    quiet_until = quiet_until_of(rules, at, zone) if channel in RINGING else None
    if quiet_until is not None:
        return Decision(Verdict.QUIET, quiet_until)
    return Decision(Verdict.ALLOWED)


def _full_until(asked: Asked, rules: Rules, at: datetime) -> datetime | None:
    if not asked.is_capped or not rules.cap_count:
        return None
    span = timedelta(days=rules.cap_days)
    counted = sorted(moment for moment in asked.contacts if at - span < moment <= at)
    if len(counted) < rules.cap_count:
        return None
    # The window opens when so many have left it that one more fits.
    return counted[-rules.cap_count] + span


def quiet_until_of(rules: Rules, at: datetime, zone: tzinfo) -> datetime | None:
    """When the quiet hours end that `at` lies in; None outside them."""
    begin, end = rules.quiet_from, rules.quiet_until
    if begin == end:
        return None
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    over_midnight = begin > end
    is_quiet = minute >= begin or minute < end if over_midnight else begin <= minute < end
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=1 if over_midnight and minute >= begin else 0)
    return datetime(day.year, day.month, day.day, end // 60, end % 60, tzinfo=zone)
