"""The lists people choose from, with their words."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.core.models import DuePurpose
from zhike.desk.rules import CaseState, PublicStage, Stage


class State(models.TextChoices):
    """The states of `rules.CaseState` with the words of the screen."""

    NEW = CaseState.NEW.value, pgettext_lazy("case state", "To be taken up")
    OPEN = CaseState.OPEN.value, pgettext_lazy("case state", "In hand")
    WAITING_CUSTOMER = (
        CaseState.WAITING_CUSTOMER.value,
        pgettext_lazy("case state", "Waiting for the customer"),
    )
    WAITING_DEPARTMENT = (
        CaseState.WAITING_DEPARTMENT.value,
        pgettext_lazy("case state", "Waiting for a department"),
    )
    WAITING_APPROVAL = (
        CaseState.WAITING_APPROVAL.value,
        pgettext_lazy("case state", "Waiting for approval"),
    )
    WAITING_CONSENT = (
        CaseState.WAITING_CONSENT.value,
        pgettext_lazy("case state", "Waiting for the customer's consent"),
    )
    CLOSED = CaseState.CLOSED.value, pgettext_lazy("case state", "Closed")
    MERGED = CaseState.MERGED.value, pgettext_lazy("case state", "Merged")


STAGE_LABELS = {
    Stage.TO_TAKE_UP: State.NEW.label,
    Stage.IN_HAND: State.OPEN.label,
    Stage.FOR_CUSTOMER: State.WAITING_CUSTOMER.label,
    Stage.FOR_DEPARTMENT: State.WAITING_DEPARTMENT.label,
    Stage.FOR_APPROVAL: State.WAITING_APPROVAL.label,
    Stage.FOR_CONSENT: State.WAITING_CONSENT.label,
    Stage.CLOSED: State.CLOSED.label,
    Stage.MERGED: State.MERGED.label,
}

PUBLIC_STAGE_LABELS = {
    PublicStage.RECEIVED: pgettext_lazy("tracking", "Received"),
    PublicStage.TAKEN_UP: pgettext_lazy("tracking", "Taken up"),
    PublicStage.IN_HAND: pgettext_lazy("tracking", "We are on it"),
    PublicStage.NEEDS_YOU: pgettext_lazy("tracking", "Waiting for your details"),
    PublicStage.YOUR_CONSENT: pgettext_lazy("tracking", "Waiting for your consent"),
    PublicStage.DONE: pgettext_lazy("tracking", "Done"),
}


class Channel(models.TextChoices):
    COUNTER = "counter", _("Counter")
    PHONE = "phone", _("Phone")
    VISIT = "visit", _("Visit")
    LETTER = "letter", _("Letter")
    WEB = "web", _("Web form")
    API = "api", _("Interface")
    IMPORT = "import", _("Import")
    TRACKING = "tracking", _("Tracking page")


# Those a member of staff writes down by hand.
INTAKE_CHANNELS = (Channel.PHONE, Channel.COUNTER, Channel.VISIT, Channel.LETTER)


# In these somebody is talking with the customer already: their first word is no longer owed.
SPOKEN_CHANNELS = frozenset({Channel.PHONE, Channel.COUNTER, Channel.VISIT})


class Priority(models.IntegerChoices):
    LOW = 1, pgettext_lazy("priority", "Low")
    NORMAL = 2, pgettext_lazy("priority", "Normal")
    HIGH = 3, pgettext_lazy("priority", "High")
    URGENT = 4, pgettext_lazy("priority", "Urgent")


class EventKind(models.TextChoices):
    OPENED = "opened", _("Case opened")
    MESSAGE_IN = "message_in", _("Message from the customer")
    REPLY = "reply", _("Reply to the customer")
    NOTE = "note", _("Internal note")
    CALL = "call", _("Call")
    CLAIM = "claim", _("Taken up")
    HANDOVER = "handover", _("Handed over")
    STATE = "state", _("State changed")
    PAUSED = "paused", _("Clock paused")
    RESUMED = "resumed", _("Clock resumed")
    CLOSED = "closed", _("Closed")
    REOPENED = "reopened", _("Reopened")
    URGE = "urge", _("The customer asks for news")
    DISSATISFIED = "dissatisfied", _("The customer is not content")
    CUSTOMER_NAMED = "customer_named", _("Customer named")
    TYPE = "type", _("Type changed")
    PRIORITY = "priority", _("Priority changed")
    UNIT = "unit", _("Moved to another unit")
    TITLE = "title", _("Subject changed")
    MERGE = "merge", _("Merged")
    SPLIT = "split", _("Split")
    LINK = "link", _("Linked")
    PARENT = "parent", _("Put under another case")
    ATTACHMENT = "attachment", _("File added")
    TRACKING = "tracking", _("Query code issued")
    DUE = "due", _("Due time changed")
    VOIDED = "voided", _("Import undone")
    # What a higher room did: `data["line"]` names the line of `slots.LINES` that words it.
    FURTHER = "further", _("Further step")


# Only words somebody said or wrote are searched; the rest are system lines.
SEARCHED_KINDS = frozenset(
    {
        EventKind.MESSAGE_IN,
        EventKind.REPLY,
        EventKind.NOTE,
        EventKind.CALL,
        EventKind.DISSATISFIED,
        EventKind.CLOSED,
        EventKind.FURTHER,
    }
)
# What a reply must not have overlooked: news from outside or from a colleague.
NEWS_KINDS = frozenset(
    {
        EventKind.MESSAGE_IN,
        EventKind.REPLY,
        EventKind.NOTE,
        EventKind.CALL,
        EventKind.URGE,
        EventKind.DISSATISFIED,
        EventKind.HANDOVER,
        EventKind.CLAIM,
        EventKind.CLOSED,
        EventKind.REOPENED,
        EventKind.MERGE,
        EventKind.ATTACHMENT,
        EventKind.CUSTOMER_NAMED,
    }
)


class Visibility(models.TextChoices):
    PUBLIC = "public", _("Seen by the customer")
    INTERNAL = "internal", _("Internal")


class Delivery(models.TextChoices):
    """How a public reply reaches the customer."""

    PAGE = "page", _("On the tracking page")
    TOLD_BY_PHONE = "told_by_phone", _("Told by phone")
    OUTBOX = "outbox", _("Sent")


class LinkKind(models.TextChoices):
    RELATED = "related", _("Related")
    DUPLICATE = "duplicate", _("Duplicate")
    CAUSED_BY = "caused_by", _("Caused by")
    FOLLOWS = "follows", _("Follows from")
    SPLIT_FROM = "split_from", _("Split from")


class Outcome(models.TextChoices):
    """How a case ended."""

    SOLVED = "solved", pgettext_lazy("outcome", "Solved")
    ANSWERED = "answered", pgettext_lazy("outcome", "Answered")
    UNFOUNDED = "unfounded", pgettext_lazy("outcome", "Explained, not founded")
    UNREACHABLE = "unreachable", pgettext_lazy("outcome", "Customer not reachable")
    WITHDRAWN = "withdrawn", pgettext_lazy("outcome", "Withdrawn by the customer")
    NO_ACTION = "no_action", pgettext_lazy("outcome", "Nothing to do")


class LegalKind(models.TextChoices):
    """Times a law sets; the codes are those of the due plans."""

    RETURN = DuePurpose.LEGAL_RETURN.value, _("Return without reason")
    REFUND = DuePurpose.LEGAL_REFUND.value, _("Refund")
    AUTHORITY = DuePurpose.LEGAL_AUTHORITY.value, _("Answer to an authority")


# The customer's right, which runs out; nothing we owe, so nobody is late with it.
CUSTOMERS_RIGHT = frozenset({LegalKind.RETURN.value})


class LegalResult(models.TextChoices):
    DONE = "done", pgettext_lazy("legal time", "Done")
    NOT_APPLICABLE = "not_applicable", pgettext_lazy("legal time", "Does not apply")


class From(models.TextChoices):
    """Whose the last words are."""

    CUSTOMER = "customer", _("Customer")
    STAFF = "staff", _("Staff")
    # What somebody wrote down of a call: about both, said by neither in these words.
    CALL = "call", pgettext_lazy("last words", "Call")
