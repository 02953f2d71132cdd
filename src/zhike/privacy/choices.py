from django.db import models
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    """What people may ask of their data, after chapter 4 of the personal information protection law."""

    VIEW = "view", pgettext_lazy("data request", "See their data")
    COPY = "copy", pgettext_lazy("data request", "Have a copy")
    CORRECT = "correct", pgettext_lazy("data request", "Correct or complete")
    DELETE = "delete", pgettext_lazy("data request", "Delete")
    WITHDRAW = "withdraw", pgettext_lazy("data request", "Withdraw a consent")
    CLOSE = "close", pgettext_lazy("data request", "Close the account")


class State(models.TextChoices):
    RECEIVED = "received", pgettext_lazy("data request", "Identity to be checked")
    CHECKED = "checked", pgettext_lazy("data request", "Being answered")
    DONE = "done", pgettext_lazy("data request", "Done")
    REFUSED = "refused", pgettext_lazy("data request", "Refused")
    TAKEN_BACK = "taken_back", pgettext_lazy("data request", "Taken back")


class IdentityCheck(models.TextChoices):
    CALLED_BACK = (
        "called_back",
        pgettext_lazy("identity check", "Called back on the number on file"),
    )
    CODE = "code", pgettext_lazy("identity check", "Code sent to the number on file")
    DOCUMENT = "document", pgettext_lazy("identity check", "Document seen, no copy kept")
    MANDATE = "mandate", pgettext_lazy("identity check", "Acts for somebody: mandate seen")
    KNOWN = "known", pgettext_lazy("identity check", "Known in person")


class Refusal(models.TextChoices):
    NOT_PROVEN = "not_proven", pgettext_lazy("refusal", "Identity could not be shown")
    LAW = "law", pgettext_lazy("refusal", "A law wants the data kept, or kept secret")
    OWED = "owed", pgettext_lazy("refusal", "Something is still owed or in dispute")
    OTHERS = "others", pgettext_lazy("refusal", "It would harm the rights of others")
    ALREADY = "already", pgettext_lazy("refusal", "Answered already, nothing new since")
    NOTHING = "nothing", pgettext_lazy("refusal", "We hold no such data")


class StepKind(models.TextChoices):
    RECEIVED = "received", pgettext_lazy("request step", "Taken in")
    IDENTITY = "identity", pgettext_lazy("request step", "Identity checked")
    PACKAGE = "package", pgettext_lazy("request step", "Copy made")
    CONSENT = "consent", pgettext_lazy("request step", "Consents withdrawn")
    ERASED = "erased", pgettext_lazy("request step", "Erased")
    NOTE = "note", pgettext_lazy("request step", "Note")
    DONE = "done", pgettext_lazy("request step", "Done")
    REFUSED = "refused", pgettext_lazy("request step", "Refused")
    TAKEN_BACK = "taken_back", pgettext_lazy("request step", "Taken back by the person")
    RECOUNTED = "recounted", pgettext_lazy("request step", "Due time counted anew")


OPEN_STATES = (State.RECEIVED.value, State.CHECKED.value)
