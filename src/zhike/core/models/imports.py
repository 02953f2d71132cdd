from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.core.models.files import StoredFile
from zhike.core.models.keys import PersonKey


class ImportState(models.TextChoices):
    MAPPING = "mapping", _("Columns to be chosen")
    CHECKING = "checking", _("Being tried out")
    CHECKED = "checked", _("Tried out")
    RUNNING = "running", _("Importing")
    STOPPED = "stopped", _("Stopped, can go on")
    DONE = "done", _("Imported")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


class ErrorPolicy(models.TextChoices):
    SKIP = "skip", _("Leave out the rows with errors")
    ALL_OR_NOTHING = "all", _("Import only when every row is right")


class ImportRun(models.Model):
    """One import of one file, from upload to undo. `cursor_line` moves in the transaction of its rows."""

    kind = models.CharField(max_length=40)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    sheets = models.JSONField(default=list)
    sheet = models.CharField(max_length=100, blank=True)
    header_line = models.IntegerField(default=1)
    headers = models.JSONField(default=list)
    rows_total = models.IntegerField(default=0)
    # Remarks about the file itself (formulas, damaged characters), as message templates with values.
    notes = models.JSONField(default=list)
    # Field code → column index; field code → text for every row.
    mapping = models.JSONField(default=dict)
    constants = models.JSONField(default=dict)
    # Whether the columns were chosen as last time for a file with these headers.
    is_remembered = models.BooleanField(default=False)
    policy = models.CharField(max_length=5, choices=ErrorPolicy.choices, default=ErrorPolicy.SKIP)
    state = models.CharField(
        max_length=10, choices=ImportState.choices, default=ImportState.MAPPING
    )
    cursor_line = models.IntegerField(default=0)
    # How far the trial, the import or the undo has come, in rows.
    rows_done = models.IntegerField(default=0)
    created_count = models.IntegerField(default=0)
    updated_count = models.IntegerField(default=0)
    same_count = models.IntegerField(default=0)
    error_count = models.IntegerField(default=0)
    skipped_count = models.IntegerField(default=0)
    # Rows an undo left alone because somebody has worked on them since: [line, object id, reason].
    kept = models.JSONField(default=list)
    failure = models.CharField(max_length=300, blank=True)
    # Sample and faulty values are sealed under a key of the import's own.
    key = models.ForeignKey(PersonKey, on_delete=models.PROTECT, related_name="+")
    sample = models.TextField(blank=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    via = models.CharField(max_length=20, blank=True)
    # Where imported rows belong.
    unit_id = models.BigIntegerField()
    # Grows with every job started; a job of an older attempt writes nothing more.
    attempt = models.IntegerField(default=0)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["actor_id", "-id"], name="import_actor")]


class ImportIssue(models.Model):
    """What is wrong with one cell (or line) of a file. `detail` holds value, places and proposal, sealed."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="issues")
    line = models.IntegerField()
    # None: the line as a whole.
    column = models.IntegerField(null=True)
    field = models.CharField(max_length=60, blank=True)
    # Message templates in English, translated when shown.
    reason = models.CharField(max_length=200)
    suggestion = models.CharField(max_length=200, blank=True)
    is_personal = models.BooleanField(default=False)
    detail = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["run", "line"], name="import_issue_line")]


class ImportFix(models.Model):
    """A cell corrected in the wizard (sealed), or a line to leave out; the stored file stays as it came."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="fixes")
    line = models.IntegerField()
    # -1 leaves out the line.
    column = models.IntegerField()
    value = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "line", "column"], name="import_fix_cell")
        ]


class ImportedRow(models.Model):
    """What a line became. For an update `before` and `after` (sealed) are what an undo needs."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    line = models.IntegerField()
    object_id = models.BigIntegerField()
    is_update = models.BooleanField(default=False)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "line"], name="imported_row_line")]


class ImportIdentity(models.Model):
    """By what a row is known when it comes again: its external id, else file digest and line."""

    kind = models.CharField(max_length=40)
    identity = models.CharField(max_length=200)
    object_id = models.BigIntegerField()
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "identity"], name="import_identity_once")
        ]


class MappingMemory(models.Model):
    """How a unit mapped a file with these headers last time, by header text."""

    kind = models.CharField(max_length=40)
    unit_id = models.BigIntegerField(null=True)
    signature = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    constants = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "unit_id", "signature"], name="mapping_memory_once"
            ),
            # No unit is a place of its own, and NULLs are all different to SQLite.
            models.UniqueConstraint(
                fields=["kind", "signature"],
                condition=models.Q(unit_id__isnull=True),
                name="mapping_memory_once_unitless",
            ),
        ]
