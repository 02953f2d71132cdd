"""Answers to the questions of a script, as they may be stored."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from zhike.care.models import Question, ScriptVersion
from zhike.care.rules import SCORES, QuestionKind
from zhike.core.errors import RuleError
from zhike.desk.services.texts import cleaned

LONGEST_ANSWER = 2000


def checked_answers(version: ScriptVersion | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Only answers to questions of this version, each of its kind. None need be given: people are in a hurry."""
    questions = {str(one.pk): one for one in version.questions.all()} if version else {}
    strangers = [key for key in given if str(key) not in questions]
    if strangers:
        raise RuleError(
            "question_unknown",
            _("The script has no such question. Please open the visit anew."),
            field="answers",
            extra={"questions": [str(key) for key in strangers]},
        )
    found: dict[str, Any] = {}
    for key, value in given.items():
        if value is None or value == "":
            continue
        found[str(key)] = _answer(questions[str(key)], value)
    return found


def _answer(question: Question, value: Any) -> Any:
    match QuestionKind(question.kind):
        case QuestionKind.YES_NO:
            if isinstance(value, bool):
                return value
        case QuestionKind.SCORE:
            if isinstance(value, int) and not isinstance(value, bool) and value in SCORES:
                return value
        case QuestionKind.TEXT:
            if isinstance(value, str) and len(value) <= LONGEST_ANSWER:
                return cleaned(value)
    raise RuleError(
        "answer_wrong",
        _("“%(question)s”: this is not an answer to it.") % {"question": question.text},
        field="answers",
        extra={"question": str(question.pk)},
    )
