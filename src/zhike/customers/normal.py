"""One normal form per kind of identity, so that ten spellings of a phone number are one."""

import re
import unicodedata
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from zhike.core.phones import national_form, normal_phone, valid_id_card
from zhike.core.sealing import blind
from zhike.core.search.fold import card_token, phone_token
from zhike.customers import rules
from zhike.customers.choices import Channel

MAX_LENGTH = 120
# Police, hotlines, banks: callable, but by this number nobody is reached who could be our customer.
_HOTLINE = re.compile(r"[0-9]{3,6}")


@dataclass(frozen=True)
class NormalIdentity:
    channel: str
    # What is sealed, and shown after a reveal.
    value: str
    blind: str
    mask: rules.Mask
    # How it stands in the search column.
    word: str


def is_hotline(text: str) -> bool:
    """Whether this is a public short number such as 110, 12345 or 95588."""
    number = normal_phone(text)
    return number is not None and _HOTLINE.fullmatch(number) is not None


def own_phone(text: str) -> str | None:
    """The normal form of a number that can be a customer's; None for a hotline, and for no number at all."""
    return None if is_hotline(text) else normal_phone(text)


def normal_identity(channel: str, text: str) -> NormalIdentity | None:
    """None when `text` cannot be a value of this channel."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain or len(plain) > MAX_LENGTH or not plain.isprintable():
        return None
    match channel:
        case Channel.PHONE:
            return _phone(plain)
        case Channel.ID_CARD:
            card = valid_id_card(plain)
            if card is None:
                return None
            return NormalIdentity(
                channel, card, blind("id", card), rules.mask_card(card), card_token(card)
            )
        case Channel.EMAIL:
            return _email(plain)
        case Channel.DEALER_NO | Channel.MEMBER_NO:
            # A number the company itself gave out: searched as it is.
            number = plain.upper()
            word = number.lower() if len(number) <= 60 else ""
            mask = rules.Mask(number[:8], number[-4:], number[:80])
            return NormalIdentity(channel, number, blind(channel, number), mask, word)
        case Channel.WECHAT | Channel.WECOM | Channel.WEB:
            mask = rules.mask_account(plain)
            return NormalIdentity(channel, plain, blind(channel, plain), mask, "")
    return None


def _phone(plain: str) -> NormalIdentity | None:
    number = own_phone(plain)
    if number is None:
        return None
    mask = rules.mask_number(national_form(number))
    return NormalIdentity(Channel.PHONE, number, blind("phone", number), mask, phone_token(number))


def _email(plain: str) -> NormalIdentity | None:
    address = plain.lower()
    try:
        validate_email(address)
    except ValidationError:
        return None
    return NormalIdentity(
        Channel.EMAIL, address, blind("email", address), rules.mask_email(address), ""
    )


def shown_identity(channel: str, value: str) -> str:
    """A revealed value as people here read it."""
    return national_form(value) if channel == Channel.PHONE else value
