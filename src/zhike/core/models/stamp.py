from django.db import models


class Stamp(models.Model):
    """One row. Its value changes with every change of a watched table (`core.settled`), and never comes back."""

    value = models.CharField(max_length=36)
