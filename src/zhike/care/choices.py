"""The lists people choose from in follow-up visits, with their words."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.care import rules


class State(models.TextChoices):
    DUE = rules.State.DUE.value, pgettext_lazy("follow-up", "To be made")
    DONE = rules.State.DONE.value, pgettext_lazy("follow-up", "Made")
    CALLED_OFF = rules.State.CALLED_OFF.value, pgettext_lazy("follow-up", "Called off")


class Result(models.TextChoices):
    CONTENT = rules.Result.CONTENT.value, pgettext_lazy("follow-up", "Content")
    PARTLY = rules.Result.PARTLY.value, pgettext_lazy("follow-up", "Partly content")
    NOT_CONTENT = rules.Result.NOT_CONTENT.value, pgettext_lazy("follow-up", "Not content")
    UNREACHABLE = rules.Result.UNREACHABLE.value, pgettext_lazy("follow-up", "Not reachable")


class CallOff(models.TextChoices):
    """Why a visit is no longer to be made."""

    BY_HAND = "by_hand", pgettext_lazy("follow-up", "Called off by a supervisor")
    REOPENED = "reopened", pgettext_lazy("follow-up", "The case was reopened")
    MERGED = "merged", pgettext_lazy("follow-up", "The case went into another one")
    VOIDED = "voided", pgettext_lazy("follow-up", "The import of the case was undone")
    ERASED = "erased", pgettext_lazy("follow-up", "The customer was erased on request")


class QuestionKind(models.TextChoices):
    YES_NO = rules.QuestionKind.YES_NO.value, pgettext_lazy("question", "Yes or no")
    SCORE = rules.QuestionKind.SCORE.value, pgettext_lazy("question", "Score 1–5")
    TEXT = rules.QuestionKind.TEXT.value, pgettext_lazy("question", "In their words")


# What choosing a result will do; the page says it beside each.
EFFECTS: dict[str, Any] = {
    rules.Result.CONTENT: _("The visit is done."),
    rules.Result.PARTLY: _(
        "Say what is still missing; a second visit falls due in 3 working days."
    ),
    rules.Result.NOT_CONTENT: _("A new complaint that follows from this case is opened."),
    rules.Result.UNREACHABLE: _("The visit ends without an answer and does not count as reached."),
}
COMPLAINT_EFFECTS: dict[str, Any] = EFFECTS | {
    rules.Result.CONTENT: _("The complaint is done and archived."),
    rules.Result.NOT_CONTENT: _(
        "The complaint begins again as the next round, and a notice goes to the department."
    ),
    rules.Result.UNREACHABLE: _(
        "The visit ends without an answer; a supervisor decides whether the complaint is archived."
    ),
}
