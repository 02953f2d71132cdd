from django.db import models
from django.db.models import F, Q

from zhike.customers.choices import Tier
from zhike.customers.models import ConsentPurpose, Customer, Region
from zhike.surveys.choices import InvitationState, Plan, SendingState
from zhike.surveys.models.answers import Link
from zhike.surveys.models.surveys import Survey


class Sending(models.Model):
    """Personal links to those drawn from a list of customers, and how they were drawn; or a standing one, to which
    a rule of a higher room adds customers (plan "event").

    Its answers come by a link of its own, so results are counted and told apart as those of any other link.
    """

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="sendings")
    link = models.OneToOneField(Link, on_delete=models.PROTECT, related_name="sending")
    purpose = models.ForeignKey(ConsentPurpose, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=12)
    # The address of the list of customers, after its question mark.
    filter = models.CharField(max_length=2000, blank=True)
    plan = models.CharField(max_length=12, choices=Plan.choices)
    seed = models.BigIntegerField()
    # Those of the filter who could be written to, those without an address, and those drawn.
    frame = models.IntegerField()
    without_address = models.IntegerField()
    drawn = models.IntegerField()
    # Said to everybody invited, in the mail and on the page: we see who answered what. It never changes.
    is_named = models.BooleanField(default=False)
    subject = models.CharField(max_length=120)
    text = models.TextField()
    reminders = models.SmallIntegerField(default=0)
    remind_after_days = models.SmallIntegerField(default=3)
    state = models.CharField(max_length=8, choices=SendingState.choices)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=80, blank=True)
    # Of the form or the caller: pressed twice, it is one sending.
    submit_key = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "submit_key"],
                condition=~Q(submit_key=""),
                name="sending_submitted_once",
            ),
            models.CheckConstraint(
                name="sending_drawn_of_frame",
                condition=Q(plan="event", frame=0, drawn=0)
                | ~Q(plan="event") & Q(drawn__gte=1) & Q(drawn__lte=F("frame")),
            ),
            models.CheckConstraint(
                name="sending_reminders",
                condition=Q(reminders__range=(0, 3)) & Q(remind_after_days__range=(1, 60)),
            ),
        ]
        indexes = [models.Index(fields=["survey", "-id"], name="survey_sending")]


class Invitation(models.Model):
    """One customer of a sending: what became of their link. No token is kept; the link is signed."""

    sending = models.ForeignKey(Sending, on_delete=models.PROTECT, related_name="invitations")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invitations")
    state = models.CharField(
        max_length=10, choices=InvitationState.choices, default=InvitationState.WAITING
    )
    # When the policy is asked next, for the invitation or a reminder; empty: nothing more goes out.
    due_at = models.DateTimeField(null=True)
    # Of a standing sending: what it is asked about, in words of the room that asks ("case:12").
    occasion = models.CharField(max_length=40, blank=True)
    # Why nothing (more) was sent: a verdict of the contact policy, or one of ours.
    refusal = models.CharField(max_length=12, blank=True)
    reminded = models.SmallIntegerField(default=0)
    # As they were when drawn: who answered and who did not is compared by them.
    tier = models.CharField(max_length=10, choices=Tier.choices)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    opted_out_at = models.DateTimeField(null=True)
    # The person was erased: nothing leads from here to an answer any more.
    is_cut = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sending", "customer"], condition=Q(occasion=""), name="invitation_once"
            ),
            models.UniqueConstraint(
                fields=["sending", "occasion"],
                condition=~Q(occasion=""),
                name="invitation_occasion_once",
            ),
            models.CheckConstraint(
                name="invitation_refused_why", condition=~Q(state="refused") | ~Q(refusal="")
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="invitation_due", condition=Q(due_at__isnull=False)
            ),
            models.Index(fields=["sending", "state", "id"], name="invitation_state"),
        ]
