from django.db import models
from django.db.models import Q

from zhike.care.choices import QuestionKind
from zhike.desk.models import CaseType


class Script(models.Model):
    """What is said and asked in a visit after a case of this type; the one without a type serves all others."""

    type = models.OneToOneField(
        CaseType,
        on_delete=models.PROTECT,
        to_field="code",
        db_column="type",
        null=True,
        blank=True,
        related_name="follow_up_script",
    )
    is_default = models.BooleanField(default=False)
    current = models.ForeignKey(
        "care.ScriptVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="script_one_default"
            ),
            models.CheckConstraint(
                condition=Q(is_default=True, type__isnull=True)
                | Q(is_default=False, type__isnull=False),
                name="script_of_type_or_default",
            ),
        ]


class ScriptVersion(models.Model):
    """Never changed once made, so that an answer keeps the question it was given to."""

    script = models.ForeignKey(Script, on_delete=models.PROTECT, related_name="versions")
    number = models.SmallIntegerField()
    opening = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["script", "number"], name="script_version_once")
        ]


class Question(models.Model):
    version = models.ForeignKey(ScriptVersion, on_delete=models.PROTECT, related_name="questions")
    place = models.SmallIntegerField()
    kind = models.CharField(max_length=8, choices=QuestionKind.choices)
    text = models.CharField(max_length=200)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["version", "place"], name="question_place"),
            models.CheckConstraint(condition=~Q(text=""), name="question_text"),
        ]
