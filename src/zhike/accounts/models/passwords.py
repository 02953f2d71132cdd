from django.db import models

from zhike.accounts.models.users import User


class UsedPassword(models.Model):
    """A password somebody had, hashed as the present one is: the last few may not come back."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="used_passwords")
    password = models.CharField(max_length=128)
    since = models.DateTimeField()
