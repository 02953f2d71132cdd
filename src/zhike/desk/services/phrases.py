"""The list of phrases: what is looked for, why, and what to say instead."""

from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import NotFound, RuleError
from zhike.core.work import Actor
from zhike.desk.models import Phrase
from zhike.desk.phrases import PatternError, PhraseKind, exceptions_of, parse
from zhike.desk.services.texts import cleaned
from zhike.desk.services.types import MANAGE_SETTINGS

# A list somebody still reads; and every one of them is looked for at each pause.
MOST_PHRASES = 1000
MOST_EXCEPTIONS = 30
LONGEST_WORDS = 120


@dataclass(frozen=True)
class PhraseFields:
    """What somebody writes into the list; `exceptions` one a line."""

    pattern: str
    kind: str
    why: str = ""
    better: str = ""
    exceptions: str = ""
    is_active: bool = True


FIELDS = tuple(PhraseFields.__dataclass_fields__)


def trouble_of(error: PatternError) -> str:
    """What is wrong with a pattern, in words that repair."""
    return {
        "empty": _("Please write the words to look for."),
        "optional": _("Every part is optional, so this would fit everywhere."),
        "bracket": _(
            "A bracket is missing. Choices stand between [ and ], with | between them: [you|we]."
        ),
        "inside": _("Brackets cannot stand inside brackets. Write the choices one after another."),
        "too_long": _("This is too long or has too many choices. Please make two phrases of it."),
    }[error.code]


def checked(given: PhraseFields) -> PhraseFields:
    """The same, tidied. Raises RuleError with the field that is wrong."""
    pattern = _pattern(given.pattern, "pattern")
    if given.kind not in set(PhraseKind):
        raise RuleError("kind_unknown", _("Please choose what kind it is."), field="kind")
    exceptions = exceptions_of(cleaned(given.exceptions))
    if len(exceptions) > MOST_EXCEPTIONS:
        raise RuleError(
            "too_many_exceptions",
            _("At most %(most)s exceptions, please.") % {"most": MOST_EXCEPTIONS},
            field="exceptions",
        )
    return PhraseFields(
        pattern=pattern,
        kind=given.kind,
        why=_words(given.why, "why"),
        better=_words(given.better, "better"),
        exceptions="\n".join(_pattern(one, "exceptions") for one in exceptions),
        is_active=given.is_active,
    )


def _pattern(text: str, field: str) -> str:
    text = " ".join(cleaned(text).split())
    try:
        parse(text)
    except PatternError as error:
        shown = f"{text}: " if field == "exceptions" else ""
        raise RuleError(
            f"pattern_{error.code}", f"{shown}{trouble_of(error)}", field=field
        ) from error
    return text


def _words(text: str, field: str) -> str:
    text = " ".join(cleaned(text).split())
    if len(text) > LONGEST_WORDS:
        raise RuleError(
            "text_too_long",
            _("This is longer than %(limit)s characters. Please shorten it.")
            % {"limit": LONGEST_WORDS},
            field=field,
        )
    return text


def _not_twice(pattern: str, own_id: int = 0) -> None:
    if Phrase.objects.filter(pattern=pattern).exclude(pk=own_id).exists():
        raise RuleError("pattern_taken", _("This stands in the list already."), field="pattern")


def add_phrase(*, actor: Actor, grants: Grants, given: PhraseFields) -> Phrase:
    grants.require(MANAGE_SETTINGS)
    given = checked(given)
    with work.unit(actor) as unit:
        _not_twice(given.pattern)
        if Phrase.objects.count() >= MOST_PHRASES:
            raise RuleError(
                "too_many_phrases",
                _("The list holds at most %(most)s phrases.") % {"most": f"{MOST_PHRASES:,}"},
            )
        phrase = Phrase.objects.create(**asdict(given))
        unit.audit("desk.phrase.add", phrase, after=asdict(given))
    return phrase


def change_phrase(*, actor: Actor, grants: Grants, phrase_id: int, given: PhraseFields) -> Phrase:
    """Also a built-in one: a reason written here stands in place of its own."""
    grants.require(MANAGE_SETTINGS)
    given = checked(given)
    with work.unit(actor) as unit:
        phrase = _locked(phrase_id)
        _not_twice(given.pattern, phrase.pk)
        write(phrase, asdict(given), unit)
    return phrase


def switch_phrase(*, actor: Actor, grants: Grants, phrase_id: int, is_active: bool) -> Phrase:
    """Look for it no longer, or again."""
    grants.require(MANAGE_SETTINGS)
    with work.unit(actor) as unit:
        phrase = _locked(phrase_id)
        write(phrase, {"is_active": is_active}, unit)
    return phrase


def _locked(phrase_id: int) -> Phrase:
    phrase = Phrase.objects.select_for_update().filter(pk=phrase_id).first()
    if phrase is None:
        raise NotFound()
    return phrase


def write(phrase: Phrase, values: dict[str, Any], unit: work.Work) -> dict[str, Any]:
    """Set what differs; returns how that stood before."""
    before = {
        name: getattr(phrase, name)
        for name, value in values.items()
        if getattr(phrase, name) != value
    }
    if before:
        after = {name: values[name] for name in before}
        for name, value in after.items():
            setattr(phrase, name, value)
        phrase.save(update_fields=list(after))
        unit.audit("desk.phrase.change", phrase, before=before, after=after)
    return before
