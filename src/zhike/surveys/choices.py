from django.db import models
from django.utils.translation import pgettext_lazy


class QuestionKind(models.TextChoices):
    SINGLE = "single", pgettext_lazy("question", "One choice")
    MULTIPLE = "multiple", pgettext_lazy("question", "Several choices")
    SCALE = "scale", pgettext_lazy("question", "Scale")
    NPS = "nps", pgettext_lazy("question", "Recommendation, 0 to 10")
    CES = "ces", pgettext_lazy("question", "Effort, 1 to 7")
    MATRIX = "matrix", pgettext_lazy("question", "Several items on one scale")
    GAP = "gap", pgettext_lazy("question", "Expected and found")
    RIVAL = "rival", pgettext_lazy("question", "We and a rival")
    POINTS = "points", pgettext_lazy("question", "100 points over items")
    RANK = "rank", pgettext_lazy("question", "Order of importance")
    TEXT = "text", pgettext_lazy("question", "Own words")
    NUMBER = "number", pgettext_lazy("question", "Number")
    DATE = "date", pgettext_lazy("question", "Date")
    FILE = "file", pgettext_lazy("question", "Photos or files")
    CONTACT = "contact", pgettext_lazy("question", "How to reach them")


class ContactPart(models.TextChoices):
    """What a question of kind contact may ask for."""

    NAME = "name", pgettext_lazy("survey contact", "Name")
    PHONE = "phone", pgettext_lazy("survey contact", "Phone number")
    EMAIL = "email", pgettext_lazy("survey contact", "E-mail address")


class SurveyState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("survey", "Draft")
    OPEN = "open", pgettext_lazy("survey", "Taking answers")
    CLOSED = "closed", pgettext_lazy("survey", "Closed")


class ResponseState(models.TextChoices):
    PARTIAL = "partial", pgettext_lazy("response", "Begun")
    COMPLETE = "complete", pgettext_lazy("response", "Complete")
    # A quota was full: thanked, not counted.
    FULL = "full", pgettext_lazy("response", "Beyond the quota")


class Plan(models.TextChoices):
    """How those to be asked are drawn from the list."""

    ALL = "all", pgettext_lazy("sampling", "Everybody")
    RANDOM = "random", pgettext_lazy("sampling", "By chance")
    SYSTEMATIC = "systematic", pgettext_lazy("sampling", "At equal steps, by tier and region")
    TIER = "tier", pgettext_lazy("sampling", "By chance, each tier its share")
    REGION = "region", pgettext_lazy("sampling", "By chance, each region its share")
    # Nobody is drawn from a list: a rule adds customers one by one, as something happens to them.
    EVENT = "event", pgettext_lazy("sampling", "After an event, by a rule")


# What somebody can choose who sends to a list.
DRAWN_PLANS = tuple(one for one in Plan.choices if one[0] != Plan.EVENT)


class SendingState(models.TextChoices):
    RUNNING = "running", pgettext_lazy("sending", "Running")
    STOPPED = "stopped", pgettext_lazy("sending", "Stopped")


class InvitationState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("invitation", "Waiting")
    # In the outbox, which has not had a certain answer yet.
    ON_WAY = "on_way", pgettext_lazy("invitation", "On its way")
    SENT = "sent", pgettext_lazy("invitation", "Sent")
    REFUSED = "refused", pgettext_lazy("invitation", "Not allowed")
    FAILED = "failed", pgettext_lazy("invitation", "Could not be sent")
    ANSWERED = "answered", pgettext_lazy("invitation", "Answered")
    OPTED_OUT = "opted_out", pgettext_lazy("invitation", "Asked not to be invited")
