"""Mail by SMTP that tells a lost answer apart from a lost message.

When the whole message was handed over and the server's answer never came, nobody knows whether it was taken.
Trying again then may mail twice; every other failure is known to have delivered nothing.
"""

import smtplib
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend as DjangoBackend


class OutcomeUnknown(smtplib.SMTPException):
    """The message was handed over in full, the answer never came."""


class _Watched(smtplib.SMTP):
    _handed_over = False

    def send(self, s: Any) -> None:
        super().send(s)
        # Commands are text; only the message itself, its end included, is sent as bytes.
        self._handed_over = isinstance(s, bytes)

    def data(self, msg: Any) -> tuple[int, bytes]:
        self._handed_over = False
        try:
            return super().data(msg)
        except (smtplib.SMTPServerDisconnected, OSError) as lost:
            if self._handed_over:
                raise OutcomeUnknown(str(lost)) from lost
            raise


class _WatchedSsl(_Watched, smtplib.SMTP_SSL):
    pass


class EmailBackend(DjangoBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _WatchedSsl if self.use_ssl else _Watched

    def open(self) -> bool | None:
        try:
            return super().open()
        except OSError:
            # Refused at the sign-in or at TLS: Django leaves the socket to the garbage collector.
            with suppress(OSError):
                self.close()
            raise


def said_by(error: Exception) -> str:
    """The server's own words, or those of the network, with where it was tried. Never a password."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            words = "; ".join(f"{code} {_text(said)}" for code, said in error.recipients.values())
        case smtplib.SMTPResponseException():
            words = f"{error.smtp_code} {_text(error.smtp_error)}"
        case _:
            words = str(error) or type(error).__name__
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    return " ".join(f"{where} {words}".split())


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
