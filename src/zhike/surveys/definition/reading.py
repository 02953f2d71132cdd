"""From a JSON document to a Definition; every fault of the document is named by its place."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from zhike.surveys.choices import ContactPart, QuestionKind
from zhike.surveys.definition.parts import (
    MOST_FILES,
    SIDES,
    WITH_OPTIONS,
    WITH_POINTS,
    WITH_ROWS,
    Condition,
    Definition,
    Option,
    Question,
    Quota,
    Section,
    Words,
)

FORMAT = 1
KEY = re.compile(r"[a-z][a-z0-9_]{0,23}\Z")
POINTS = (5, 7, 10)
MOST_SECTIONS, MOST_QUESTIONS, MOST_OPTIONS, MOST_ROWS = 30, 120, 60, 40
LONGEST_TEXT, LONGEST_INTRO = 300, 1000
# {{q1}} in a text: what was answered there, of an earlier section.
PIPED = re.compile(r"\{\{\s*([a-z][a-z0-9_]{0,23})\s*\}\}")
# Kinds whose answer is one value or a set of values, by which a path may branch and a quota count.
BRANCHING = frozenset(
    {
        QuestionKind.SINGLE,
        QuestionKind.MULTIPLE,
        QuestionKind.SCALE,
        QuestionKind.NPS,
        QuestionKind.CES,
    }
)
# What can stand in a later text.
PIPEABLE = BRANCHING | {QuestionKind.TEXT, QuestionKind.NUMBER, QuestionKind.DATE}


@dataclass(frozen=True, slots=True)
class Problem:
    """`place` as in sections[0].questions[2].text; `at` names it for people, by page and number."""

    place: str
    at: str
    sentence: str


class DefinitionError(Exception):
    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{one.place}: {one.sentence}" for one in problems))
        self.problems = problems


def read(document: Any) -> Definition:
    """Raises DefinitionError with every problem found."""
    reader = _Reader()
    found = reader.definition(document)
    if reader.problems:
        raise DefinitionError(reader.problems)
    assert found is not None
    return found


def values_of(question: Question) -> tuple[str, ...]:
    """What a condition or a quota may name as its answer."""
    if question.kind in WITH_OPTIONS:
        return tuple(one.key for one in question.options)
    return tuple(str(value) for value in question.scale)


class _Reader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._languages: tuple[str, ...] = ()
        self._at = ""

    def definition(self, document: Any) -> Definition | None:
        if not isinstance(document, Mapping):
            self._wrong("", _("This is not a questionnaire."))
            return None
        if document.get("format", FORMAT) != FORMAT:
            self._wrong("format", _("This form of questionnaire is not known here."))
            return None
        self._languages = self._language_codes(document.get("languages"))
        if not self._languages:
            return None
        title = self._words(document, "title", "", needed=_("Please write a title."))
        intro = self._words(document, "intro", "", longest=LONGEST_INTRO)
        thanks = self._words(document, "thanks", "", longest=LONGEST_INTRO)
        earlier: dict[str, Question] = {}
        sections = []
        rows = self._list(document, "sections", "", MOST_SECTIONS)
        if not rows:
            self._wrong("sections", _("Please write at least one question."))
        for number, row in enumerate(rows):
            self._at = _("page %(number)s") % {"number": number + 1}
            section = self._section(row, f"sections[{number}]", earlier)
            if section is not None:
                sections.append(section)
                # Only what was answered on an earlier page is known when this one is drawn.
                earlier |= {one.key: one for one in section.questions}
        self._at = ""
        self._keys([one.key for one in sections], "sections")
        self._keys([q.key for one in sections for q in one.questions], "questions")
        if sum(one.kind == QuestionKind.CONTACT for one in earlier.values()) > 1:
            self._wrong("questions", _("One question for a contact is enough."))
        if len(earlier) > MOST_QUESTIONS:
            self._wrong("sections", _("At most %(most)s questions.") % {"most": MOST_QUESTIONS})
        quotas = self._quotas(document, earlier)
        return Definition(self._languages, title, tuple(sections), intro, thanks, quotas)

    def _section(self, row: Any, place: str, earlier: Mapping[str, Question]) -> Section | None:
        if not isinstance(row, Mapping):
            self._wrong(place, _("This is not a page of questions."))
            return None
        where = self._at
        questions = []
        listed = self._list(row, "questions", place, MOST_QUESTIONS)
        if not listed:
            self._wrong(f"{place}.questions", _("A page needs at least one question."))
        for number, one in enumerate(listed):
            self._at = _("%(page)s, question %(number)s") % {"page": where, "number": number + 1}
            question = self._question(one, f"{place}.questions[{number}]", earlier)
            if question is not None:
                questions.append(question)
        self._at = where
        return Section(
            key=self._key(row, place),
            questions=tuple(questions),
            title=self._words(row, "title", place, earlier=earlier),
            intro=self._words(row, "intro", place, longest=LONGEST_INTRO, earlier=earlier),
            when=self._conditions(row, place, earlier),
            shuffle=self._flag(row, "shuffle", place),
        )

    def _question(self, row: Any, place: str, earlier: Mapping[str, Question]) -> Question | None:
        if not isinstance(row, Mapping) or row.get("kind") not in QuestionKind.values:
            self._wrong(f"{place}.kind", _("Please choose how the question is answered."))
            return None
        kind = str(row["kind"])
        least, most = self._number(row, "least", place), self._number(row, "most", place)
        if least is not None and most is not None and least > most:
            self._wrong(f"{place}.most", _("The most is smaller than the least."))
        question = Question(
            key=self._key(row, place),
            kind=kind,
            text=self._words(
                row, "text", place, needed=_("Please write the question."), earlier=earlier
            ),
            help=self._words(row, "help", place, earlier=earlier),
            required=self._flag(row, "required", place),
            options=self._options(row, "options", place, MOST_OPTIONS, kind in WITH_OPTIONS),
            rows=self._options(row, "rows", place, MOST_ROWS, kind in WITH_ROWS),
            points=self._points(row, place) if kind in WITH_POINTS else 0,
            low=self._words(row, "low", place),
            high=self._words(row, "high", place),
            least=least,
            most=most,
            unit=self._words(row, "unit", place),
            rival=self._words(
                row,
                "rival",
                place,
                needed=_("Please name the rival.") if kind == QuestionKind.RIVAL else "",
            ),
            asks=self._asks(row, place),
            shuffle=self._flag(row, "shuffle", place),
            when=self._conditions(row, place, earlier),
        )
        self._choice_bounds(question, place)
        return question

    def _asks(self, row: Mapping[str, Any], place: str) -> tuple[str, ...]:
        given, here = self._list(row, "asks", place, len(ContactPart.values)), f"{place}.asks"
        if row.get("kind") != QuestionKind.CONTACT:
            if given:
                self._wrong(here, _("A question of this kind has none of these."))
            return ()
        if self._flag(row, "required", place):
            self._wrong(f"{place}.required", _("How to reach somebody may always be left out."))
        known = [one for one in ContactPart.values if one in given]
        if len(known) < len(given):
            self._wrong(here, _("A contact is a name, a phone number or an e-mail address."))
        elif not {ContactPart.PHONE, ContactPart.EMAIL} & set(known):
            self._wrong(here, _("Please ask for a phone number or an e-mail address."))
        return tuple(known)

    def _choice_bounds(self, question: Question, place: str) -> None:
        if question.kind == QuestionKind.FILE:
            most = question.most
            if most is not None and not (most.is_integer() and 1 <= most <= MOST_FILES):
                self._wrong(
                    f"{place}.most",
                    _("A question takes 1 to %(most)s files.") % {"most": MOST_FILES},
                )
            return
        if question.kind != QuestionKind.MULTIPLE:
            return
        for name, bound in (("least", question.least), ("most", question.most)):
            if bound is not None and not (
                bound.is_integer() and 1 <= bound <= len(question.options)
            ):
                self._wrong(
                    f"{place}.{name}", _("There are not as many choices to take as this asks for.")
                )

    def _options(
        self, row: Mapping[str, Any], name: str, place: str, most: int, wanted: bool
    ) -> tuple[Option, ...]:
        listed = self._list(row, name, place, most)
        here = f"{place}.{name}"
        if not wanted:
            if listed:
                self._wrong(here, _("A question of this kind has none of these."))
            return ()
        least = 1 if name == "rows" and row.get("kind") != QuestionKind.POINTS else 2
        if len(listed) < least:
            self._wrong(
                here,
                _("Please write at least one item.")
                if least == 1
                else _("Please write at least two to choose from."),
            )
        found = []
        for number, one in enumerate(listed):
            at = f"{here}[{number}]"
            if not isinstance(one, Mapping):
                self._wrong(at, _("This is not a choice."))
                continue
            found.append(
                Option(
                    key=self._key(one, at),
                    text=self._words(
                        one,
                        "text",
                        at,
                        needed=_("Please write the words of no. %(number)s.")
                        % {"number": number + 1},
                    ),
                    opens_text=self._flag(one, "opens_text", at),
                    alone=self._flag(one, "alone", at),
                )
            )
        self._keys([one.key for one in found], here)
        return tuple(found)

    def _conditions(
        self, row: Mapping[str, Any], place: str, earlier: Mapping[str, Question]
    ) -> tuple[Condition, ...]:
        found = []
        for number, one in enumerate(self._list(row, "when", place, 10)):
            here = f"{place}.when[{number}]"
            asked = earlier.get(str(one.get("question"))) if isinstance(one, Mapping) else None
            if asked is None:
                self._wrong(
                    here, _("A condition names a question of an earlier page; this one does not.")
                )
                continue
            given = one.get("values")
            values = tuple(str(value) for value in given) if isinstance(given, list) else ()
            if asked.kind not in BRANCHING or not values or set(values) - set(values_of(asked)):
                self._wrong(here, _("The question named cannot be answered like this."))
                continue
            found.append(Condition(asked.key, values, bool(one.get("negated"))))
        return tuple(found)

    def _quotas(
        self, document: Mapping[str, Any], asked: Mapping[str, Question]
    ) -> tuple[Quota, ...]:
        found = []
        for number, row in enumerate(self._list(document, "quotas", "", 60)):
            place = f"quotas[{number}]"
            question = asked.get(str(row.get("question"))) if isinstance(row, Mapping) else None
            value = str(row.get("value")) if isinstance(row, Mapping) else ""
            if (
                question is None
                or question.kind not in BRANCHING
                or value not in values_of(question)
            ):
                self._wrong(place, _("A quota names a question and one of its choices."))
                continue
            most = row.get("most")
            if not isinstance(most, int) or isinstance(most, bool) or not 1 <= most <= 10_000_000:
                self._wrong(f"{place}.most", _("A quota is a whole number from 1."))
                continue
            found.append(Quota(question.key, value, most))
        return tuple(found)

    # Small values

    def _language_codes(self, given: Any) -> tuple[str, ...]:
        known = [code for code, _name in settings.LANGUAGES]
        codes = given if isinstance(given, list) else []
        if (
            not codes
            or len(set(map(str, codes))) != len(codes)
            or set(map(str, codes)) - set(known)
        ):
            self._wrong(
                "languages",
                _("Please name its languages, each of %(known)s.") % {"known": ", ".join(known)},
            )
            return ()
        return tuple(str(code) for code in codes)

    def _words(
        self,
        row: Mapping[str, Any],
        name: str,
        place: str,
        *,
        needed: str = "",
        longest: int = LONGEST_TEXT,
        earlier: Mapping[str, Question] | None = None,
    ) -> Words:
        here = f"{place}.{name}".lstrip(".")
        given = row.get(name) or {}
        if isinstance(given, str):
            given = {self._languages[0]: given}
        if not isinstance(given, Mapping) or not all(
            isinstance(one, str) for one in given.values()
        ):
            self._wrong(here, _("These are no words."))
            return {}
        found = {
            code: " ".join(text.split()) if longest == LONGEST_TEXT else text.strip()
            for code in self._languages
            if (text := given.get(code, ""))
        }
        found = {code: text for code, text in found.items() if text}
        if needed and not found.get(self._languages[0]):
            self._wrong(here, needed)
        for text in found.values():
            if len(text) > longest:
                self._wrong(
                    here,
                    _("This is longer than %(limit)s characters. Please shorten it.")
                    % {"limit": longest},
                )
            self._piped(here, text, earlier or {})
        return found

    def _piped(self, place: str, text: str, earlier: Mapping[str, Question]) -> None:
        for key in PIPED.findall(text):
            asked = earlier.get(key)
            if asked is None or asked.kind not in PIPEABLE:
                self._wrong(
                    place,
                    _(
                        "“%(key)s” in double braces is no question of an earlier page that can be quoted."
                    )
                    % {"key": key},
                )

    def _key(self, row: Mapping[str, Any], place: str) -> str:
        key = row.get("key")
        if not isinstance(key, str) or not KEY.match(key):
            self._wrong(
                f"{place}.key",
                _("A key is 1 to 24 small letters, figures or _, a letter first."),
            )
            return ""
        return key

    def _keys(self, keys: Collection[str], place: str) -> None:
        for key in sorted({one for one in keys if one and list(keys).count(one) > 1}):
            self._wrong(place, _("The key “%(key)s” stands twice.") % {"key": key})

    def _list(self, row: Mapping[str, Any], name: str, place: str, most: int) -> list[Any]:
        given = row.get(name) or []
        here = f"{place}.{name}".lstrip(".")
        if not isinstance(given, list):
            self._wrong(here, _("This is no list."))
            return []
        if len(given) > most:
            self._wrong(here, _("At most %(most)s.") % {"most": most})
            return []
        return given

    def _flag(self, row: Mapping[str, Any], name: str, place: str) -> bool:
        given = row.get(name, False)
        if not isinstance(given, bool):
            self._wrong(f"{place}.{name}", _("This is neither yes nor no."))
            return False
        return given

    def _number(self, row: Mapping[str, Any], name: str, place: str) -> float | None:
        given = row.get(name)
        if given is None:
            return None
        if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) <= 1e12:
            self._wrong(f"{place}.{name}", _("This is no number."))
            return None
        return float(given)

    def _points(self, row: Mapping[str, Any], place: str) -> int:
        given = row.get("points", POINTS[0])
        if given not in POINTS or isinstance(given, bool):
            self._wrong(f"{place}.points", _("A scale has 5, 7 or 10 points."))
            return POINTS[0]
        return int(given)

    def _wrong(self, place: str, sentence: str) -> None:
        self.problems.append(Problem(place, self._at, sentence))


__all__ = ["SIDES", "DefinitionError", "Problem", "read", "values_of"]
