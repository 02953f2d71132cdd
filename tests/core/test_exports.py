"""Each file that leaves says whose it is; the register keeps why; a copy lives a few days, sealed."""

import csv
import hashlib
import io
import shutil
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from python_calamine import CalamineWorkbook

from tests.cast import CHEN_PHONE, Cast
from zhike.accounts.services.tokens import create_token
from zhike.core import clock
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.exporter import KINDS, Export, begin_export, register
from zhike.core.importer.matching import guess
from zhike.core.models import AuditRow, ExportRun, PersonKey
from zhike.core.sealing import SealBroken, new_key, seal_stream, unseal_stream
from zhike.core.work import Actor, unit
from zhike.customers.importing import CustomerImport

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_copies_of_earlier_tests() -> None:
    """Numbers start again when a test's rows are rolled back; its files do not go with them."""
    shutil.rmtree(settings.DATA / "exports", ignore_errors=True)


def export(who, **given) -> Export:
    kind = KINDS.get("customers")
    assert kind is not None
    asked = {"file_format": "csv", "reason": "节前逐户回访", "purpose": "contact", **given}
    return begin_export(**who.acting, kind=kind, **asked)


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_every_row_of_a_csv_carries_the_number_and_the_header_who_when_and_what_for(
    cast: Cast, given, frozen_clock
) -> None:
    frozen_clock(clock.now())
    made = export(cast.wang)
    head, *rows = rows_of(b"".join(made.chunks()))
    when = f"{clock.local(made.run.made_at):%Y-%m-%d %H:%M}"
    for told in (made.run.number, "王建国", when, str(made.run.get_purpose_display())):
        assert told in head[-1]
    assert [row[-1] for row in rows] == [made.run.number] * made.run.rows
    assert rows


def test_a_workbook_is_marked_on_paper_in_its_properties_and_on_a_sheet(cast: Cast) -> None:
    made = export(cast.wang, file_format="xlsx", reason="=节前 & 回访")
    data = b"".join(made.chunks())
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        core = book.read("docProps/core.xml").decode()
        custom = book.read("docProps/custom.xml").decode()
    assert "<oddHeader>" in sheet
    assert made.run.number in sheet
    assert "王建国" in sheet
    assert made.run.number in core
    assert "王建国" in core
    assert made.run.number in custom
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(data))
    about = [row[1] for row in sheets.get_sheet_by_index(1).to_python()]
    assert {made.run.number, "王建国", "'=节前 & 回访"} <= set(about)


def test_a_marked_file_can_be_imported_and_the_mark_is_left_aside(cast: Cast) -> None:
    head, *_rows = rows_of(b"".join(export(cast.wang).chunks()))
    mapping = guess(CustomerImport(), head)
    assert "name" in mapping
    assert len(head) - 1 not in mapping.values()


def test_the_register_has_the_digest_of_the_bytes_that_left(cast: Cast) -> None:
    data = b"".join((made := export(cast.wang, query="q=" + CHEN_PHONE)).chunks())
    run = ExportRun.objects.get(pk=made.run.pk)
    assert run.digest == hashlib.sha256(data).hexdigest()
    assert (run.size_bytes, run.state, run.rows) == (len(data), "ready", len(made.ids))
    assert (run.purpose, run.reason, run.actor_name) == ("contact", "节前逐户回访", "王建国")
    assert CHEN_PHONE not in run.query
    assert AuditRow.objects.get(action="core.export.end").payload.count(run.digest) == 1


def test_the_kept_copy_is_sealed_and_only_its_maker_fetches_it(cast: Cast) -> None:
    made = export(cast.wang, reveal=True)
    data = b"".join(made.chunks())
    assert CHEN_PHONE[-8:].encode() in data.replace(b" ", b"")
    stored = register.export_path(made.run).read_bytes()
    assert b"".join((b"13812346027", "陈志强".encode())) not in stored
    assert "陈志强".encode() not in stored
    _run, chunks = register.fetch_again(**cast.wang.acting, number=made.run.number)
    assert b"".join(chunks) == data
    with pytest.raises(Conflict) as refused:
        register.fetch_again(**cast.admin.acting, number=made.run.number)
    assert refused.value.code == "export_not_yours"
    with pytest.raises(NotFound):
        register.fetch_again(**cast.lin.acting, number=made.run.number)
    assert ExportRun.objects.get(pk=made.run.pk).fetched_count == 1
    assert AuditRow.objects.filter(action="core.export.fetch").count() == 1


def test_an_expired_file_is_deleted_with_its_key_and_the_entry_stays(
    cast: Cast, frozen_clock
) -> None:
    made = export(cast.wang)
    b"".join(made.chunks())
    path = register.export_path(made.run)
    frozen_clock(clock.now() + register.KEPT + timedelta(minutes=1))
    with pytest.raises(Conflict):
        register.fetch_again(**cast.wang.acting, number=made.run.number)
    assert register.remove_expired() == 1
    assert not path.exists()
    run = ExportRun.objects.get(pk=made.run.pk)
    assert (run.state, bool(run.digest)) == ("gone", True)
    assert PersonKey.objects.get(pk=run.key_id).wrapped == ""
    assert register.remove_expired() == 0


def test_a_receiver_who_hangs_up_leaves_no_copy_and_is_noted(cast: Cast) -> None:
    made = export(cast.wang)
    chunks: Any = made.chunks()
    next(chunks)
    chunks.close()
    run = ExportRun.objects.get(pk=made.run.pk)
    assert (run.state, run.digest) == ("broken", "")
    assert list((settings.DATA / "exports").glob(".writing-*")) == []
    assert not register.export_path(run).exists()


@pytest.mark.parametrize("harm", ["cut", "turned"])
def test_a_kept_copy_that_was_touched_is_not_handed_out(cast: Cast, harm: str) -> None:
    made = export(cast.wang)
    b"".join(made.chunks())
    path = register.export_path(made.run)
    sealed = bytearray(path.read_bytes())
    if harm == "cut":
        del sealed[-5:]
    else:
        sealed[-1] ^= 1
    path.write_bytes(sealed)
    with path.open("rb") as stream, pytest.raises(SealBroken):
        b"".join(unseal_stream(made.run.key, stream))


def test_large_files_pass_through_in_pieces_that_hold_their_order(cast: Cast) -> None:
    with unit(Actor.system("tests")) as open_unit:
        key = new_key(open_unit.now)
    chunks = [bytes([n % 251]) * 50_000 for n in range(9)]
    frames = list(seal_stream(key, chunks))
    sealed = b"".join(frames)
    assert b"".join(unseal_stream(key, io.BytesIO(sealed))) == b"".join(chunks)
    assert b"".join(unseal_stream(key, io.BytesIO(b"".join(seal_stream(key, []))))) == b""
    for harmed in (frames[:-1], frames[1:], [frames[1], frames[0], *frames[2:]]):
        with pytest.raises(SealBroken):
            b"".join(unseal_stream(key, io.BytesIO(b"".join(harmed))))


def test_one_sees_ones_own_with_the_right_those_of_the_unit(cast: Cast) -> None:
    mine, admins = export(cast.wang), export(cast.admin)
    seen = {
        who: set(register.visible_exports(staff.grants).values_list("number", flat=True))
        for who, staff in (("wang", cast.wang), ("admin", cast.admin), ("zhou", cast.zhou))
    }
    assert seen == {
        "wang": {mine.run.number},
        "admin": {mine.run.number, admins.run.number},
        "zhou": set(),
    }


def test_an_unknown_purpose_is_refused_and_nothing_is_noted(cast: Cast) -> None:
    with pytest.raises(RuleError) as refused:
        export(cast.wang, purpose="curiosity")
    assert refused.value.code == "export_purpose"
    assert not ExportRun.objects.exists()


def test_the_pages_ask_why_and_list_what_left(cast: Cast) -> None:
    client: Any = cast.wang.client()
    asked = {"format": "csv", "reason": "回访", "purpose": "contact"}
    assert client.post("/customers/export/", {**asked, "reason": ""}).status_code == 422
    assert client.post("/customers/export/", {**asked, "purpose": "x"}).status_code == 422
    sent = client.post("/customers/export/?tier=vip", asked)
    data = b"".join(sent.streaming_content)
    number = sent.headers["X-Export-Number"]
    assert sent.headers["Cache-Control"] == "no-store"
    listed = client.get("/exports/").content.decode()
    assert number in listed
    page = client.get(f"/exports/{number}/").content.decode()
    assert hashlib.sha256(data).hexdigest() in page
    assert "tier=vip" in page
    again = client.post(f"/exports/{number}/file/")
    assert b"".join(again.streaming_content) == data
    others = cast.zhou.client()
    assert number not in others.get("/exports/").content.decode()
    assert others.get(f"/exports/{number}/").status_code == 404
    assert others.post(f"/exports/{number}/file/").status_code == 404
    refused = cast.admin.client().post(f"/exports/{number}/file/", follow=True)
    assert "这个文件只有王建国可以再次下载" in refused.content.decode()
    assert client.get("/exports/DC20260101%00/").status_code == 404


def test_the_api_exports_with_the_same_reason_and_register(cast: Cast) -> None:
    _token, text = create_token(
        **cast.admin.acting, user=cast.wang.user, label="ERP", scopes=["read", "write"], days=3
    )
    api = Client(headers={"authorization": f"Bearer {text}"})

    def post(path: str, body: dict[str, Any]) -> Any:
        return api.post(f"/api/v1/{path}", body, content_type="application/json")

    body = {"kind": "customers", "purpose": "transfer", "reason": "转入新系统"}
    sent = post("exports", {**body, "ids": [cast.chen.pk]})
    assert sent.status_code == 200
    assert len(rows_of(b"".join(sent.streaming_content))) == 2
    number = sent.headers["X-Export-Number"]
    listed = api.get("/api/v1/exports").json()["items"]
    assert [(row["number"], row["purpose"], row["query"]) for row in listed] == [
        (number, "transfer", "ids=1")
    ]
    assert api.get(f"/api/v1/exports/{number}").json()["state"] == "ready"
    assert b"".join(post(f"exports/{number}/file", {}).streaming_content)
    for wrong in ({"reason": ""}, {"purpose": "x"}, {"kind": "secrets"}, {"ids": [0]}):
        assert post("exports", {**body, **wrong}).status_code == 422
    assert api.get("/api/v1/exports/DC0").status_code == 404
    assert ExportRun.objects.count() == 1
