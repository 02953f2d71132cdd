"""What a failed mail means: whether to try again, and what to say. Nothing here sends or writes."""

import smtplib
import ssl

from django.conf import settings

from zhike.core.smtp import OutcomeUnknown
from zhike.insight.choices import MailProblem
from zhike.insight.models.weeks import LONGEST_SAID


def problem_of(error: Exception) -> MailProblem:
    match error:
        case OutcomeUnknown():
            return MailProblem.UNKNOWN
        case smtplib.SMTPRecipientsRefused():
            # Greylisting says 450; one that is to come back later is not refused.
            codes = [code for code, _said in error.recipients.values()]
            return MailProblem.AWAY if any(code < 500 for code in codes) else MailProblem.REFUSED
        case smtplib.SMTPDataError():
            return MailProblem.AWAY if error.smtp_code < 500 else MailProblem.REFUSED
        case smtplib.SMTPResponseException():
            # Greeting, sign-in, sender: not of this mail, but of every one from here.
            return MailProblem.AWAY if error.smtp_code < 500 else MailProblem.SETUP
        case smtplib.SMTPServerDisconnected():
            return MailProblem.AWAY
        case smtplib.SMTPException() | ssl.SSLError():
            # No STARTTLS, no sign-in offered; a certificate nobody vouches for.
            return MailProblem.SETUP
        case _:
            return MailProblem.AWAY


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
    return " ".join(f"{where} {words}".split())[:LONGEST_SAID]


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
