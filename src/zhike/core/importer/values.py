"""Cells as people write them, turned into values. Every refusal says what would be right."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_noop as _noop

from zhike.core import clock
from zhike.core.importer.problems import CellError
from zhike.core.phones import normal_phone, valid_id_card

MISSING = _noop("This field must be filled in.")
MISSING_HINT = _noop("Fill in the cell, or leave out the line.")
TOO_LONG = _noop("The text is too long.")
TOO_LONG_HINT = _noop("At most %(most)s characters; there are %(n)s.")
NOT_A_DATE = _noop("This is not a date.")
DATE_HINT = _noop("Write it as 2026-10-08.")
DATE_PROPOSAL = _noop("Perhaps %(date)s is meant.")
NO_YEAR = _noop("The date has no year.")
SHORT_YEAR = _noop("The year has only two digits.")
ROUNDED = _noop("Excel has shortened this number.")
ROUNDED_HINT = _noop("Set the column to “Text” in Excel and enter the number again.")
NOT_A_NUMBER = _noop("This is not a number.")
NOT_WHOLE = _noop("A whole number is expected.")
WRONG_LENGTH = _noop("The phone number has the wrong number of digits.")
LENGTH_HINT = _noop("A mobile number has 11 digits; there are %(n)s.")
NOT_A_PHONE = _noop("This is not a phone number.")
PHONE_HINT = _noop("Write it as 13800002222 or 021-12345678.")
NOT_AN_ID = _noop("This is not an identity card number.")
ID_HINT = _noop("It has 18 characters, and the last one must fit the others.")
NOT_AN_EMAIL = _noop("This is not an e-mail address.")
NOT_A_CHOICE = _noop("This value is not one of the choices.")
CHOICES_HINT = _noop("Possible: %(choices)s")
NOT_A_FLAG = _noop("Yes or no is expected.")
BAD_FORMULA = _noop("The cell holds a formula without a result, or one with an error.")
FORMULA_HINT = _noop("Open the file in Excel, replace the formula by its value, save.")

_YES = frozenset({"是", "有", "对", "√", "y", "yes", "true", "1", "真"})  # zh-data
_NO = frozenset({"否", "无", "不", "×", "n", "no", "false", "0", "假", "没有"})  # zh-data
_DATE = re.compile(r"(?P<y>\d{4})\s*[-./年]\s*(?P<m>\d{1,2})\s*[-./月]\s*(?P<d>\d{1,2})\s*[日号]?")
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})")
_TWO_DIGITS = re.compile(r"(\d{2})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?")
_WITHOUT_YEAR = re.compile(r"(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_TIME = re.compile(
    r"(?P<h>\d{1,2})\s*[:时点]\s*(?P<min>\d{1,2})\s*(?:[:分]\s*(?P<s>\d{1,2}(?:\.\d+)?)?\s*秒?)?"
)
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,2}")
# Excel counts days from here (its 29 February 1900 included, so from two days before 1 January).
_EPOCH = date(1899, 12, 30)


def plain(raw: str) -> str:
    """Full width to half width, blanks at the ends gone."""
    return unicodedata.normalize("NFKC", raw).strip()


def clean_text(raw: str) -> str:
    return " ".join(raw.split())


def clean_long_text(raw: str) -> str:
    return raw.replace("\r\n", "\n").replace("\r", "\n").strip()


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise CellError(NOT_A_DATE, DATE_HINT) from None


def _split_date(text: str) -> tuple[date, str]:
    """The day at the start of a text, and what follows it."""
    for pattern in (_DATE, _COMPACT):
        match = pattern.match(text)
        if match and not (pattern is _COMPACT and text[match.end() : match.end() + 1].isdigit()):
            parts = match.groupdict()
            return _day(int(parts["y"]), int(parts["m"]), int(parts["d"])), text[match.end() :]
    if _SERIAL.fullmatch(text) and 20_000 <= float(text) < 80_000:
        whole, _, fraction = text.partition(".")
        seconds = round(float(f"0.{fraction or 0}") * 86_400)
        rest = f" {seconds // 3600}:{seconds // 60 % 60}:{seconds % 60}" if fraction else ""
        return _EPOCH + timedelta(days=int(whole)), rest
    short = _TWO_DIGITS.fullmatch(text)
    if short:
        guess = _day(2000 + int(short[1]), int(short[2]), int(short[3])).isoformat()
        raise CellError(SHORT_YEAR, DATE_PROPOSAL, proposal=guess, date=guess)
    bare = _WITHOUT_YEAR.fullmatch(text)
    if bare:
        guess = _latest_past(int(bare[1]), int(bare[2])).isoformat()
        raise CellError(NO_YEAR, DATE_PROPOSAL, proposal=guess, date=guess)
    raise CellError(NOT_A_DATE, DATE_HINT)


def _latest_past(month: int, day: int) -> date:
    today = clock.today()
    guess = _day(today.year, month, day)
    return guess if guess <= today else _day(today.year - 1, month, day)


def clean_date(raw: str) -> date:
    day, rest = _split_date(plain(raw))
    if rest.strip(" T,") and not _TIME.match(rest.strip(" T,")):
        raise CellError(NOT_A_DATE, DATE_HINT)
    return day


def clean_datetime(raw: str) -> datetime:
    """A moment; without a time of day it is the day's beginning, without a zone it is the company's."""
    text = plain(raw)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        day, rest = _split_date(text)
        moment = datetime.combine(day, _time_of(rest.strip(" T,")))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=clock.zone())
    return moment.astimezone(UTC)


def _time_of(text: str) -> time:
    if not text:
        return time()
    match = _TIME.fullmatch(text)
    try:
        if match:
            return time(int(match["h"]), int(match["min"]), int(float(match["s"] or 0)))
    except ValueError:
        pass
    raise CellError(NOT_A_DATE, DATE_HINT)


def clean_number(raw: str) -> Decimal:
    text = plain(raw).replace(",", "").removeprefix("¥").removesuffix("元").strip()  # zh-data
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise CellError(NOT_A_NUMBER) from None
    if not number.is_finite() or abs(number) > Decimal(10) ** 12:
        raise CellError(NOT_A_NUMBER)
    return number


def clean_integer(raw: str) -> int:
    number = clean_number(raw)
    if number != number.to_integral_value():
        raise CellError(NOT_WHOLE)
    return int(number)


def clean_cents(raw: str) -> int:
    return int((clean_number(raw) * 100).to_integral_value())


def clean_phone(raw: str) -> str:
    """The number in its normal form (E.164)."""
    text = plain(raw)
    if _SCIENTIFIC.fullmatch(text):
        raise CellError(ROUNDED, ROUNDED_HINT)
    number = normal_phone(text)
    if number is not None:
        return number
    digits = re.sub(r"\D", "", text)
    if digits.startswith("1") and 8 <= len(digits) <= 13 and len(digits) != 11:
        raise CellError(WRONG_LENGTH, LENGTH_HINT, n=len(digits))
    raise CellError(NOT_A_PHONE, PHONE_HINT)


def clean_id_card(raw: str) -> str:
    text = plain(raw)
    if _SCIENTIFIC.fullmatch(text) or re.fullmatch(r"\d{15}000", text):
        raise CellError(ROUNDED, ROUNDED_HINT)
    card = valid_id_card(text)
    if card is None:
        raise CellError(NOT_AN_ID, ID_HINT)
    return card


def clean_email(raw: str) -> str:
    text = plain(raw)
    try:
        validate_email(text)
    except ValidationError:
        raise CellError(NOT_AN_EMAIL) from None
    return text


def clean_flag(raw: str) -> bool:
    text = plain(raw).lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise CellError(NOT_A_FLAG)


def clean_choice(raw: str, choices: Sequence[tuple[str, Any]]) -> str:
    """The stored value of a choice given by value or label, in any width and case."""
    wanted = plain(raw).lower()
    for value, label in choices:
        if wanted in (value.lower(), plain(str(label)).lower()):
            return value
    near = _nearest(wanted, [str(label) for _value, label in choices])
    shown = "、".join(str(label) for _value, label in choices[:12])
    raise CellError(NOT_A_CHOICE, CHOICES_HINT, proposal=near, choices=shown)


def _nearest(wanted: str, labels: list[str]) -> str:
    import difflib

    found = difflib.get_close_matches(wanted, labels, n=1, cutoff=0.6)
    return found[0] if found else ""
