"""A questionnaire goes out as a file and comes back the same; every wrong cell is named."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from hypothesis import given as each
from hypothesis import settings as sized
from python_calamine import CalamineWorkbook

from tests.cast import Cast
from tests.surveys.conftest import choices, question, whole_draft
from tests.surveys.test_definition import definitions
from zhike.core.errors import RuleError
from zhike.surveys.definition import Definition, Draft, document
from zhike.surveys.library import ready_ones
from zhike.surveys.models import Survey
from zhike.surveys.workbook import WorkbookFaults, read_book, write_book

Sheets = dict[str, list[list[Any]]]


def written(draft: Draft) -> bytes:
    stream = io.BytesIO()
    write_book(draft, stream)
    return stream.getvalue()


def sheets_of(data: bytes) -> Sheets:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def book_of(sheets: Sheets) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"strings_to_formulas": False})
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        for line, row in enumerate(rows):
            for place, cell in enumerate(row):
                if cell != "":
                    page.write(line, place, cell)
    book.close()
    return stream.getvalue()


@each(definitions())
@sized(max_examples=25, deadline=None)
def test_any_questionnaire_comes_back_the_same(definition: Definition) -> None:
    draft = document(definition)
    assert read_book(written(draft)) == draft


@pytest.mark.parametrize("one", ready_ones(), ids=lambda one: one.code)
def test_the_ready_ones_come_back_the_same(one: Any) -> None:
    assert read_book(written(one.document)) == one.document


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_a_file_is_read_whatever_language_its_heads_are_in(language: str) -> None:
    with translation.override(language):
        data = written(whole_draft())
    assert read_book(data) == whole_draft()


def test_an_unfinished_draft_and_awkward_words_come_back() -> None:
    draft = whole_draft()
    draft["sections"][0]["intro"] = {"zh-hans": "第一行\n第二行"}
    draft["sections"][1]["questions"] = [
        question("q2", "text", "=1+1"),
        {"key": "q3", "kind": "single", "text": {}},
        question("q4", "number", "＋多少", least=0.5, most=1e6, unit={"zh-hans": "-元"}),
        question("q5", "text", "@某人，'引号'"),
    ]
    data = written(draft)
    assert read_book(data) == draft
    cells = [cell for rows in sheets_of(data).values() for row in rows for cell in row]
    assert "'=1+1" in cells
    assert not any(str(cell).startswith(("=", "＋", "@")) for cell in cells)


def change(at: tuple[str, int, int], to: Any) -> Callable[[Sheets], None]:
    def act(sheets: Sheets) -> None:
        name, row, column = at
        rows = sheets[name]
        while len(rows) <= row:
            rows.append([])
        rows[row] += [""] * (column + 1 - len(rows[row]))
        rows[row][column] = to

    return act


@pytest.mark.parametrize(
    ("act", "sheet", "cell", "words"),
    [
        (change(("题目", 1, 2), "猜一猜"), "题目", "C2", "请选择题型"),
        (change(("题目", 2, 0), "s9"), "题目", "A3", "没有这一页"),
        (change(("题目", 2, 1), "q1"), "题目", "B3", "出现了两次"),
        (change(("题目", 2, 7), "也许"), "题目", "H3", "是"),
        (change(("题目", 2, 8), "五"), "题目", "I3", "数字"),
        (change(("题目", 2, 8), "nan"), "题目", "I3", "数字"),
        (change(("题目", 2, 1), "Q 2"), "题目", "3", "编号"),
        (change(("选项和项目", 1, 0), "q9"), "选项和项目", "A2", "没有这道题"),
        (change(("选项和项目", 1, 1), "别的"), "选项和项目", "B2", "选项"),
        (change(("选项和项目", 2, 2), "a"), "选项和项目", "C3", "出现了两次"),
        (change(("条件", 1, 0), "s9"), "条件", "A2", "页"),
        (change(("条件", 1, 2), "q9"), "条件", "C2", "没有这道题"),
        (change(("条件", 1, 3), " "), "条件", "D2", "选项"),
        (change(("配额", 1, 2), "很多"), "配额", "C2", "数字"),
        (change(("配额", 1, 2), 2.5), "配额", "C2", "整数"),
        (change(("配额", 1, 0), "q9"), "配额", "A2", "没有这道题"),
        (change(("问卷", 0, 1), "Klingon"), "问卷", "B1", "语言"),
        (change(("问卷", 1, 0), "副标题"), "问卷", "A2", "标题"),
        (change(("页", 0, 0), "别的"), "页", "A1", "缺少"),
        (lambda sheets: sheets.pop("题目"), "题目", "", "没有这张工作表"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named_by_sheet_row_and_column(
    act: Callable[[Sheets], Any], sheet: str, cell: str, words: str
) -> None:
    sheets = sheets_of(written(whole_draft()))
    act(sheets)
    with pytest.raises(WorkbookFaults) as refused:
        read_book(book_of(sheets))
    found = [(one.sheet, f"{one.column}{one.row or ''}") for one in refused.value.faults]
    assert (sheet, cell) in found
    assert any(words in one.sentence for one in refused.value.faults)


def test_all_wrong_cells_are_named_at_once() -> None:
    sheets = sheets_of(written(whole_draft()))
    change(("题目", 1, 2), "猜")(sheets)
    change(("选项和项目", 1, 1), "猜")(sheets)
    change(("配额", 1, 2), "猜")(sheets)
    with pytest.raises(WorkbookFaults) as refused:
        read_book(book_of(sheets))
    assert {one.sheet for one in refused.value.faults} == {"题目", "选项和项目", "配额"}


def test_keys_left_out_of_a_file_are_given() -> None:
    sheets = sheets_of(written(whole_draft()))
    change(("题目", 4, 0), "s2")(sheets)
    change(("题目", 4, 2), "text")(sheets)
    change(("题目", 4, 3), "还有呢？")(sheets)
    change(("选项和项目", 3, 0), "q1")(sheets)
    change(("选项和项目", 3, 1), "选项")(sheets)
    change(("选项和项目", 3, 3), "其他")(sheets)
    draft = read_book(book_of(sheets))
    assert draft["sections"][1]["questions"][2]["key"] == "q4"
    assert draft["sections"][0]["questions"][0]["options"] == choices("货运", "客货两用", "其他")


@pytest.mark.django_db
def test_files_go_out_and_come_back_by_the_pages(cast: Cast, survey: Survey) -> None:
    wang = cast.wang.client()
    send = reverse("surveys:import")
    for form in ("json", "xlsx"):
        answer: Any = wang.get(reverse("surveys:file", args=[survey.pk, form]))
        assert answer.status_code == 200
        assert "attachment" in answer["Content-Disposition"]
        data = b"".join(answer.streaming_content) if answer.streaming else answer.content
        file = SimpleUploadedFile(f"a.{form}", data)
        back = wang.post(send, {"file": file, "unit": cast.zhoukou.pk})
        made = Survey.objects.latest("pk")
        assert back["Location"] == reverse("surveys:builder", args=[made.pk])
        assert made.draft == survey.draft
    assert wang.get(reverse("surveys:file", args=[survey.pk, "exe"])).status_code == 404
    replace = reverse("surveys:replace", args=[survey.pk])
    changed = {**whole_draft(), "title": {"zh-hans": "从文件来"}}
    sent = {"file": SimpleUploadedFile("a.json", json.dumps(changed).encode()), "seq": 1}
    assert wang.post(replace, sent).status_code == 302
    survey.refresh_from_db()
    assert (survey.title, survey.draft_seq) == ("从文件来", 2)
    sent["file"] = SimpleUploadedFile("a.json", json.dumps(changed).encode())
    assert wang.post(replace, sent).status_code == 409


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 422),
        (b"\xff\xfe\x00", 422),
        (b"PK\x03\x04broken", 422),
        (b"[" * 100_000, 422),
        (b'{"languages": ["zh-hans"], "sections": 5}', 422),
        (b'{"languages": ["zh-hans"]}', 422),
        (b"null", 422),
        (b" " * (1024 * 1024 + 1), 413),
    ],
)
def test_what_is_no_questionnaire_leaves_nothing(cast: Cast, data: bytes, status: int) -> None:
    sent = {"file": SimpleUploadedFile("a.xlsx", data), "unit": cast.zhoukou.pk}
    answer = cast.wang.client().post(reverse("surveys:import"), sent)
    assert answer.status_code == status
    assert not Survey.objects.exists()


@pytest.mark.django_db
def test_wrong_cells_stand_on_the_page_and_nothing_is_taken_over(cast: Cast) -> None:
    sheets = sheets_of(written(whole_draft()))
    change(("题目", 1, 2), "猜")(sheets)
    sent = {"file": SimpleUploadedFile("a.xlsx", book_of(sheets)), "unit": cast.zhoukou.pk}
    answer = cast.wang.client().post(reverse("surveys:import"), sent)
    assert answer.status_code == 422
    assert "C2" in answer.content.decode()
    assert not Survey.objects.exists()


def test_another_workbook_is_no_questionnaire() -> None:
    with pytest.raises(RuleError) as refused:
        read_book(book_of({"Sheet1": [["姓名", "电话"], ["某", "1"]]}))
    assert isinstance(refused.value, WorkbookFaults)
