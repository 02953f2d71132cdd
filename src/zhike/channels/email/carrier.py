"""A message of the outbox as one e-mail, and what the mail server's answer means for it.

Mail servers remember no key, so a mail that may have arrived is never sent again by itself: a person decides.
"""

import smtplib
import ssl

from django.core.mail import get_connection
from django.utils.translation import pgettext_lazy

from zhike.channels.email.message import message_id, message_of
from zhike.core.outbox import Away, Carrier, Later, Outgoing, Refused, Sent, Uncertain
from zhike.core.outbox.carriers import Answer
from zhike.core.smtp import OutcomeUnknown, said_by

# Of one step of the talk with the server, and of all together.
STEP_SECONDS = 15
CALL_SECONDS = 60.0


def deliver(outgoing: Outgoing) -> Answer:
    try:
        message = message_of(outgoing, get_connection(timeout=STEP_SECONDS))
        # An address or a head that could carry a second line does not get as far as the server.
        message.message()
    except (ValueError, UnicodeError) as error:
        return Refused(str(error))
    try:
        message.send()
    except (smtplib.SMTPException, OSError) as error:
        return answer_to(error)
    return Sent(message_id(outgoing))


def answer_to(error: Exception) -> Answer:
    said = said_by(error)
    match error:
        case OutcomeUnknown():
            return Uncertain(said)
        case smtplib.SMTPRecipientsRefused():
            # Greylisting says 450: one that is to come back later is not refused.
            codes = [code for code, _said in error.recipients.values()]
            return Later(said) if any(code < 500 for code in codes) else Refused(said)
        case smtplib.SMTPDataError():
            return Later(said) if error.smtp_code < 500 else Refused(said)
        case smtplib.SMTPNotSupportedError():
            # The server cannot take such an address.
            return Refused(said)
        case smtplib.SMTPResponseException():
            # Greeting, sign-in, sender: no fault of this mail; every other one would fare the same.
            return Away(said)
        case smtplib.SMTPConnectError() | ssl.SSLError():
            return Away(said)
        case smtplib.SMTPServerDisconnected():
            # In the middle of the talk, before the message was handed over: perhaps because of this very mail.
            return Later(said)
        case _:
            return Away(said)


CARRIER = Carrier(
    "email", pgettext_lazy("channel", "E-mail"), deliver, timeout_seconds=CALL_SECONDS
)
