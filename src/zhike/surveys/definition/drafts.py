"""A draft: a document that may still lack what people have not written yet, but whose form is sure.

`shaped` lets in what pages can show and people can mend; `problems` says what is missing before publishing.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from zhike.surveys.choices import ContactPart, QuestionKind
from zhike.surveys.definition.reading import (
    FORMAT,
    KEY,
    MOST_OPTIONS,
    MOST_QUESTIONS,
    MOST_ROWS,
    MOST_SECTIONS,
    DefinitionError,
    Problem,
    read,
)

Draft = dict[str, Any]

# Far beyond what can be published: here only to bound what a draft may weigh.
LONGEST = 5000
MOST_CONDITIONS, MOST_VALUES, MOST_QUOTAS = 10, 60, 60
# Control characters (PostgreSQL takes no NUL) and halves of a character, but not line ends and tabs.
_UNPRINTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
SURE_NUMBER = 1e12


def clean(text: str) -> str:
    """As it may be stored: one kind of line end, nothing unprintable."""
    return _UNPRINTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def problems(draft: Any) -> list[Problem]:
    """What is missing or wrong before it can be published, by its place."""
    try:
        read(draft)
    except DefinitionError as error:
        return error.problems
    return []


def shaped(given: Any) -> Draft:
    """The document in its usual order, without what is empty. Raises DefinitionError where it has another form.

    A part without a key is given one; what is only unfinished or contradictory stays as it is.
    """
    shaper = _Shaper()
    draft = shaper.document(given)
    if shaper.problems:
        raise DefinitionError(shaper.problems)
    return draft


def next_key(taken: set[str], prefix: str = "") -> str:
    """q1, q2 … behind a prefix; a, b … z, aa, ab … without one."""
    number = 1
    while (key := f"{prefix}{number}" if prefix else _letters(number)) in taken:
        number += 1
    return key


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


class _Shaper:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._languages: list[str] = []

    def document(self, given: Any) -> Draft:
        if not isinstance(given, Mapping) or given.get("format", FORMAT) != FORMAT:
            self._wrong("", _("This is not a questionnaire."))
            return {}
        self._languages = self._codes(given.get("languages"))
        self._known(given, "", "format languages title intro thanks sections quotas")
        sections = self._all(given, "sections", "", MOST_SECTIONS, self._section)
        self._give_keys(sections, "s", "sections")
        questions = [one for section in sections for one in section.get("questions", [])]
        if len(questions) > MOST_QUESTIONS:
            self._wrong("sections", _("At most %(most)s questions.") % {"most": MOST_QUESTIONS})
        self._give_keys(questions, "q", "questions")
        return {
            "format": FORMAT,
            "languages": self._languages,
            "title": self._words(given, "title", ""),
            **_filled(
                intro=self._words(given, "intro", ""), thanks=self._words(given, "thanks", "")
            ),
            "sections": sections,
            **_filled(quotas=self._all(given, "quotas", "", MOST_QUOTAS, self._quota)),
        }

    def _section(self, given: Mapping[str, Any], place: str) -> Draft:
        self._known(given, place, "key title intro shuffle when questions")
        return {
            "key": self._key(given, place),
            **_filled(
                title=self._words(given, "title", place),
                intro=self._words(given, "intro", place),
                shuffle=self._flag(given, "shuffle", place),
                when=self._all(given, "when", place, MOST_CONDITIONS, self._condition),
            ),
            "questions": self._all(given, "questions", place, MOST_QUESTIONS, self._question),
        }

    def _question(self, given: Mapping[str, Any], place: str) -> Draft:
        self._known(
            given,
            place,
            "key kind text help required options rows points low high unit rival asks shuffle when least"
            " most",
        )
        kind = given.get("kind")
        if not isinstance(kind, str) or kind not in QuestionKind.values:
            self._wrong(f"{place}.kind", _("Please choose how the question is answered."))
        bounds = {name: self._number(given, name, place) for name in ("least", "most")}
        return {
            "key": self._key(given, place),
            "kind": str(kind),
            "text": self._words(given, "text", place),
            **_filled(
                help=self._words(given, "help", place),
                required=self._flag(given, "required", place),
                options=self._options(given, "options", place, MOST_OPTIONS),
                rows=self._options(given, "rows", place, MOST_ROWS),
                points=int(self._number(given, "points", place) or 0),
                low=self._words(given, "low", place),
                high=self._words(given, "high", place),
                unit=self._words(given, "unit", place),
                rival=self._words(given, "rival", place),
                asks=self._asks(given, place),
                shuffle=self._flag(given, "shuffle", place),
                when=self._all(given, "when", place, MOST_CONDITIONS, self._condition),
            ),
            **{name: value for name, value in bounds.items() if value is not None},
        }

    def _asks(self, given: Mapping[str, Any], place: str) -> list[str]:
        asks = given.get("asks") or []
        if not isinstance(asks, list) or len(asks) > len(ContactPart.values):
            self._wrong(f"{place}.asks", _("This is no list."))
            return []
        return [self._name(one, f"{place}.asks") for one in asks]

    def _options(self, given: Mapping[str, Any], name: str, place: str, most: int) -> list[Draft]:
        found = self._all(given, name, place, most, self._option)
        self._give_keys(found, "", f"{place}.{name}")
        return found

    def _option(self, given: Mapping[str, Any], place: str) -> Draft:
        self._known(given, place, "key text opens_text alone")
        return {
            "key": self._key(given, place),
            "text": self._words(given, "text", place),
            **_filled(
                opens_text=self._flag(given, "opens_text", place),
                alone=self._flag(given, "alone", place),
            ),
        }

    def _condition(self, given: Mapping[str, Any], place: str) -> Draft:
        self._known(given, place, "question values negated")
        values = given.get("values", [])
        if not isinstance(values, list) or len(values) > MOST_VALUES:
            self._wrong(f"{place}.values", _("This is no list."))
            values = []
        return {
            "question": self._name(given.get("question"), f"{place}.question"),
            "values": [self._name(value, f"{place}.values") for value in values],
            **_filled(negated=self._flag(given, "negated", place)),
        }

    def _quota(self, given: Mapping[str, Any], place: str) -> Draft:
        self._known(given, place, "question value most")
        most = given.get("most")
        if not isinstance(most, int) or isinstance(most, bool) or abs(most) > SURE_NUMBER:
            self._wrong(f"{place}.most", _("A quota is a whole number from 1."))
            most = 0
        return {
            "question": self._name(given.get("question"), f"{place}.question"),
            "value": self._name(given.get("value"), f"{place}.value"),
            "most": most,
        }

    # Small values

    def _codes(self, given: Any) -> list[str]:
        known = [code for code, _name in settings.LANGUAGES]
        codes = [one for one in given if one in known] if isinstance(given, list) else []
        if not codes or len(codes) != len(given) or len(set(codes)) != len(codes):
            self._wrong(
                "languages",
                _("Please name its languages, each of %(known)s.") % {"known": ", ".join(known)},
            )
            return known[:1]
        return codes

    def _words(self, given: Mapping[str, Any], name: str, place: str) -> dict[str, str]:
        here = f"{place}.{name}".lstrip(".")
        words = given.get(name) or {}
        if isinstance(words, str):
            words = {self._languages[0]: words}
        if not isinstance(words, Mapping) or not all(
            isinstance(one, str) and isinstance(code, str) for code, one in words.items()
        ):
            self._wrong(here, _("These are no words."))
            return {}
        if any(len(one) > LONGEST for one in words.values()):
            self._wrong(
                here,
                _("This is longer than %(limit)s characters. Please shorten it.")
                % {"limit": LONGEST},
            )
            return {}
        # Words in a language the questionnaire is not asked in are left out, as in a published one.
        cleaned = {code: clean(words.get(code, "")) for code in self._languages}
        return {code: text for code, text in cleaned.items() if text}

    def _key(self, given: Mapping[str, Any], place: str) -> str:
        key = given.get("key", "")
        if key == "" or (isinstance(key, str) and KEY.match(key)):
            return str(key)
        self._wrong(
            f"{place}.key", _("A key is 1 to 24 small letters, figures or _, a letter first.")
        )
        return ""

    def _give_keys(self, parts: list[Draft], prefix: str, place: str) -> None:
        taken = [one["key"] for one in parts if one["key"]]
        for key in sorted({key for key in taken if taken.count(key) > 1}):
            self._wrong(place, _("The key “%(key)s” stands twice.") % {"key": key})
        used = set(taken)
        for one in parts:
            if not one["key"]:
                one["key"] = next_key(used, prefix)
                used.add(one["key"])

    def _name(self, given: Any, place: str) -> str:
        """A key or a value of a scale, which may come as a figure."""
        text = str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
        if not text or len(text) > 24 or clean(text) != text:
            self._wrong(place, _("This names no question and no choice."))
            return ""
        return text

    def _all(
        self,
        given: Mapping[str, Any],
        name: str,
        place: str,
        most: int,
        shape: Callable[[Mapping[str, Any], str], Draft],
    ) -> list[Draft]:
        here = f"{place}.{name}".lstrip(".")
        rows = given.get(name) or []
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            self._wrong(here, _("This is no list."))
            return []
        if len(rows) > most:
            self._wrong(here, _("At most %(most)s.") % {"most": most})
            return []
        return [shape(row, f"{here}[{number}]") for number, row in enumerate(rows)]

    def _flag(self, given: Mapping[str, Any], name: str, place: str) -> bool:
        value = given.get(name, False)
        if not isinstance(value, bool):
            self._wrong(f"{place}.{name}", _("This is neither yes nor no."))
        return value is True

    def _number(self, given: Mapping[str, Any], name: str, place: str) -> float | None:
        value = given.get(name)
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            # False for what is no number too.
            or not abs(value) <= SURE_NUMBER
        ):
            self._wrong(f"{place}.{name}", _("This is no number."))
            return None
        return float(value)

    def _known(self, given: Mapping[str, Any], place: str, names: str) -> None:
        for name in sorted(str(one) for one in set(given) - set(names.split())):
            self._wrong(
                f"{place}.{name[:40]}".lstrip("."),
                _("No part of a questionnaire is called “%(name)s”.") % {"name": name[:40]},
            )

    def _wrong(self, place: str, sentence: str) -> None:
        self.problems.append(Problem(place, "", sentence))


def _filled(**parts: Any) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value}
