"""The import pages: one walk from file to undo, and who may see what."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests.cast import make_cast
from tests.importer.scene import uploaded, worked
from zhike.core.importer import KINDS
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import ImportIssue, ImportRun, ImportState, Notification, PersonKey
from zhike.listening.models import Feedback

pytestmark = pytest.mark.django_db
FAULTY = (
    "内容,评分,日期,客户手机\n<script>很好</script>,5,10月8日,138-1234-6027\n"
    ",4,2026-10-08,\n差,1,2026-10-09,13900001111\n"
)


@pytest.fixture
def cast():
    return make_cast()


def sent(client, data: bytes | str, name: str = "反馈.csv", kind: str = "feedback"):
    body = data.encode() if isinstance(data, str) else data
    return client.post(
        reverse("web:import-new"), {"kind": kind, "file": SimpleUploadedFile(name, body)}
    )


def newest() -> ImportRun:
    return ImportRun.objects.latest("pk")


def act(client, run: ImportRun, name: str, **data):
    return client.post(reverse(f"web:import-{name}", args=[run.pk]), data)


def text_of(client, run: ImportRun, query: str = "") -> str:
    page = client.get(reverse("web:import", args=[run.pk]) + query)
    assert page.status_code == 200
    return page.content.decode()


def test_from_file_to_undo(cast) -> None:
    client = cast.wang.client()
    assert client.get(reverse("web:import-new")).status_code == 200
    assert sent(client, FAULTY).url == reverse("web:import", args=[newest().pk])
    run = newest()
    assert (run.unit_id, run.actor_id) == (cast.zhoukou.pk, cast.wang.user.pk)
    page = text_of(client, run)
    assert "138****6027" in page
    assert "138-1234-6027" not in page
    assert "&lt;script&gt;" in page
    assert "<script>很好" not in page
    columns = {"col-0": "text", "col-1": "rating", "col-2": "date", "col-3": "customer"}
    act(client, run, "columns", **columns)
    assert newest().state == ImportState.MAPPING
    act(client, run, "columns", **columns, **{"const-rating_scale": "1-5"})
    assert newest().state == ImportState.CHECKING
    bar = client.get(reverse("web:import-progress", args=[run.pk]))
    assert "hx-trigger" in bar.content.decode()
    worked(run)
    ended = client.get(reverse("web:import-progress", args=[run.pk]))
    assert (ended.status_code, ended.headers["HX-Refresh"]) == (204, "true")
    page = text_of(client, run)
    assert "139****1111" in page
    assert "13900001111" not in page
    no_year = ImportIssue.objects.get(run=run, line=2)
    assert "日期没有写年份" in text_of(client, run, f"?why={no_year.pk}")
    act(client, run, "correct", use=no_year.pk, **{"cell-3-0": "还行"}, leave="4")
    run = worked(run)
    assert (run.created_count, run.error_count, run.skipped_count) == (2, 0, 1)
    act(client, run, "begin", policy="all")
    assert newest().state == ImportState.RUNNING
    run = worked(run)
    assert Feedback.objects.count() == 2
    assert Notification.objects.get(user_id=cast.wang.user.pk).kind == "import.done"
    done = text_of(client, run)
    assert "撤销这次导入" in done
    # What came in can be looked at from here.
    assert f'href="{reverse("listening:list")}">' in done
    assert "看看导入的内容" in done
    act(client, run, "undo")
    run = worked(run)
    assert run.state == ImportState.UNDONE
    assert not Feedback.objects.filter(voided_at__isnull=True).exists()
    assert text_of(client, run)
    assert "反馈.csv" in client.get(reverse("web:imports")).content.decode()


def test_double_clicks_and_late_clicks_are_told_and_change_nothing(cast) -> None:
    client = cast.wang.client()
    sent(client, "内容\n好\n")
    run = newest()
    act(client, run, "columns", **{"col-0": "text"})
    worked(run)
    for _click in range(2):
        assert act(client, run, "begin", policy="skip").status_code == 302
    run_pending_jobs()
    assert Feedback.objects.count() == 1
    for late in ("columns", "correct", "begin", "stop", "go-on", "discard", "try"):
        assert act(client, run, late, **{"col-0": "text", "leave": "2"}).status_code == 302
    assert newest().state == ImportState.DONE
    assert Feedback.objects.count() == 1


def test_stopping_and_going_on(cast) -> None:
    client = cast.wang.client()
    sent(client, "内容\n" + "好\n" * 5)
    run = newest()
    act(client, run, "columns", **{"col-0": "text"})
    worked(run)
    act(client, run, "begin", policy="skip")
    act(client, run, "stop")
    run = worked(run)
    assert (run.state, Feedback.objects.count()) == (ImportState.STOPPED, 0)
    assert text_of(client, run)
    act(client, run, "go-on")
    assert worked(run).created_count == 5


def test_bad_files_are_answered_on_the_page_and_leave_no_import(cast, settings) -> None:
    client = cast.wang.client()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("a.txt", "x")
    keys = PersonKey.objects.count()
    for data in (
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        archive.getvalue(),
        b"",
        b"\xff\x81\x20\xff,\n" * 9,
    ):
        answer = sent(client, data, "客户.xlsx")
        assert answer.status_code == 422
        assert 'role="alert"' in answer.content.decode()
    assert client.post(reverse("web:import-new"), {"kind": "feedback"}).status_code == 422
    assert sent(client, "a\n1\n", kind="nonsense").status_code == 422
    settings.UPLOAD_LIMIT_BYTES = 100
    huge = sent(client, "内容\n" + "好" * 100)
    assert huge.status_code == 413
    assert "20 MB" in huge.content.decode()
    assert not ImportRun.objects.exists()
    assert PersonKey.objects.count() == keys


def test_another_worksheet_is_read_anew(cast) -> None:
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet("九月").write_column(0, 0, ["内容", "旧"])
        book.add_worksheet("十月").write_column(0, 0, ["评价", "新", "再新"])
    client = cast.wang.client()
    sent(client, stream.getvalue(), "两月.xlsx")
    run = newest()
    assert (run.sheet, run.rows_total) == ("九月", 1)
    act(client, run, "sheet", sheet="十月")
    run = newest()
    assert (run.sheet, run.rows_total, run.mapping) == ("十月", 2, {"text": 0})
    assert act(client, run, "sheet", sheet="没有").status_code == 422


def test_the_error_workbook_holds_the_rows_and_why(cast) -> None:
    client = cast.wang.client()
    sent(client, FAULTY + "=1+1,9,2026-10-08,\n")
    run = newest()
    act(
        client, run, "columns",
        **{"col-0": "text", "col-1": "rating", "col-3": "customer", "const-rating_scale": "1-5"},
    )  # fmt: skip
    worked(run)
    answer = client.get(reverse("web:import-errors", args=[run.pk]))
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == ["错误原因", "行号", "内容", "评分", "日期", "客户手机"]
    assert [row[1] for row in rows[1:]] == ["3", "4", "5"]
    assert "没有客户用这个号码" in str(rows[2][0])
    assert rows[2][5] == "13900001111"
    assert rows[3][2] == "'=1+1"


@pytest.mark.parametrize("key", ["customers", "cases", "feedback"])
def test_a_template_can_be_filled_and_imported_as_it_is(cast, key) -> None:
    client = cast.wang.client()
    answer = client.get(reverse("web:import-template", args=[key]))
    data = b"".join(answer.streaming_content)
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert book.sheet_names[1] == "填写说明"
    kind = KINDS.get(key)
    assert kind is not None
    header = book.get_sheet_by_index(0).to_python()[0]
    assert len(header) == len(kind.all_fields())
    assert any(str(name).endswith("*") for name in header)
    assert (
        b"dataValidation" in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
        or key == "feedback"
    )
    run = uploaded(key, data, cast.zhoukou.pk)
    assert set(run.mapping) == {field.code for field in kind.all_fields()}


def test_who_may_see_which_import(cast) -> None:
    sent(cast.wang.client(), "内容\n好\n")
    run = newest()
    detail = reverse("web:import", args=[run.pk])
    assert cast.wang.client().get(detail).status_code == 200
    assert cast.admin.client().get(detail).status_code == 200
    lin = cast.lin.client()
    for name in ("imports", "import-new"):
        assert lin.get(reverse(f"web:{name}")).status_code == 403
    assert lin.get(detail).status_code == 403
    from tests.cast import make_staff

    other = make_staff("2002", "孙主管", cast.zhoukou, "supervisor").client()
    for name in ("import", "import-errors", "import-progress"):
        assert other.get(reverse(f"web:{name}", args=[run.pk])).status_code == 404
    for name in ("columns", "correct", "begin", "undo", "discard", "try", "stop", "go-on", "sheet"):
        assert act(other, run, name).status_code == 404
    assert newest().attempt == run.attempt


def test_query_budgets(cast, query_budget) -> None:
    client = cast.wang.client()
    sent(client, FAULTY)
    run = newest()
    act(client, run, "columns", **{"col-0": "text", "col-3": "customer"})
    worked(run)
    client.get(reverse("web:imports"))
    with query_budget("web:imports"):
        client.get(reverse("web:imports"))
    with query_budget("web:import"):
        client.get(reverse("web:import", args=[run.pk]))
