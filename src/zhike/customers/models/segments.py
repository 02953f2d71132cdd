from django.db import models
from django.db.models import Q

from zhike.accounts.models import Unit
from zhike.customers.choices import Loyalty, Standing
from zhike.customers.models.customers import Customer


class Segment(models.Model):
    """Customers who are alike, what moves them, and how they are to be treated.

    `filter` is the address of the list of customers after its question mark; who that is a job writes down.
    """

    name = models.CharField(max_length=40)
    # Its members are files of this unit and of those below it.
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    filter = models.CharField(max_length=2000)
    about = models.TextField(blank=True)
    # Needs nobody meets yet, and where they show an opening.
    needs = models.TextField(blank=True)
    strategy = models.TextField(blank=True)
    standing = models.CharField(max_length=10, choices=Standing.choices)
    loyalty = models.CharField(max_length=10, choices=Loyalty.choices)
    # 1 lowest … 5 highest; empty: as its place in the loyalty matrix says.
    priority = models.SmallIntegerField(null=True, blank=True)
    # What moves them to buy: [{"text", "weight"}], weights in per cent, the weightiest first.
    motives = models.JSONField(default=list, blank=True)
    # Which question of which questionnaire they were taken from, when, from how many; empty: by hand.
    motives_from = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    # Grows with every edit; an edit based on an older one is refused.
    version = models.IntegerField(default=1)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=80, blank=True)
    changed_at = models.DateTimeField()
    # Of the last count of members.
    members = models.IntegerField(default=0)
    counted_at = models.DateTimeField(null=True, blank=True)
    # Conditions that are gone since, such as a region out of use: members stay as they were.
    problem = models.CharField(max_length=200, blank=True)

    # Its own, or that of its place in the matrix: see `by_priority`.
    shown_priority: int

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(is_active=True), name="segment_name_once"
            ),
            models.CheckConstraint(
                condition=Q(priority__isnull=True) | Q(priority__range=(1, 5)),
                name="segment_priority_range",
            ),
            models.CheckConstraint(condition=~Q(filter=""), name="segment_has_condition"),
        ]

    def __str__(self) -> str:
        return self.name


class SegmentMember(models.Model):
    """Written by the job alone."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="memberships")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="memberships")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "customer"], name="segment_member_once")
        ]


class SegmentDay(models.Model):
    """How many members there were at the last count of a day."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    members = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "day"], name="segment_day_once")]


class LoyaltyPriority(models.Model):
    """A cell of the loyalty matrix: how much those count who stand there."""

    standing = models.CharField(max_length=10, choices=Standing.choices)
    loyalty = models.CharField(max_length=10, choices=Loyalty.choices)
    priority = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["standing", "loyalty"], name="loyalty_cell_once"),
            models.CheckConstraint(
                condition=Q(priority__range=(1, 5)), name="loyalty_priority_range"
            ),
        ]
