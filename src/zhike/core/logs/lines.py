"""How a line of the log is written."""

import json
import logging
import os
import time
from typing import Any

from zhike.core.logs.bound import Value, bound_now

# A line must stay one that collectors take: they cut or drop what is longer.
LONGEST_TEXT = 8_000
LONGEST_ERROR = 24_000
LONGEST_VALUE = 500

_OWN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Django hands its request object on with a line; which request it was is bound already.
_LEFT_OUT = frozenset({"request", "server_time"})


def _more(record: logging.LogRecord) -> dict[str, Value]:
    """What was logged beside the message, and what it belongs to."""
    given: dict[str, Value] = {}
    for name, value in vars(record).items():
        if name in _OWN_FIELDS or name in _LEFT_OUT:
            continue
        plain = value is None or isinstance(value, bool | int | float)
        given[name] = value if plain else str(value)[:LONGEST_VALUE]
    return {**given, **bound_now()}


class JsonLines(logging.Formatter):
    """A JSON object on one line, with these names first: at, level, logger, text."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": f"{_seconds(record.created)}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": record.getMessage()[:LONGEST_TEXT],
            "pid": record.process,
            **_more(record),
        }
        error = _error(self, record)
        if error:
            # The end of a traceback says most.
            line["error"] = error[-LONGEST_ERROR:]
        return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


class TextLines(logging.Formatter):
    """For a terminal: the message first, names and values behind it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        more = _more(record)
        told = "".join(
            f" {name}={value}" for name, value in more.items() if value not in ("", None)
        )
        return super().formatMessage(record) + told


def _seconds(created: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(created))


def _error(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    text = record.exc_text or ""
    if not text and record.exc_info and record.exc_info[0] is not None:
        text = formatter.formatException(record.exc_info)
    if record.stack_info:
        text += os.linesep + record.stack_info
    return text
