"""ZHIKE_EMAIL_URL as Django's settings of mail: smtp://user:password@host:587?from=desk@example.com&reply_to=help@example.com"""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

DEFAULT_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def email_settings(url: str) -> dict[str, Any]:
    """Without an address nothing is ever sent; a wrong one stops the start with a sentence."""
    if not url:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
            "ZHIKE_REPLY_TO": "",
        }
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ValueError(
            "ZHIKE_EMAIL_URL must look like smtp://user:password@host:25, smtp+tls://… or smtps://…"
        )
    asked = parse_qs(parts.query)
    sender = asked.get("from", [""])[0]
    return {
        "EMAIL_BACKEND": "zhike.core.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or DEFAULT_PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": 20,
        "DEFAULT_FROM_EMAIL": sender or unquote(parts.username or "") or f"zhike@{parts.hostname}",
        # Where answers of customers go, when that is not where it comes from.
        "ZHIKE_REPLY_TO": asked.get("reply_to", [""])[0],
    }
