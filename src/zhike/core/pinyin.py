"""How Chinese signs sound, sign by sign.

Names are read sign by sign anyway, so the library's dictionary of phrases (45 MB and half a second) stays
unread; it looks at these variables when it is imported.
"""

import os

os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")

from pypinyin import lazy_pinyin


def sounds(signs: str) -> list[str]:
    """One entry per sign: its usual reading, or the sign itself when it has none."""
    readings: list[str] = lazy_pinyin(list(signs), errors="default")
    return readings
