from django.db import models
from django.utils.translation import pgettext_lazy


class Weighing(models.TextChoices):
    """Where the weights of the items come from."""

    EQUAL = "equal", pgettext_lazy("weights", "All items alike")
    HAND = "hand", pgettext_lazy("weights", "By hand")
    PCA = "pca", pgettext_lazy("weights", "Principal components of the answers")
    ENTROPY = "entropy", pgettext_lazy("weights", "Entropy of the answers")
    AHP = "ahp", pgettext_lazy("weights", "Comparison in pairs (AHP)")
    PLS = "pls", pgettext_lazy("weights", "Path model (PLS)")


WEIGHING_HELP = {
    Weighing.EQUAL: pgettext_lazy("weights", "For the start, while nobody knows what counts more."),
    Weighing.HAND: pgettext_lazy(
        "weights",
        "The company decides: a number for each item below. Any unit will do, such as points or per cent.",
    ),
    Weighing.PCA: pgettext_lazy(
        "weights",
        "What moves together with much else counts more. Takes more answers than items, better ten for each.",
    ),
    Weighing.ENTROPY: pgettext_lazy(
        "weights", "Items people judge most differently count more. Takes five answers."
    ),
    Weighing.AHP: pgettext_lazy(
        "weights",
        "Colleagues say of every two items which counts more; their judgements are joined.",
    ),
    Weighing.PLS: pgettext_lazy(
        "weights",
        "You draw what leads to what; what moves satisfaction more counts more. Takes more answers than items, "
        "better ten for each.",
    ),
}


class RunState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("index run", "Being computed")
    DONE = "done", pgettext_lazy("index run", "Computed")
    REFUSED = "refused", pgettext_lazy("index run", "Could not be computed")


class After(models.TextChoices):
    """What a rule waits for."""

    CLOSED = "closed", pgettext_lazy("ask rule", "A case was closed")
    VISITED = "visited", pgettext_lazy("ask rule", "A follow-up visit was carried out")
    # No mail: whoever calls reads the questions out and fills them in.
    CALLED = "called", pgettext_lazy("ask rule", "During the follow-up call, without a mail")
    DELIVERY = "delivery", pgettext_lazy("ask rule", "Something was delivered")


class LeftOut(models.TextChoices):
    """Why a delivery that was told is asked about by no rule."""

    FUTURE = "future", pgettext_lazy("delivery", "Still to come when it was told")
    OLD = "old", pgettext_lazy("delivery", "More than 30 days ago when it was told")


class Loop(models.TextChoices):
    """What a low answer sets going."""

    NOTHING = "nothing", pgettext_lazy("ask rule", "Nothing")
    CASE = "case", pgettext_lazy("ask rule", "Opens a case")
    VISIT = "visit", pgettext_lazy("ask rule", "Owes the customer a call-back")


class SeenTo(models.TextChoices):
    """What became of what a low answer set going, measured by its due time."""

    IN_TIME = "in_time", pgettext_lazy("low score", "Done in time")
    LATE = "late", pgettext_lazy("low score", "Done late")
    # No plan and no rule says by when.
    DONE = "done", pgettext_lazy("low score", "Done")
    TO_DO = "to_do", pgettext_lazy("low score", "To be done")
    # The clock stands still.
    WAITING = "waiting", pgettext_lazy("low score", "Waiting for the customer")
    OVERDUE = "overdue", pgettext_lazy("low score", "Overdue")
    CALLED_OFF = "called_off", pgettext_lazy("low score", "Called off")


class Bad(models.TextChoices):
    """On which side of its limit an answer is low. Much effort is as bad as little contentment."""

    AT_MOST = "at_most", pgettext_lazy("ask rule", "At most")
    AT_LEAST = "at_least", pgettext_lazy("ask rule", "At least")
    CHOSEN = "chosen", pgettext_lazy("ask rule", "One of these choices")


class Channel(models.TextChoices):
    """How an answer came, by the kind of its link."""

    OPEN = "open", pgettext_lazy("answers", "Open links and posters")
    COUNTER = "counter", pgettext_lazy("answers", "Counter tablets")
    MAIL = "mail", pgettext_lazy("answers", "Personal links by mail")


class SideBySide(models.TextChoices):
    """What the groups of an index are."""

    MONTH = "month", pgettext_lazy("side by side", "Months")
    QUARTER = "quarter", pgettext_lazy("side by side", "Quarters")
    UNIT = "unit", pgettext_lazy("side by side", "Units, each with those below")
    CHANNEL = "channel", pgettext_lazy("side by side", "Channels")
    TIER = "tier", pgettext_lazy("side by side", "Tiers of customers")
    REGION = "region", pgettext_lazy("side by side", "Regions")
    ANSWER = "answer", pgettext_lazy("side by side", "Answers to a question")


class ImprovementState(models.TextChoices):
    OPEN = "open", pgettext_lazy("improvement", "Under way")
    DONE = "done", pgettext_lazy("improvement", "Done")
    DROPPED = "dropped", pgettext_lazy("improvement", "Dropped")
