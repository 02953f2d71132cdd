"""Signs in one spelling: half width, lower case, simplified; always one for one, so that places in a text stay."""

import unicodedata
from functools import lru_cache

from opencc import OpenCC

_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))


@lru_cache(maxsize=1)
def simplified() -> dict[int, str]:
    """Single signs only: phrase conversion is not substring-safe (乾隆 stays, 乾 becomes 干)."""
    convert = OpenCC("t2s").convert
    table: dict[int, str] = {}
    for first, last in _HAN:
        for code in range(first, last + 1):
            sign = chr(code)
            simple = convert(sign)
            if simple != sign and len(simple) == 1:
                table[code] = simple
    return table


@lru_cache(maxsize=1 << 14)
def plain(sign: str) -> str:
    """One sign in that spelling. What would become several (㎏, ß) stays as it is."""
    narrow = unicodedata.normalize("NFKC", sign).lower()
    narrow = narrow if len(narrow) == 1 else sign
    return simplified().get(ord(narrow), narrow)


def is_traditional(text: str) -> bool:
    """Whether any sign of the text is written otherwise in simplified Chinese."""
    table = simplified()
    return any(ord(sign) in table for sign in text)
