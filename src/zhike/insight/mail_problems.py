"""What a failed mail means: whether to try again, and what to say. Nothing here sends or writes."""

import smtplib
import ssl

from zhike.core import smtp
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
    return smtp.said_by(error)[:LONGEST_SAID]
