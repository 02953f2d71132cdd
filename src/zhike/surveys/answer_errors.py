"""Refusals of questionnaires, each with its sentence. Nothing is written when one is raised."""

from django.utils.translation import gettext as _

from zhike.core.errors import Conflict, NotFound, RuleError


def link_not_found() -> NotFound:
    return NotFound(
        _("There is no questionnaire at this address. Please check it, or scan the code once more.")
    )


class Closed(RuleError):
    """No longer, or not yet, taking answers."""

    status = 410

    def __init__(self) -> None:
        super().__init__(
            "survey_closed",
            _("This questionnaire no longer takes answers. Thank you for coming all the same."),
        )


def too_late() -> Conflict:
    return Conflict(
        "answers_settled",
        _("These answers can no longer be changed. What you told us has been kept as it was."),
    )


def changed_meanwhile() -> Conflict:
    return Conflict(
        "answers_changed",
        _(
            "These answers are being changed in another window just now. Please send them once more."
        ),
    )
