"""Texts from outside, as they may be stored."""

from zhike.desk.errors import reason_missing, text_missing, text_too_long

LONGEST_TEXT = 20_000
LONGEST_REASON = 300
LONGEST_TITLE = 200


def cleaned(text: str) -> str:
    """Without NUL, which PostgreSQL refuses, and with one kind of line end. Never escaped: pages do that."""
    return text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def body_of(text: str, *, required: bool = True, field: str = "text") -> str:
    text = cleaned(text)
    if required and not text:
        raise text_missing(field)
    if len(text) > LONGEST_TEXT:
        raise text_too_long(LONGEST_TEXT, field)
    return text


def reason_of(text: str, *, required: bool = True) -> str:
    text = " ".join(cleaned(text).split())
    if required and not text:
        raise reason_missing()
    if len(text) > LONGEST_REASON:
        raise text_too_long(LONGEST_REASON, "reason")
    return text


def title_of(text: str) -> str:
    text = " ".join(cleaned(text).split())
    if len(text) > LONGEST_TITLE:
        raise text_too_long(LONGEST_TITLE, "title")
    return text
