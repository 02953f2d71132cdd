"""The command's own texts in the terminal's language, without loading Django."""

import gettext as catalogues
import os
from functools import cache
from pathlib import Path

LOCALES = Path(__file__).parent / "locale"


def gettext(text: str) -> str:
    return _catalogue().gettext(text)


def screen_language() -> str:
    """The same language for what the rooms call their lists and fields."""
    return {"zh_Hans": "zh-hans", "zh_Hant": "zh-hant"}.get(_terminal_language() or "", "en")


@cache
def _catalogue() -> catalogues.NullTranslations:
    language = _terminal_language()
    if language is None:
        return catalogues.NullTranslations()
    return catalogues.translation("django", LOCALES, [language], fallback=True)


def _terminal_language() -> str | None:
    """The folder of the catalogue; English for a terminal that does not say it is Chinese."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        wished = os.environ.get(name, "")
        if wished:
            break
    else:
        return None
    if not wished.startswith("zh"):
        return None
    return "zh_Hant" if wished.startswith(("zh_TW", "zh_HK", "zh_MO", "zh_Hant")) else "zh_Hans"
