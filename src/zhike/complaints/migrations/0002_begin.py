from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from zhike.complaints.cause_seeds import plant
from zhike.complaints.rules import MIN_ATTEMPTS, MIN_DAYS

# What a role may decide alone for one case, in cents. Editable afterwards.
LIMITS = {
    "agent": 20_000,
    "supervisor": 200_000,
    "executive": 2_000_000,
    "administrator": 2_000_000,
}


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    plant(apps)
    apps.get_model("complaints", "WayOutRule").objects.get_or_create(
        pk=1, defaults={"attempts": MIN_ATTEMPTS, "days": MIN_DAYS}
    )
    limits = apps.get_model("complaints", "RemedyLimit").objects
    for role in apps.get_model("accounts", "Role").objects.filter(code__in=LIMITS):
        limits.get_or_create(role=role, defaults={"limit_cents": LIMITS[role.code]})
    # Complaints of a house that stood before: their first round began when they came in.
    editor.execute(
        "INSERT INTO complaints_complaint (case_id, round, round_since, step, step_since, wish, verdict,"
        " is_safety, learned, refusals, way_out, way_out_why, open_notices, open_approvals, open_remedies)"
        " SELECT id, reopened_count + 1, opened_at, 1, opened_at, '', '', FALSE, '', 0, '', '', 0, 0, 0"
        " FROM desk_case WHERE type = 'complaint'"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0001_initial"),
        ("accounts", "0004_complaint_permissions"),
        ("desk", "0006_further_lines"),
    ]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
