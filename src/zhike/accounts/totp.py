"""One-time codes of an authenticator app: RFC 6238 with SHA-1, six digits, thirty seconds.

These are the only values every app reads, Chinese ones included, so nothing else is offered.
"""

import base64
import hmac
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
# A phone's clock may be a step off, either way.
DRIFT_STEPS = (0, -1, 1)


def step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_SECONDS


def code_of(secret: bytes, step: int, digits: int = DIGITS) -> str:
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def step_matching(secret: bytes, code: str, moment: datetime) -> int | None:
    """The step whose code this is, near this moment."""
    now = step_of(moment)
    for drift in DRIFT_STEPS:
        if hmac.compare_digest(code_of(secret, now + drift).encode(), code.encode()):
            return now + drift
    return None


def in_base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode().rstrip("=")


def address_of(secret: bytes, issuer: str, account: str) -> str:
    """What the QR code says."""
    label = quote(f"{issuer}:{account}", safe=":")
    return f"otpauth://totp/{label}?{urlencode({'secret': in_base32(secret), 'issuer': issuer})}"
