"""Ready questionnaires: JSON files of `data/library`, in our own words, read once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

from zhike.core.errors import NotFound
from zhike.surveys.definition import Draft

FOLDER = Path(__file__).parent / "data" / "library"
# As people look for them: after a contact first, studies of the whole last.
ORDER = (
    "after_contact",
    "after_complaint",
    "visitor",
    "service_quality",
    "satisfaction_index",
    "indicator_bank",
    "staff",
    "internal_customer",
    "customer_orientation",
    "crm_readiness",
    "training_before",
    "training_after",
)


@dataclass(frozen=True)
class Ready:
    """One of the library: `about` says when it is used and what it gives."""

    code: str
    about: Mapping[str, str]
    document: Draft
    # Answered by people who know each other: results are kept until it is closed.
    after_closing: bool = False

    @property
    def title(self) -> str:
        return self._own(self.document["title"])

    @property
    def told(self) -> str:
        return self._own(self.about)

    @property
    def languages(self) -> list[str]:
        return list(self.document["languages"])

    @property
    def questions(self) -> int:
        return sum(len(section["questions"]) for section in self.document["sections"])

    @property
    def pages(self) -> int:
        return len(self.document["sections"])

    def _own(self, text: Mapping[str, str]) -> str:
        return text.get(get_language() or "") or text[self.languages[0]]


@cache
def ready_ones() -> tuple[Ready, ...]:
    return tuple(_read(code) for code in ORDER)


@cache
def kept_until_closed() -> frozenset[str]:
    """Codes of those whose results are kept until closing from the start."""
    return frozenset(one.code for one in ready_ones() if one.after_closing)


def ready(code: str) -> Ready:
    found = next((one for one in ready_ones() if one.code == code), None)
    if found is None:
        raise NotFound()
    return found


def _read(code: str) -> Ready:
    whole = json.loads((FOLDER / f"{code}.json").read_text("utf-8"))
    return Ready(code, whole["about"], whole["document"], whole.get("after_closing", False))
