"""Places as files write them: 河南周口, 河南省/周口市, or finer than the company's own tree of regions."""

import re
from collections.abc import Iterable

from django.db.models import Q

from zhike.customers.choices import RegionLevel
from zhike.customers.models import Region

_BETWEEN = re.compile(r"[\s/\\\-—>、,，]+")
_OWN_ENDING = re.compile(r"[省市]")
_ENDING = re.compile(r"(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)$")


def written_together(text: str) -> str:
    return _BETWEEN.sub("", text)


class Places:
    """The regions that some texts of a batch name, found with three queries at most."""

    def __init__(self, texts: Iterable[str]) -> None:
        wanted = {written_together(text) for text in texts}
        self._exact: dict[str, set[int]] = {}
        self._above: dict[str, int] = {}
        self._provinces: list[tuple[str, str]] = []
        if not wanted:
            return
        known = Region.objects.filter(is_active=True)
        for pk, name, full in known.filter(
            Q(full_name__in=wanted) | Q(name__in=wanted)
        ).values_list("pk", "name", "full_name"):
            for word in {name, full}:
                self._exact.setdefault(word, set()).add(pk)
        unknown = wanted - self._exact.keys()
        if unknown:
            self._look_above(unknown)

    def _look_above(self, unknown: set[str]) -> None:
        known = Region.objects.filter(is_active=True)
        names = known.filter(level=RegionLevel.PROVINCE, parent=None).values_list("name", flat=True)
        self._provinces = [(_ENDING.sub("", name), name) for name in names]
        full = [self._in_full(text) for text in unknown]
        beginnings = {text[:end] for text in full for end in range(2, len(text) + 1)}
        self._above = dict(known.filter(full_name__in=beginnings).values_list("full_name", "pk"))

    def _in_full(self, text: str) -> str:
        """With the ending of the province; a name that goes on with an ending of its own is a city."""
        for short, name in self._provinces:
            rest = text.removeprefix(short)
            if rest != text and not text.startswith(name) and not _OWN_ENDING.match(rest):
                return name + rest
        return text

    def find(self, text: str) -> tuple[int | None, str]:
        """The region, and what the text says beyond it; None when it is unknown or not one alone."""
        word = written_together(text)
        found = self._exact.get(word, set())
        if found:
            return (next(iter(found)), "") if len(found) == 1 else (None, "")
        full = self._in_full(word)
        for end in range(len(full), 1, -1):
            if full[:end] in self._above:
                return self._above[full[:end]], full[end:]
        return None, ""
