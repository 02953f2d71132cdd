from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from zhike.core.calendar.due import Unit
from zhike.core.calendar.schedule import DateKind


class Weekday(models.IntegerChoices):
    MONDAY = 0, pgettext_lazy("weekday", "Mon")
    TUESDAY = 1, pgettext_lazy("weekday", "Tue")
    WEDNESDAY = 2, pgettext_lazy("weekday", "Wed")
    THURSDAY = 3, pgettext_lazy("weekday", "Thu")
    FRIDAY = 4, pgettext_lazy("weekday", "Fri")
    SATURDAY = 5, pgettext_lazy("weekday", "Sat")
    SUNDAY = 6, pgettext_lazy("weekday", "Sun")


class DayKind(models.TextChoices):
    """The kinds of `schedule.DateKind` with the words of the screen."""

    HOLIDAY = DateKind.HOLIDAY.value, pgettext_lazy("calendar date", "Day off")
    WORKING = DateKind.WORKING.value, pgettext_lazy("calendar date", "Working day")


class DueUnit(models.TextChoices):
    BUSINESS_MINUTES = Unit.BUSINESS_MINUTES.value, pgettext_lazy("due unit", "working minutes")
    BUSINESS_DAYS = Unit.BUSINESS_DAYS.value, pgettext_lazy("due unit", "working days")
    CALENDAR_DAYS = Unit.CALENDAR_DAYS.value, pgettext_lazy("due unit", "calendar days")


class DuePurpose(models.TextChoices):
    FIRST_REPLY = "first_reply", pgettext_lazy("due purpose", "First reply")
    NEXT_REPLY = "next_reply", pgettext_lazy("due purpose", "Next reply")
    TO_DEPARTMENT = "to_department", pgettext_lazy("due purpose", "To the department")
    ANSWER = "answer", pgettext_lazy("due purpose", "Proposed solution")
    RESOLUTION = "resolution", pgettext_lazy("due purpose", "Resolution")
    LISTEN = "step_listen", pgettext_lazy("due purpose", "Complaint: listen")
    APOLOGISE = "step_apologise", pgettext_lazy("due purpose", "Complaint: apologise")
    FACTS = "step_facts", pgettext_lazy("due purpose", "Complaint: collect the facts")
    AGREE = "step_agree", pgettext_lazy("due purpose", "Complaint: agree with the customer")
    NOTICE = "notice", pgettext_lazy("due purpose", "Answer to a notice")
    FOLLOW_UP = "follow_up", pgettext_lazy("due purpose", "Follow-up visit")
    DATA_REQUEST = "data_request", pgettext_lazy("due purpose", "Request about personal data")
    LEGAL_RETURN = "legal_return", pgettext_lazy("due purpose", "Return without reason (by law)")
    LEGAL_REFUND = "legal_refund", pgettext_lazy("due purpose", "Refund (by law)")
    LEGAL_AUTHORITY = (
        "legal_authority",
        pgettext_lazy("due purpose", "Answer to an authority (by law)"),
    )


class WorkCalendar(models.Model):
    """When somebody is there. Every due time is counted on one of these."""

    name = models.CharField(max_length=60, unique=True)
    zone = models.CharField(max_length=60)
    # Round the clock, holidays included; windows and dates are then not looked at.
    always_open = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)
    # A swapped working day falls on a weekend and works this weekday's hours.
    swap_weekday = models.SmallIntegerField(choices=Weekday.choices, default=Weekday.MONDAY)
    # Another random number after every change, so that no process keeps an old copy in memory; a
    # counter would come round to the same number after a change that was rolled back.
    version = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["-is_default", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="calendar_one_default"
            ),
            models.CheckConstraint(
                condition=Q(swap_weekday__range=(0, 6)), name="calendar_swap_weekday"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CalendarDate(models.Model):
    """A date on which something else holds than in an ordinary week, and who says so."""

    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="dates")
    date = models.DateField()
    kind = models.CharField(max_length=10, choices=DayKind.choices)
    label = models.CharField(max_length=40)
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "date"], name="calendar_date_once")
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.label}"


class CalendarWindow(models.Model):
    """Open from `start` to `end`, minutes of the local day: on a weekday, or on one date."""

    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="windows")
    weekday = models.SmallIntegerField(choices=Weekday.choices, null=True, blank=True)
    day = models.ForeignKey(
        CalendarDate, on_delete=models.CASCADE, null=True, blank=True, related_name="windows"
    )
    start = models.SmallIntegerField()
    end = models.SmallIntegerField()

    class Meta:
        ordering = ["weekday", "day", "start"]
        constraints = [
            models.CheckConstraint(
                condition=Q(start__gte=0, end__lte=1440, start__lt=F("end")),
                name="calendar_window_within_day",
            ),
            models.CheckConstraint(
                condition=Q(weekday__range=(0, 6), day__isnull=True)
                | Q(weekday__isnull=True, day__isnull=False),
                name="calendar_window_weekday_or_day",
            ),
            models.UniqueConstraint(
                fields=["calendar", "weekday", "start"], name="calendar_window_weekly_once"
            ),
            models.UniqueConstraint(fields=["day", "start"], name="calendar_window_dated_once"),
        ]


class CalendarYear(models.Model):
    """A year whose exceptional dates somebody has entered completely. Due times in others are flagged."""

    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="years")
    year = models.SmallIntegerField()
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["year"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "year"], name="calendar_year_once")
        ]


class DatesReminder(models.Model):
    """The house was told that the dates of this year are missing: once is enough."""

    year = models.SmallIntegerField(unique=True)
    told_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.year)


class DatesImport(models.Model):
    """A file of dates, compared with the calendar until it is taken over and kept as a record then."""

    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="imports")
    year = models.SmallIntegerField()
    file_name = models.CharField(max_length=200)
    # Proposed by the file; once applied, what the person said.
    source = models.CharField(max_length=200, blank=True)
    # [date, kind, label, hours as [[start, end], …] or null when the file does not say]
    dates = models.JSONField()
    # [line, sentence]: with any of them nothing can be taken over.
    faults = models.JSONField(default=list)
    sent_by_id = models.BigIntegerField(null=True, blank=True)
    sent_by_name = models.CharField(max_length=80)
    sent_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name


class UnitCalendar(models.Model):
    """The calendar an org unit has of its own. Units belong to a higher room, so only the id is kept."""

    unit_id = models.BigIntegerField(unique=True)
    calendar = models.ForeignKey(WorkCalendar, on_delete=models.PROTECT, related_name="units")

    def __str__(self) -> str:
        return f"{self.unit_id}: {self.calendar_id}"


class DuePlan(models.Model):
    """How long something may take. The closest match counts: kind before tier before channel before unit.

    `subject`, `tier` and `channel` are codes of higher rooms, `org_unit` an id of one; empty means any.
    """

    name = models.CharField(max_length=60)
    purpose = models.CharField(max_length=20, choices=DuePurpose.choices)
    subject = models.CharField(max_length=30, blank=True)
    tier = models.CharField(max_length=20, blank=True)
    channel = models.CharField(max_length=20, blank=True)
    # This org unit and those below it.
    org_unit = models.BigIntegerField(null=True, blank=True)
    # Empty: the hours of the unit the thing lies with.
    calendar = models.ForeignKey(
        WorkCalendar, on_delete=models.PROTECT, null=True, blank=True, related_name="plans"
    )
    amount = models.IntegerField()
    unit = models.CharField(max_length=20, choices=DueUnit.choices)
    # When so much of the time is used, the one who owes it is warned.
    warn_percent = models.SmallIntegerField(default=75)
    # Of a law or a contract, if the time is not ours to choose, and of which day.
    source = models.CharField(max_length=200, blank=True)
    source_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["purpose", "subject", "tier", "channel", "org_unit"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="due_plan_amount"),
            models.CheckConstraint(
                condition=Q(warn_percent__range=(1, 99)), name="due_plan_warn_percent"
            ),
            models.UniqueConstraint(
                fields=["purpose", "subject", "tier", "channel"],
                condition=Q(org_unit__isnull=True),
                name="due_plan_once",
            ),
            models.UniqueConstraint(
                fields=["purpose", "subject", "tier", "channel", "org_unit"],
                condition=Q(org_unit__isnull=False),
                name="due_plan_once_in_unit",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DueRecount(models.Model):
    """Due times that are computed anew because a plan was changed: whose, how far it is, what it moved."""

    class State(models.TextChoices):
        RUNNING = "running", pgettext_lazy("recount", "Under way")
        SECOND_LOOK = "second_look", pgettext_lazy("recount", "Done, looking once more")
        DONE = "done", pgettext_lazy("recount", "Done")

    # As they were when it began; the plan itself may be gone.
    plan_name = models.CharField(max_length=60)
    # What is counted anew: cases, notices …; see `core.calendar.recounts`.
    kind = models.CharField(max_length=20)
    # Empty: of every purpose.
    purpose = models.CharField(max_length=20, choices=DuePurpose.choices, blank=True)
    # [{"subject", "tier", "channel", "org_unit"}]: under the plan before or after the change.
    scopes = models.JSONField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.RUNNING)
    # The last row looked at; after a stop the job goes on behind it.
    place = models.BigIntegerField(default=0)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    moved = models.IntegerField(default=0)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=80)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(finished_at__isnull=True), name="due_recount_unfinished"
            )
        ]
