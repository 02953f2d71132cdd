"""Texts of pages that say hundreds of them: Django looks each up through five layers of a thread's settings."""

from functools import lru_cache

from django.utils import translation


def gettext(english: str) -> str:
    return _in(translation.get_language(), english)


@lru_cache(8192)
def _in(_language: str | None, english: str) -> str:
    return translation.gettext(english)
