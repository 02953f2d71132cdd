"""ZHIKE_PUBLIC_URL: the address at which customers reach this program, for links in what is sent to them."""

from urllib.parse import urlsplit


def public_url(text: str) -> str:
    """Without a slash at its end; empty when it is not set. A wrong one stops the start with a sentence."""
    text = text.strip().rstrip("/")
    if not text:
        return ""
    parts = urlsplit(text)
    is_plain = text.isascii() and text.isprintable() and " " not in text
    if parts.scheme not in ("http", "https") or not parts.hostname or not is_plain:
        raise ValueError("ZHIKE_PUBLIC_URL must look like https://service.example.com")
    if parts.query or parts.fragment or parts.username or parts.path:
        raise ValueError("ZHIKE_PUBLIC_URL ends with the name of the host, or its port.")
    return text
