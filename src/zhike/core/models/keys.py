from django.db import models


class PersonKey(models.Model):
    """A person's data key, wrapped by the master ring. Empty `wrapped` means destroyed: nothing unseals."""

    wrapped = models.CharField(max_length=160, blank=True)
    made_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True, blank=True)
