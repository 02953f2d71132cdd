"""Signing in with the account of the company: whom we ask (OpenID Connect), and whose identity is whose."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models.users import User


class Match(models.TextChoices):
    """By what somebody is recognised the first time; afterwards by issuer and subject alone."""

    STAFF_NUMBER = "staff_number", _("staff number")
    EMAIL = "email", _("e-mail address, confirmed by the sign-in service")


class SingleSignOn(models.Model):
    """One row; without it, or switched off, there is only staff number and password."""

    is_on = models.BooleanField(default=False)
    # What stands on the button.
    label = models.CharField(max_length=40)
    issuer = models.URLField(max_length=300)
    client_id = models.CharField(max_length=200)
    # Sealed under a key of its own, as the secrets of second factors are.
    secret = models.TextField(blank=True)
    key_id = models.BigIntegerField(null=True)
    match = models.CharField(max_length=12, choices=Match.choices, default=Match.STAFF_NUMBER)
    claim = models.CharField(max_length=60, default="preferred_username")
    # The service asks for a second step itself, so ours is not asked for in addition.
    has_second_step = models.BooleanField(default=False)
    # Only who manages accounts may still come in by password, so that a broken service locks nobody out for good.
    passwords_off = models.BooleanField(default=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_single_sign_on")]


class OutsideIdentity(models.Model):
    """Who somebody is at the sign-in service. Fixed at the first sign-in, so that a name given to another person
    there later does not open this one's account."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="outside_identities")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    # What the service called them then, for whoever has to take it off.
    told = models.CharField(max_length=120, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="outside_identity_once"),
            models.UniqueConstraint(fields=["issuer", "user"], name="outside_identity_of_one"),
        ]
