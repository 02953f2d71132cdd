"""Make the database of a release anew: `python tests/upgrade/make.py NAME`, run in a checkout of that release.

A small company lives through a few days by the release's own services, then `zhike backup` saves it into
tests/upgrade/NAME/, with the digest of every column. With ZHIKE_DATABASE_URL it does so for PostgreSQL, else for
SQLite. The release's tests/cast.py must be there; everything else comes from the program.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CSV = "内容,编号\n" + "".join(f"第 {n} 句话，送餐很快,K{n}\n" for n in range(25))


def live_through_a_few_days() -> None:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    from tests.cast import make_cast
    from zhike.core import clock
    from zhike.core.audit_chain import lengthen
    from zhike.core.jobs.inline import run_pending_jobs

    start = clock.now() - timedelta(days=3)
    with clock.override(start):
        cast = make_cast()
        cases = _cases(cast)
    with clock.override(start + timedelta(days=1)):
        _answer(cast, cases)
    with clock.override(start + timedelta(days=2)):
        _visit(cast)
        _import(cast)
    run_pending_jobs()
    lengthen()


def _cases(cast):
    from zhike.desk import services

    made = []
    for number, kind in enumerate(("complaint", "repair", "inquiry", "repair", "praise")):
        new = services.NewCase(
            type_code=kind,
            channel="phone" if number % 2 else "letter",
            text=f"第 {number} 件：爬坡时突然断电，请尽快处理。",
            customer_id=cast.chen.pk if number < 3 else None,
        )
        made.append(services.open_case(**cast.lin.acting, new=new).case)
    return made


def _answer(cast, cases) -> None:
    from zhike.desk import services

    for case in cases:
        services.reply(**cast.lin.acting, case_id=case.pk, text="已安排。", expected_seq=None)
        services.add_note(**cast.wang.acting, case_id=case.pk, text="控制器批次待查。")
    services.hand_over(
        **cast.lin.acting,
        case_id=cases[3].pk,
        to_user_id=cast.wang.user.pk,
        reason="换班",
        expected_owner_id=cast.lin.user.pk,
    )
    for case in (cases[1], cases[2]):
        services.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="已修好。")


def _visit(cast) -> None:
    from zhike.care.models import FollowUp
    from zhike.care.services import record_attempt

    for visit in FollowUp.objects.order_by("pk"):
        record_attempt(**cast.lin.acting, follow_up_id=visit.pk, note="没接")


def _import(cast) -> None:
    from tests.importer.scene import imported, tried, uploaded

    imported(tried(uploaded("feedback", CSV, cast.zhoukou.pk)))


def column_digests() -> dict[str, dict[str, list]]:
    """Of every table, by column: how many rows, and a digest of its values in the order of the key."""
    from tests.upgrade.columns import digests

    return digests()


def _press(archive: Path) -> None:
    """The same members, pressed as far as it goes: they lie in the repository for good."""
    pressed = archive.with_suffix(".pressed")
    with zipfile.ZipFile(archive) as made, zipfile.ZipFile(pressed, "w") as smaller:
        for member in made.infolist():
            smaller.writestr(
                member, made.read(member), compress_type=zipfile.ZIP_DEFLATED, compresslevel=9
            )
    pressed.replace(archive)


def main(name: str) -> None:
    vendor = "postgresql" if os.environ.get("ZHIKE_DATABASE_URL") else "sqlite"
    target = Path(__file__).parent / name
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ZHIKE_DATA": folder, "DJANGO_SETTINGS_MODULE": "zhike.config.settings"}
        import django

        django.setup()
        live_through_a_few_days()
        found = column_digests()
        archive, keys = target / f"{vendor}.backup", target / f"{vendor}.backup.keys"
        for old in (archive, keys):
            old.unlink(missing_ok=True)
        command = [
            sys.executable,
            "-c",
            "from zhike.cli.main import app; app()",
            "backup",
            str(archive),
        ]
        subprocess.run(command, check=True, cwd=ROOT)
        _press(archive)
    # A line for each table: what changed between two makings can be read.
    lines = [f"{json.dumps(table)}: {json.dumps(found[table])}" for table in sorted(found)]
    told = "{\n" + ",\n".join(lines) + "\n}\n"
    (target / f"{vendor}.json").write_text(told, encoding="utf-8")
    sys.stdout.write(f"{archive}: {archive.stat().st_size / 1000:.0f} kB\n")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main(sys.argv[1])
