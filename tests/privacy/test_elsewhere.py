"""Places that are no column: files, jobs, live news, the log, the file of the database."""

import io
import json
import logging
import re
import time
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.cast import Cast, make_cast
from tests.complaints.conftest import open_complaint
from tests.guards import given
from tests.matrix.scene import _plant as plant_settings
from tests.privacy.conftest import NAME, NUMBERS, PHONE, SIGN, Planted, plant, told, where
from tests.privacy.test_erasing import erase
from tests.transactions import real_transactions as real_transactions
from zhike.core import clock
from zhike.core.access import everything
from zhike.core.errors import NotFound, RuleError
from zhike.core.files import file_path, open_file, remove_bytes, store_file
from zhike.core.importer.books import write_error_book
from zhike.core.importer.context import table_of
from zhike.core.jobs import rows
from zhike.core.jobs.definition import job
from zhike.core.logs.lines import JsonLines
from zhike.core.models import (
    ExportRun,
    ImportIssue,
    ImportRun,
    LiveEvent,
    PersonKey,
    StoredFile,
)
from zhike.core.redaction import RedactedHandler
from zhike.core.work import Actor
from zhike.customers.services.erasing import carry_out, erase_customer
from zhike.desk import services as desk
from zhike.desk.models import Attachment
from zhike.desk.services import NewFile
from zhike.insight.periods import Week
from zhike.insight.services import settle_day
from zhike.insight.services.weeks import finalise_week

pytestmark = pytest.mark.django_db


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the handler of the settings writes, at the level of every little thing."""
    stream = io.StringIO()
    handler = RedactedHandler(stream)
    handler.setFormatter(JsonLines())
    loggers = [logging.getLogger(name) for name in ("zhike", "django.request")]
    kept = [(one, one.level) for one in loggers]
    for one in loggers:
        one.addHandler(handler)
        one.setLevel(logging.DEBUG)
    yield stream
    for one, level in kept:
        one.removeHandler(handler)
        one.setLevel(level)


def test_no_number_stands_in_the_log(cast: Cast, log: io.StringIO) -> None:
    planted = plant(cast)
    logging.getLogger("zhike.test").error("%s", told("日志"), extra={"caller": PHONE})
    try:
        raise ValueError(told("异常"))
    except ValueError:
        logging.getLogger("zhike.test").exception("failed")
    erase(cast, planted)
    said = log.getvalue()
    assert "139****0321" in said
    assert [one for one in NUMBERS if one in said] == []


def test_the_log_of_requests_names_routes_alone(cast: Cast, log: io.StringIO) -> None:
    client = cast.admin.client()
    assert client.get(f"/customers/?q={PHONE}").status_code == 200
    assert client.get(f"/search/?q={SIGN}").status_code == 200
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    told_of = [line for line in lines if line["logger"] == "zhike.request"]
    assert [line["route"] for line in told_of] == ["customers:list", "web:search"]
    assert SIGN not in log.getvalue()
    assert PHONE[3:] not in log.getvalue()


@job(attempts=1)
def fail_with_words(number: int) -> None:
    raise ValueError(f"{NAME} {PHONE}")


def test_jobs_hold_ids_and_masked_tracebacks(cast: Cast, planted: Planted, given: Any) -> None:
    def flat(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [one for part in value.values() for one in flat(part)]
        if isinstance(value, list):
            return [one for part in value for one in flat(part)]
        return [value]

    for row in rows.Row.objects.all():
        held = flat([row.args_kwargs, row.return_value])
        assert all(one is None or isinstance(one, int | bool) for one in held), row.task_path
    with given():
        fail_with_words.enqueue(number=1)
    claimed = rows.claim("tests", ("default", "bulk"))
    assert claimed is not None
    assert rows.fail(claimed, ValueError(f"{NAME} {PHONE}"))
    failed = rows.Row.objects.get(pk=claimed.pk)
    assert SIGN in failed.traceback
    assert PHONE[3:] not in failed.traceback
    assert "139****0321" in failed.traceback
    erase(cast, planted)
    assert rows.Row.objects.get(pk=claimed.pk).traceback == ""


def test_live_news_holds_ids_alone(cast: Cast, planted: Planted) -> None:
    news = list(LiveEvent.objects.values_list("topic", "kind", "payload"))
    assert len(news) > 30
    said = json.dumps(news, ensure_ascii=False)
    assert SIGN not in said
    assert [one for one in NUMBERS if one in said] == []


def test_the_workbook_of_errors_can_no_longer_be_made(cast: Cast, planted: Planted) -> None:
    run = ImportRun.objects.get()
    client = cast.admin.client()
    assert write_error_book(run, io.BytesIO()) == 1
    assert ImportIssue.objects.exclude(detail="").exists()
    erase(cast, planted)
    with pytest.raises(RuleError) as refused:
        table_of(ImportRun.objects.get())
    assert refused.value.code == "file_gone"
    answer = client.get(f"/imports/{run.pk}/errors.xlsx", follow=True)
    assert answer.status_code < 500
    assert not ImportIssue.objects.exclude(detail="").exists()
    page = client.get(f"/imports/{run.pk}/")
    assert page.status_code == 200
    assert SIGN not in page.content.decode()


def test_kept_copies_of_exports_go(cast: Cast, planted: Planted) -> None:
    fields = {"format": "csv", "reason": f"给{NAME}看", "purpose": "contact", "reveal": "on"}
    answer = cast.admin.client().post("/customers/export/", fields)
    assert answer.status_code == 200
    sent = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a file is streamed
    assert SIGN in sent.decode("utf-8-sig", "replace")
    run = ExportRun.objects.get(state="ready")
    kept = Path(settings.DATA) / "exports" / run.number
    assert kept.is_file()
    assert SIGN.encode() not in kept.read_bytes()
    erase(cast, planted)
    assert not kept.exists()
    run.refresh_from_db()
    assert run.state == "gone"
    assert SIGN not in run.reason
    assert PersonKey.objects.get(pk=run.key_id).wrapped == ""


def test_a_file_somebody_else_needs_stays_and_comes_back_when_stored_again(
    cast: Cast, planted: Planted
) -> None:
    mine = Attachment.objects.filter(case=planted.complaint).order_by("pk")
    first, second = mine[0].file, mine[1].file
    other = open_complaint(cast.lin, cast.chen.pk)
    desk.add_note(
        **cast.lin.acting, case_id=other.pk, text="同样的照片", files=(NewFile(first, "照片.txt"),)
    )
    held = file_path(second.digest).read_bytes()
    erase(cast, planted)
    with open_file(StoredFile.objects.get(pk=first.pk)) as stream:
        assert SIGN in stream.read().decode()
    with pytest.raises(NotFound):
        open_file(StoredFile.objects.get(pk=second.pk))
    assert not file_path(second.digest).exists()
    again = store_file(ContentFile(held))
    assert again.pk == second.pk
    with open_file(StoredFile.objects.get(pk=second.pk)) as stream:
        assert stream.read() == held
    assert remove_bytes() == 0


def test_a_finalised_week_quotes_nobody(cast: Cast, planted: Planted) -> None:
    week = Week.of(clock.today())
    with clock.override(clock.now() + timedelta(days=8)):
        for place in range(7):
            day = week.monday + timedelta(days=place)
            settle_day(actor=Actor.system("insight"), grants=everything("tests"), day=day)
        report = finalise_week(**cast.wang.acting, unit_id=cast.zhoukou.pk, week=week)
        assert report.content
        assert SIGN not in json.dumps(report.content, ensure_ascii=False)
        page = cast.wang.client().get(f"/reports/weekly/{week.code}/")
        assert SIGN in page.content.decode()
    erase(cast, planted)
    with clock.override(clock.now() + timedelta(days=8)):
        page = cast.wang.client().get(f"/reports/weekly/{week.code}/")
        assert page.status_code == 200
        assert SIGN not in page.content.decode()


WANTED = (SIGN.encode(), json.dumps(SIGN)[1:-1].encode(), PHONE.encode())


def lingering() -> list[str]:
    """Files of the database itself in whose bytes the person can be read, whatever the tables say."""
    if connection.vendor == "sqlite":
        file = Path(str(connection.settings_dict["NAME"]))
        held = {one.name: one.read_bytes() for one in file.parent.glob(f"{file.name}*")}
    else:
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
            cursor.execute(
                "SELECT relname, pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class "
                "WHERE relkind IN ('r', 't', 'i') AND relnamespace IN "
                "('public'::regnamespace, 'pg_toast'::regnamespace)"
            )
            held = {name: bytes(data) for name, data in cursor.fetchall()}
    return sorted(name for name, data in held.items() if any(one in data for one in WANTED))


@pytest.mark.django_db(transaction=True)
def test_nothing_lingers_in_the_file_of_the_database(real_transactions: None) -> None:
    with given():
        plant_settings()
    cast = make_cast()
    planted = plant(cast)
    assert lingering()
    record = erase_customer(**cast.admin.acting, customer_id=planted.customer.pk, reason="书面要求")
    carry_out(record.pk)
    assert where(SIGN) == []
    if connection.vendor == "postgresql":
        # Old versions of rows are the server's to clear away; docs/operate.md says when to have it done.
        # As long as anything else looks at the database, its own vacuum included, they stay a moment longer.
        for _try in range(30):
            with connection.cursor() as cursor:
                cursor.execute("VACUUM FULL")
            if not lingering():
                break
            time.sleep(1)
    assert lingering() == []


def unpacked(answer: Any) -> str:
    """All parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as book:
        return "\n".join(book.read(name).decode() for name in book.namelist())


def test_a_week_that_quotes_customers_leaves_through_the_register(
    cast: Cast, planted: Planted
) -> None:
    week = Week.of(clock.today()).code
    wish = {"format": "xlsx", "purpose": "analysis", "reason": "例会"}
    address = reverse("insight:export", args=[week]) + f"?unit={cast.zhoukou.pk}"
    told = unpacked(cast.wang.client().post(address, wish))
    run = ExportRun.objects.get(kind="weekly")
    assert SIGN in told, "it quotes people, or there were no need for it"
    assert PHONE not in told
    assert run.number in told
    assert (run.purpose, run.reason, run.actor_name) == ("analysis", "例会", cast.wang.user.name)


def test_the_workbook_of_departments_holds_nothing_of_a_customer(
    cast: Cast, planted: Planted
) -> None:
    told = unpacked(cast.admin.client().post(reverse("notices:departments-export")))
    assert cast.zhoukou.name in told
    for planted_text in (SIGN, PHONE, planted.complaint.number):
        assert planted_text not in told


def test_forms_with_id_numbers_and_addresses_are_not_kept_in_the_browser(
    cast: Cast, client: Client
) -> None:
    """`keep.js` leaves a form out that says so; here are those that write what is sealed, but for the phone."""
    client.force_login(cast.wang.user)
    page = client.get(reverse("customers:file", args=[cast.chen.pk]), {"tab": "details"})
    forms = re.findall(r"<form [^>]*>", page.content.decode())
    for name in ("customers:identity-add", "customers:address-add"):
        mine = [one for one in forms if f'action="{reverse(name, args=[cast.chen.pk])}"' in one]
        assert mine, name
        assert all('data-keep="no"' in one for one in mine)
