"""The lists people choose from in complaints, with their words."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.complaints import rules
from zhike.complaints.rules import Field, StandardStage, Step


class Verdict(models.TextChoices):
    FOUNDED = rules.Verdict.FOUNDED.value, pgettext_lazy("verdict", "Well-founded")
    PARTLY = rules.Verdict.PARTLY.value, pgettext_lazy("verdict", "Partly founded")
    UNFOUNDED = rules.Verdict.UNFOUNDED.value, pgettext_lazy("verdict", "Unfounded")


class Severity(models.IntegerChoices):
    SLIGHT = 1, pgettext_lazy("severity", "Slight")
    SERIOUS = 2, pgettext_lazy("severity", "Serious")
    GRAVE = 3, pgettext_lazy("severity", "Grave")


class Told(models.TextChoices):
    REPLY = rules.Told.REPLY.value, pgettext_lazy("told", "Send it as a reply now")
    PHONE = rules.Told.PHONE.value, pgettext_lazy("told", "Told by phone")
    IN_PERSON = rules.Told.IN_PERSON.value, pgettext_lazy("told", "Told in person")
    LETTER = rules.Told.LETTER.value, pgettext_lazy("told", "By letter")


# As it reads afterwards.
TOLD_DONE: dict[str, Any] = {
    rules.Told.REPLY.value: pgettext_lazy("told", "Sent as a reply"),
    rules.Told.PHONE.value: Told.PHONE.label,
    rules.Told.IN_PERSON.value: Told.IN_PERSON.label,
    rules.Told.LETTER.value: Told.LETTER.label,
}


class Consent(models.TextChoices):
    AGREED = rules.Consent.AGREED.value, pgettext_lazy("consent", "Agrees")
    AGREED_OTHER = (
        rules.Consent.AGREED_OTHER.value,
        pgettext_lazy("consent", "Agrees to something else"),
    )
    REFUSED = rules.Consent.REFUSED.value, pgettext_lazy("consent", "Does not agree")


class WayOut(models.TextChoices):
    UNREACHABLE = rules.WayOut.UNREACHABLE.value, pgettext_lazy("way out", "Not reachable")
    REFUSED = rules.WayOut.REFUSED.value, pgettext_lazy("way out", "Refused, told where to turn")
    WITHDRAWN = rules.WayOut.WITHDRAWN.value, pgettext_lazy("way out", "Withdrawn by the customer")
    ANONYMOUS = rules.WayOut.ANONYMOUS.value, pgettext_lazy("way out", "Anonymous")
    UNFOUNDED = rules.WayOut.UNFOUNDED.value, pgettext_lazy("way out", "Unfounded and explained")
    PRANK = rules.WayOut.PRANK.value, pgettext_lazy("way out", "Prank")


class Unconfirmed(models.TextChoices):
    """Why nobody has heard from the customer whether they are content, and no visit will tell."""

    UNREACHABLE = "unreachable", pgettext_lazy("unconfirmed", "Not reachable at the follow-up")
    CALLED_OFF = "called_off", pgettext_lazy("unconfirmed", "Follow-up called off")
    NO_CUSTOMER = "no_customer", pgettext_lazy("unconfirmed", "No customer known to ask")
    NOT_VISITED = "not_visited", pgettext_lazy("unconfirmed", "Not followed up by the rules")


class ApprovalKind(models.TextChoices):
    REMEDY = "remedy", pgettext_lazy("approval", "Remedy above the limit")
    PRANK = "prank", pgettext_lazy("approval", "Close as a prank")


class ApprovalState(models.TextChoices):
    OPEN = "open", pgettext_lazy("approval", "Waiting")
    GRANTED = "granted", pgettext_lazy("approval", "Approved")
    REFUSED = "refused", pgettext_lazy("approval", "Refused")
    CALLED_OFF = "called_off", pgettext_lazy("approval", "Called off")


class RemedyKind(models.TextChoices):
    REFUND = "refund", pgettext_lazy("remedy", "Refund")
    EXCHANGE = "exchange", pgettext_lazy("remedy", "Exchange")
    REPAIR = "repair", pgettext_lazy("remedy", "Repair")
    SUBSTITUTE = "substitute", pgettext_lazy("remedy", "Substitute")
    APOLOGY = "apology", pgettext_lazy("remedy", "Apology")
    GIFT = "gift", pgettext_lazy("remedy", "Gift")
    COMPENSATION = "compensation", pgettext_lazy("remedy", "Compensation")


class RemedyState(models.TextChoices):
    FOR_APPROVAL = "for_approval", pgettext_lazy("remedy", "Waiting for approval")
    APPROVED = "approved", pgettext_lazy("remedy", "To be carried out")
    CARRIED_OUT = "carried_out", pgettext_lazy("remedy", "Carried out")
    REFUSED = "refused", pgettext_lazy("remedy", "Refused")
    CALLED_OFF = "called_off", pgettext_lazy("remedy", "Called off")


REMEDY_OPEN = (RemedyState.FOR_APPROVAL, RemedyState.APPROVED)


class NoticeState(models.TextChoices):
    SENT = "sent", pgettext_lazy("notice", "Waiting for the answer")
    ANSWERED = "answered", pgettext_lazy("notice", "Answered")
    # The measure held, or did not, when somebody looked later.
    HELD = "held", pgettext_lazy("notice", "Holds")
    FAILED = "failed", pgettext_lazy("notice", "Does not hold")
    WITHDRAWN = "withdrawn", pgettext_lazy("notice", "Withdrawn")


# For tabs.
SHORT_LABELS: dict[Step, Any] = {
    Step.LISTEN: pgettext_lazy("short step", "Listen"),
    Step.APOLOGISE: pgettext_lazy("short step", "Apologise"),
    Step.FACTS: pgettext_lazy("short step", "Facts"),
    Step.SOLUTION: pgettext_lazy("short step", "Solution"),
    Step.AGREE: pgettext_lazy("short step", "Agree"),
    Step.FOLLOW_UP: pgettext_lazy("short step", "Visit"),
}
STEP_LABELS: dict[Step, Any] = {
    Step.LISTEN: pgettext_lazy("step", "Listen, let the customer finish"),
    Step.APOLOGISE: pgettext_lazy("step", "Apologise and offer help"),
    Step.FACTS: pgettext_lazy("step", "Collect the facts"),
    Step.SOLUTION: pgettext_lazy("step", "Propose a solution"),
    Step.AGREE: pgettext_lazy("step", "Ask, and agree"),
    Step.FOLLOW_UP: pgettext_lazy("step", "Follow up, confirm content"),
}
STEP_TIPS: dict[Step, Any] = {
    Step.LISTEN: _("Listen, stay calm, do not judge. Keep their words as they were said."),
    Step.APOLOGISE: _("Apologise fully and say you want to help. It admits no fault."),
    Step.FACTS: _("What happened, when and where, with which product, is anyone in danger?"),
    Step.SOLUTION: _("Say whether it is founded, and what you will do by when."),
    Step.AGREE: _("Not content? Ask: “What would you consider right?”"),
    Step.FOLLOW_UP: _("Closing makes the follow-up visit. It ends when they are content."),
}
FIELD_LABELS: dict[Field, Any] = {
    Field.WORDS: _("What the customer said, in full"),
    Field.WISH: _("What they ask for"),
    Field.APOLOGY: _("How you apologised"),
    Field.TOLD: _("How it was told"),
    Field.FACTS: _("What happened"),
    Field.WHERE: _("When and where"),
    Field.PRODUCT: _("Product, batch, order"),
    Field.SAFETY: _("Is anyone in danger?"),
    Field.SEVERITY: _("How serious is it?"),
    Field.VERDICT: _("Is it founded?"),
    Field.VERDICT_WHY: _("Why not, or not wholly"),
    Field.SOLUTION: _("What we propose"),
    Field.CONSENT: _("Does the customer agree?"),
    Field.CUSTOMER_SAYS: _("What the customer says to it"),
    Field.AGREED: _("What was agreed instead"),
    Field.LEARNED: _("What we learned or change"),
    Field.THANKED: _("I thanked the customer for telling us"),
}
STANDARD_LABELS: dict[StandardStage, Any] = {
    StandardStage.NEW: pgettext_lazy("standard stage", "New"),
    StandardStage.RECEIVED: pgettext_lazy("standard stage", "Received"),
    StandardStage.ACKNOWLEDGED: pgettext_lazy("standard stage", "Acknowledged"),
    StandardStage.ASSESSED: pgettext_lazy("standard stage", "Assessing"),
    StandardStage.INVESTIGATING: pgettext_lazy("standard stage", "Investigating"),
    StandardStage.PREPARING: pgettext_lazy("standard stage", "Preparing a response"),
    StandardStage.FOR_APPROVAL: pgettext_lazy("standard stage", "For approval"),
    StandardStage.ANSWERED: pgettext_lazy("standard stage", "Answered"),
    StandardStage.CONSENTED: pgettext_lazy("standard stage", "Customer confirmed"),
    StandardStage.CLOSED: pgettext_lazy("standard stage", "Closed"),
    StandardStage.FOLLOWED_UP: pgettext_lazy("standard stage", "Followed up"),
}
