from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from zhike.core.models import DuePurpose
from zhike.core.search import Searchable
from zhike.desk.choices import Channel, From, Outcome, Priority, State
from zhike.desk.models.types import CaseType
from zhike.desk.rules import ENDED, STAGE_OF, UNDER_WAY, CaseState, Stage

# Under way, told by a column without parameters, so that both databases use the partial indexes.
STILL_OPEN = Q(closed_at__isnull=True)


class Case(Searchable):
    """A matter of a customer, with one owner from start to end.

    `seq` is its version, the number of its last event and of its live topic.
    """

    number = models.CharField(max_length=20, unique=True)
    # By code, so that lists and counters need no join.
    type = models.ForeignKey(
        CaseType,
        on_delete=models.PROTECT,
        to_field="code",
        related_name="+",
        db_index=False,
        db_column="type",
    )
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=20, choices=State.choices, default=State.NEW)
    channel = models.CharField(max_length=12, choices=Channel.choices)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    unit = models.ForeignKey(
        "accounts.Unit", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        db_index=False,
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    seq = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    last_event_at = models.DateTimeField()
    # The last words between customer and house, and whose; what colleagues note stays among them.
    last_text = models.CharField(max_length=120, blank=True)
    last_from = models.CharField(max_length=10, choices=From.choices, blank=True)
    unread_count = models.IntegerField(default=0)
    # Since when the customer has been waiting for our word; None when we spoke last.
    waiting_since = models.DateTimeField(null=True, blank=True)
    first_reply_at = models.DateTimeField(null=True, blank=True)
    # When the first word was owed; stays when it is spoken. None when none was.
    first_reply_due_at = models.DateTimeField(null=True, blank=True)
    # When a department was first asked, or the case moved to another unit.
    to_department_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    close_reason = models.CharField(max_length=500, blank=True)

    # From when first reply and resolution are counted: the opening, or the last reopening.
    due_from = models.DateTimeField(null=True, blank=True)
    # The earliest of the running due times, and of what it is.
    due_at = models.DateTimeField(null=True, blank=True)
    due_warn_at = models.DateTimeField(null=True, blank=True)
    due_what = models.CharField(max_length=20, choices=DuePurpose.choices, blank=True)
    # All of them with their accounts: {purpose: `Due.to_json()`}. Left as it stood when the case ends.
    clocks = models.JSONField(null=True, blank=True)
    # What higher rooms set running: {name: [purpose, since]}, purpose "" when it is done with.
    started = models.JSONField(null=True, blank=True)
    # Within what it is to be settled, where that was set for this case alone (`OwnTime`); empty: by the plans.
    own_time = models.JSONField(null=True, blank=True)
    # Times a law sets that run now: {purpose: [first day, day named by a notice or null]}; see models/legal.py.
    legal = models.JSONField(null=True, blank=True)
    # What was told of which clock, and the next moment at which something may be to tell (services/alarms.py).
    told = models.JSONField(null=True, blank=True)
    alarm_at = models.DateTimeField(null=True, blank=True)
    # Flat copies, to sort and to filter by. The end stays when the case has ended.
    next_reply_due_at = models.DateTimeField(null=True, blank=True)
    resolution_due_at = models.DateTimeField(null=True, blank=True)
    department_due_at = models.DateTimeField(null=True, blank=True)
    step_due_at = models.DateTimeField(null=True, blank=True)
    legal_due_at = models.DateTimeField(null=True, blank=True)
    # The place in a queue: the due time, else far ahead. Never empty, so that one index gives the order.
    queue_at = models.DateTimeField()
    # [{"start", "end", "reason"}], `end` null while the pause lasts.
    pauses = models.JSONField(default=list, blank=True)

    handover_count = models.IntegerField(default=0)
    reopened_count = models.IntegerField(default=0)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        db_index=False,
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_from",
        db_index=False,
    )

    # Flat copies for lists, kept in step by handlers.
    customer_name = models.CharField(max_length=120, blank=True)
    customer_tier = models.CharField(max_length=20, blank=True)
    owner_name = models.CharField(max_length=60, blank=True)

    tracking_hash = models.CharField(max_length=64, null=True, blank=True)
    tracking_expires_at = models.DateTimeField(null=True, blank=True)
    query_code_hash = models.CharField(max_length=64, blank=True)
    # Of the form that made this case: sent twice, it makes one.
    submit_key = models.CharField(max_length=64, null=True, blank=True)
    external_id = models.CharField(max_length=120, null=True, blank=True)
    import_run_id = models.BigIntegerField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    # Its customer was erased: what was said is gone, what was done stays.
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["external_id"], name="case_external_id"),
            models.UniqueConstraint(fields=["submit_key"], name="case_submit_key"),
            models.UniqueConstraint(fields=["tracking_hash"], name="case_tracking_hash"),
            models.CheckConstraint(
                condition=Q(
                    state__in=sorted(state.value for state in UNDER_WAY), closed_at__isnull=True
                )
                | Q(state__in=sorted(state.value for state in ENDED), closed_at__isnull=False),
                name="case_ended_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state=CaseState.MERGED.value) | Q(merged_into__isnull=False),
                name="case_merged_has_target",
            ),
            models.CheckConstraint(condition=Q(unread_count__gte=0), name="case_unread"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # The open queue is small whatever the archive grows to.
            models.Index(fields=["queue_at", "id"], condition=STILL_OPEN, name="case_open_queue"),
            models.Index(
                fields=["state", "queue_at", "id"], condition=STILL_OPEN, name="case_state_queue"
            ),
            models.Index(
                fields=["unit", "state", "queue_at", "id"],
                condition=STILL_OPEN,
                name="case_unit_queue",
            ),
            models.Index(
                fields=["owner", "state", "queue_at", "id"],
                condition=STILL_OPEN,
                name="case_owner_queue",
            ),
            # One's own day: by time over all states, and who has waited longest. What it counts stands in the
            # index, so that PostgreSQL counts thousands without reading their wide rows.
            models.Index(
                fields=["owner", "queue_at", "id"],
                include=["unit", "voided_at", "waiting_since", "unread_count"],
                condition=STILL_OPEN,
                name="case_own_day",
            ),
            models.Index(
                fields=["owner", "waiting_since", "id"],
                condition=Q(closed_at__isnull=True, waiting_since__isnull=False),
                name="case_own_waiting",
            ),
            models.Index(fields=["last_event_at", "id"], name="case_newest"),
            models.Index(fields=["state", "last_event_at", "id"], name="case_state_newest"),
            models.Index(fields=["unit", "last_event_at", "id"], name="case_unit_newest"),
            models.Index(fields=["owner", "last_event_at", "id"], name="case_owner_newest"),
            models.Index(fields=["type", "last_event_at", "id"], name="case_type_newest"),
            models.Index(fields=["opened_at", "id"], name="case_opened"),
            # A day's or a week's cases, counted for reports.
            models.Index(
                fields=["type", "opened_at", "unit", "id"],
                condition=Q(voided_at__isnull=True),
                name="case_type_opened",
            ),
            # Open ones by their age, counted in the index alone.
            models.Index(
                fields=["unit", "opened_at"],
                condition=Q(closed_at__isnull=True, voided_at__isnull=True),
                name="case_open_age",
            ),
            # Cases of undone imports, which nothing counts.
            models.Index(fields=["id"], condition=Q(voided_at__isnull=False), name="case_voided"),
            models.Index(
                fields=["closed_at"], condition=Q(closed_at__isnull=False), name="case_closed"
            ),
            models.Index(
                fields=["first_reply_due_at"],
                condition=Q(first_reply_due_at__isnull=False),
                name="case_first_reply_due",
            ),
            *(
                models.Index(fields=[column, "id"], condition=STILL_OPEN, name=f"case_open_{name}")
                for column, name in (
                    ("first_reply_due_at", "first"),
                    ("next_reply_due_at", "next"),
                    ("resolution_due_at", "resolution"),
                    ("department_due_at", "department"),
                    ("step_due_at", "step"),
                    ("legal_due_at", "legal"),
                )
            ),
            models.Index(
                fields=["alarm_at"],
                condition=Q(closed_at__isnull=True, alarm_at__isnull=False),
                name="case_alarm",
            ),
            models.Index(
                fields=["due_what", "queue_at", "id"], condition=STILL_OPEN, name="case_open_what"
            ),
            models.Index(fields=["customer", "-id"], name="case_customer"),
            models.Index(
                fields=["created_by", "-id"],
                condition=Q(created_by__isnull=False),
                name="case_creator",
            ),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="case_parent"),
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="case_merged_into",
            ),
            models.Index(
                fields=["import_run_id"],
                condition=Q(import_run_id__isnull=False),
                name="case_import_run",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def search_text(self) -> str:
        # Customers are found as customers; the name stands here so that "their" cases are found by it too.
        return "\n".join(
            part for part in (self.number, self.title, self.customer_name, self.external_id) if part
        )

    @property
    def case_state(self) -> CaseState:
        return CaseState(self.state)

    @property
    def stage(self) -> Stage:
        return STAGE_OF[self.case_state]

    @property
    def is_ended(self) -> bool:
        return self.closed_at is not None

    @property
    def is_paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1]["end"] is None

    @property
    def topic(self) -> str:
        return f"case:{self.pk}"

    @property
    def last_words(self) -> str:
        """The last words with their speaker, for lists."""
        if not self.last_text:
            return ""
        match self.last_from:
            case From.STAFF:
                pattern = _("We: %(text)s")
            case From.CALL:
                pattern = _("Call: %(text)s")
            case _:
                pattern = _("Customer: %(text)s")
        return pattern % {"text": self.last_text}

    def is_overdue(self, now: datetime) -> bool:
        return self.due_at is not None and self.due_at <= now

    def counted_as(self) -> dict[str, Any] | None:
        """The cell of the counter this case stands in; None when it is not counted."""
        if self.voided_at is not None:
            return None
        return {
            "unit_id": self.unit_id,
            "state": str(self.state),
            "kind": self.type_id,
            "owner_id": self.owner_id,
        }
