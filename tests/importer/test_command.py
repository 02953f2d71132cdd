"""`zhike import` and `zhike export` as a user types them, with nothing serving."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import migrated
from tests.cast import make_cast
from tests.server import clean_environment, zhike_command
from zhike.cli.importing import _unit

ROOT = Path(__file__).resolve().parents[2]
REVIEWS = "label,review\n1,很快，好吃\n0,送餐太慢\n1,很快，好吃\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("house")
    (made / "评价.csv").write_bytes(REVIEWS.encode("gb18030"))
    (made / "坏.csv").write_text("内容,评分,手机\n好,9,139\n差,1,\n", "utf-8-sig")
    migrated.put_into(made / "data")
    return made


@pytest.fixture(scope="module")
def company(folder, tmp_path_factory) -> Path:
    """A copy: the other folder stays without a company, in whatever order the tests run."""
    folder = shutil.copytree(folder, tmp_path_factory.mktemp("company") / "house")
    environment = {**clean_environment(folder / "data"), "PYTHONPATH": str(ROOT)}
    environment["DJANGO_SETTINGS_MODULE"] = "zhike.config.settings"
    command = [sys.executable, "-m", "tests.importer.killable", "company"]
    subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True)
    return folder


def zhike(
    folder: Path, *arguments: str, lang: str = "zh_CN.UTF-8"
) -> "subprocess.CompletedProcess[str]":
    environment = {**clean_environment(folder / "elsewhere"), "LANG": lang, "LC_ALL": ""}
    del environment["ZHIKE_DATA"]
    return subprocess.run(
        [zhike_command(), *arguments, "--data", str(folder / "data")],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_without_a_company_it_says_what_to_do(folder) -> None:
    answer = zhike(folder, "import", "feedback", "评价.csv")
    assert answer.returncode == 2
    assert "zhike serve" in answer.stderr


def test_reviews_come_in_once_however_often_they_are_imported(company) -> None:
    given = ("import", "feedback", "评价.csv", "--set", "rating_scale=0-1")
    first, again = zhike(company, *given), zhike(company, *given)
    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    assert "新增 3" in first.stdout
    assert "归属：公司" in first.stdout
    assert "review → 客户原话" in first.stdout
    assert "新增 0" in again.stdout
    assert "已有 3" in again.stdout
    out = zhike(company, "export", "feedback", "出.csv", "--reason", "给质检看")
    assert out.returncode == 0, out.stderr
    with (company / "出.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert [row[0] for row in rows[1:]] == ["很快，好吃", "送餐太慢", "很快，好吃"]
    assert zhike(company, "export", "feedback", "出.xlsx").returncode == 2


@pytest.mark.django_db
def test_rows_go_where_those_who_take_cases_in_find_them() -> None:
    cast = make_cast()
    assert _unit("") == cast.zhoukou
    assert _unit("商丘站") == cast.shangqiu


def test_what_is_wrong_is_told_with_line_and_column(company) -> None:
    tried = zhike(
        company, "import", "feedback", "坏.csv", "--map", "text=内容", "--map", "rating=B",
        "--set", "rating_scale=0-1", "--dry-run",
    )  # fmt: skip
    assert tried.returncode == 3
    assert "第 2 行" in tried.stderr
    assert "没有写入任何数据" in tried.stdout
    for arguments in (
        ("import", "feedback", "坏.csv"),
        ("import", "feedback", "坏.csv", "--set", "no_field=1"),
        ("import", "nonsense", "坏.csv"),
    ):
        assert zhike(company, *arguments).returncode == 2
    for arguments in (
        ("import", "feedback", "没有.csv"),
        ("import", "feedback", "坏.csv", "--map", "text=Z"),
    ):
        refused = zhike(company, *arguments)
        assert refused.returncode == 1
        assert refused.stderr
        assert "Traceback" not in refused.stderr
        assert "No such" not in refused.stderr
    assert "文件夹" in zhike(company, "import", "feedback", ".").stderr


def test_what_is_wrong_with_a_line_is_said_in_the_terminals_language(company) -> None:
    given = ("import", "feedback", "坏.csv", "--dry-run", "--set", "rating_scale=1-5")
    in_chinese = zhike(company, *given).stderr
    assert "第 2 行" in in_chinese
    in_english = zhike(company, *given, lang="C.UTF-8").stderr
    line = next(text for text in in_english.splitlines() if text.startswith("Line 2"))
    told = line.partition("”: ")[2]
    assert told, line
    assert told.isascii(), line
