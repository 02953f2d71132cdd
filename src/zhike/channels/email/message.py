"""What a mail looks like: the text as it was written, and the same as HTML with its links to click."""

import hashlib
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.utils import DNS_NAME
from django.core.validators import validate_email
from django.template.defaultfilters import linebreaksbr, urlize
from django.utils.html import format_html, format_html_join

from zhike.core.outbox import Outgoing, read_letter

PARAGRAPH = "margin:0 0 16px"
PAGE = (
    "font:16px/1.7 -apple-system,'PingFang SC','Microsoft YaHei',sans-serif;"
    "max-width:560px;margin:24px auto;padding:0 16px"
)


def message_id(outgoing: Outgoing) -> str:
    """The same on every try, so that a mailbox shows a second copy as the first."""
    name = hashlib.sha256(outgoing.dedup_key.encode()).hexdigest()[:32]
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or str(DNS_NAME)
    return f"<{name}@{domain}>"


def message_of(outgoing: Outgoing, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    """Raises ValueError for an address that is none."""
    # Django's own reading of an address would take a name and several of them.
    validate_address(outgoing.address)
    letter = read_letter(outgoing.text)
    headers = {
        "Message-ID": message_id(outgoing),
        # Away-notices answer people, not programs.
        "Auto-Submitted": "auto-generated",
    }
    if letter.unsubscribe:
        headers["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = EmailMultiAlternatives(
        letter.subject,
        letter.body,
        settings.DEFAULT_FROM_EMAIL,
        [outgoing.address],
        headers=headers,
        reply_to=[settings.ZHIKE_REPLY_TO] if settings.ZHIKE_REPLY_TO else None,
        connection=connection,
    )
    message.attach_alternative(as_html(letter.body), "text/html")
    return message


def validate_address(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValueError("; ".join(error.messages)) from error


def as_html(body: str) -> str:
    """Paragraphs and links, nothing else: no picture, no file from afar, nothing that tells who opened it."""
    parts = [part for part in body.split("\n\n") if part.strip()]
    inner = format_html_join(
        "\n",
        '<p style="{}">{}</p>',
        ((PARAGRAPH, linebreaksbr(urlize(part, autoescape=True))) for part in parts),
    )
    return format_html('<html><body style="{}">{}</body></html>', PAGE, inner)
