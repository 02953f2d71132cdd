import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from tests.cast import make_cast
from tests.importer.scene import counts, whole
from zhike.core.access import everything
from zhike.core.errors import Forbidden, RuleError
from zhike.core.exporter import KINDS, ExportColumn, begin_export, escaped, write_csv, write_xlsx
from zhike.core.models import AuditRow
from zhike.core.registry import Slot
from zhike.listening.models import Feedback

COLUMNS = (
    ExportColumn("text", "原话"),
    ExportColumn("n", "数", kind="number"),
    ExportColumn("day", "日期", kind="date"),
)
EVIL = ["=1+1", "+86", "-2", "@SUM(A1)", "\tx", "\rx"]


@pytest.mark.parametrize("text", EVIL)
def test_what_a_spreadsheet_would_run_is_led_by_an_apostrophe(text) -> None:
    assert escaped(text) == f"'{text}"
    data = b"".join(write_csv(COLUMNS, [{"text": text, "n": -2}])).decode("utf-8-sig")
    row = list(csv.reader(io.StringIO(data, newline="")))[1]
    assert row == [f"'{text}", "-2", ""]


def test_a_workbook_holds_text_numbers_and_days_and_no_formula() -> None:
    stream = io.BytesIO()
    written = [{"text": text, "n": Decimal("1.50"), "day": date(2026, 10, 8)} for text in EVIL]
    assert write_xlsx(COLUMNS, written, stream, "客户/心声") == len(EVIL)
    stream.seek(0)
    rows = CalamineWorkbook.from_filelike(stream).get_sheet_by_name("客户心声").to_python()
    assert rows[0] == ["原话", "数", "日期"]
    assert rows[1] == ["'=1+1", 1.5, date(2026, 10, 8)]
    assert b"<f>" not in stream.getvalue()


def test_every_kind_names_its_permission_and_fills_its_columns() -> None:
    assert {kind.key for kind in KINDS} >= {"feedback", "customers", "case"}
    assert "core.exporter.KINDS" in Slot.all_slots


@pytest.fixture
def cast(db):
    return make_cast()


def run(cast, who, **given):
    kind = KINDS.get("feedback")
    assert kind is not None
    asked = {"file_format": "csv", "reason": "给质检看", **given}
    return begin_export(actor=who.actor, grants=who.grants, kind=kind, **asked)


def test_an_export_is_scoped_masked_reasoned_and_noted(cast) -> None:
    whole("feedback", "内容\n打 13900001111 找我\n", cast.zhoukou.pk)
    whole("feedback", "内容\n别的大区\n", cast.shangqiu.pk)
    export = run(cast, cast.wang, query="q=13900001111")
    assert [record["text"] for record in export.records()] == ["打 139****1111 找我"]
    assert export.file_name.startswith("客户心声_")
    audit = AuditRow.objects.get(action="export.feedback")
    assert (audit.reason, audit.actor_name) == ("给质检看", cast.wang.user.name)
    assert "13900001111" not in audit.payload
    revealed = run(cast, cast.wang, reveal=True)
    assert "13900001111" in next(iter(revealed.records()))["text"]


def test_without_right_reason_or_rows_there_is_no_file(cast) -> None:
    with pytest.raises(Forbidden):
        run(cast, cast.lin)
    for given, code in (
        ({"reason": " "}, "export_reason"),
        ({"file_format": "pdf"}, "export_format"),
        ({}, "export_empty"),
    ):
        with pytest.raises(RuleError) as caught:
            run(cast, cast.wang, **given)
        assert caught.value.code == code
    assert not AuditRow.objects.filter(action__startswith="export.").exists()


def test_a_file_that_went_out_comes_back_unchanged(cast) -> None:
    text = '内容,评分\n"=cmd|x",5\n@所有人,4\n'
    whole("feedback", text, cast.zhoukou.pk, {"rating_scale": "1-5"})
    kind = KINDS.get("feedback")
    assert kind is not None
    from tests.importer.scene import IMPORTER

    export = begin_export(
        actor=IMPORTER,
        grants=everything("tests"),
        kind=kind,
        file_format="csv",
        reason="往返",
    )
    data = b"".join(write_csv(export.columns, export.records()))
    back = whole("feedback", data, cast.zhoukou.pk)
    assert counts(back)[:1] == (2,)
    texts = list(Feedback.objects.order_by("pk").values_list("text", flat=True))
    assert texts == ["=cmd|x", "@所有人"] * 2
