"""What no log may hold: passwords, tokens, codes, and the numbers of people.

Everything that is written to a log goes through `RedactedHandler`, whichever format it is written in: message,
traceback and extra values are cleaned before the formatter sees them. To mask too much costs a look into the
database; to mask too little cannot be taken back.
"""

import copy
import logging
import logging.handlers
import re
import traceback
from collections.abc import Mapping
from typing import Any

from zhike.core.phones import masked_numbers

HIDDEN = "***"

# Names after which a secret stands: in key=value, in JSON, in the repr of a dict or of a dataclass, in a header.
# Every repetition below is bounded or anchored: a log must not hang on a long line.
_SECRET_NAME = (
    r"\w{0,40}(?:passw(?:or)?d|passphrase|secret|token|authorization|api[_-]?key|private[_-]?key|csrf"
    r"|session[_-]?(?:id|key|data)|zhike_(?:session|received|progress)|query[_-]?code|recovery"
    r"|one[_-]?time|otp|signature|proxy-authenticate)\w{0,40}"
)
_NAMED = re.compile(
    rf"(?P<name>[\"']?\b{_SECRET_NAME}[\"']?\s{{0,3}}(?:=>|[=:])\s{{0,3}})"
    r"(?:(?P<quote>[\"'])(?:\\.|(?!(?P=quote)).)*(?P=quote)?"
    r"|(?:(?:bearer|basic|token)\s+)?[^\s,;&)}\]\"']+)",
    re.I,
)
# A cookie holds several names and values, each of which may be what signs somebody in.
_COOKIE = re.compile(r"(?P<name>\b(?:set-)?cookie[\"']?\s{0,3}[=:]\s{0,3})[^\r\n]+", re.I)
# Ours are easy to tell, whatever stands before them.
_OWN_TOKEN = re.compile(r"\bzk_[A-Za-z0-9_-]{6,}")
_BEARER = re.compile(r"(?P<name>\bbearer\s+)[\w.~+/=-]{6,}", re.I)
# The secret part of a customer's link; `mine` is none.
# Progress links and personal links to questionnaires: whoever reads one is taken for its customer.
_TRACKING = re.compile(r"(?P<name>/t/(?!mine\b)|/q/i/)[^/\s\"'?&#<>]+")
_IN_URL = re.compile(
    r"(?P<name>\b[a-z][a-z0-9+.-]{0,20}://[^\s/:@\"']{0,200}:)[^\s@/\"']+(?=@)", re.I
)
# “code” means many things; these are shaped like a query code, a second factor or a recovery code.
_CODE = re.compile(
    r"(?P<name>[\"']?\bcodes?[\"']?\s{0,3}[=:]\s{0,3}[\"']?)"
    r"(?:[2-9A-HJ-NP-Z]{6}|[0-9]{6}|[a-z0-9]{4,5}(?:-[a-z0-9]{4,5})+)(?![\w-])"
)
_EMAIL = re.compile(r"\b(?P<name>[\w+%-])[\w.+%-]{0,63}(?=@[\w-]+(?:\.[\w-]+)+)")

_MASKS: tuple[re.Pattern[str], ...] = (
    *(_COOKIE, _IN_URL, _NAMED, _OWN_TOKEN, _BEARER, _TRACKING, _CODE, _EMAIL),
)
_NAME_ALONE = re.compile(_SECRET_NAME, re.I)
_OWN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def _masked(match: re.Match[str]) -> str:
    kept = match.groupdict()
    quote = kept.get("quote") or ""
    return f"{kept.get('name') or ''}{quote}{HIDDEN}{quote}"


def redacted(text: str) -> str:
    """`text` without secrets; phone and ID numbers keep their first three and last four signs."""
    for mask in _MASKS:
        text = mask.sub(_masked, text)
    return masked_numbers(text)


def redacted_value(value: Any) -> Any:
    """The same for what is logged beside the message; whatever is no plain value becomes text."""
    if value is None or isinstance(value, bool | int | float):
        # A number may be somebody's: then it comes back as text.
        masked = masked_numbers(str(value))
        return value if masked == str(value) else masked
    if isinstance(value, Mapping):
        return {str(key): _by_name(str(key), one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted_value(one) for one in value]
    return redacted(str(value))


def _by_name(name: str, value: Any) -> Any:
    return HIDDEN if value and _NAME_ALONE.fullmatch(name) else redacted_value(value)


def redacted_record(record: logging.LogRecord) -> logging.LogRecord:
    """A copy fit to be written; the record itself stays as it is for whoever else hears it."""
    clean = copy.copy(record)
    clean.msg, clean.args = redacted(_said(record)), ()
    if record.exc_info and record.exc_info[0] is not None:
        clean.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        clean.exc_info = None
    if clean.exc_text:
        clean.exc_text = redacted(clean.exc_text)
    if clean.stack_info:
        clean.stack_info = redacted(clean.stack_info)
    for name, value in vars(record).items():
        if name not in _OWN_FIELDS:
            setattr(clean, name, _by_name(name, value))
    return clean


def _said(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        # A message that does not fit its values is still worth reading.
        return f"{record.msg} {record.args}"


class RedactedHandler(logging.StreamHandler[Any]):
    """Writes to a stream (standard error), in whatever format; nothing secret reaches the formatter."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(redacted_record(record))


class RedactedFile(RedactedHandler, logging.handlers.WatchedFileHandler):
    """The same into a file, which is opened anew when it was moved away."""
