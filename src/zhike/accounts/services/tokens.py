"""API tokens: shown once, stored as a digest."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from zhike.accounts.grants import grants_of_user
from zhike.accounts.models import ApiToken, User
from zhike.accounts.permissions import MANAGE_TOKENS
from zhike.accounts.services.attempts import bearer_failed
from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.core.errors import RuleError

# What a token may be limited to; a permission is allowed when its room is, reading when `read` is.
TOKEN_SCOPES = ("read", "write")
# Permissions that only look; a token without `write` keeps these and no others.
READING = frozenset(
    {
        "cases.view",
        "customers.view",
        "customers.reveal",
        "feedback.view",
        "jobs.view",
        "audit.view",
        "reports.view",
    }
)


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def create_token(
    *,
    actor: work.Actor,
    grants: Grants,
    user: User,
    label: str,
    scopes: Sequence[str] = TOKEN_SCOPES,
    days: int | None = 365,
) -> tuple[ApiToken, str]:
    """A new token for `user` and its text, which cannot be shown again."""
    grants.require(MANAGE_TOKENS)
    unknown = sorted(set(scopes) - set(TOKEN_SCOPES))
    if unknown or not scopes:
        raise RuleError(
            "token_scope_unknown",
            _("A token can have the scopes %(known)s.") % {"known": ", ".join(TOKEN_SCOPES)},
            field="scopes",
        )
    if days is not None and not 1 <= days <= 3650:
        raise RuleError("token_days", _("A token lives between 1 and 3,650 days."), field="days")
    text = "zk_" + secrets.token_urlsafe(32)
    with work.unit(actor) as unit_of_work:
        token = ApiToken.objects.create(
            user=user,
            label=label.strip()[:80],
            digest=token_digest(text),
            head=text[:9],
            scopes=sorted(set(scopes)),
            made_at=unit_of_work.now,
            expires_at=unit_of_work.now + timedelta(days=days) if days else None,
        )
        unit_of_work.audit(
            "accounts.token.create",
            token,
            after={"user": user.pk, "label": token.label, "scopes": token.scopes},
        )
    return token, text


def revoke_token(*, actor: work.Actor, grants: Grants, token: ApiToken) -> None:
    grants.require(MANAGE_TOKENS)
    with work.unit(actor) as unit_of_work:
        token.revoked_at = unit_of_work.now
        token.save(update_fields=["revoked_at"])
        unit_of_work.audit("accounts.token.revoke", token)


class TokenRefused(RuleError):
    """Who knows a token's text may be told why it no longer works; for any other text there is one answer."""

    status = 401


def holder_of_token(text: str, ip: str = "") -> tuple[User, Grants]:
    """Whom a bearer token stands for, and their rights cut to its scopes."""
    token = None
    if text.startswith("zk_") and len(text) <= 100:
        token = ApiToken.objects.select_related("user").filter(digest=token_digest(text)).first()
    if token is None:
        bearer_failed(work.Actor(id=None, name="token", kind="system", via="api", ip=ip))
        raise TokenRefused("token_invalid", _("The bearer token is missing or not known here."))
    now = clock.now()
    _check_alive(token, now)
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=10):
        # Helps to see which tokens are still in use; no audit row, as with opening a page.
        with work.unit(work.Actor.system("token", via="api")):
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    grants = grants_of_user(token.user)
    if "write" not in token.scopes:
        grants = grants.limited_to(READING)
    return token.user, grants


def _check_alive(token: ApiToken, now: datetime) -> None:
    if token.revoked_at is not None:
        raise TokenRefused(
            "token_revoked",
            _("This token was revoked on %(day)s. Please make a new one.")
            % {"day": f"{clock.local(token.revoked_at):%Y-%m-%d}"},
        )
    if token.expires_at is not None and token.expires_at <= now:
        raise TokenRefused(
            "token_expired",
            _("This token expired on %(day)s. Please make a new one.")
            % {"day": f"{clock.local(token.expires_at):%Y-%m-%d}"},
        )
    if not token.user.is_active:
        raise TokenRefused(
            "token_person_gone", _("The person this token belongs to may no longer sign in.")
        )
