from django.db import models

from zhike.accounts.models.users import User


class SecondFactor(models.Model):
    """An authenticator app. Until it is confirmed by a first code, it is not asked for."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    # Sealed; see services/second_factor.py for the key.
    secret = models.CharField(max_length=200)
    key_id = models.BigIntegerField()
    confirmed_at = models.DateTimeField(null=True)
    # The step of the last code that was taken: it and all before it are used up.
    last_step = models.BigIntegerField(default=0)


class RecoveryCode(models.Model):
    """Lets in once when the phone is lost; a keyed digest, never the code."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=40)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")
        ]
