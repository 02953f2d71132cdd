"""The one clock. Tests and the demo company set it; nothing else reads the machine's time."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings

_fixed: ContextVar[datetime | None] = ContextVar("zhike_clock", default=None)


def now() -> datetime:
    """The present moment in UTC."""
    return _fixed.get() or datetime.now(UTC)


def zone() -> tzinfo:
    """The company's zone: days, case numbers and settlements are counted in it."""
    return _zone(settings.TIME_ZONE)


@cache
def _zone(name: str) -> tzinfo:
    return ZoneInfo(name)


def local(moment: datetime) -> datetime:
    return moment.astimezone(zone())


def today() -> date:
    return local(now()).date()


@contextmanager
def override(moment: datetime) -> Iterator[None]:
    if moment.tzinfo is None:
        raise ValueError("The clock needs a moment with a time zone.")
    token = _fixed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
