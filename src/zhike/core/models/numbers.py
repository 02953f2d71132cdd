from django.db import models


class NumberSeries(models.Model):
    """The last number given out in a series, such as one case prefix on one day."""

    name = models.CharField(max_length=40, primary_key=True)
    last = models.BigIntegerField(default=0)
