"""The session engine: Django's, with whose session it is, from where, and when it was last used.

One statement loads a session, as before: the rules it has to keep come with its row.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.db.models import Subquery
from django.utils import timezone

SEEN_EVERY = timedelta(minutes=1)
# What a session carries itself, beside Django's own keys.
SINCE, DEVICE, ADDRESS = "since", "device", "address"


def real_now() -> datetime:
    """Django reckons when a session expires by this clock, so its other moments must be of the same."""
    return timezone.now()  # noqa: TID251


class SessionStore(db.SessionStore):
    seen_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> Any:
        from zhike.accounts.models import Session

        return Session

    def _validate_session_key(self, key: str | None) -> bool:
        """A cookie may hold anything, NUL in quotes too, for which PostgreSQL refuses to look."""
        return key is not None and key.isascii() and key.isalnum()

    def load(self) -> dict[str, Any]:
        row = rows_with_rules().filter(pk=self.session_key).first()
        if row is None or not is_alive(row, real_now()):
            self._session_key = None
            return {}
        self.seen_at = row.seen_at
        data: dict[str, Any] = self.decode(row.session_data)
        return data

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        now = real_now()
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        row.device, row.address = data.get(DEVICE, ""), data.get(ADDRESS, "")
        row.made_at = datetime.fromtimestamp(data[SINCE], UTC) if SINCE in data else now
        row.seen_at = self.seen_at = now
        return row

    def begin(self, device: str, address: str, hours: int) -> None:
        """Somebody has just signed in."""
        self[SINCE] = int(real_now().timestamp())
        self[DEVICE], self[ADDRESS] = device[:60], address[:45]
        self.set_expiry(hours * 3600)

    def note_use(self) -> None:
        """The person did something; at most one write a minute."""
        now = real_now()
        if self.seen_at is not None and now - self.seen_at >= SEEN_EVERY:
            self.get_model_class().objects.filter(pk=self.session_key).update(seen_at=now)
            self.seen_at = now


def rows_with_rules() -> Any:
    """Sessions, each with the rules that hold now: a shorter time holds at once for everybody."""
    from zhike.accounts.models import Session, SignInRules

    rule = SignInRules.objects.all()[:1]
    return Session.objects.annotate(
        idle_minutes=Subquery(rule.values("idle_minutes")),
        session_hours=Subquery(rule.values("session_hours")),
    )


def is_alive(row: Any, now: datetime) -> bool:
    from zhike.accounts.models import SignInRules

    idle = row.idle_minutes or SignInRules().idle_minutes
    hours = row.session_hours or SignInRules().session_hours
    return bool(
        row.expire_date > now
        and row.seen_at + timedelta(minutes=idle) > now
        and row.made_at + timedelta(hours=hours) > now
    )
