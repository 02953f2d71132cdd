"""What customers agreed to: purposes, the words they were told, and a ledger of every yes and no.

The ledger and the words are records: triggers refuse UPDATE and DELETE on both databases.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from zhike.customers.models.customers import Customer


class ConsentChannel(models.TextChoices):
    COUNTER = "counter", pgettext_lazy("consent channel", "In person")
    PHONE = "phone", pgettext_lazy("consent channel", "By phone")
    PAPER = "paper", pgettext_lazy("consent channel", "Signed on paper")
    WEB = "web", pgettext_lazy("consent channel", "Web page")
    WECHAT = "wechat", pgettext_lazy("consent channel", "WeChat")
    SMS = "sms", pgettext_lazy("consent channel", "SMS")
    EMAIL = "email", pgettext_lazy("consent channel", "E-mail")
    REQUEST = "request", pgettext_lazy("consent channel", "Request about personal data")
    IMPORT = "import", pgettext_lazy("consent channel", "Imported")


class ConsentPurpose(models.Model):
    """Why a customer is contacted, or why something of theirs is kept. Editable; never deleted."""

    code = models.SlugField(max_length=30, unique=True)
    label = models.CharField(max_length=40)
    note = models.CharField(max_length=200, blank=True)
    # Without it, contact is allowed until the customer says no (what the contract needs).
    needs_consent = models.BooleanField(default=True)
    # Sensitive personal information: a consent of its own, with proof.
    is_sensitive = models.BooleanField(default=False)
    # Whether it counts toward how often a customer may be contacted.
    is_capped = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    position = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.label


class NoticeText(models.Model):
    """One version of what customers are told about a purpose."""

    purpose = models.ForeignKey(ConsentPurpose, on_delete=models.PROTECT, related_name="notices")
    version = models.SmallIntegerField()
    text = models.TextField()
    # The purpose or the way has changed: earlier consents no longer count.
    needs_renewal = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    author_id = models.BigIntegerField(null=True)
    author_name = models.CharField(max_length=80)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version"], name="notice_version_once"),
            models.CheckConstraint(condition=~Q(text=""), name="notice_has_text"),
        ]


class Consent(models.Model):
    """A yes or a no of one customer, as it was said. The latest one of a purpose counts."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="consents")
    purpose = models.ForeignKey(ConsentPurpose, on_delete=models.PROTECT, related_name="+")
    is_given = models.BooleanField()
    notice = models.ForeignKey(NoticeText, on_delete=models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=12, choices=ConsentChannel.choices)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    author_id = models.BigIntegerField(null=True)
    author_name = models.CharField(max_length=80)
    via = models.CharField(max_length=20, blank=True)
    # Where the proof is: a case, a recording, a sheet in a folder. Sealed under the customer's key.
    proof_sealed = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["customer", "-at", "-id"], name="consent_customer")]


class Outreach(models.Model):
    """We turned to a customer of our own accord. Counted, so that nobody is asked too often."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="outreaches")
    purpose = models.ForeignKey(ConsentPurpose, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=12)
    at = models.DateTimeField()
    author_id = models.BigIntegerField(null=True)
    author_name = models.CharField(max_length=80)
    # What it was: "care.followup:12".
    origin = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [models.Index(fields=["customer", "-at"], name="outreach_customer")]


class ContactRules(models.Model):
    """One row: when customers are left in peace, how often they may be contacted, when looks are unusual."""

    # Minutes of the local day. The night may reach over midnight; equal ones mean no quiet hours.
    quiet_from = models.SmallIntegerField(default=21 * 60)
    quiet_until = models.SmallIntegerField(default=8 * 60)
    # At most so many contacts of our own accord within so many days; 0 means no limit.
    cap_count = models.SmallIntegerField(default=2)
    cap_days = models.SmallIntegerField(default=7)
    # So many looks at full numbers by one person in a day are told to the administrators; 0 never.
    looks_unusual_from = models.SmallIntegerField(default=30)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="contact_rules_one_row"),
            models.CheckConstraint(
                condition=Q(quiet_from__range=(0, 1439), quiet_until__range=(0, 1439)),
                name="contact_rules_within_day",
            ),
            models.CheckConstraint(
                condition=Q(cap_count__range=(0, 100), cap_days__range=(1, 366))
                & Q(looks_unusual_from__range=(0, 10_000)),
                name="contact_rules_amounts",
            ),
        ]
