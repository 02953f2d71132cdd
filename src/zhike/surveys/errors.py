"""Refusals of this room, each with the sentence people read."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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


def results_kept(complete: int, *, is_open: bool) -> Conflict:
    """Whoever reads results that are kept until closing."""
    return Conflict(
        "results_kept", kept_sentence(complete, is_open=is_open), extra={"answers": complete}
    )


def kept_sentence(complete: int, *, is_open: bool) -> str:
    if not is_open:
        return _(
            "It is closed, but too few people have answered for results that recognise nobody. It may be opened "
            "again."
        )
    return ngettext(
        "Results can be read once the questionnaire is closed. So far %(n)s answer has come.",
        "Results can be read once the questionnaire is closed. So far %(n)s answers have come.",
        complete,
    ) % {"n": complete}


def results_being_counted() -> Conflict:
    return Conflict(
        "results_being_counted",
        _("The last answers are being counted. Please look again in a minute."),
    )


def closed_for_good() -> Conflict:
    return Conflict(
        "closed_for_good",
        _(
            "Its results have been readable since it was closed, so no answer is added any more. Please make a "
            "copy for the next round."
        ),
    )


def stays_kept() -> Conflict:
    return Conflict(
        "results_stay_kept",
        _("Somebody has answered already, and was promised that nothing is read before closing."),
    )


def cannot_be_kept(sentence: str) -> Conflict:
    return Conflict("results_cannot_be_kept", sentence)


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
