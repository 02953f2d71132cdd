"""The one question every text that somebody writes is asked: are there words in it that should not be?

`check_words` belongs before the unit of work of every service that lets staff write to a customer
(`Place.OUTGOING`), to another department (`Place.NOTICE`) or among colleagues (`Place.NOTE`); `check_texts`
where several are written at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from opencc import OpenCC

from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.signs import is_traditional
from zhike.core.work import Actor
from zhike.desk.errors import labels_noted, phrases_flagged
from zhike.desk.phrases import Hit, Place
from zhike.desk.selectors.phrases import finder
from zhike.desk.services.texts import cleaned, reason_of

# By hand: what a system, an import or the demo company says was decided elsewhere.
_BY_HAND = frozenset({"page", "api"})


@dataclass(frozen=True)
class Kept:
    """What the writer answered: why flagged words stay, and which phrases they had been shown (None: all)."""

    reason: str = ""
    shown: frozenset[int] | None = None
    # The text holds somebody else's words, or was asked before: a service passes this on to another one.
    is_settled: bool = False

    def answers(self, hit: Hit) -> bool:
        return bool(self.reason.strip()) and (self.shown is None or hit.entry.id in self.shown)


NOT_KEPT = Kept()
SETTLED = Kept(is_settled=True)


@dataclass(frozen=True)
class Flag:
    """One hit as pages and the API show it: what was said, why not, what would be better."""

    id: int
    start: int
    end: int
    said: str
    kind: str
    why: str
    better: str
    # Of several texts written at once, the one it stands in.
    field: str = ""


def find_words(text: str, place: Place, stamp: str = "") -> list[Flag]:
    """Every word of the list in a text, with its place there. Line ends count as one sign."""
    text = text.replace("\r\n", "\n")
    hits = finder(stamp).find(text, place)
    return _flags(hits, text)


def check_words(
    text: str, place: Place, *, actor: Actor, grants: Grants, kept: Kept = NOT_KEPT
) -> dict[str, Any]:
    """Refuse a text with words of the list, unless the writer said why they stay.

    Returns what belongs into the record with it: nothing, or the words and the reason. Only what a person
    writes on a page or over the API is asked.
    """
    return check_texts({"": (text, place)}, actor=actor, grants=grants, kept=kept)


def check_texts(
    texts: Mapping[str, tuple[str, Place]],
    *,
    actor: Actor,
    grants: Grants,
    kept: Kept = NOT_KEPT,
) -> dict[str, Any]:
    """`check_words` of several texts, by the names of their fields: all words are named at once."""
    if actor.kind != "user" or actor.via not in _BY_HAND or kept.is_settled:
        return {}
    written = {field: (cleaned(text), place) for field, (text, place) in texts.items() if text}
    if not written:
        return {}
    find = finder(grants.stamp).find
    found = {field: (text, find(text, place)) for field, (text, place) in written.items()}
    hits = [hit for _text, of_text in found.values() for hit in of_text]
    if not hits:
        return {}
    if not all(kept.answers(hit) for hit in hits):
        flags = [
            replace(flag, field=field)
            for field, (text, of_text) in found.items()
            for flag in _flags(of_text, text)
        ]
        raise phrases_flagged([flag.__dict__ for flag in flags])
    return {
        "phrases": [{"said": hit.said, "kind": hit.entry.kind.value} for hit in hits],
        "why_kept": reason_of(kept.reason),
    }


def look_through_notes(actor: Actor, grants: Grants, texts: Mapping[str, str]) -> None:
    """What is noted in a customer's file: there is no record to hold a reason, only quotation marks."""
    try:
        check_texts(
            {field: (text, Place.NOTE) for field, text in texts.items()},
            actor=actor,
            grants=grants,
        )
    except RuleError as refused:
        flags = refused.extra["phrases"]
        raise labels_noted(flags[0]["field"], flags) from refused


def look_through_survey(
    actor: Actor, grants: Grants, texts: Mapping[str, str], why_kept: str
) -> dict[str, Any]:
    """All words of a questionnaire, which customers will read."""
    asked = {place: (text, Place.OUTGOING) for place, text in texts.items()}
    return check_texts(asked, actor=actor, grants=grants, kept=Kept(why_kept))


def _flags(hits: list[Hit], text: str) -> list[Flag]:
    in_traditional = bool(hits) and is_traditional(text)
    return [
        Flag(
            id=hit.entry.id,
            start=hit.start,
            end=hit.end,
            said=hit.said,
            kind=hit.entry.kind.value,
            why=str(hit.entry.why),
            better=_traditional().convert(hit.entry.better) if in_traditional else hit.entry.better,
        )
        for hit in hits
    ]


@lru_cache(maxsize=1)
def _traditional() -> OpenCC:
    return OpenCC("s2twp")
