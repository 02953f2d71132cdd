"""What a service may answer instead of doing what was asked. Pages and the API translate these."""

from collections.abc import Mapping
from datetime import datetime
from math import ceil
from typing import Any

from zhike.core import clock


class RuleError(Exception):
    """A request that breaks a rule: nothing was written.

    `code` is stable and machine-readable, `message` a translated sentence for people,
    `field` the input it belongs to, `extra` further facts (the news a stale reply missed …).
    """

    status = 422

    def __init__(
        self,
        code: str,
        message: Any,
        *,
        field: str = "",
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field
        self.extra = dict(extra or {})

    def __str__(self) -> str:
        return str(self.message)


class Conflict(RuleError):
    """Somebody else was first, or the request is based on an old version."""

    status = 409


class NotFound(RuleError):
    """Missing, or not yours: the two look alike on purpose."""

    status = 404

    def __init__(self, message: Any = "", code: str = "not_found") -> None:
        super().__init__(code, message)


class Forbidden(RuleError):
    """Signed in, but without the permission. `permission` names it so that the page can say whom to ask."""

    status = 403

    def __init__(self, permission: str, message: Any = "") -> None:
        super().__init__("forbidden", message, extra={"permission": permission})
        self.permission = permission


class TooOften(RuleError):
    """Tried too often: not even looked at, right or wrong, until then."""

    status = 429

    def __init__(self, code: str, message: Any, *, until: datetime) -> None:
        super().__init__(code, message, extra={"until": until.isoformat()})
        self.until = until

    @property
    def retry_after(self) -> str:
        """The header of this name: whole seconds from now."""
        return str(max(1, ceil((self.until - clock.now()).total_seconds())))


class TooLarge(RuleError):
    status = 413
