"""A line under somebody's bell, and the live news that it is there."""

from typing import Any

from zhike.core.models import Notification
from zhike.core.work import Work


def notify(
    work: Work,
    *,
    user_id: int,
    kind: str,
    values: dict[str, Any] | None = None,
    url: str = "",
) -> None:
    """`kind` names the sentence (slot `zhike.core.shell.NOTICES`), `values` fill it."""
    work.add(
        Notification(user_id=user_id, kind=kind, values=values or {}, url=url, made_at=work.now)
    )
    work.touch(f"user:{user_id}", "notification")
