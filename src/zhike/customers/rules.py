"""What holds for a customer file, whoever asks: names in order, masks, completeness. No Django, no clock."""

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from zhike.core.pinyin import sounds
from zhike.customers.data.surnames import DOUBLE_SURNAME_READINGS, SURNAME_READINGS

KEY_LENGTH = 240


def clean_line(text: str) -> str:
    """One line: composed characters, no control signs, no blanks at the ends or doubled."""
    composed = unicodedata.normalize("NFC", text)
    visible = "".join(c if unicodedata.category(c) != "Cc" else " " for c in composed)
    return re.sub(r"\s+", " ", visible).strip()


def clean_text(text: str) -> str:
    """Several lines: like `clean_line`, but line ends stay."""
    return "\n".join(clean_line(line) for line in text.splitlines()).strip()


def name_key(name: str) -> str:
    """A sort key in ASCII: per character its pinyin, then its code, so that equal characters stand together."""
    folded = unicodedata.normalize("NFKC", name).lower()
    readings = sounds(folded)
    if folded[:2] in DOUBLE_SURNAME_READINGS:
        readings[:2] = DOUBLE_SURNAME_READINGS[folded[:2]]
    elif folded[:1] in SURNAME_READINGS:
        readings[0] = SURNAME_READINGS[folded[0]]
    parts = []
    for sign, reading in zip(folded, readings, strict=True):
        if sign.isascii():
            parts.append(sign)
        elif reading.isascii():
            parts.append(f"{reading}{ord(sign):x}")
        else:
            # Signs without a reading (emoji, other scripts) come last.
            parts.append(f"~{ord(sign):x}")
    return "".join(parts)[:KEY_LENGTH]


def pinyin_of(name: str) -> str:
    """How a name sounds, for "is this the same person": signs without a reading fall away."""
    letters = "".join(c for c in unicodedata.normalize("NFKC", name).lower() if c.isalnum())
    return "".join(part for part in sounds(letters) if part.isascii())


@dataclass(frozen=True)
class Mask:
    head: str
    last4: str
    text: str


def mask_number(shown: str) -> Mask:
    """138****6027; short service numbers keep two digits."""
    plain = re.sub(r"[^0-9+A-Za-z]", "", shown)
    if len(plain) < 8:
        return Mask(plain[:2], "", plain[:2] + "***")
    return Mask(plain[:3], plain[-4:], f"{plain[:3]}****{plain[-4:]}")


def mask_card(card: str) -> Mask:
    return Mask(card[:3], card[-4:], f"{card[:3]}***********{card[-4:]}")


def mask_email(address: str) -> Mask:
    local, _, domain = address.partition("@")
    return Mask(local[:1], "", f"{local[:1]}***@{domain}"[:80])


def mask_account(value: str) -> Mask:
    if len(value) <= 4:
        return Mask(value[:1], "", value[:1] + "***")
    return Mask(value[:2], "", f"{value[:2]}****{value[-2:]}")


NOTHING = "••"


def mask_word(text: str) -> str:
    """厨••: the first sign; of a single sign nothing."""
    return f"{text[0]}{NOTHING}" if len(text) > 1 else NOTHING


def mask_birthday(text: str) -> str:
    """The month alone, of 11-25 as of 1985-11-25; of a bare year nothing."""
    parts = text.split("-")
    return f"{parts[-2]}-{NOTHING}" if len(parts) > 1 else NOTHING


def is_birthday(year: int | None, month: int | None, day: int | None) -> bool:
    """A month and day that exist, with or without the year."""
    if month is None or day is None:
        return month is None and day is None
    if not 1 <= month <= 12:
        return False
    # 29 February is a birthday even when the year is not told.
    return 1 <= day <= calendar.monthrange(year or 2000, month)[1]


def days_to_birthday(month: int, day: int, today: date) -> int:
    """0 on the day itself. In a year without 29 February the day after is kept."""
    for year in (today.year, today.year + 1):
        is_short = (month, day) == (2, 29) and not calendar.isleap(year)
        birthday = date(year, 3, 1) if is_short else date(year, month, day)
        if birthday >= today:
            return (birthday - today).days
    raise ValueError(f"{month}-{day} is no day.")


PERSON_WEIGHTS = {
    "name": 10, "contact": 20, "salutation": 10, "region": 10, "address": 10,
    "birthday": 10, "occupation": 5, "household": 5, "manager": 10, "habits": 10,
}  # fmt: skip
ORGANISATION_WEIGHTS = {
    "name": 10, "contact": 20, "company_type": 10, "region": 10, "address": 15,
    "people": 20, "manager": 10, "habits": 5,
}  # fmt: skip
REQUIRED_FIELD_WEIGHT = 5


@dataclass(frozen=True)
class Completeness:
    """`percent` of the weights that are there; `missing` the keys that are not, heaviest first."""

    percent: int
    missing: tuple[str, ...]


def completeness(*, is_person: bool, present: set[str], required: dict[str, bool]) -> Completeness:
    """`required` maps the code of each required custom field to whether it is filled."""
    weights = dict(PERSON_WEIGHTS if is_person else ORGANISATION_WEIGHTS)
    have = set(present)
    for code, is_filled in required.items():
        weights[f"custom.{code}"] = REQUIRED_FIELD_WEIGHT
        if is_filled:
            have.add(f"custom.{code}")
    reached = sum(weight for key, weight in weights.items() if key in have)
    missing = sorted((k for k in weights if k not in have), key=lambda k: -weights[k])
    # Rounded down: 100 means nothing is missing.
    return Completeness(reached * 100 // sum(weights.values()), tuple(missing))
