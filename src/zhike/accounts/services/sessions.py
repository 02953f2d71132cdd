"""Where people are signed in, and ending that: by themselves, by an administrator, or because they left."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from zhike.accounts.models import Session, User
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.accounts.sessions import is_alive, real_now, rows_with_rules
from zhike.core import work
from zhike.core.access import Grants, NotFound
from zhike.core.live.store import SIGNED_OUT


@dataclass(frozen=True)
class SignedIn:
    """One browser. `handle` names it in addresses; the key itself would let its reader in."""

    handle: str
    device: str
    address: str
    since: datetime
    seen_at: datetime
    is_this: bool


def handle_of(key: str) -> str:
    return hashlib.sha256(f"session {key}".encode()).hexdigest()[:16]


def signed_in(user_id: int, this_key: str = "") -> list[SignedIn]:
    """The one asking first, then the last used."""
    now = real_now()
    rows = [row for row in rows_with_rules().filter(user_id=user_id) if is_alive(row, now)]
    rows.sort(key=lambda row: (row.session_key != this_key, -row.seen_at.timestamp()))
    return [
        SignedIn(
            handle_of(row.session_key),
            row.device,
            row.address,
            row.made_at,
            row.seen_at,
            row.session_key == this_key,
        )
        for row in rows
    ]


def end_all_in(unit: work.Work, user_id: int, keep: str = "") -> int:
    """Inside a unit: every session of this person but `keep`. Open streams are told to look again."""
    ended, _by_model = Session.objects.filter(user_id=user_id).exclude(pk=keep).delete()
    if ended:
        unit.touch(f"user:{user_id}", SIGNED_OUT)
    return ended


def end_own(*, actor: work.Actor, user: User, handle: str) -> None:
    keys = Session.objects.filter(user_id=user.pk).values_list("pk", flat=True)
    key = next((key for key in keys if handle_of(key) == handle), None)
    if key is None:
        raise NotFound()
    with work.unit(actor) as unit:
        Session.objects.filter(pk=key).delete()
        unit.touch(f"user:{user.pk}", SIGNED_OUT)
        unit.audit("accounts.session.end", user, after={"ended": 1})


def end_own_others(*, actor: work.Actor, user: User, this_key: str) -> int:
    with work.unit(actor) as unit:
        ended = end_all_in(unit, user.pk, keep=this_key)
        unit.audit("accounts.session.end", user, after={"ended": ended})
    return ended


def end_persons(*, actor: work.Actor, grants: Grants, user: User) -> int:
    """An administrator ends all sessions of somebody, for example when a phone was lost."""
    grants.require(MANAGE_ACCOUNTS)
    with work.unit(actor) as unit:
        ended = end_all_in(unit, user.pk)
        unit.audit("accounts.session.end", user, after={"ended": ended})
    return ended
