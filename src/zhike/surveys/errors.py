"""Refusals of this room, each with the sentence people read."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from zhike.core.errors import Conflict, RuleError
from zhike.surveys.choices import QuestionKind
from zhike.surveys.definition import Definition, Problem
from zhike.surveys.rules import Clash


def unit_out_of_reach() -> RuleError:
    return RuleError("unit_out_of_reach", _("Please choose one of your units."), field="unit")


def draft_changed() -> Conflict:
    return Conflict(
        "draft_changed",
        _("Meanwhile somebody else changed this questionnaire. Please look at it first."),
    )


def misshapen(problems: Iterable[Problem]) -> RuleError:
    found = list(problems)
    first = found[0]
    where = f"{first.place}: " if first.place else ""
    return RuleError(
        "questionnaire_misshapen",
        _("This cannot be taken as a questionnaire. %(first)s")
        % {"first": f"{where}{first.sentence}"},
        field="document",
        extra={"problems": told(found)},
    )


def unfinished(problems: Iterable[Problem]) -> RuleError:
    found = list(problems)
    return RuleError(
        "questionnaire_unfinished",
        _("%(n)s still to be done: %(first)s") % {"n": len(found), "first": sentence(found[0])},
        extra={"problems": told(found)},
    )


def meaning_changed(clashes: Iterable[Clash], definition: Definition) -> RuleError:
    found = [_clash_problem(one, definition) for one in clashes]
    return RuleError(
        "meaning_changed",
        _("Answers of earlier versions would no longer mean the same: %(first)s")
        % {"first": sentence(found[0])},
        extra={"problems": told(found)},
    )


def sentence(problem: Problem) -> str:
    """Where and what, as one line."""
    if not problem.at:
        return problem.sentence
    return _("%(where)s: %(what)s") % {"where": problem.at, "what": problem.sentence}


def told(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    return [
        {"place": one.place, "at": str(one.at), "sentence": str(one.sentence)} for one in problems
    ]


def _clash_problem(clash: Clash, definition: Definition) -> Problem:
    where, at = "", ""
    for number, section in enumerate(definition.sections):
        for place, question in enumerate(section.questions):
            if question.key == clash.question:
                where = f"sections[{number}].questions[{place}]"
                page = _("page %(number)s") % {"number": number + 1}
                at = _("%(page)s, question %(number)s") % {"page": page, "number": place + 1}
    return Problem(where, at, _clash_sentence(clash))


def _clash_sentence(clash: Clash) -> str:
    key = clash.question
    if clash.what == "kind":
        return _(
            "“%(key)s” was published as “%(kind)s”. Asked in another way it needs a key of its own."
        ) % {"key": key, "kind": QuestionKind(clash.was).label}
    if clash.what == "points":
        return _(
            "“%(key)s” was published with a scale of %(n)s. Another scale needs a key of its own."
        ) % {"key": key, "n": clash.was}
    if clash.what == "ends":
        return _(
            "The ends of the scale of “%(key)s” have changed places (%(was)s). It needs a key of its own."
        ) % {"key": key, "was": clash.was}
    return _(
        "Under “%(part)s” of “%(key)s” now stands what was published under “%(moved)s”. Please keep each"
        " choice under its own key."
    ) % {"part": clash.part, "key": key, "moved": clash.moved}
