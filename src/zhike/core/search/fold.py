"""One form for all spellings, and the two-character tokens the indexes hold.

Folding is NFKC, lower case, traditional to simplified one character to one, so that a substring of the text
stays a substring of the folded text. Runs of digits that look like a phone or an ID number become a blind
token: the search column then holds no number anybody could read.
"""

import re
import unicodedata
from functools import lru_cache

from zhike.core.phones import CARD_IN_TEXT, PHONE_IN_TEXT, normal_phone
from zhike.core.sealing.blind import blind
from zhike.core.signs import simplified


def phone_token(normal: str) -> str:
    """How a normalised phone number stands in the search column."""
    return "tel" + _word(blind("phone", normal))


def card_token(card: str) -> str:
    return "idn" + _word(blind("id", card.upper()))


def _word(token: str) -> str:
    # Text is lower case and an index may split at signs, so the digest is written in plain letters and digits.
    return token.encode().hex()[:24]


def _hidden_phone(match: re.Match[str]) -> str:
    digits = re.sub(r"[ \-)]", "", match.group())
    return phone_token(normal_phone(digits) or digits)


def hide_numbers(text: str) -> str:
    """Phone- and ID-like runs replaced by their blind tokens."""
    text = CARD_IN_TEXT.sub(lambda match: card_token(match.group()), text)
    return PHONE_IN_TEXT.sub(_hidden_phone, text)


def fold(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).lower().translate(simplified())
    return hide_numbers(plain)


def terms(query: str) -> list[str]:
    """The words of a query, each of which must occur; NUL and blanks fall away."""
    return fold(query.replace("\x00", " ")).split()


def _is_plain(sign: str) -> bool:
    code = ord(sign)
    return (
        (sign.isascii() and sign.isalnum()) or 0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF
    )


# Texts of one trade use the same pairs over and over.
@lru_cache(maxsize=1 << 16)
def token_of(pair: str) -> str:
    """A pair of signs as one index token. Signs an index tokenizer might split on or drop are written as hex."""
    if all(_is_plain(sign) for sign in pair):
        return pair
    return "z".join(["", *(f"{ord(sign):x}" for sign in pair)]) + "z"


def bigrams(folded: str) -> str:
    """The distinct tokens of a folded text, space-separated.

    Each word's last sign also stands alone, so that a query of one sign finds it.
    """
    found: dict[str, None] = {}
    for word in folded.split():
        for i in range(len(word) - 1):
            found[token_of(word[i : i + 2])] = None
        found[token_of(word[-1])] = None
    return " ".join(found)


def first_sign_prefixes(sign: str) -> list[str]:
    """Token prefixes that any token starting with `sign` has."""
    plain = [sign] if _is_plain(sign) else []
    return [*plain, f"z{ord(sign):x}z"]
