"""Phone numbers as people write them, and identity-card numbers; alone, or somewhere in a text."""

import re
import unicodedata

import phonenumbers

# Service numbers are "invalid" to the library, yet customers give them.
_SERVICE = re.compile(r"1[0-9]{2,4}|9[56][0-9]{3,6}")
_JUNK = re.compile(r"[\s\-‐-―.()（）·/_]+")
_CARD_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CARD_CHECKS = "10X98765432"

# What looks like a telephone number, spaces and dashes between the groups included (NFKC has folded full width).
PHONE_IN_TEXT = re.compile(
    r"(?<![0-9])(?:"
    r"(?:\+?86[ \-]?)?1[3-9][0-9](?:[ \-]?[0-9]){8}"  # mobile
    r"|0[0-9]{2,3}[ \-)]{0,2}[2-9][0-9]{6,7}"  # landline with its area code
    r"|[48]00[ \-]?[0-9]{3}[ \-]?[0-9]{4}"
    r"|\+[1-9](?:[ \-]?[0-9]){7,14}"
    r")(?![0-9])"
)
# What looks like an identity card: region, birth date, sequence; the check digit may be mistyped, so is not asked.
CARD_IN_TEXT = re.compile(
    r"(?<![0-9a-z])[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"[0-9]{3}[0-9x](?![0-9a-z])"
)


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


# Full width to half width, sign for sign, so that places in the text stay where they are.
_WIDTHS = {0xFF10 + i: 0x30 + i for i in range(10)} | {0xFF0B: 0x2B, 0xFF0D: 0x2D, 0x3000: 0x20}


def masked_numbers(text: str) -> str:
    """`text` as those may read it who may not see numbers: 138****6027 for whatever looks like one."""
    half_width = text.translate(_WIDTHS)
    spans = [
        m.span() for rx in (CARD_IN_TEXT, PHONE_IN_TEXT) for m in rx.finditer(half_width.lower())
    ]
    for start, end in sorted(spans, reverse=True):
        digits = [i for i in range(start, end) if half_width[i].isalnum()]
        hidden = set(digits[3:-4])
        text = "".join("*" if i in hidden else sign for i, sign in enumerate(text))
    return text
