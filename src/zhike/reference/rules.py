"""How a value reads, and what belongs together. No database, no clock."""

from decimal import Decimal
from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import override

from zhike.reference.seeds import MEASURES, PERCENT, SEEDS, UNITS

LANGUAGES = ("zh-hans", "zh-hant", "en")


def plain(text: str) -> str:
    """Without NUL, which PostgreSQL refuses, in one line."""
    return " ".join(text.replace("\x00", "").split())


def figure(number: Decimal) -> str:
    """12,500 or 4.5: as many decimals as it has, a true minus."""
    text = f"{number:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−")


def value_text(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    """4%, 5–6 times, up to 85%."""
    if low is None:
        number = _("up to %(number)s") % {"number": figure(high or Decimal(0))}
    elif high is None or high == low:
        number = figure(low)
    else:
        number = f"{figure(low)}–{figure(high)}"
    label = str(UNITS.get(unit, unit))
    return number + label if unit == PERCENT else f"{number} {label}".strip()


def measure_code(text: str) -> str:
    """The code whose label this is, in whatever language; words of one's own are their own code."""
    return _codes("measures").get(text, text)


def unit_code(text: str) -> str:
    return _codes("units").get(text, text)


@lru_cache(maxsize=2)
def _codes(what: str) -> dict[str, str]:
    labels = MEASURES if what == "measures" else UNITS
    found = {code: code for code in labels}
    for language in LANGUAGES:
        with override(language):
            found |= {str(label): code for code, label in labels.items()}
    return found


@lru_cache(maxsize=500)
def built_in_texts(code: str, field: str) -> frozenset[str]:
    """What a built-in value says there, in every language; nothing for one's own."""
    seed = SEEDS.get(code)
    if seed is None:
        return frozenset()
    found = set()
    for language in LANGUAGES:
        with override(language):
            found.add(str(getattr(seed, field)))
    return frozenset(found)


def measure_label(measure: str) -> str:
    return str(MEASURES.get(measure, measure))
