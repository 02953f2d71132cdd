"""Phone numbers as people write them, and identity-card numbers."""

import re
import unicodedata

import phonenumbers

# Service numbers are "invalid" to the library, yet customers give them.
_SERVICE = re.compile(r"1[0-9]{2,4}|9[56][0-9]{3,6}")
_JUNK = re.compile(r"[\s\-‐-―.()（）·/_]+")
_CARD_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CARD_CHECKS = "10X98765432"


def normal_phone(text: str, region: str = "CN") -> str | None:
    """The number in E.164 (a service number as its digits), None when it is not one."""
    plain = _JUNK.sub("", unicodedata.normalize("NFKC", text))
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    if _SERVICE.fullmatch(plain):
        return plain
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def national_form(normal: str) -> str:
    """How people here say it: 13812346027, 021-12345678."""
    if normal.startswith("+86"):
        rest = normal[3:]
        if rest.startswith("1") and len(rest) == 11:
            return rest
        number = phonenumbers.parse(normal)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return normal


def masked_phone(last4: str, normal_length: int = 11, head: str = "") -> str:
    return f"{head}{'*' * 4}{last4}"


def valid_id_card(text: str) -> str | None:
    """The 18-character identity-card number in capitals when its check digit holds, else None."""
    plain = _JUNK.sub("", unicodedata.normalize("NFKC", text)).upper()
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", plain):
        return None
    total = sum(int(digit) * weight for digit, weight in zip(plain, _CARD_WEIGHTS, strict=False))
    return plain if _CARD_CHECKS[total % 11] == plain[17] else None
