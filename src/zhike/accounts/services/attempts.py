"""Counting failures, so that nobody can try passwords for long.

A try is counted before the password is looked at and taken back when it was right: tries sent at the same
moment are all counted, and never more than the rule allows are answered.
"""

from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from zhike.accounts.models import Attempt, SignInRules, User
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.core import clock, work
from zhike.core.access import Grants, NotFound
from zhike.core.errors import TooOften

# As wide as the column: longer ones are nobody's.
LONGEST_NUMBER = 30


def door(ip: str) -> work.Actor:
    """Who acts while nobody is signed in yet."""
    return work.Actor(id=None, name="sign-in", kind="system", via="page", ip=ip)


class Held(TooOften):
    """Too many failures of a staff number or of an address."""

    def __init__(self, kind: str, until: datetime) -> None:
        at = f"{clock.local(until):%H:%M}"
        sentence = (
            _(
                "Too many failed sign-ins with this staff number: it is locked until %(at)s. "
                "An administrator can unlock it sooner."
            )
            if kind == Attempt.Kind.ACCOUNT
            else _("Too many failures from your network address. Please try again after %(at)s.")
        )
        super().__init__("sign_in_held", sentence % {"at": at}, until=until)


def rules() -> SignInRules:
    return SignInRules.objects.first() or SignInRules()


def begin(actor: work.Actor, number: str, ip: str) -> None:
    """Count a try of this staff number from this address, or refuse it."""
    limits = rules()
    with work.unit(actor) as unit:
        held = [
            (kind, until)
            for kind, what in _counted(number, ip)
            if (until := _count(kind, what, limits, unit.now))
        ]
    if held:
        raise Held(*held[0])


def failed(unit: work.Work, number: str, ip: str, user: User | None) -> None:
    """The try was wrong: lock what has reached its limit."""
    limits = rules()
    for kind, what in _counted(number, ip):
        most = most_of(kind, limits)
        until = unit.now + timedelta(minutes=limits.lock_minutes)
        locked = Attempt.objects.filter(
            kind=kind, what=what, failures__gte=most, held_until=None
        ).update(held_until=until)
        if locked:
            account = kind == Attempt.Kind.ACCOUNT
            unit.audit(
                "accounts.sign_in.lock",
                user if account else None,
                after={kind: what, "failures": most, "until": until},
            )


def take_back(number: str, ip: str) -> None:
    """The try was right: only this one is forgotten, not those before it."""
    for kind, what in _counted(number, ip):
        rows = Attempt.objects.filter(kind=kind, what=what, failures__gt=0)
        rows.update(failures=F("failures") - 1)


def forget(number: str) -> None:
    """Signed in with every step: the staff number's earlier failures go, the address's stay."""
    Attempt.objects.filter(kind=Attempt.Kind.ACCOUNT, what=number).delete()


def unlock(*, actor: work.Actor, grants: Grants, attempt_id: int) -> Attempt:
    grants.require(MANAGE_ACCOUNTS)
    with work.unit(actor) as unit:
        attempt = Attempt.objects.filter(pk=attempt_id).first()
        if attempt is None:
            raise NotFound()
        user = User.objects.filter(staff_number=attempt.what).first()
        account = attempt.kind == Attempt.Kind.ACCOUNT
        unit.audit(
            "accounts.sign_in.unlock",
            user if account else None,
            before={attempt.kind: attempt.what, "until": attempt.held_until},
        )
        Attempt.objects.filter(pk=attempt.pk).delete()
    return attempt


def locked_now() -> list[Attempt]:
    """What is locked at this moment, the latest first."""
    return list(Attempt.objects.filter(held_until__gt=clock.now()).order_by("-held_until", "-pk"))


def bearer_failed(actor: work.Actor) -> None:
    """Count a token that is no good; above the limit per address the answer is "later".

    A good token is not asked for: it cannot be guessed, and an honest program behind the same router
    must not stand still because of a wrong one.
    """
    if not actor.ip:
        return
    limits = rules()
    with work.unit(actor) as unit:
        held = _count(Attempt.Kind.TOKEN, actor.ip, limits, unit.now)
        if held is None:
            until = unit.now + timedelta(minutes=limits.lock_minutes)
            rows = Attempt.objects.filter(kind=Attempt.Kind.TOKEN, what=actor.ip)
            if rows.filter(failures__gte=limits.address_failures).update(held_until=until):
                unit.audit(
                    "accounts.token.address_lock",
                    None,
                    after={"address": actor.ip, "until": until},
                )
    if held is not None:
        raise Held(Attempt.Kind.TOKEN, held)


def most_of(kind: str, limits: SignInRules) -> int:
    return limits.most_failures if kind == Attempt.Kind.ACCOUNT else limits.address_failures


def _counted(number: str, ip: str) -> list[tuple[str, str]]:
    # Always in this order: two tries at once lock their rows alike and cannot wait for each other.
    pairs = [(str(Attempt.Kind.ACCOUNT), number), (str(Attempt.Kind.ADDRESS), ip)]
    return [pair for pair in pairs if pair[1]]


def _count(kind: str, what: str, limits: SignInRules, now: datetime) -> datetime | None:
    """One more; or until when none is taken."""
    row, _made = Attempt.objects.select_for_update().get_or_create(
        kind=kind, what=what, defaults={"last_at": now}
    )
    if row.held_until is not None and row.held_until > now:
        return row.held_until
    if row.held_until is not None or row.last_at < now - timedelta(minutes=limits.lock_minutes):
        row.failures = 0
    if row.failures >= most_of(kind, limits):
        # As many as allowed are being looked at for others at this very moment.
        return now + timedelta(minutes=1)
    row.failures, row.last_at, row.held_until = row.failures + 1, now, None
    row.save()
    return None
