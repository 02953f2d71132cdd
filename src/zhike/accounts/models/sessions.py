from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from zhike.accounts.models.users import User


class Session(AbstractBaseSession):
    """A browser somebody is signed in with. Not signed in yet, it has no user."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    device = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=45, blank=True)
    made_at = models.DateTimeField()
    # Written at most once a minute.
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expire_date"], name="session_expiry")]

    @classmethod
    def get_session_store_class(cls) -> type:
        from zhike.accounts.sessions import SessionStore

        return SessionStore
