"""Amounts as people write them and as they are kept: whole cents. Pure."""

from decimal import Decimal, InvalidOperation
from unicodedata import normalize

# A million yuan. Whatever is more is no remedy but a slip of the keyboard.
MOST_CENTS = 100_000_000


class AmountUnreadable(ValueError):
    """Not an amount in yuan with at most two decimals."""


def is_amount(value: object) -> bool:
    """Whole cents from nothing to the most; True and 12.0 are no amounts."""
    return type(value) is int and 0 <= value <= MOST_CENTS


def cents_of(text: str) -> int:
    """Cents of "120", "¥1,200.50" or full-width digits. Never rounds: half a cent is refused."""
    plain = normalize("NFKC", text).replace(",", "").strip()
    plain = plain.removeprefix("¥").removesuffix("元").strip()  # zh-data
    try:
        yuan = Decimal(plain)
    except InvalidOperation as wrong:
        raise AmountUnreadable(text) from wrong
    # Before any arithmetic: 1e999999 would fill the memory.
    if not yuan.is_finite() or yuan.adjusted() > 12 or (yuan.adjusted() < -3 and yuan):
        raise AmountUnreadable(text)
    cents = yuan * 100
    if cents != cents.to_integral_value():
        raise AmountUnreadable(text)
    return int(cents)


def written(cents: int) -> str:
    """¥120, ¥1,200.50; as the filter `money` of the pages."""
    yuan, rest = divmod(cents, 100)
    return f"¥{yuan:,}.{rest:02d}" if rest else f"¥{yuan:,}"


def typed(cents: int) -> str:
    """What stands in an input: 120.00."""
    return f"{cents // 100}.{cents % 100:02d}"
