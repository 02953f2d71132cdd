"""What somebody sent in for a question, taken as an answer or refused with a sentence.

Fields of a form are named by the part they answer: `q1`, `q1.row`, `q1.row.side`; own words beside a choice
`q1.words`. An answer is a value JSON can hold: a key, a list of keys, a whole number, a mapping from row to
number or to a pair of them, a text, a number, a day.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from zhike.surveys.choices import QuestionKind
from zhike.surveys.contacts import ContactDetails, details
from zhike.surveys.definition import Question
from zhike.surveys.definition.parts import POINTS_IN_ALL, SIDES, USUAL_FILES
from zhike.surveys.flow import words_key
from zhike.surveys.sent_files import SentFile, looked_at

LONGEST_WORDS = 2000
NUMBER = re.compile(r"[-+]?\d{1,12}(\.\d{1,6})?\Z")
# Typed on a phone with a Chinese keyboard.
FULL_WIDTH = str.maketrans("０１２３４５６７８９．－＋", "0123456789.-+")

Posted = Mapping[str, Sequence[str]]


class Refused(Exception):
    """Not an answer to this question; the message says why, in words for whoever answers."""


@dataclass(frozen=True, slots=True)
class Taken:
    """`answers` to add (none for what was left empty), `problems` by question key. `contact` is what goes
    to a place of its own; the answer to its question only tells which parts there are."""

    answers: Mapping[str, Any]
    problems: Mapping[str, str]
    contact: ContactDetails | None = None
    files: Sequence[SentFile] = ()


def take(
    questions: Sequence[Question],
    posted: Posted,
    *,
    may_stop: bool = False,
    before: Mapping[str, Any] | None = None,
    uploads: Mapping[str, Sequence[Any]] | None = None,
) -> Taken:
    """`may_stop`: what is missing is no fault, for somebody who goes back or means to go on later.

    `before` is what was answered so far: what a page never shows again stays unless it is taken off.
    """
    answers: dict[str, Any] = {}
    problems: dict[str, str] = {}
    contact: ContactDetails | None = None
    files: list[SentFile] = []
    for question in questions:
        try:
            if question.kind == QuestionKind.CONTACT:
                contact = contact_of(question, posted)
                value: Any = contact.parts if contact else kept(question, posted, before or {})
            elif question.kind == QuestionKind.FILE:
                value, sent = _files(question, posted, before or {}, uploads or {})
                files += sent
            else:
                value = TAKERS[question.kind](question, posted)
            if question.required and not may_stop:
                _whole_answer(question, value)
            if value is not None:
                words = _words(posted, words_key(question.key))
                answers[question.key] = value
                if words and _opens_text(question, value):
                    answers[words_key(question.key)] = words
        except Refused as refusal:
            problems[question.key] = str(refusal)
    return Taken(answers, problems, contact, files)


def contact_of(question: Question, posted: Posted) -> ContactDetails | None:
    """What was written into the fields the question has; None when all are empty."""
    told = {part: _one(posted, f"{question.key}.{part}") for part in question.asks}
    if not any(told.values()):
        return None
    try:
        return details(told)
    except ValueError as error:
        raise Refused(str(error)) from None


def _files(
    question: Question,
    posted: Posted,
    before: Mapping[str, Any],
    uploads: Mapping[str, Sequence[Any]],
) -> tuple[list[str] | None, list[SentFile]]:
    """Tokens of what stays and of what was sent now."""
    off = set(posted.get(f"{question.key}.remove") or ())
    stays = [one for one in before.get(question.key) or () if one not in off]
    sent = uploads.get(question.key) or ()
    most = int(question.most or USUAL_FILES)
    if len(stays) + len(sent) > most:
        raise Refused(_("At most %(most)s files, please.") % {"most": most})
    try:
        new = looked_at(question.key, sent)
    except ValueError as error:
        raise Refused(str(error)) from None
    return [*stays, *(one.token for one in new)] or None, new


def kept(question: Question, posted: Posted, before: Mapping[str, Any]) -> Any:
    """What was left earlier and is not taken off now."""
    return None if _one(posted, f"{question.key}.remove") else before.get(question.key)


def _whole_answer(question: Question, value: Any) -> None:
    if value is None:
        raise Refused(_("Please answer this question."))
    if question.kind in SIDES:
        whole = [pair for pair in value.values() if None not in pair]
        if len(whole) < len(question.rows):
            raise Refused(_("Please answer every line on both sides."))
    elif question.kind == QuestionKind.MATRIX and len(value) < len(question.rows):
        raise Refused(
            _("Please answer every line; %(left)s left.")
            % {"left": len(question.rows) - len(value)}
        )


def _opens_text(question: Question, value: Any) -> bool:
    taken = value if isinstance(value, list) else [value]
    return any(one.opens_text and one.key in taken for one in question.options)


def _one(posted: Posted, name: str) -> str:
    values = posted.get(name) or ("",)
    return values[-1].strip()


def _words(posted: Posted, name: str) -> str:
    text = "".join(c for c in _one(posted, name) if c.isprintable() or c in "\n\t")
    if len(text) > LONGEST_WORDS:
        raise Refused(_("Please use at most %(most)s characters.") % {"most": LONGEST_WORDS})
    return text


def _not_offered() -> Refused:
    return Refused(_("This is none of the choices. Please choose again."))


def _whole(text: str, least: int, most: int) -> int:
    text = text.translate(FULL_WIDTH)
    # A length first: int() of a million digits takes its time.
    if len(text) > 6 or not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise Refused(
            _("Please give a whole number from %(least)s to %(most)s.")
            % {"least": least, "most": most}
        )
    return int(text)


def _single(question: Question, posted: Posted) -> str | None:
    key = _one(posted, question.key)
    if key and key not in {one.key for one in question.options}:
        raise _not_offered()
    return key or None


def _multiple(question: Question, posted: Posted) -> list[str] | None:
    taken = {one.strip() for one in posted.get(question.key) or () if one.strip()}
    known = [one for one in question.options if one.key in taken]
    if taken - {one.key for one in known}:
        raise _not_offered()
    if not taken:
        return None
    if len(taken) > 1 and any(one.alone for one in known):
        raise Refused(_("One of your choices says that there is no other. Please take one off."))
    if question.least is not None and len(taken) < question.least and not known[0].alone:
        raise Refused(_("Please choose at least %(least)s.") % {"least": int(question.least)})
    if question.most is not None and len(taken) > question.most:
        raise Refused(_("Please choose at most %(most)s.") % {"most": int(question.most)})
    return [one.key for one in known]


def _scale(question: Question, posted: Posted) -> int | None:
    text = _one(posted, question.key)
    return _on(question, text) if text else None


def _on(question: Question, text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 2 and int(text) in question.scale:
        return int(text)
    raise _not_offered()


def _matrix(question: Question, posted: Posted) -> dict[str, int] | None:
    found = {
        row.key: _on(question, text)
        for row in question.rows
        if (text := _one(posted, f"{question.key}.{row.key}"))
    }
    return found or None


def _sides(question: Question, posted: Posted) -> dict[str, list[int | None]] | None:
    found: dict[str, list[int | None]] = {}
    for row in question.rows:
        texts = [_one(posted, f"{question.key}.{row.key}.{s}") for s in SIDES[question.kind]]
        if any(texts):
            found[row.key] = [_on(question, text) if text else None for text in texts]
    return found or None


def _points(question: Question, posted: Posted) -> dict[str, int] | None:
    texts = {row.key: _one(posted, f"{question.key}.{row.key}") for row in question.rows}
    if not any(texts.values()):
        return None
    found = {key: _whole(text or "0", 0, POINTS_IN_ALL) for key, text in texts.items()}
    total = sum(found.values())
    if total < POINTS_IN_ALL:
        raise Refused(
            _("There are %(left)s points left of 100. Please give them to one of the lines.")
            % {"left": POINTS_IN_ALL - total}
        )
    if total > POINTS_IN_ALL:
        raise Refused(
            _("These are %(over)s points more than 100. Please take them off somewhere.")
            % {"over": total - POINTS_IN_ALL}
        )
    return found


def _rank(question: Question, posted: Posted) -> list[str] | None:
    texts = {one.key: _one(posted, f"{question.key}.{one.key}") for one in question.options}
    if not any(texts.values()):
        return None
    most = len(question.options)
    places = {key: _whole(text, 1, most) for key, text in texts.items() if text}
    if len(places) < most or len(set(places.values())) < most:
        raise Refused(
            _("Please give every line a place of its own, from 1 to %(most)s.") % {"most": most}
        )
    return sorted(places, key=lambda key: places[key])


def _text(question: Question, posted: Posted) -> str | None:
    return _words(posted, question.key) or None


def _number(question: Question, posted: Posted) -> float | None:
    text = _one(posted, question.key).translate(FULL_WIDTH)
    if not text:
        return None
    if not NUMBER.match(text):
        raise Refused(_("Please write a number, such as 12 or 3.5."))
    value = float(text)
    if question.least is not None and value < question.least:
        raise Refused(
            _("Please write a number not under %(least)s.") % {"least": f"{question.least:g}"}
        )
    if question.most is not None and value > question.most:
        raise Refused(
            _("Please write a number not over %(most)s.") % {"most": f"{question.most:g}"}
        )
    return value


def _date(question: Question, posted: Posted) -> str | None:
    text = _one(posted, question.key)
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Refused(_("Please give a day, such as 2026-05-01.")) from None
    if not 1900 <= found.year <= 2200:
        raise Refused(_("Please give a day, such as 2026-05-01."))
    return found.isoformat()


TAKERS: Mapping[str, Callable[[Question, Posted], Any]] = {
    QuestionKind.SINGLE: _single,
    QuestionKind.MULTIPLE: _multiple,
    QuestionKind.SCALE: _scale,
    QuestionKind.NPS: _scale,
    QuestionKind.CES: _scale,
    QuestionKind.MATRIX: _matrix,
    QuestionKind.GAP: _sides,
    QuestionKind.RIVAL: _sides,
    QuestionKind.POINTS: _points,
    QuestionKind.RANK: _rank,
    QuestionKind.TEXT: _text,
    QuestionKind.NUMBER: _number,
    QuestionKind.DATE: _date,
}
