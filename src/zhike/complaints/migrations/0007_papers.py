"""A paper for each archived round: those there are, and those a new round had put out of sight."""

import json
from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def carry_over(apps: Any, _schema: Any) -> None:
    complaints = apps.get_model("complaints", "Complaint").objects
    steps = apps.get_model("complaints", "StepRecord").objects.filter(step=6)
    papers = apps.get_model("complaints", "ArchivePaper").objects
    for row in complaints.filter(archive__isnull=False).select_related("archive").iterator():
        papers.create(
            complaint=row,
            round=row.round,
            file=row.archive,
            archived_at=row.archived_at or row.archive.stored_at,
            made_at=row.archive.stored_at,
        )
    # The file of a complaint that was taken up again stayed; the log says which it was.
    files = apps.get_model("core", "StoredFile").objects
    log = apps.get_model("core", "AuditRow").objects.filter(action="complaints.archive_paper")
    for line in log.order_by("id").iterator():
        step = (
            steps.filter(complaint_id=line.object_id, done_at__lte=line.at)
            .order_by("-round")
            .first()
        )
        digest = (json.loads(line.payload or "{}").get("after") or {}).get("digest", "")
        stored = files.filter(digest=digest).first()
        if step is None or stored is None:
            continue
        papers.get_or_create(
            complaint_id=line.object_id,
            round=step.round,
            defaults={"file": stored, "archived_at": step.done_at, "made_at": line.at},
        )


def carry_back(apps: Any, _schema: Any) -> None:
    """Only the present round's had a place before."""
    complaints = apps.get_model("complaints", "Complaint").objects
    papers = apps.get_model("complaints", "ArchivePaper").objects
    for row in papers.filter(round=models.F("complaint__round")).iterator():
        complaints.filter(pk=row.complaint_id, archived_at__isnull=False).update(
            archive_id=row.file_id
        )


class Migration(migrations.Migration):
    dependencies = [("core", "0008_stamp"), ("complaints", "0006_watched_causes")]
    operations = [
        migrations.CreateModel(
            name="ArchivePaper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.SmallIntegerField()),
                ("archived_at", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="complaints.complaint",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.storedfile",
                    ),
                ),
            ],
            options={"ordering": ["-round"]},
        ),
        migrations.AddConstraint(
            model_name="archivepaper",
            constraint=models.UniqueConstraint(fields=("complaint", "round"), name="paper_once"),
        ),
        migrations.AddConstraint(
            model_name="archivepaper",
            constraint=models.CheckConstraint(
                condition=models.Q(("round__gte", 1)), name="paper_round"
            ),
        ),
        migrations.RunPython(carry_over, carry_back),
    ]
