"""The settings of logging, from the environment:

ZHIKE_LOG_FORMAT   `text` for people (default) or `json`, a JSON object a line
ZHIKE_LOG_LEVEL    WARNING for text, INFO for json; with INFO each request and each job has its line
ZHIKE_LOG_FILE     a file instead of standard error; it is opened anew when logrotate has moved it away
"""

import os
from typing import Any

FORMATS = {"text": "zhike.core.logs.lines.TextLines", "json": "zhike.core.logs.lines.JsonLines"}
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def log_settings(*, small: bool = False) -> dict[str, Any]:
    """For `logging.config.dictConfig`. `small`: for a supervisor, which logs nothing but its own sentences and
    shall not load what masks personal numbers."""
    written = _chosen("ZHIKE_LOG_FORMAT", tuple(FORMATS), "text")
    usual = "INFO" if written == "json" else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": FORMATS[written]}},
        "handlers": {"log": {**_handler(small=small), "formatter": "line"}},
        "root": {"handlers": ["log"], "level": _chosen("ZHIKE_LOG_LEVEL", LEVELS, usual)},
        "loggers": {
            # The web server's own words.
            "_granian": {"handlers": ["log"], "propagate": False},
            # Each says in detail what others say in sum.
            "fontTools": {"level": "WARNING"},
            "weasyprint": {"level": "WARNING"},
            # “Not Found: /path” and the like: our own line of the request tells it.
            "django.request": {"level": "ERROR"},
        },
    }


def _handler(*, small: bool) -> dict[str, Any]:
    file = os.environ.get("ZHIKE_LOG_FILE", "")
    if file:
        name = "logging.handlers.WatchedFileHandler" if small else f"{_REDACTED}File"
        return {"class": name, "filename": file, "encoding": "utf-8"}
    return {"class": "logging.StreamHandler" if small else f"{_REDACTED}Handler"}


_REDACTED = "zhike.core.redaction.Redacted"


def _chosen(name: str, known: tuple[str, ...], usual: str) -> str:
    given = os.environ.get(name, "").strip()
    for one in known:
        if given.lower() == one.lower():
            return one
    if given:
        raise ValueError(f"{name} must be one of: {', '.join(known)}.")
    return usual
