from django.db import models
from django.db.models import Q

from zhike.care.models import FollowUp
from zhike.core.models import DueUnit
from zhike.desk.models import Case
from zhike.satisfaction.choices import After, Bad, Loop
from zhike.satisfaction.models.deliveries import Delivery
from zhike.surveys.models import Invitation, Sending, Survey


class AskRule(models.Model):
    """After what customers are asked with which questionnaire, and what follows a low answer.

    Purpose, letter, whether it is named and whether it runs stand in its sending. Only a pause changes a rule:
    what was asked under it stays told by one set of conditions.
    """

    name = models.CharField(max_length=80)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="ask_rules")
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    sending = models.OneToOneField(Sending, on_delete=models.PROTECT, related_name="ask_rule")
    after = models.CharField(max_length=8, choices=After.choices)
    # Codes; empty: all of them, and always empty for deliveries.
    case_types = models.JSONField(default=list, blank=True)
    channels = models.JSONField(default=list, blank=True)
    # Cases or deliveries of this unit and those below it; empty: all.
    of_unit = models.ForeignKey(
        "accounts.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    delay_hours = models.SmallIntegerField(default=2)
    share_percent = models.SmallIntegerField(default=100)
    # With the id of a case or a delivery it says whether that is among the share.
    seed = models.BigIntegerField()
    # What a low answer is, and what it sets going.
    loop = models.CharField(max_length=8, choices=Loop.choices, default=Loop.NOTHING)
    question = models.CharField(max_length=24, blank=True)
    bad = models.CharField(max_length=8, choices=Bad.choices, blank=True)
    limit = models.SmallIntegerField(null=True, blank=True)
    options = models.JSONField(default=list, blank=True)
    opens_type = models.CharField(max_length=30, blank=True)
    # Where it is opened; empty: in the unit of what was asked about.
    opens_in = models.ForeignKey(
        "accounts.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Within what it is to be seen to; empty: by the plans of that type, or of follow-up visits.
    due_amount = models.IntegerField(null=True, blank=True)
    due_unit = models.CharField(max_length=20, choices=DueUnit.choices, blank=True)
    asks_again = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=80, blank=True)
    # Of the form or the caller: pressed twice, it is one rule.
    submit_key = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "submit_key"],
                condition=~Q(submit_key=""),
                name="ask_rule_submitted_once",
            ),
            models.CheckConstraint(
                name="ask_rule_numbers",
                condition=Q(delay_hours__range=(0, 720), share_percent__range=(1, 100)),
            ),
            models.CheckConstraint(
                name="ask_rule_loop",
                condition=Q(loop="nothing", question="", asks_again=False)
                | ~Q(loop="nothing") & ~Q(question="") & ~Q(opens_type=""),
            ),
            # A call-back belongs to a closed case, and a delivery has none.
            models.CheckConstraint(
                name="ask_rule_delivery_owes_none",
                condition=~Q(after="delivery") | ~Q(loop="visit"),
            ),
            models.CheckConstraint(
                name="ask_rule_due",
                condition=Q(due_amount__isnull=True, due_unit="")
                | Q(due_amount__isnull=False, due_amount__gte=1, due_unit__in=DueUnit.values)
                & ~Q(loop="nothing"),
            ),
        ]
        indexes = [models.Index(fields=["after", "id"], name="ask_rule_after")]


class Ask(models.Model):
    """One case or one delivery under one rule: drawn or not, invited, and what a low answer opened.

    What was answered stands in the response of the invitation and nowhere else, so that parting answers and person
    there parts them here.
    """

    rule = models.ForeignKey(AskRule, on_delete=models.PROTECT, related_name="asks")
    # Exactly one of both.
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="asks"
    )
    delivery = models.ForeignKey(
        Delivery, on_delete=models.PROTECT, null=True, blank=True, related_name="asks"
    )
    made_at = models.DateTimeField()
    # 0..9999, of the rule's seed and the id of what it is about: asked when below the share in hundredths of a
    # percent.
    draw = models.SmallIntegerField()
    is_drawn = models.BooleanField()
    # Who read the questions out in a call; empty: a mail asks.
    asked_by_name = models.CharField(max_length=80, blank=True)
    # Empty: not among the share, or nobody knows the customer yet.
    invitation = models.OneToOneField(
        Invitation, on_delete=models.PROTECT, null=True, blank=True, related_name="ask"
    )
    # The asking whose low answer was seen to before this one, the second, was made.
    first = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="second"
    )
    # Up to which revision of the answer it was seen to; what a low one set going, once.
    judged_revision = models.IntegerField(default=0)
    opened = models.OneToOneField(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="opened_by_ask"
    )
    visit = models.ForeignKey(
        FollowUp, on_delete=models.PROTECT, null=True, blank=True, related_name="asks"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "case"], condition=Q(first__isnull=True), name="ask_once"
            ),
            models.UniqueConstraint(
                fields=["rule", "delivery"],
                condition=Q(first__isnull=True),
                name="ask_once_a_delivery",
            ),
            models.CheckConstraint(
                name="ask_about_one_thing",
                condition=Q(case__isnull=True, delivery__isnull=False)
                | Q(case__isnull=False, delivery__isnull=True),
            ),
            models.CheckConstraint(
                name="ask_visit_of_a_case",
                condition=Q(visit__isnull=True) | Q(case__isnull=False),
            ),
            models.CheckConstraint(
                name="ask_opened_one_thing",
                condition=Q(opened__isnull=True) | Q(visit__isnull=True),
            ),
            models.CheckConstraint(name="ask_draw", condition=Q(draw__range=(0, 9999))),
        ]
        indexes = [
            models.Index(fields=["rule", "-id"], name="ask_rule_newest"),
            models.Index(fields=["case"], name="ask_case"),
        ]
