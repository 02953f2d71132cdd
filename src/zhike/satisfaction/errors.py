"""Refusals of indicator systems, each with its sentence. Nothing is written when one is raised."""

from django.utils.translation import gettext as _

from zhike.core.errors import Conflict, NotFound, RuleError


def system_not_found() -> NotFound:
    return NotFound(_("There is no such indicator system, or it is not yours to see."))


def answers_are_kept() -> Conflict:
    return Conflict(
        "results_kept",
        _(
            "Results of this questionnaire are read only after it is closed. A rule that asks after an event "
            "reads each answer as it comes, so it needs another questionnaire."
        ),
    )


def no_items() -> RuleError:
    return RuleError(
        "no_items",
        _(
            "This questionnaire asks nothing on a scale of 5, 7 or 10 points; an index needs at least two "
            "such items."
        ),
        field="survey",
    )


def not_published() -> RuleError:
    return RuleError(
        "not_published", _("Please choose a questionnaire that has been published."), field="survey"
    )


def weights_wrong(item: str) -> RuleError:
    return RuleError(
        "weight_wrong",
        _("“%(item)s”: please write a number from 0 to 1,000, at least one above 0.")
        % {"item": item},
        field="weights",
    )


def too_few_items() -> RuleError:
    return RuleError("too_few_items", _("Please let at least two items count."), field="counting")


def being_computed() -> Conflict:
    return Conflict(
        "being_computed", _("This index is being computed already. Please wait a moment.")
    )


def broke_off() -> str:
    return _("The computation broke off, and nothing was computed. Please compute again.")


def too_few(n: int, needed: int) -> RuleError:
    return RuleError(
        "too_few",
        _("Only %(n)s complete answers; an index is told from %(needed)s on.")
        % {"n": n, "needed": needed},
        extra={"n": n, "needed": needed},
    )


def too_near(more: int) -> RuleError:
    return RuleError(
        "too_near",
        _(
            "Since the last index fewer than five answers have come: beside it, this one would tell what "
            "single people answered. %(more)s more are needed."
        )
        % {"more": more},
        extra={"more": more},
    )


def link_not_told() -> RuleError:
    return RuleError(
        "link_not_told",
        _("Answers by this link are not told apart: too few people."),
        field="link",
    )


def too_many_to_compare(group: str, most: int) -> RuleError:
    return RuleError(
        "too_many_to_compare",
        _(
            "“%(group)s” holds more than %(most)s to compare; nobody can judge so many in pairs. Please let fewer "
            "items count, or weigh otherwise."
        )
        % {"group": group, "most": most},
        extra={"most": most},
    )


def judgement_wrong() -> RuleError:
    return RuleError(
        "judgement_wrong",
        _(
            "One of the judgements is none of those offered, or compares what is no longer compared."
        ),
        field="judgements",
    )


def not_judged() -> RuleError:
    return RuleError(
        "not_judged",
        _("Nobody has judged all pairs yet. Please compare them first."),
        field="weighing",
    )


def inconsistent(groups: str) -> RuleError:
    return RuleError(
        "inconsistent",
        _(
            "The judgements contradict themselves too much (ratio above 0.10): %(groups)s. Please look at them "
            "again, or say that they are to be used nevertheless; the index will say so."
        )
        % {"groups": groups},
        field="nevertheless",
    )


def judging_not_found() -> NotFound:
    return NotFound(_("There are no judgements by this person."))


def not_modelled() -> RuleError:
    return RuleError(
        "not_modelled",
        _("No path is drawn yet. Please draw the path model first."),
        field="weighing",
    )


def model_lacks(key: str) -> RuleError:
    return RuleError(
        "model_lacks",
        _("A path begins or ends at a dimension of which no item counts. Please draw it anew."),
        field="paths",
        extra={"dimension": key},
    )


def model_circular(circle: str) -> RuleError:
    return RuleError(
        "model_circular",
        _(
            "These paths lead in a circle: %(circle)s. A path model needs an order of cause and effect; please "
            "take one of them out."
        )
        % {"circle": circle},
        field="paths",
    )


def model_unexplained(title: str) -> RuleError:
    return RuleError(
        "model_unexplained",
        _("No path leads to “%(title)s”, whose index is to be told.") % {"title": title},
        field="target",
    )


def model_wrong() -> RuleError:
    return RuleError(
        "model_wrong",
        _("A path stands there twice or leads from a dimension to itself."),
        field="paths",
    )


def rule_not_found() -> NotFound:
    return NotFound(_("There is no such rule, or it is not yours to see."))


def not_named() -> RuleError:
    return RuleError(
        "not_named",
        _(
            "Only a named questionnaire can lead from an answer back to its giver. Please tick “named”, or let a "
            "low answer set nothing going."
        ),
        field="is_named",
    )


def question_unknown() -> RuleError:
    return RuleError(
        "question_unknown",
        _(
            "Please choose the question whose answer can be low: a scale, or one of several choices."
        ),
        field="question",
    )


def due_of_nothing() -> RuleError:
    return RuleError(
        "due_of_nothing",
        _(
            "A low answer sets nothing going here, so nothing can be due. Please choose what it sets going, or "
            "leave the time empty."
        ),
        field="due_amount",
    )


def due_incomplete() -> RuleError:
    return RuleError(
        "due_incomplete",
        _("Please write how much time there is, or leave both empty."),
        field="due_amount",
    )


def scope_wrong(field: str) -> RuleError:
    return RuleError(
        "scope_wrong",
        {
            "since": _("Please write days such as 2026-11-29."),
            "until": _("The last day lies before the first."),
            "unit": _("Please choose one of your units."),
            "question": _("Please choose the question whose answers are meant."),
        }.get(field, _("Please choose one of those offered.")),
        field=field,
    )


def would_tell_few() -> RuleError:
    return RuleError(
        "would_tell_few",
        _(
            "Beside figures told earlier, this one would tell what fewer than five people answered. Please choose "
            "a wider group, or wait for more answers."
        ),
    )


def improvement_not_found() -> NotFound:
    return NotFound(_("There is no such improvement, or it is not yours to see."))


def improvement_ended() -> Conflict:
    return Conflict("improvement_ended", _("This improvement has ended already."))


def improvements_many(most: int) -> RuleError:
    return RuleError(
        "improvements_many",
        _("%(most)s improvements are under way here. Please end some of them first.")
        % {"most": most},
        field="what",
    )


def outside_not_found() -> NotFound:
    return NotFound(_("There is no such figure, or it was taken out already."))


def delivery_not_found() -> NotFound:
    return NotFound(_("There is no such delivery, or it is not yours to see."))


def delivery_asked_about() -> Conflict:
    return Conflict(
        "delivery_asked_about",
        _("A mail about this delivery has left or is leaving, so it stays as it was told."),
    )


def delivery_without_cases(field: str) -> RuleError:
    return RuleError(
        "delivery_without_cases",
        _("A delivery has no type of case and no way in. Please leave these out."),
        field=field,
    )


def delivery_without_visit() -> RuleError:
    return RuleError(
        "delivery_without_visit",
        _(
            "A call-back belongs to a closed case, and a delivery has none. Please let a low answer open a case."
        ),
        field="loop",
    )
