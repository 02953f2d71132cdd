from django.db import models

from zhike.accounts.models.users import User


class ApiToken(models.Model):
    """A bearer token of the API, stored hashed. It acts as `user`, limited to `scopes`."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    label = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    # First characters in clear, to tell tokens apart.
    head = models.CharField(max_length=12)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
