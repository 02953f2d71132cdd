"""What the lines of a log belong to: a request or a job, by ids of our own making."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

Value = str | int | float | bool | None

_NOTHING: Mapping[str, Value] = MappingProxyType({})
_bound: ContextVar[Mapping[str, Value]] = ContextVar("zhike_log", default=_NOTHING)


@contextmanager
def bound(**values: Value) -> Iterator[None]:
    """Every line logged inside carries these. Ids only: they are written as they are."""
    token = _bound.set({**_bound.get(), **values})
    try:
        yield
    finally:
        _bound.reset(token)


def bound_now() -> Mapping[str, Value]:
    return _bound.get()


def code_of(request_id: str) -> str:
    """A request's id as a short code that people can read out on the telephone."""
    return f"E-{hashlib.sha256(request_id.encode()).hexdigest()[:6].upper()}"
